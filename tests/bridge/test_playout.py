"""Playout keeps order and bounds, skips late ticks instead of bursting, and always shows a pose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.playout import Pacer, Playout, Shown

PERIODS = st.sampled_from([1 / 20, 1 / 50, 1 / 60, 1 / 120, 1 / 200])


@given(PERIODS, st.floats(0, 1e5), st.lists(st.floats(0, 0.2), min_size=1, max_size=200))
def test_ticks_are_on_the_grid_at_or_before_now_and_never_twice_at_one_place(
    period_secs: float, start_secs: float, naps: list[float]
) -> None:
    pacer, now_secs, last, ticks = Pacer(period_secs, start_secs), start_secs, -1, 0
    for nap in naps:
        now_secs += nap
        deadline = pacer.deadline_secs
        tick = pacer.take(now_secs)
        assert (tick is not None) == (now_secs >= deadline)
        if tick is None:
            continue
        place = round((tick.play_time_secs - start_secs) / period_secs)
        assert tick.play_time_secs == pytest.approx(start_secs + place * period_secs, abs=1e-9)
        assert tick.play_time_secs <= now_secs < pacer.deadline_secs
        assert place == last + 1 + tick.missed
        last, ticks = place, ticks + 1
        assert pacer.take(now_secs) is None  # no burst
    assert ticks >= 1


@given(PERIODS, st.integers(1, 5000))
def test_a_punctual_thread_misses_nothing_and_does_not_drift(period_secs: float, n: int) -> None:
    pacer = Pacer(period_secs, 7.0)
    for _ in range(min(n, 300)):
        tick = pacer.take(pacer.deadline_secs)
        assert tick is not None
        assert tick.missed == 0
    assert pacer.deadline_secs == pytest.approx(7.0 + min(n, 300) * period_secs, abs=1e-9)


@given(
    st.integers(1, 24),
    st.integers(1, 24),
    st.lists(st.sampled_from(["make", "tick", "clear", "pause", "resume"]), max_size=200),
)
def test_frames_are_shown_once_in_order_and_never_more_wait_than_the_queue_holds(
    lead: int, chunk: int, steps: list[str]
) -> None:
    playout, made, shown = Playout[int, int](lead, chunk), 0, list[int]()
    dropped = set()
    for step in steps:
        if step == "make" and playout.hungry:
            playout.push(range(made, made + chunk), made)
            made += chunk
        elif step == "tick":
            tick = playout.show()
            if tick is not None and not tick.idle:
                assert not playout.paused
                shown.append(tick.frame)
            elif tick is not None:
                assert tick.frame == shown[-1]  # held
        elif step == "clear":
            dropped |= set(playout.clear())
        elif step in ("pause", "resume"):
            playout.paused = step == "pause"
        assert len(playout) <= playout.capacity == lead - 1 + chunk
    assert shown == [n for n in range(made) if n not in dropped][: len(shown)]
    assert len(shown) + len(dropped) + len(playout) == made


def test_nothing_is_shown_until_the_lead_is_there() -> None:
    playout = Playout[int, int](lead=6, chunk=4)
    playout.push([0, 1, 2, 3], 0)
    assert playout.show() is None
    playout.push([4, 5, 6, 7], 0)
    assert playout.show() == Shown(0, idle=False)
    assert playout.underruns == 0


def test_an_underrun_is_counted_and_holds_the_last_frame() -> None:
    playout = Playout[int, int](lead=1, chunk=2)
    playout.push([0, 1], 0)
    shown = [playout.show() for _ in range(4)]
    assert shown == [Shown(0, False), Shown(1, False), Shown(1, True), Shown(1, True)]
    assert playout.underruns == 2
    playout.push([2], 0)
    assert playout.show() == Shown(2, idle=False)


def test_pausing_holds_without_losing_frames_and_is_no_underrun() -> None:
    playout = Playout[int, int](lead=2, chunk=4)
    playout.push([0, 1, 2], 0)
    playout.show()
    playout.paused = True
    assert [playout.show() for _ in range(9)] == [Shown(0, idle=True)] * 9
    playout.paused = False
    assert playout.show() == Shown(1, idle=False)
    assert playout.underruns == 0


@given(st.integers(1, 24), st.integers(1, 24), st.integers(0, 30))
def test_at_rest_all_that_waits_is_shown_also_if_it_is_less_than_a_lead(
    lead: int, chunk: int, ticks: int
) -> None:
    playout, made = Playout[int, int](lead, chunk), 0
    for cleared in (False, True):
        if cleared:
            playout.resting = False
            playout.clear()
        playout.push(range(made, made + chunk), made)
        playout.rest()
        shown = [playout.show() for _ in range(chunk)]
        assert [each and each.frame for each in shown] == list(range(made, made + chunk))
        held = [playout.show() for _ in range(ticks)]
        assert held == [Shown(made + chunk - 1, idle=True)] * ticks
        made += chunk
    assert playout.underruns == 0


def test_more_frames_than_fit_are_refused() -> None:
    playout = Playout[int, int](lead=2, chunk=4)
    with pytest.raises(OverflowError, match="of 5"):
        playout.push(range(6), 0)
