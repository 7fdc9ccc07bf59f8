"""Test patterns show what they say, seen in every receiver's own axes."""

import numpy as np
import pytest

from flood_bridge.doctor.patterns import PATTERNS, STEP_M, adult, pattern_frame
from flood_bridge.motion.kinematics import forward_kinematics
from flood_bridge.motion.skeleton import JOINT_NAMES
from flood_bridge.protocol.axes import UNITY, UNREAL_MESH, WORLDS

BODY = adult()


def joints(name: str, extent: float = 1.0) -> np.ndarray:
    return pattern_frame(PATTERNS[name], BODY, 0, 0.0, extent).pose.joints


def at(positions: np.ndarray, joint: str) -> np.ndarray:
    return positions[JOINT_NAMES.index(joint)]


def test_the_t_pose_stands_on_the_ground_with_arms_out():
    pose = joints("t-pose")
    assert pose[:, 1].min() == pytest.approx(0.0)
    assert 1.4 < pose[:, 1].max() < 1.8
    left, right = at(pose, "left_wrist"), at(pose, "right_wrist")
    assert left[1] == pytest.approx(at(pose, "left_shoulder")[1])
    np.testing.assert_allclose(left * [-1, 1, 1], right)
    assert left[0] > 0.6


def test_the_left_arm_ends_overhead_and_the_right_one_stays():
    pose, rest = joints("left-arm-up"), joints("t-pose")
    shoulder, wrist = at(pose, "left_shoulder"), at(pose, "left_wrist")
    np.testing.assert_allclose(wrist[[0, 2]], shoulder[[0, 2]], atol=1e-9)
    assert wrist[1] > at(pose, "head")[1]
    np.testing.assert_allclose(at(pose, "right_wrist"), at(rest, "right_wrist"))


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_a_step_forward_goes_where_the_toes_point_in_every_world(world):
    rest = world.position(joints("t-pose"))
    moved = world.position(joints("step-forward")) - rest
    toes = at(rest, "left_foot") - at(rest, "left_ankle")
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), STEP_M * world.unit)
    assert (moved @ toes > 0).all()


def test_a_turn_to_the_left_faces_where_the_left_arm_was():
    pose, rest = joints("turn-left"), joints("t-pose")
    toes = at(pose, "left_foot") - at(pose, "left_ankle")
    left = at(rest, "left_wrist") - at(rest, "left_shoulder")
    assert toes @ left / np.linalg.norm(left) > 0.1
    assert pattern_frame(PATTERNS["turn-left"], BODY, 0, 0.0, 1.0).pose.heading_rad > 0


def test_what_the_text_says_of_unity_and_unreal_is_so():
    forward = np.array([0.0, 0.0, 1.0])
    np.testing.assert_array_equal(UNITY.position(forward), [0, 0, 1])
    np.testing.assert_array_equal(UNREAL_MESH.position(forward), [0, 100, 0])


@pytest.mark.parametrize("name", PATTERNS)
def test_positions_are_those_of_the_rotations(name):
    frame = pattern_frame(PATTERNS[name], BODY, 0, 0.0, 0.5)
    np.testing.assert_allclose(forward_kinematics(BODY, frame.avatar), frame.pose.joints)
