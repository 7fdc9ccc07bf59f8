"""What tracking policies read says the same as the robot's frames, in their orders and axes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from flood_bridge.errors import ConfigError, ProtocolError
from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import Pose, RobotFrame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.protocol import beyondmimic, sonic, twist2
from flood_bridge.protocol.robot_motion import RobotMotion, Tree
from flood_bridge.retarget.limit_table import limits_of
from flood_bridge.retarget.robot_body import ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel, load_robot
from flood_bridge.verbs.export import Export, bodies, robot_frames, tree_of, write

# Unitree's number of each joint in IsaacLab's order of a G1: legs and waist in turn, then the arms
# joint by joint; SONIC's documentation has the wrists as 23 to 28.
G1_ISAACLAB = [
    0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 22, 4, 10, 16, 23, 5, 11, 17, 24, 18, 25, 19, 26, 20,
    27, 21, 28,
]  # fmt: skip


@pytest.fixture(scope="module")
def g1() -> RobotModel:
    return load_robot("unitree_g1")


@pytest.fixture(scope="module")
def frames(g1: RobotModel, walk: Callable[..., list[Pose]], skeleton: Skeleton) -> list[RobotFrame]:
    return robot_frames(walk(20, yaw_rate=60.0), 20, 50, g1, skeleton)


@pytest.fixture(scope="module")
def motion(g1: RobotModel, frames: list[RobotFrame]) -> RobotMotion:
    return RobotMotion.of(frames, tree_of(g1), 50)


def test_isaaclabs_order_of_a_g1_is_the_published_one(g1):
    assert tree_of(g1).breadth_first() == G1_ISAACLAB
    names = tree_of(g1).order("isaaclab")
    wrists = [g1.names[index] for index in names[23:]]
    assert all("wrist" in name for name in wrists)


def test_a_joint_that_hangs_on_nothing_is_refused():
    with pytest.raises(ProtocolError, match="1 joints do not hang"):
        Tree("root", ("a", "b"), ("root", "gone"), ("x", "y")).breadth_first()


def test_a_clip_at_fifty_frames_keeps_to_the_limits(g1, frames):
    limits = limits_of(g1)
    velocities = np.array([frame.velocities for frame in frames])
    assert len(frames) == 48
    assert (np.abs(velocities) <= limits.speed).all()
    assert (np.abs(np.diff(velocities, axis=0)) * 50 <= limits.acceleration * 1.000001).all()


def test_beyondmimics_rows_are_root_turn_and_unitrees_joints(motion):
    rows = np.array([[float(n) for n in line.split(",")] for line in beyondmimic.csv_lines(motion)])
    assert rows.shape == (len(motion), 3 + 4 + 29)
    np.testing.assert_allclose(rows[:, :3], motion.root_position, atol=1e-6)
    np.testing.assert_allclose(rows[:, [6, 3, 4, 5]], motion.root_wxyz, atol=1e-6)
    np.testing.assert_allclose(rows[:, 7:], motion.positions, atol=1e-6)


def test_beyondmimics_arrays_have_every_body_where_mujoco_has_it(g1, motion):
    arrays = beyondmimic.npz_arrays(motion, *bodies(motion, g1))
    assert arrays["fps"].tolist() == [50]
    assert arrays["body_pos_w"].shape == (len(motion), 30, 3)
    np.testing.assert_allclose(arrays["joint_pos"], motion.positions[:, G1_ISAACLAB], atol=1e-6)
    body = RobotBody(g1, ("left_ankle", "right_wrist"), ("left_ankle", "right_wrist"))
    isaac = [g1.joints[index].child for index in G1_ISAACLAB]
    frame = 30
    qpos = np.empty(ROOT_QPOS + 29)
    qpos[:3], qpos[3:ROOT_QPOS] = motion.root_position[frame], motion.root_wxyz[frame]
    qpos[ROOT_QPOS:][body.order] = motion.positions[frame]
    body.place(qpos)
    for row, name in enumerate(("left_ankle", "right_wrist")):
        point = g1.points[name]
        at = 1 + isaac.index(point.link)
        place, turn = arrays["body_pos_w"][frame, at], arrays["body_quat_w"][frame, at]
        seen = place + rot.rotate(turn.astype(np.float64), point.offset)
        np.testing.assert_allclose(seen, body.points()[row], atol=1e-5)
        assert abs(float(np.vecdot(turn, body.frames()[row]))) == pytest.approx(1.0, abs=1e-5)


def test_beyondmimics_speeds_are_those_of_its_positions(g1, motion):
    arrays = beyondmimic.npz_arrays(motion, *bodies(motion, g1))
    steps = np.diff(arrays["body_pos_w"], axis=0) * 50
    np.testing.assert_allclose(
        arrays["body_lin_vel_w"][1:-1], (steps[1:] + steps[:-1]) / 2, atol=1e-3
    )
    assert arrays["body_ang_vel_w"].shape == (len(motion), 30, 3)
    np.testing.assert_allclose(arrays["body_ang_vel_w"][5:, 0, 2].mean(), np.radians(60), atol=0.3)


def straight(count: int, speed: float, yaw_rate: float, tree: Tree) -> RobotMotion:
    """A robot that runs on a circle, upright, at 50 frames per second."""
    secs = np.arange(count) / 50
    z = np.array([0.0, 0.0, 1.0])
    frames = []
    place = np.zeros(3)
    for t in secs:
        turn = rot.from_axis_angle(z, yaw_rate * t)
        frames.append(RobotFrame(tree.names, np.zeros(29), np.zeros(29), place + 0.75 * z, turn))
        place = place + rot.rotate(turn, np.array([speed / 50, 0.0, 0.0]))
    return RobotMotion.of(frames, tree, 50)


def test_twist2s_numbers_are_speed_height_lean_and_turn(g1):
    rows = twist2.rows(straight(50, 1.5, 0.8, tree_of(g1)))
    assert rows.shape == (50, 35)
    np.testing.assert_allclose(rows[5:, 0], 1.5, atol=0.001)
    np.testing.assert_allclose(rows[5:, 1], 0.0, atol=0.03)
    np.testing.assert_allclose(rows[:, 2], 0.75)
    np.testing.assert_allclose(rows[:, 3:5], 0.0, atol=1e-9)
    np.testing.assert_allclose(rows[:, 5], 0.8, atol=1e-6)


@pytest.mark.parametrize(("axis", "expected"), [(0, (0.3, 0.0)), (1, (0.0, 0.3))])
def test_twist2s_lean_is_roll_then_pitch(g1, axis, expected):
    tree = tree_of(g1)
    turn = rot.multiply(
        rot.from_axis_angle(np.array([0.0, 0.0, 1.0]), 2.0),
        rot.from_axis_angle(np.eye(3)[axis], 0.3),
    )
    frame = RobotFrame(tree.names, np.zeros(29), np.zeros(29), np.zeros(3), turn)
    (row,) = twist2.rows(RobotMotion.of([frame], tree, 50))
    np.testing.assert_allclose(row[3:5], expected, atol=1e-9)


def test_twist2s_value_is_a_list_of_35_numbers(motion):
    value = json.loads(twist2.body_value(twist2.rows(motion)[3]))
    np.testing.assert_allclose(value, twist2.rows(motion)[3])


def test_sonics_fields_are_version_1s(motion):
    fields = sonic.fields(motion, first_index=100)
    assert set(fields) == {"joint_pos", "joint_vel", "body_quat", "frame_index"}
    np.testing.assert_allclose(fields["joint_pos"], motion.positions[:, G1_ISAACLAB], atol=1e-6)
    np.testing.assert_allclose(fields["joint_vel"], motion.velocities[:, G1_ISAACLAB], atol=1e-5)
    np.testing.assert_array_equal(fields["frame_index"][:2], (100, 101))
    assert (np.diff(fields["frame_index"]) > 0).all()


def test_quaternions_of_a_motion_do_not_flip(g1):
    tree = tree_of(g1)
    turns = [rot.IDENTITY, -rot.IDENTITY, rot.IDENTITY]
    frames = [RobotFrame(tree.names, np.zeros(29), np.zeros(29), np.zeros(3), q) for q in turns]
    np.testing.assert_array_equal(RobotMotion.of(frames, tree, 50).root_wxyz[:, 0], 1.0)


def test_robots_with_other_joints_are_refused_by_who_cannot_take_them():
    tree = Tree("root", ("a",), ("root",), ("x",))
    frame = RobotFrame(("a",), np.zeros(1), np.zeros(1), np.zeros(3), rot.IDENTITY)
    motion = RobotMotion.of([frame], tree, 50)
    for refuse in (twist2.rows, sonic.fields):
        with pytest.raises(ProtocolError, match="29 joints of a G1; this robot has 1"):
            refuse(motion)
    with pytest.raises(ProtocolError, match="at least one frame"):
        RobotMotion.of([], tree, 50)
    with pytest.raises(ProtocolError, match="another robot"):
        RobotMotion.of([frame], Tree("root", ("b",), ("root",), ("x",)), 50)
    broken = RobotFrame(("a",), np.array([np.nan]), np.zeros(1), np.zeros(3), rot.IDENTITY)
    with pytest.raises(ProtocolError, match="not finite"):
        RobotMotion.of([broken], tree, 50)


@pytest.mark.parametrize(
    ("format_", "name", "keys"),
    [
        ("beyondmimic", "walk.npz", {"fps", "joint_pos", "joint_vel", "body_pos_w", "body_quat_w",
                                     "body_lin_vel_w", "body_ang_vel_w"}),
        ("twist2", "walk.npz", {"body", "fps"}),
        ("sonic", "walk.npz", {"joint_pos", "joint_vel", "body_quat", "frame_index"}),
    ],
)  # fmt: skip
def test_arrays_are_written_whole(g1, frames, tmp_path, format_, name, keys):
    out = tmp_path / name
    write(Export("walk", out, format=format_), frames, g1, 50)
    with np.load(out, allow_pickle=False) as arrays:
        assert set(arrays) == keys
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("format_", ["beyondmimic", "twist2", "plain"])
def test_tables_have_a_row_per_frame(g1, frames, tmp_path, format_):
    out = tmp_path / "walk.csv"
    write(Export("walk", out, format=format_, order="isaaclab"), frames, g1, 50)
    lines = out.read_text().splitlines()
    assert len(lines) == len(frames) + (format_ == "plain")
    if format_ == "plain":
        assert lines[0].split(",")[7:10] == [g1.names[index] for index in G1_ISAACLAB[:3]]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"out": Path("walk.png")}, "beyondmimic is written to .csv or .npz"),
        ({"out": Path("walk.csv"), "format": "sonic"}, "sonic is written to .npz"),
        ({"out": Path("/no/such/folder/walk.csv")}, "there is no folder"),
        ({"out": Path("walk.csv"), "rate_hz": 5}, "valid are 20 to 1000"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_model_is_loaded(settings, said):
    with pytest.raises(ConfigError, match=said):
        Export("walk", **settings).perform()
