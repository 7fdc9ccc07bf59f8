"""Limb bones never roll faster than their rate, unless the whole body turns them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import AvatarFrame, Pose
from flood_bridge.motion.kinematics import forward_frames, forward_kinematics
from flood_bridge.motion.skeleton import PARENTS, Skeleton
from flood_bridge.retarget.avatar import AvatarRetargeter
from flood_bridge.retarget.roll_rate import RollRate

MOST_DEG = 24.0
"""A frame, at 20 frames per second."""
LIMBS = [1, 2, 4, 5, 16, 17, 18, 19]
ENDS = [4, 5, 7, 8, 18, 19, 20, 21]
X, Y, Z = np.eye(3)

unit = arrays(np.float64, (22, 3), elements=st.floats(-1.0, 1.0))


def turn(axis: np.ndarray, degrees: float) -> np.ndarray:
    return rot.from_axis_angle(axis, np.radians(degrees))


def degrees_of(q: np.ndarray) -> np.ndarray:
    return np.degrees(np.linalg.norm(rot.to_rotation_vector(q), axis=-1))


def excess(skeleton: Skeleton, poses: list[Pose]) -> np.ndarray:
    """How much further each limb bone turns than it swings, (T - 1, 8) degrees."""
    retargeter = AvatarRetargeter(skeleton, 0.05)
    frames = [forward_frames(skeleton, retargeter.retarget(pose)) for pose in poses]
    world = rot.from_matrix(np.array([matrices for _, matrices in frames]))[:, LIMBS]
    joints = np.array([pose.joints for pose in poses])
    bones = rot.normalise(joints[:, ENDS] - joints[:, [PARENTS[end] for end in ENDS]])
    swing = np.degrees(np.arccos(np.clip(np.vecdot(bones[1:], bones[:-1]), -1.0, 1.0)))
    return degrees_of(rot.multiply(world[1:], rot.conjugate(world[:-1]))) - swing


def with_limbs(skeleton: Skeleton, vectors: np.ndarray) -> Pose:
    """A body at rest whose limbs point anywhere at all."""
    local = np.tile(rot.IDENTITY, (22, 1))
    for row in LIMBS:
        length = float(np.linalg.norm(vectors[row]))
        local[row] = rot.from_axis_angle(rot.normalise(vectors[row]), 2.5 * length)
    joints = forward_kinematics(skeleton, AvatarFrame(np.zeros(3), local))
    return Pose(joints, np.zeros((22, 3)), np.zeros(4, dtype=bool), 0.0)


@given(vectors=st.lists(unit, min_size=2, max_size=8))
@settings(deadline=None, max_examples=60)
def test_no_limb_turns_much_further_than_it_swings_wherever_it_points(
    skeleton: Skeleton, vectors: list[np.ndarray]
) -> None:
    poses = [with_limbs(skeleton, each) for each in vectors]
    assert excess(skeleton, poses).max() <= MOST_DEG + 1e-4


def test_an_arm_folded_up_does_not_twist(skeleton: Skeleton, posed: Callable[..., Pose]) -> None:
    # A forearm that lies along the upper arm is a step away from pointing anywhere in its frame.
    ways = [(150.0, 0.0), (158.0, 40.0), (162.0, 80.0), (158.0, 120.0), (150.0, 160.0)]
    poses = [
        posed({16: turn(Z, -60.0), 18: rot.multiply(turn(X, roll), turn(-Y, bend))})
        for bend, roll in ways
    ]
    worst = excess(skeleton, poses).max()
    assert 10.0 < worst <= MOST_DEG + 1e-4


@pytest.mark.parametrize("step", [30.0, 50.0])
def test_a_body_that_spins_takes_its_limbs_along(
    skeleton: Skeleton, posed: Callable[..., Pose], step: float
) -> None:
    bent = {1: turn(X, -60.0), 4: turn(X, 90.0), 16: turn(Z, -70.0), 18: turn(-Y, 80.0)}
    retargeter = AvatarRetargeter(skeleton, 0.05)
    local = [retargeter.retarget(posed(bent, yaw=step * n)).local_wxyz[1:] for n in range(30)]
    np.testing.assert_allclose(np.abs(np.vecdot(local[1:], local[0])), 1.0, atol=1e-9)


def test_what_is_late_catches_up_the_shorter_way_round() -> None:
    pace = RollRate(np.radians(480.0), 0.05)
    pointed, body = np.array([Z]), np.array([rot.IDENTITY])

    def rolled(degrees: float) -> float:
        q = pace.follow(np.array([turn(Z, degrees)]), pointed, body)[0]
        return float(np.degrees(rot.to_rotation_vector(q)[2]))

    assert rolled(0.0) == pytest.approx(0.0)
    assert [rolled(50.0) for _ in range(3)] == pytest.approx([24.0, 48.0, 50.0])
    assert [rolled(-10.0) for _ in range(4)] == pytest.approx([26.0, 2.0, -10.0, -10.0])
    assert rolled(350.0) == pytest.approx(-10.0)
    assert rolled(200.0) == pytest.approx(-34.0)


def test_where_a_bone_points_is_exact_however_late_its_roll_is() -> None:
    rng = np.random.default_rng(3)
    pace = RollRate(np.radians(480.0), 0.05)
    rest, body = np.array([X, Y]), np.tile(rot.IDENTITY, (2, 1))
    for _ in range(50):
        wanted = rot.normalise(rng.normal(size=(2, 4)))
        directions = rot.rotate(wanted, rest)
        got = pace.follow(wanted, directions, body)
        np.testing.assert_allclose(rot.rotate(got, rest), directions, atol=1e-12)
