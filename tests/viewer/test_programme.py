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
    now, coming = programme.segments(11.0)
    assert (now.text, now.progress, coming.text) == ("jump", 0.25, "wave")
    assert programme.segments(20.0)[0].progress == 1.0
    programme.applied("wave", 2, 14.0)
    programme.shown("stand", 16.0)
    assert boxes(programme, 17.0) == [("stand", "now")]
    assert programme.segments(17.0)[0].elapsed_secs == 1.0


def test_setting_empties_the_queue_and_following_it_does_not() -> None:
    programme = Programme()
    programme.queue("jump", 4.0, 1)
    programme.set("walk", 2, keeps_queue=True)
    assert boxes(programme, 0.0)[1:] == [("jump", "waiting"), ("walk", "next")]
    programme.set("run", 3)
    assert boxes(programme, 0.0)[1:] == [("run", "next")]


def test_what_is_refused_leaves_the_time_line() -> None:
    programme = Programme()
    programme.set("walk", 1)
    programme.queue("jump", 1.0, 2)
    programme.rejected(1)
    programme.rejected(2)
    assert boxes(programme, 0.0) == [("", "now")]


def test_a_prompt_of_somebody_else_shows_when_its_turn_has_come() -> None:
    programme = Programme()
    programme.queue("jump", 4.0, 9)
    programme.applied("dance", 0, 1.0)
    assert boxes(programme, 1.0) == [("dance", "now"), ("jump", "waiting")]


@given(st.lists(st.text(max_size=8), max_size=100))
def test_history_and_queue_are_bounded_and_the_latest_comes_first(texts: list[str]) -> None:
    programme = Programme()
    for number, text in enumerate(texts, start=1):
        programme.queue(text, 1.0, number)
    history = list(programme.history)
    assert len(history) == len(set(history)) <= MAX_HISTORY
    assert history[:1] == texts[-1:]
    assert len(programme.segments(0.0)) <= 1 + MAX_WAITING
