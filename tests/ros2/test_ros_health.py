"""Diagnostics warn of what a watcher could not see: underruns, slowness, unrest, a lost daemon."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.events import Status
from flood_bridge.protocol.ros_health import ERROR, MAX_FRAMES, OK, WARN, Health

WELL = Status(1.0, 1, "walk", "running", 90.0, 60.0, 150.0, 0, 200)


def test_a_steady_stream_is_well_however_late_it_is():
    health = Health()
    for tick in range(100):
        health.sent(tick / 60, tick / 60 + 0.5)
    verdict = health.verdict(WELL)
    assert (verdict.level, verdict.message) == (OK, "running")
    assert health.jitter_ms() == pytest.approx(0.0, abs=1e-6)


def test_frames_that_leave_unevenly_are_a_warning():
    health = Health()
    for tick in range(100):
        health.sent(tick / 60, tick / 60 + (0.05 if tick % 20 == 0 else 0.0))
    verdict = health.verdict(WELL)
    assert verdict.level == WARN
    assert "unevenly: 50.0 ms" in verdict.message


def test_underruns_are_a_warning_once_not_for_ever():
    health = Health()
    missed = replace(WELL, underruns=3)
    first, second = health.verdict(missed), health.verdict(missed)
    assert (first.level, first.message) == (WARN, "3 frames were not ready in time")
    assert second.level == OK


def test_a_character_that_moves_too_slowly_is_a_warning():
    verdict = Health().verdict(replace(WELL, rates=(1.0, 0.5)))
    assert (verdict.level, verdict.message) == (WARN, "too slow: motion plays at 0.50 of its speed")


@pytest.mark.parametrize("state", ["unreachable", "stopping"])
def test_a_stream_that_is_gone_is_an_error(state: str):
    assert Health().verdict(replace(WELL, state=state, underruns=2)).level == ERROR


@given(st.lists(st.floats(0, 1), min_size=1, max_size=2 * MAX_FRAMES))
def test_jitter_is_that_of_the_last_seconds(late: list[float]):
    health = Health()
    for tick, secs in enumerate(late):
        health.sent(tick, tick + secs)
    kept = np.array([tick + secs - tick for tick, secs in enumerate(late)][-MAX_FRAMES:])
    expected = 1e3 * (np.percentile(kept, 99) - np.median(kept))
    assert health.jitter_ms() == pytest.approx(expected, abs=1e-6)


def test_every_value_is_named_and_text():
    values = dict(Health().verdict(WELL).values)
    assert values["frames per second"] == "60.0"
    assert all(isinstance(value, str) for value in values.values())
