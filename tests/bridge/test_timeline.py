"""The timeline gives every latent one cue: queued ones in order over a base that returns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.errors import CommandError
from flood_bridge.timeline import MAX_QUEUED, Cue, PromptTimeline, latents_of

BASE = Cue("base", None)


def test_the_base_holds_until_another_is_set() -> None:
    timeline = PromptTimeline(BASE)
    assert [timeline.advance() for _ in range(3)] == [BASE] * 3
    other = Cue("other", None)
    assert timeline.set(other) == []
    assert [timeline.advance() for _ in range(3)] == [other] * 3


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(0, 5))
def test_queued_cues_play_in_order_for_their_durations_and_the_base_returns(
    durations: list[int], before: int
) -> None:
    timeline = PromptTimeline(BASE)
    held = [timeline.advance() for _ in range(before)]
    cues = [Cue(str(n), None) for n in range(len(durations))]
    for cue, duration in zip(cues, durations, strict=True):
        timeline.queue(cue, duration)
    held += [timeline.advance() for _ in range(sum(durations) + 2)]
    wanted = [cue for cue, n in zip(cues, durations, strict=True) for _ in range(n)]
    assert held == [BASE] * before + wanted + [BASE] * 2


def test_setting_interrupts_and_empties_the_queue_and_names_what_is_lost() -> None:
    timeline = PromptTimeline(BASE)
    playing, waiting, new = (Cue(name, None) for name in ("playing", "waiting", "new"))
    timeline.queue(playing, 5)
    timeline.queue(waiting, 5)
    assert timeline.advance() is playing
    assert timeline.set(new) == [BASE, waiting]  # the base never had its turn
    assert [timeline.advance() for _ in range(7)] == [new] * 7


def test_clearing_forgets_what_waits_and_lets_what_plays_end_in_its_time() -> None:
    timeline = PromptTimeline(BASE)
    playing, waiting = Cue("playing", None), Cue("waiting", None)
    timeline.queue(playing, 3)
    timeline.queue(waiting, 5)
    assert timeline.advance() is playing
    assert timeline.clear() == [waiting]
    assert [timeline.advance() for _ in range(4)] == [playing, playing, BASE, BASE]
    assert timeline.clear() == []


def test_the_queue_is_bounded_and_says_so() -> None:
    timeline = PromptTimeline(BASE)
    for _ in range(MAX_QUEUED):
        timeline.queue(Cue("x", None), 1)
    with pytest.raises(CommandError, match="64"):
        timeline.queue(Cue("x", None), 1)
    timeline.advance()
    timeline.queue(Cue("x", None), 1)  # a place is free again
    assert timeline.queued == MAX_QUEUED


def test_a_duration_below_one_latent_is_refused() -> None:
    with pytest.raises(CommandError, match="0"):
        PromptTimeline(BASE).queue(Cue("x", None), 0)


SETS = st.tuples(st.just("set"), st.just(0))
QUEUES = st.tuples(st.just("queue"), st.integers(1, 4))
CLEARS = st.tuples(st.just("clear"), st.just(0))
ADVANCES = st.tuples(st.just("advance"), st.just(0))


@given(st.lists(st.one_of(SETS, QUEUES, CLEARS, ADVANCES), max_size=60))
def test_every_cue_is_held_or_lost_or_still_to_come_and_only_one_of_them(
    steps: list[tuple[str, int]],
) -> None:
    timeline, cues = PromptTimeline(BASE), [BASE]
    held, lost = set(), set()
    for step, latents in steps:
        if step == "advance":
            held.add(timeline.advance())
            continue
        if step == "clear":
            lost |= set(timeline.clear())
            continue
        cues.append(Cue("same text", None))
        if step == "set":
            lost |= set(timeline.set(cues[-1]))
        else:
            timeline.queue(cues[-1], latents)
    assert not held & lost
    for cue in cues:
        assert (cue in held) or ((cue in lost) != timeline.holds(cue))


def test_durations_round_to_latents_and_are_never_nothing() -> None:
    assert [latents_of(secs, 0.2) for secs in (0.01, 0.2, 0.29, 0.31, 3.0)] == [1, 1, 1, 2, 15]
