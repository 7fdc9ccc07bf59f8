"""Targets keep the human's directions on the robot's lengths, and the feet over the floor."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from flood_bridge.motion import rotations as rot
from flood_bridge.motion.contacts import Footing
from flood_bridge.motion.frames import Pose
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.retarget.human_lines import foot_frames
from flood_bridge.retarget.robot_model import RobotModel, load_robot
from flood_bridge.retarget.targets import POINTS, TargetMaker

STANDING = Footing(floor=0.02, stance=np.ones(2))
SWINGING = Footing(floor=0.02, stance=np.zeros(2))
AT = {name: index for index, name in enumerate(POINTS)}
X = np.array([1.0, 0.0, 0.0])


@pytest.fixture(scope="module")
def g1() -> RobotModel:
    return load_robot("unitree_g1")


@pytest.fixture(scope="module")
def maker(g1: RobotModel, skeleton: Skeleton) -> TargetMaker:
    leg = np.linalg.norm(skeleton.offsets[4]) + np.linalg.norm(skeleton.offsets[7])
    return TargetMaker(g1, float(leg), float(np.linalg.norm(skeleton.offsets[10])))


def test_a_standing_t_pose_stands_as_high_as_the_robots_zero_pose(
    maker: TargetMaker, g1: RobotModel, posed: Callable[..., Pose]
) -> None:
    targets = maker.targets(posed({}).joints, STANDING)
    assert targets.points[AT["pelvis"], 2] == pytest.approx(g1.root_height, abs=0.02)
    np.testing.assert_allclose(targets.frames, np.tile(rot.IDENTITY, (4, 1)), atol=1e-6)
    for side in ("left", "right"):
        assert targets.points[AT[f"{side}_ankle"], 2] == pytest.approx(0.035, abs=2e-3)


def test_a_mirror_symmetric_human_gives_mirror_symmetric_targets(
    maker: TargetMaker, posed: Callable[..., Pose]
) -> None:
    points = maker.targets(posed({}).joints, STANDING).points
    for name in ("knee", "ankle", "foot", "shoulder", "elbow", "wrist"):
        left, right = points[AT[f"left_{name}"]], points[AT[f"right_{name}"]]
        assert left[1] > 0.0
        np.testing.assert_allclose(left, right * (1.0, -1.0, 1.0), atol=1e-4)


def test_limbs_keep_their_directions_and_take_the_robots_lengths(
    maker: TargetMaker, g1: RobotModel, posed: Callable[..., Pose]
) -> None:
    pose = posed({16: rot.from_axis_angle(np.array([0.0, 1.0, 0.0]), -0.7)}, yaw=30.0)
    points = maker.targets(pose.joints, STANDING).points
    human = (pose.joints[18] - pose.joints[16])[[2, 0, 1]]
    robot = points[AT["left_elbow"]] - points[AT["left_shoulder"]]
    np.testing.assert_allclose(rot.normalise(robot), rot.normalise(human), atol=1e-9)
    length = np.linalg.norm(g1.upright_point("left_elbow") - g1.upright_point("left_shoulder"))
    assert np.linalg.norm(robot) == pytest.approx(length, abs=1e-9)


def test_the_path_is_scaled_by_the_legs_so_that_a_planted_foot_stays(
    maker: TargetMaker, posed: Callable[..., Pose]
) -> None:
    # The body moves over feet that do not: thighs and ankles lean, the toes stay where they are.
    def leaning(degrees: float) -> Pose:
        lean = {row: rot.from_axis_angle(X, np.radians(degrees)) for row in (1, 2)}
        flat = {row: rot.from_axis_angle(X, np.radians(-degrees)) for row in (7, 8)}
        pose = posed(lean | flat)
        joints = pose.joints - pose.joints[10] * (1.0, 0.0, 1.0)
        return Pose(joints, pose.velocities, pose.contacts, 0.0)

    ankles = [
        maker.targets(leaning(a).joints, STANDING).points[AT["left_ankle"]] for a in (0.0, 12.0)
    ]
    assert np.linalg.norm(ankles[1] - ankles[0]) < 0.003


@given(local=arrays(np.float64, (6, 3), elements=st.floats(-1.2, 1.2)))
@settings(deadline=None)
def test_no_target_sole_is_under_the_floor(
    maker: TargetMaker, g1: RobotModel, posed: Callable[..., Pose], local: np.ndarray
) -> None:
    turns = {
        row: rot.from_axis_angle(rot.normalise(v), np.linalg.norm(v))
        for row, v in zip((1, 2, 4, 5, 7, 8), local, strict=True)
    }
    targets = maker.targets(posed(turns).joints, SWINGING)
    for index, side in enumerate(("left", "right")):
        ankle = targets.points[AT[f"{side}_ankle"]]
        soles = ankle + rot.rotate(targets.frames[2 + index], g1.soles[0])
        assert soles[:, 2].min() >= g1.sole_radius - 1e-9


@given(
    toes=arrays(np.float64, (2, 3), elements=st.floats(-1.0, 1.0)),
    stance=arrays(np.float64, 2, elements=st.floats(0.0, 1.0)),
)
def test_foot_frames_are_rotations(toes: np.ndarray, stance: np.ndarray) -> None:
    toes = toes + np.array([1.1, 0.0, 0.0])  # not along the shank
    frames = foot_frames(toes, np.array([[0.0, 0.0, -0.4]] * 2), stance)
    product = frames @ np.swapaxes(frames, -1, -2)
    np.testing.assert_allclose(product, np.tile(np.eye(3), (2, 1, 1)), atol=1e-6)
    np.testing.assert_allclose(np.linalg.det(frames), 1.0, atol=1e-6)


@given(pitch=st.floats(-180.0, 180.0))
def test_a_swinging_foot_keeps_its_place_under_the_shank(pitch: float) -> None:
    # Also beyond the vertical, as when a runner's heel nearly touches the seat.
    leg = rot.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.radians(pitch))
    flat = np.array([[0.092, 0.0, -0.04]] * 2)
    shank = np.array([[0.0, 0.0, -0.4]] * 2)
    frames = foot_frames(rot.rotate(leg, flat), rot.rotate(leg, shank), np.zeros(2))
    np.testing.assert_allclose(frames, np.tile(rot.to_matrix(leg), (2, 1, 1)), atol=1e-6)


def test_a_standing_foot_is_laid_flat_and_keeps_its_heading() -> None:
    toes = np.array([[0.10, 0.04, -0.09], [0.10, -0.04, 0.0]])
    frames = foot_frames(toes, np.array([[0.0, 0.0, -0.4]] * 2), np.ones(2))
    np.testing.assert_allclose(frames[:, :, 2], [[0.0, 0.0, 1.0]] * 2, atol=1e-9)
    heading = np.arctan2(frames[:, 1, 0], frames[:, 0, 0])
    np.testing.assert_allclose(heading, np.arctan2(toes[:, 1], toes[:, 0]), atol=1e-6)
