"""The T-pose: arms along x, feet forward, left is +x; it is what no rotation gives."""

from __future__ import annotations

import numpy as np
import pytest

from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import AvatarFrame
from flood_bridge.motion.kinematics import forward_frames, forward_kinematics
from flood_bridge.motion.skeleton import JOINT_NAMES, PARENTS, Skeleton

LENGTHS = np.linspace(0.0, 0.5, 22)


@pytest.fixture
def skeleton() -> Skeleton:
    return Skeleton.from_bone_lengths(LENGTHS)


def test_bones_have_the_lengths_given(skeleton: Skeleton) -> None:
    np.testing.assert_allclose(np.linalg.norm(skeleton.offsets, axis=1), LENGTHS, atol=1e-12)


def test_left_is_positive_x_and_the_right_side_mirrors_it(skeleton: Skeleton) -> None:
    unit = Skeleton.from_bone_lengths(np.ones(22)).offsets
    for joint, name in enumerate(JOINT_NAMES):
        if name.startswith("left_"):
            other = JOINT_NAMES.index("right_" + name.removeprefix("left_"))
            np.testing.assert_allclose(unit[joint], unit[other] * (-1.0, 1.0, 1.0), atol=1e-12)
        elif not name.startswith("right_"):
            assert unit[joint, 0] == 0.0


def test_arms_are_level_and_feet_point_forward() -> None:
    unit = Skeleton.from_bone_lengths(np.ones(22)).offsets
    np.testing.assert_allclose(unit[[18, 20]], np.eye(3)[[0, 0]], atol=1e-12)
    assert unit[10, 2] > 0.9
    rest = Skeleton.from_bone_lengths(np.ones(22)).rest_positions()
    assert rest[:, 1].argmin() in {10, 11}
    assert rest[:, 1].argmax() == 15


def test_hips_height_is_the_pelvis_over_the_toes(skeleton: Skeleton) -> None:
    rest = skeleton.rest_positions()
    assert skeleton.hips_height == pytest.approx(rest[0, 1] - min(rest[10, 1], rest[11, 1]))


def test_no_rotation_is_the_rest_pose(skeleton: Skeleton) -> None:
    frame = AvatarFrame(np.array([1.0, 2.0, 3.0]), np.tile(rot.IDENTITY, (22, 1)))
    expected = skeleton.rest_positions() + np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(forward_kinematics(skeleton, frame), expected, atol=1e-12)


def test_a_rotation_turns_the_segments_that_leave_the_joint(skeleton: Skeleton) -> None:
    local = np.tile(rot.IDENTITY, (22, 1))
    local[16] = rot.from_axis_angle(np.array([0.0, 0.0, 1.0]), np.pi / 2)
    positions, world = forward_frames(skeleton, AvatarFrame(np.zeros(3), local))
    rest = skeleton.rest_positions()
    moved = np.abs(positions - rest).max(axis=1) > 1e-9
    assert set(np.flatnonzero(moved)) == {18, 20}
    np.testing.assert_allclose(positions[18] - positions[16], (0.0, LENGTHS[18], 0.0), atol=1e-12)
    np.testing.assert_allclose(world[18], world[16], atol=1e-12)


def test_parents_come_before_their_children() -> None:
    assert all(parent < joint for joint, parent in enumerate(PARENTS))
