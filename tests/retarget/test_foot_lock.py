"""A standing foot is asked to stay, and neither lock nor release is a snap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from flood_bridge.retarget.foot_lock import (
    HALF_LIFE_SECS,
    MAX_SHIFT_PER_LEG,
    MAX_TURN_RAD,
    FootLock,
)

PERIOD_SECS, LEG_M = 0.05, 0.8
STANDS, SWINGS = np.ones(2), np.zeros(2)


def places(x: float, heading: float = 0.0) -> np.ndarray:
    return np.array([(x, 0.1, heading), (x, -0.1, heading)])


def test_a_standing_foot_stays_while_the_human_slides() -> None:
    lock = FootLock(PERIOD_SECS, LEG_M)
    path = [places(x, 2.0 * x) for x in np.linspace(0.0, 0.1, 20)]
    asked = [each + lock.follow(each, STANDS) for each in path]
    np.testing.assert_allclose(asked, np.broadcast_to(path[0], (20, 2, 3)), atol=1e-12)


def test_a_swinging_foot_is_where_the_human_has_it() -> None:
    lock = FootLock(PERIOD_SECS, LEG_M)
    for x in np.linspace(0.0, 1.0, 20):
        assert (lock.follow(places(x), SWINGS) == 0.0).all()


def test_after_release_the_difference_halves_and_never_jumps() -> None:
    lock = FootLock(PERIOD_SECS, LEG_M)
    for x in np.linspace(0.0, 0.1, 10):
        lock.follow(places(x), STANDS)
    shifts = [lock.follow(places(0.1), SWINGS)[0, 0] for _ in range(8)]
    np.testing.assert_allclose(
        shifts, -0.1 * 0.5 ** (np.arange(1, 9) * PERIOD_SECS / HALF_LIFE_SECS)
    )


def test_locking_again_takes_over_what_is_left_of_the_difference() -> None:
    lock = FootLock(PERIOD_SECS, LEG_M)
    for x, stance in ((0.0, STANDS), (0.03, STANDS), (0.3, SWINGS)):
        left = lock.follow(places(x), stance)[0, 0]
    taken = lock.follow(places(0.31), STANDS)[0, 0]
    assert left < taken < 0.0
    assert lock.follow(places(0.32), STANDS)[0, 0] == pytest.approx(taken - 0.01)


def test_a_body_that_is_elsewhere_takes_its_standing_feet_along() -> None:
    lock = FootLock(PERIOD_SECS, LEG_M)
    lock.follow(places(0.0), STANDS)
    assert (lock.follow(places(0.5), STANDS) == 0.0).all()


@given(
    path=arrays(np.float64, (12, 2, 3), elements=st.floats(-3.0, 3.0)),
    stance=arrays(np.float64, (12, 2), elements=st.floats(0.0, 1.0)),
)
def test_the_difference_is_bounded_whatever_comes_in(path: np.ndarray, stance: np.ndarray) -> None:
    lock = FootLock(PERIOD_SECS, LEG_M)
    for each, stands in zip(path, stance, strict=True):
        shifts = lock.follow(each, stands)
        assert (np.hypot(shifts[:, 0], shifts[:, 1]) <= MAX_SHIFT_PER_LEG * LEG_M + 1e-12).all()
        assert (np.abs(shifts[:, 2]) <= MAX_TURN_RAD).all()


def test_a_heading_that_passes_the_half_turn_is_held_the_short_way() -> None:
    lock = FootLock(PERIOD_SECS, LEG_M)
    lock.follow(places(0.0, np.pi - 0.05), STANDS)
    shifts = lock.follow(places(0.0, -np.pi + 0.05), STANDS)
    np.testing.assert_allclose(shifts[:, 2], -0.1, atol=1e-12)
