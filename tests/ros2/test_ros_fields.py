"""What goes into ROS messages obeys REP-103 and holds finite numbers only. Needs no ROS."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from flood_bridge.commands import SetPrompt
from flood_bridge.errors import CommandError, ConfigError, ProtocolError
from flood_bridge.events import PromptApplied, Rejected, Status
from flood_bridge.motion.frames import AvatarFrame, Frame, Pose
from flood_bridge.motion.kinematics import forward_kinematics
from flood_bridge.motion.skeleton import PARENTS, Skeleton
from flood_bridge.protocol import ros
from flood_bridge.protocol.ros_stamps import StampGrid, split_ns

MakeFrame = Callable[..., Frame]
SKELETON = Skeleton.from_bone_lengths(np.linspace(0.1, 0.4, 22))
STATUS = Status(1.0, 1, "walk", "running", 90.0, 60.0, 150.0, 0, 200)

rotation_vectors = arrays(np.float64, (22, 3), elements=st.floats(-2.0, 2.0))
rates_hz = st.sampled_from([20.0, 30.0, 50.0, 60.0, 72.0, 90.0, 120.0])


@given(rotation_vectors)
def test_each_rotation_turns_the_bones_that_leave_its_joint(vectors: np.ndarray):
    local = Rotation.from_rotvec(vectors).as_quat()[:, [3, 0, 1, 2]]
    avatar = AvatarFrame(root_position=np.array([0.3, 0.9, -2.0]), local_wxyz=local)
    joints = forward_kinematics(SKELETON, avatar)
    pose = Pose(joints, np.zeros((22, 3)), np.zeros(4, dtype=bool), 0.0)
    rows = np.array(ros.skeleton_rows(pose, avatar))
    bones = SKELETON.offsets[1:, [2, 0, 1]]
    parents = list(PARENTS[1:])
    world_from_parent = Rotation.from_quat(rows[parents, 3:])
    np.testing.assert_allclose(
        rows[1:, :3], rows[parents, :3] + world_from_parent.apply(bones), atol=1e-9
    )


@given(st.integers(0, 21), st.sampled_from([math.nan, math.inf, -math.inf]))
def test_a_skeleton_with_a_number_that_is_not_finite_is_refused(joint: int, bad: float):
    joints, local = np.zeros((22, 3)), np.tile([1.0, 0, 0, 0], (22, 1))
    local[joint, 2] = bad
    pose = Pose(joints, np.zeros((22, 3)), np.zeros(4, dtype=bool), 0.0)
    with pytest.raises(ProtocolError, match="1 values that are not finite"):
        ros.skeleton_rows(pose, AvatarFrame(np.zeros(3), local))


ROBOT_ARRAYS = {
    "positions": "joint positions",
    "velocities": "joint velocities",
    "root_position": "root position",
    "root_rotation_wxyz": "root rotation",
}


@given(st.data(), st.sampled_from(sorted(ROBOT_ARRAYS)))
def test_a_robot_is_refused_if_and_only_if_one_of_its_numbers_is_not_finite(
    make_frame: MakeFrame, data: st.DataObject, field: str
):
    robot = make_frame(0).robot
    assert robot is not None
    count = len(getattr(robot, field))
    values = data.draw(arrays(np.float64, count, elements=st.floats(width=64)))
    given_robot = replace(robot, **{field: values})
    if np.isfinite(values).all():
        positions, velocities = ros.joint_doubles(given_robot)
        np.testing.assert_array_equal(positions, given_robot.positions)
        np.testing.assert_array_equal(velocities, given_robot.velocities)
    else:
        with pytest.raises(ProtocolError, match=f"{ROBOT_ARRAYS[field]} hold"):
            ros.joint_doubles(given_robot)


@pytest.mark.parametrize("field", sorted(ROBOT_ARRAYS))
@pytest.mark.parametrize("shape", [(2,), (29, 1)])
def test_a_robot_with_an_array_of_another_shape_is_refused(
    make_frame: MakeFrame, field: str, shape: tuple[int, ...]
):
    robot = make_frame(0).robot
    assert robot is not None
    with pytest.raises(ProtocolError, match=f"{ROBOT_ARRAYS[field]} have shape"):
        ros.joint_doubles(replace(robot, **{field: np.zeros(shape)}))


@pytest.mark.parametrize("kind", [np.float32, np.int64, ">f8"])
def test_joints_of_another_number_type_become_doubles(make_frame: MakeFrame, kind: Any):
    robot = make_frame(0).robot
    assert robot is not None
    both = {name: np.arange(29).astype(kind) for name in ("positions", "velocities")}
    for doubles in ros.joint_doubles(replace(robot, **both)):
        assert doubles.tobytes() == np.arange(29.0).tobytes()
    for values in ros.joint_values(replace(robot, **both)):
        assert values.tolist() == list(range(29))


def test_numbers_whose_sum_alone_is_not_finite_are_valid(make_frame: MakeFrame):
    robot = make_frame(0).robot
    assert robot is not None
    positions, _ = ros.joint_doubles(replace(robot, positions=np.full(29, 1e308)))
    assert (positions == 1e308).all()


def test_a_root_that_is_not_finite_is_refused(make_frame: MakeFrame):
    robot = make_frame(0).robot
    assert robot is not None
    with pytest.raises(ProtocolError, match="root rotation"):
        ros.root_row(replace(robot, root_rotation_wxyz=np.array([1.0, 0, 0, np.inf])))


@given(rates_hz, st.integers(0, 10**7), st.floats(0.0, 1e6), st.integers(-(10**18), 2 * 10**18))
def test_stamps_of_a_steady_stream_are_whole_periods_apart(
    rate_hz: float, ticks: int, start_secs: float, offset_ns: int
):
    grid = StampGrid(rate_hz, offset_ns)
    first = grid.stamp_ns(start_secs)
    assert first == round(start_secs * 1e9) + offset_ns
    after = grid.stamp_ns(start_secs + ticks / rate_hz) - first
    assert after == ticks * 10**9 // int(rate_hz)


def test_a_20_hz_stream_never_comes_a_nanosecond_early():
    grid = StampGrid(20.0, 1_700_000_000_123_456_789)
    stamps = [grid.stamp_ns(0.1 + 0.05 * tick) for tick in range(100_000)]
    assert set(np.diff(stamps)) == {50_000_000}


@given(rates_hz, st.lists(st.floats(0.0, 0.2), min_size=1, max_size=50))
def test_stamps_never_go_back_and_stay_near_the_play_time(rate_hz: float, waits: list[float]):
    grid = StampGrid(rate_hz, 0)
    times = np.cumsum(waits)
    stamps = np.array([grid.stamp_ns(secs) for secs in times])
    assert (np.diff(stamps) >= 0).all()
    assert np.abs(stamps / 1e9 - times).max() <= 0.25 / rate_hz + 1e-8


@pytest.mark.parametrize("rate_hz", [0.0, -20.0, 1e9, math.nan, math.inf])
def test_a_rate_out_of_range_is_refused(rate_hz: float):
    with pytest.raises(ConfigError, match="at most 1000 Hz"):
        StampGrid(rate_hz, 0)


def test_a_play_time_that_is_not_finite_is_refused():
    with pytest.raises(ProtocolError, match="nan"):
        StampGrid(20.0, 0).stamp_ns(math.nan)


@given(st.integers(0, 2**31 * 10**9 - 1))
def test_a_stamp_splits_into_seconds_and_the_rest(stamp_ns: int):
    sec, nanosec = split_ns(stamp_ns)
    assert sec * 10**9 + nanosec == stamp_ns
    assert 0 <= nanosec < 10**9


def test_status_and_receipts_are_json_with_the_fields_names():
    assert json.loads(ros.status_json(STATUS))["generation_fps"] == 90.0
    applied = json.loads(ros.prompt_event_json(PromptApplied(0, 3, "wave", 8, 120)))
    assert applied == {
        "event": "applied",
        "character": 0,
        "request_id": 3,
        "text": "wave",
        "sequence": 8,
        "latency_ms": 120,
    }


@given(st.text(st.characters()))
def test_any_reason_can_be_sent_as_utf8(reason: str):
    text = ros.prompt_event_json(Rejected(0, reason))
    assert text.encode("utf-8")
    assert json.loads(text)["event"] == "rejected"


def test_a_status_that_json_cannot_hold_is_refused():
    with pytest.raises(ProtocolError, match="nan"):
        ros.status_json(replace(STATUS, lead_ms=math.nan))


def test_a_text_becomes_a_prompt_of_its_character():
    assert ros.prompt_from_text(" wave\n", 3) == SetPrompt(text="wave", character=3)
    with pytest.raises(CommandError, match="512"):
        ros.prompt_from_text("x" * 513)
