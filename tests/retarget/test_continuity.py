"""A jump is refused once, flicker for as long as it lasts, human speed never."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flood_bridge.motion.frames import Pose
from flood_bridge.retarget.continuity import ContinuityGuard

PERIOD_SECS = 0.05


def test_walking_is_accepted(walk: Callable[..., list[Pose]]) -> None:
    guard = ContinuityGuard(PERIOD_SECS)
    assert all(guard.follows(pose.joints) for pose in walk(60, speed=3.0, yaw_rate=90.0))


def test_a_jump_is_refused_once(posed: Callable[..., Pose]) -> None:
    guard = ContinuityGuard(PERIOD_SECS)
    here, there = posed({}).joints, posed({}, ground=(3.0, 0.0)).joints
    assert [guard.follows(j) for j in (here, here, there, there)] == [True, True, False, True]


def test_a_glitch_is_refused_coming_and_going(posed: Callable[..., Pose]) -> None:
    guard = ContinuityGuard(PERIOD_SECS)
    good = posed({}).joints
    bad = good.copy()
    bad[20] += 2.0
    assert [guard.follows(j) for j in (good, bad, good, good)] == [True, False, False, True]


def test_bones_that_change_their_length_are_refused(posed: Callable[..., Pose]) -> None:
    guard = ContinuityGuard(PERIOD_SECS)
    good = posed({}).joints
    longer = good.copy()
    longer[20] += 0.5 * (good[20] - good[18])
    slightly = good.copy()
    slightly[20] += 0.1 * (good[20] - good[18])
    assert [guard.follows(j) for j in (good, slightly, longer)] == [True, True, False]


def test_after_reset_any_place_is_accepted(posed: Callable[..., Pose]) -> None:
    guard = ContinuityGuard(PERIOD_SECS)
    guard.follows(posed({}).joints)
    guard.reset()
    assert guard.follows(posed({}, ground=(50.0, 0.0)).joints)


def test_the_guard_keeps_no_reference_to_the_callers_array(posed: Callable[..., Pose]) -> None:
    guard = ContinuityGuard(PERIOD_SECS)
    joints = posed({}).joints.copy()
    guard.follows(joints)
    joints += np.array([5.0, 0.0, 0.0])
    assert not guard.follows(joints)
