"""The robot moves as the human does, and inside its limits whatever comes in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.errors import ConfigError, RetargetError
from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import Pose, RobotFrame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_body import ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel, load_robot
from flood_bridge.retarget.targets import FRAMES, POINTS

PERIOD_SECS = 0.05
AT = {name: index for index, name in enumerate(POINTS)}
X, Y, Z = np.eye(3)


def turn(axis: np.ndarray, degrees: float) -> np.ndarray:
    return rot.from_axis_angle(axis, np.radians(degrees))


@pytest.fixture(scope="module")
def g1() -> RobotModel:
    return load_robot("unitree_g1")


@pytest.fixture(scope="module")
def body(g1: RobotModel) -> RobotBody:
    return RobotBody(g1, POINTS, FRAMES)


def points_of(body: RobotBody, frame: RobotFrame) -> np.ndarray:
    """World positions of POINTS, (13, 3); leaves the body in the frame."""
    qpos = np.empty(ROOT_QPOS + len(frame.positions))
    qpos[:3], qpos[3:ROOT_QPOS] = frame.root_position, frame.root_rotation_wxyz
    qpos[ROOT_QPOS:][body.order] = frame.positions
    body.place(qpos)
    return body.points()


def yaw_of(frame: RobotFrame) -> float:
    forward = rot.rotate(frame.root_rotation_wxyz, X)
    return float(np.degrees(np.arctan2(forward[1], forward[0])))


def assert_lawful(g1: RobotModel, body: RobotBody, frames: Sequence[RobotFrame]) -> None:
    positions = np.array([frame.positions for frame in frames])
    assert (g1.natural_lower <= positions).all()
    assert (positions <= g1.natural_upper).all()
    steps = np.diff(positions, axis=0)
    assert (np.abs(steps) <= g1.speed_limits * PERIOD_SECS).all()
    velocities = np.array([frame.velocities for frame in frames])
    assert (velocities[0] == 0.0).all()
    assert (np.abs(velocities) <= g1.speed_limits).all()
    np.testing.assert_allclose(velocities[1:] * PERIOD_SECS, steps, atol=1e-12)
    for frame in frames:
        assert np.isfinite(frame.root_position).all()
        assert np.linalg.norm(frame.root_rotation_wxyz) == pytest.approx(1.0, abs=1e-9)
        points_of(body, frame)
        floor = 1e-6 * max(1.0, float(np.abs(frame.root_position).max()))
        assert body.lowest_sole() >= -floor


@st.composite
def abuse(draw: st.DrawFn) -> list[tuple[str, int, float]]:
    """A stream of (what is done to the pose, to which joint, how much)."""
    deeds = ["walk", "walk", "noise", "teleport", "nan", "stretch", "upside down", "collapse"]
    deed = st.tuples(st.sampled_from(deeds), st.integers(0, 21), st.floats(-4.0, 4.0))
    return draw(st.lists(deed, min_size=3, max_size=25))


def abused(pose: Pose, deed: str, joint: int, amount: float) -> Pose:
    joints = pose.joints.copy()
    if deed == "noise":
        joints += amount * np.sin(np.arange(66.0).reshape(22, 3) * (1.0 + joint))
    elif deed == "teleport":
        joints += np.array([100.0, 3.0, -50.0]) * amount
    elif deed == "nan":
        joints[joint, 1] = np.nan if amount > 0.0 else -np.inf
    elif deed == "stretch":
        joints[joint:] *= 1.0 + amount
    elif deed == "upside down":
        joints = rot.rotate(turn(X, 45.0 * amount), joints)
    elif deed == "collapse":
        joints[joint] = joints[0]
    return Pose(joints, pose.velocities, pose.contacts, pose.heading_rad)


@given(stream=abuse())
@settings(deadline=None, max_examples=25)
def test_limits_hold_whatever_comes_in(
    g1: RobotModel,
    body: RobotBody,
    walk: Callable[..., list[Pose]],
    stream: list[tuple[str, int, float]],
) -> None:
    retargeter = RobotRetargeter(g1, PERIOD_SECS)
    gait = walk(len(stream) + 1)
    frames = [retargeter.retarget(gait[0])]
    frames += [retargeter.retarget(abused(p, *d)) for p, d in zip(gait[1:], stream, strict=True)]
    assert_lawful(g1, body, frames)


@given(seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=8)
def test_limits_hold_while_the_pose_is_thrown_about_within_the_guard(
    g1: RobotModel, body: RobotBody, posed: Callable[..., Pose], seed: int
) -> None:
    # Every pose is held for two frames, so the guard lets the second one through to the solver.
    rng = np.random.default_rng(seed)
    poses = []
    for _ in range(12):
        turns = {row: rot.normalise(rng.normal(size=4)) for row in (0, 1, 2, 4, 5, 9, 16, 17, 18)}
        poses += [posed(turns)] * 2
    retargeter = RobotRetargeter(g1, PERIOD_SECS)
    assert_lawful(g1, body, [retargeter.retarget(pose) for pose in poses])


def test_walking_forward_moves_the_root_along_x_with_the_feet_on_the_floor(
    g1: RobotModel, body: RobotBody, skeleton: Skeleton, walk: Callable[..., list[Pose]]
) -> None:
    retargeter = RobotRetargeter(g1, PERIOD_SECS, skeleton)
    frames = [retargeter.retarget(pose) for pose in walk(60, speed=0.9)]
    assert_lawful(g1, body, frames)
    travel = frames[-1].root_position - frames[0].root_position
    assert 1.5 < travel[0] < 2.66  # 2.66 m of the human, shortened by the legs
    assert abs(travel[1]) < 0.05
    assert max(abs(yaw_of(frame)) for frame in frames) < 5.0
    lowest = []
    for frame in frames:
        points_of(body, frame)
        lowest.append(body.lowest_sole())
    assert max(lowest) < 0.03


def test_turning_left_is_positive_yaw_about_z(
    g1: RobotModel, walk: Callable[..., list[Pose]]
) -> None:
    retargeter = RobotRetargeter(g1, PERIOD_SECS)
    frames = [retargeter.retarget(pose) for pose in walk(41, yaw_rate=45.0)]
    yaws = np.unwrap(np.radians([yaw_of(frame) for frame in frames]))
    assert np.degrees(yaws[-1] - yaws[0]) == pytest.approx(90.0, abs=4.0)
    assert frames[-1].root_position[1] > frames[0].root_position[1] + 0.3


@pytest.mark.parametrize(("side", "other", "row", "sign"), [
    ("left", "right", 16, 1.0), ("right", "left", 17, -1.0),
])  # fmt: skip
def test_the_arm_the_human_raises_is_the_one_the_robot_raises(
    g1: RobotModel, body: RobotBody, posed: Callable[..., Pose],
    side: str, other: str, row: int, sign: float,
) -> None:  # fmt: skip
    arms = {16: turn(Z, -80.0), 17: turn(Z, 80.0)}
    raised = posed(arms | {row: turn(Z, sign * 60.0)})
    retargeter = RobotRetargeter(g1, PERIOD_SECS)
    points = points_of(body, retargeter.retarget(raised))
    assert points[AT[f"{side}_wrist"], 2] > points[AT[f"{side}_shoulder"], 2] + 0.2
    assert points[AT[f"{other}_wrist"], 2] < points[AT[f"{other}_shoulder"], 2] - 0.2
    outward = points[AT[f"{side}_wrist"], 1] - points[AT[f"{side}_shoulder"], 1]
    assert sign * outward > 0.05


def test_lifting_the_left_knee_bends_the_left_knee_forward(
    g1: RobotModel, body: RobotBody, posed: Callable[..., Pose]
) -> None:
    retargeter = RobotRetargeter(g1, PERIOD_SECS)
    frame = retargeter.retarget(posed({1: turn(X, -80.0), 4: turn(X, 80.0)}))
    points = points_of(body, frame)
    assert points[AT["left_knee"], 0] > points[AT["right_knee"], 0] + 0.2
    assert points[AT["left_ankle"], 2] > points[AT["right_ankle"], 2] + 0.15
    joints = dict(zip(frame.names, frame.positions, strict=True))
    assert joints["left_knee_joint"] > 1.0
    assert joints["right_knee_joint"] < 0.4
    assert points[AT["right_ankle"], 2] == pytest.approx(0.035, abs=0.01)


def test_soles_of_a_standing_body_are_flat(
    g1: RobotModel, body: RobotBody, posed: Callable[..., Pose]
) -> None:
    points_of(body, RobotRetargeter(g1, PERIOD_SECS).retarget(posed({})))
    up = rot.rotate(body.frames()[2:], Z)
    assert up[:, 2].min() > np.cos(np.radians(2.0))


def test_an_unusable_pose_holds_the_last_frame_at_rest_and_says_so(
    g1: RobotModel, walk: Callable[..., list[Pose]], caplog: pytest.LogCaptureFixture
) -> None:
    gait = walk(12)
    retargeter = RobotRetargeter(g1, PERIOD_SECS)
    last = [retargeter.retarget(pose) for pose in gait[:10]][-1]
    assert np.abs(last.velocities).max() > 0.0
    broken = Pose(np.full((22, 3), np.nan), gait[10].velocities, gait[10].contacts, 0.0)
    with caplog.at_level(logging.WARNING):
        held = [retargeter.retarget(broken) for _ in range(3)]
    for frame in held:
        np.testing.assert_array_equal(frame.positions, last.positions)
        np.testing.assert_array_equal(frame.root_position, last.root_position)
        assert (frame.velocities == 0.0).all()
    assert [record.getMessage() for record in caplog.records] == [
        "unitree_g1 holds its last frame: a joint is not finite or more than 100000 m away"
    ]


def test_a_glitch_of_one_hand_holds_the_last_frame(
    g1: RobotModel, walk: Callable[..., list[Pose]]
) -> None:
    gait = walk(3)
    retargeter = RobotRetargeter(g1, PERIOD_SECS)
    last = [retargeter.retarget(pose) for pose in gait[:2]][-1]
    joints = gait[2].joints.copy()
    joints[20] += 2.0
    held = retargeter.retarget(Pose(joints, gait[2].velocities, gait[2].contacts, 0.0))
    np.testing.assert_array_equal(held.positions, last.positions)
    assert (held.velocities == 0.0).all()


def test_an_unusable_first_pose_is_an_error(g1: RobotModel, posed: Callable[..., Pose]) -> None:
    good = posed({})
    retargeter = RobotRetargeter(g1, PERIOD_SECS)
    with pytest.raises(RetargetError, match="first pose cannot be used: a joint is not finite"):
        retargeter.retarget(Pose(good.joints * np.nan, good.velocities, good.contacts, 0.0))
    with pytest.raises(RetargetError, match=r"legs are .* m long; valid is"):
        retargeter.retarget(Pose(good.joints * 100.0, good.velocities, good.contacts, 0.0))
    assert retargeter.retarget(good).names == g1.names


@pytest.mark.parametrize("period", [0.0, -0.05, 2.0, float("nan")])
def test_a_period_out_of_range_is_refused(g1: RobotModel, period: float) -> None:
    with pytest.raises(ConfigError, match="period"):
        RobotRetargeter(g1, period)


@given(yaw=st.floats(-180.0, 180.0), east=st.floats(-20.0, 20.0), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=20)
def test_a_cold_start_anywhere_finds_the_pose_at_once(
    g1: RobotModel, body: RobotBody, posed: Callable[..., Pose], yaw: float, east: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    turns = {
        1: turn(X, -rng.uniform(0.0, 90.0)),
        2: turn(X, -rng.uniform(0.0, 90.0)),
        4: turn(X, rng.uniform(5.0, 100.0)),
        5: turn(X, rng.uniform(5.0, 100.0)),
        16: turn(Z, rng.uniform(-80.0, 40.0)),
        17: turn(Z, -rng.uniform(-80.0, 40.0)),
        18: turn(-Y, rng.uniform(0.0, 100.0)),
        19: turn(Y, rng.uniform(0.0, 100.0)),
    }
    pose = posed(turns, ground=(east, 0.0), yaw=yaw)
    retargeter = RobotRetargeter(g1, PERIOD_SECS)
    points = points_of(body, retargeter.retarget(pose))
    hands = pose.joints[[20, 21]] - pose.joints[[16, 17]]
    robot = points[[AT["left_wrist"], AT["right_wrist"]]]
    robot = robot - points[[AT["left_shoulder"], AT["right_shoulder"]]]
    cosine = (rot.normalise(robot) * rot.normalise(hands[:, [2, 0, 1]])).sum(axis=1)
    assert np.degrees(np.arccos(cosine)).max() < 20.0


@given(seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=8)
def test_a_contorted_past_is_left_behind_within_two_seconds(
    g1: RobotModel, body: RobotBody, posed: Callable[..., Pose], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = (0, 1, 2, 4, 5, 16, 17, 18, 19)
    retargeter = RobotRetargeter(g1, PERIOD_SECS)
    retargeter.retarget(posed({row: rot.normalise(rng.normal(size=4)) for row in rows}))
    standing = posed({16: turn(Z, -75.0), 17: turn(Z, 75.0), 18: turn(-Y, 30.0)})
    frames = [retargeter.retarget(standing) for _ in range(40)]
    points = points_of(body, frames[-1])
    fresh = points_of(body, RobotRetargeter(g1, PERIOD_SECS).retarget(standing))
    assert np.linalg.norm(points - fresh, axis=1).max() < 0.05


def test_the_same_poses_give_the_same_frames_after_reset(
    g1: RobotModel, walk: Callable[..., list[Pose]]
) -> None:
    retargeter = RobotRetargeter(g1, PERIOD_SECS)
    gait = walk(15)
    first = [retargeter.retarget(pose).positions for pose in gait]
    retargeter.reset()
    again = [retargeter.retarget(pose).positions for pose in gait]
    np.testing.assert_array_equal(first, again)
