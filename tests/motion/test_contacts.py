"""Stance is strict, has hysteresis, and the floor follows slow drift but not stairs."""

from __future__ import annotations

import numpy as np
import pytest

from flood_bridge.motion.contacts import FootContacts
from flood_bridge.motion.frames import Pose

PERIOD_SECS = 0.05


def pose(left: float, right: float = 0.0, speed: float = 0.0, contacts: bool = True) -> Pose:
    """A body whose toes are at the given heights and whose left ankle moves at ``speed``."""
    joints = np.ones((22, 3))
    joints[10, 1], joints[11, 1] = left, right
    velocities = np.zeros((22, 3))
    velocities[7] = (0.6 * speed, 5.0, 0.8 * speed)
    return Pose(joints, velocities, np.full(4, contacts), 0.0)


def settle(contacts: FootContacts, sample: Pose, frames: int = 10) -> np.ndarray:
    for _ in range(frames - 1):
        contacts.follow(sample)
    return contacts.follow(sample).stance


def test_a_slow_low_foot_stands_and_a_fast_or_high_one_does_not() -> None:
    for sample, stands in ((pose(0.0), 1.0), (pose(0.0, speed=0.8), 0.0), (pose(0.2), 0.0)):
        stance = settle(FootContacts(PERIOD_SECS), sample)
        assert stance[0] == stands
        assert stance[1] == 1.0


def test_between_the_thresholds_a_foot_goes_on_as_it_was() -> None:
    between = pose(0.0, speed=0.2)
    contacts = FootContacts(PERIOD_SECS)
    settle(contacts, pose(0.0))
    assert settle(contacts, between)[0] == 1.0
    settle(contacts, pose(0.0, speed=1.0))
    assert settle(contacts, between)[0] == 0.0


def test_the_change_takes_a_tenth_of_a_second() -> None:
    contacts = FootContacts(PERIOD_SECS)
    settle(contacts, pose(0.0))
    lifted = [contacts.follow(pose(0.0, speed=1.0)).stance[0] for _ in range(3)]
    assert lifted == pytest.approx([0.5, 0.0, 0.0])


def test_the_floor_follows_drift_at_a_bounded_speed() -> None:
    contacts = FootContacts(PERIOD_SECS)
    assert contacts.follow(pose(0.03, 0.03)).floor == pytest.approx(0.03)
    floors = [contacts.follow(pose(0.08, 0.08)).floor for _ in range(60)]
    assert floors[-1] == pytest.approx(0.08)
    assert np.abs(np.diff(floors)).max() <= 0.1 * PERIOD_SECS + 1e-12


def test_a_jump_and_a_box_do_not_move_the_floor() -> None:
    contacts = FootContacts(PERIOD_SECS)
    settle(contacts, pose(0.02, 0.02), 40)
    floors = [contacts.follow(pose(0.5, 0.5)).floor for _ in range(15)]
    assert floors == pytest.approx([0.02] * 15)
    settle(contacts, pose(0.5, 0.5), 100)
    assert contacts.follow(pose(0.5, 0.5)).floor == pytest.approx(0.12)


def test_reset_starts_again() -> None:
    contacts = FootContacts(PERIOD_SECS)
    settle(contacts, pose(0.0))
    contacts.reset()
    first = contacts.follow(pose(0.1, 0.1, speed=1.0))
    assert first.floor == pytest.approx(0.1)
    assert first.stance[0] == 0.0
