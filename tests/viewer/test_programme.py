"""The time line shows what plays, what comes, and how far it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.viewer.programme import MAX_HISTORY, MAX_WAITING, Programme


def boxes(programme: Programme, now_secs: float) -> list[tuple[str, str]]:
    return [(segment.text, segment.state) for segment in programme.segments(now_secs)]


def test_a_prompt_is_coming_until_the_daemon_shows_it() -> None:
    programme = Programme()
    programme.shown("stand", 0.0)
    programme.set("walk", 7)
    assert boxes(programme, 1.0) == [("stand", "now"), ("walk", "next")]
    programme.applied("walk", 7, 2.0)
    assert boxes(programme, 2.0) == [("walk", "now")]


def test_a_queued_prompt_advances_and_the_base_returns() -> None:
    programme = Programme()
    programme.shown("stand", 0.0)
    programme.queue("jump", 4.0, 1)
    programme.queue("wave", 2.0, 2)
    programme.applied("jump", 1, 10.0)
    now, coming, last = programme.segments(11.0)
    assert (now.text, now.progress, coming.text) == ("jump", 0.25, "wave")
    assert (last.text, last.state) == ("stand", "after")
    assert programme.segments(20.0)[0].progress == 1.0
    programme.applied("wave", 2, 14.0)
    programme.shown("stand", 16.0)
    assert boxes(programme, 17.0) == [("stand", "now")]
    assert programme.segments(17.0)[0].elapsed_secs == 1.0


def test_clearing_forgets_what_waits_and_keeps_what_plays() -> None:
    programme = Programme()
    programme.shown("stand", 0.0)
    programme.queue("jump", 4.0, 1)
    programme.queue("wave", 2.0, 2)
    programme.shown("jump", 1.0)
    programme.clear()
    assert boxes(programme, 2.0) == [("jump", "now"), ("stand", "after")]


def test_setting_empties_the_queue_and_following_it_does_not() -> None:
    programme = Programme()
    programme.queue("jump", 4.0, 1)
    programme.set("walk", 2, keeps_queue=True)
    assert boxes(programme, 0.0)[1:] == [("jump", "waiting"), ("walk", "next")]
    programme.set("run", 3)
    assert boxes(programme, 0.0)[1:] == [("run", "next")]
    programme.queue("wave", 4.0, 4)
    assert boxes(programme, 0.0)[1:] == [("run", "next"), ("wave", "waiting")]


def test_what_is_refused_leaves_the_time_line() -> None:
    programme = Programme()
    programme.set("walk", 1)
    programme.queue("jump", 1.0, 2)
    programme.rejected(1)
    programme.rejected(2)
    assert boxes(programme, 0.0) == [("", "now")]


def test_prompts_of_others_have_their_place_their_seconds_and_their_way_in() -> None:
    programme = Programme()
    programme.shown("stand", 0.0)
    programme.queue("jump", 4.0, 0, by="osc")
    programme.queue("dance", 3.0, 0, by="ros2")
    assert [(box.text, box.secs, box.by) for box in programme.segments(0.0)[1:3]] == [
        ("jump", 4.0, "osc"),
        ("dance", 3.0, "ros2"),
    ]
    assert not programme.history, "what others say is not ours to repeat"
    programme.shown("jump", 1.0)
    programme.applied("jump", 0, 1.02)
    now, *coming = programme.segments(2.02)
    assert (now.text, now.progress, now.by) == ("jump", 0.25, "osc")
    assert [box.text for box in coming] == ["dance", "stand"]


def test_the_same_text_twice_is_two_turns() -> None:
    programme = Programme()
    programme.shown("stand", 0.0)
    for _ in range(2):
        programme.queue("jump", 2.0, 0, by="osc")
    for turn_secs in (1.0, 3.0):
        programme.shown("jump", turn_secs)
        programme.applied("jump", 0, turn_secs)
        assert programme.segments(turn_secs + 1)[0].progress == 0.5
    assert boxes(programme, 4.0) == [("jump", "now"), ("stand", "after")]


def test_the_base_returns_unseen_when_it_has_the_same_text() -> None:
    programme = Programme()
    programme.shown("walk", 0.0)
    programme.queue("walk", 2.0, 5)
    programme.applied("walk", 5, 1.0)
    programme.shown("walk", 2.9)
    assert programme.segments(3.0)[0].progress == 1.0
    programme.shown("walk", 4.0)
    assert boxes(programme, 4.0) == [("walk", "now")]


def test_what_was_refused_unheard_does_not_wait_for_ever() -> None:
    programme = Programme()
    programme.shown("stand", 0.0)
    programme.queue("jump", 2.0, 1, now_secs=0.0)
    programme.queue("refused", 2.0, 0, now_secs=0.0, by="osc")
    programme.applied("jump", 1, 1.0)
    programme.queue("late", 2.0, 3, now_secs=2.9)
    programme.shown("stand", 3.2)
    assert boxes(programme, 3.2) == [("stand", "now"), ("late", "waiting"), ("stand", "after")]


@given(st.lists(st.text(max_size=8), max_size=100))
def test_history_and_queue_are_bounded_and_the_latest_comes_first(texts: list[str]) -> None:
    programme = Programme()
    for number, text in enumerate(texts, start=1):
        programme.queue(text, 1.0, number)
    history = list(programme.history)
    assert len(history) == len(set(history)) <= MAX_HISTORY
    assert history[:1] == texts[-1:]
    assert len(programme.segments(0.0)) <= 2 + MAX_WAITING
