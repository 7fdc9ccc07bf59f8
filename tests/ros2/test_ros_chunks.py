"""Chunks for joint_trajectory_controller overlap, lie ahead, and never cross a gap."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.errors import ConfigError
from flood_bridge.motion.frames import Frame
from flood_bridge.protocol.ros_chunks import Chunks, JointOrder, Point

SECOND_NS = 1_000_000_000
MakeFrame = Callable[..., Frame]


def point(at_ns: int) -> Point:
    return Point(at_ns, array("d", [at_ns * 1e-9]), array("d", [1.0]))


@settings(deadline=None, max_examples=20)
@given(st.sampled_from([20, 50, 60, 120]), st.floats(0.15, 1.0), st.floats(0.05, 0.1))
def test_chunks_of_a_steady_stream_reach_over_all_times(rate: int, lead: float, period: float):
    chunks, reached_ns = Chunks(), None
    for tick in range(3 * rate):
        now_ns = 10 * SECOND_NS + tick * SECOND_NS // rate
        chunk = chunks.add(point(now_ns), lead, period)
        if not chunk:
            continue
        times = [each.at_ns for each in chunk]
        assert times == sorted(set(times))
        assert times[0] > now_ns
        assert times[-1] == now_ns + round(lead * 1e9)
        # Each is reached `lead` after its own time in the stream.
        assert all(e.at_ns * 1e-9 - e.positions[0] == pytest.approx(lead) for e in chunk)
        assert reached_ns is None or times[0] <= reached_ns
        reached_ns = times[-1]
    assert reached_ns is not None


def test_after_a_gap_nothing_from_before_is_sent():
    chunks = Chunks()
    for tick in range(30):
        chunks.add(point(tick * SECOND_NS // 60), 0.25, 0.05)
    for tick in range(30):
        at_ns = 5 * SECOND_NS + tick * SECOND_NS // 60
        for each in chunks.add(point(at_ns), 0.25, 0.05):
            assert each.at_ns > 5 * SECOND_NS


def test_joints_come_in_the_order_in_which_the_controller_is_configured(make_frame: MakeFrame):
    robot = make_frame(0).robot
    assert robot is not None
    wanted = [robot.names[7], robot.names[2]]
    order = JointOrder(wanted)
    assert order.names(robot) == tuple(wanted)
    assert order.pick(list(range(29))).tolist() == [7.0, 2.0]
    every = JointOrder([""])
    assert every.names(robot) == robot.names
    assert every.pick(robot.positions.tolist()).tolist() == robot.positions.tolist()


def test_a_joint_that_the_robot_lacks_is_named(make_frame: MakeFrame):
    robot = make_frame(0).robot
    assert robot is not None
    with pytest.raises(ConfigError, match="tail_joint; the robot's joints are left_hip"):
        JointOrder(["tail_joint"]).names(robot)
