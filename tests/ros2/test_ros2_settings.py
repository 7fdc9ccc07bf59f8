"""Parameters are described, bounded and obeyed; numbers that are none are not published."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from flood_bridge.errors import CommandError, ProtocolError
from flood_bridge.motion.frames import Frame
from flood_bridge.outputs.ros2 import Ros2Output
from flood_bridge.protocol.ros_topics import PARAMETERS
from flood_bridge.ros2_node import Ros2Node

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(find_spec("rclpy") is None, reason="rclpy is not installed"),
    pytest.mark.usefixtures("ros_domain"),
    pytest.mark.filterwarnings("ignore:module 'sre_.*' is deprecated:DeprecationWarning"),
]

MakeFrame = Callable[..., Frame]
PATIENCE_SECS = 30.0


@pytest.fixture
def node(ros_domain: None) -> Iterator[Ros2Node]:
    made = Ros2Node()
    yield made
    made.close()


@pytest.fixture
def output(node: Ros2Node) -> Iterator[Ros2Output]:
    made = Ros2Output(node, rate_hz=60.0, now_secs=time.monotonic)
    yield made
    made.close()


@pytest.fixture
def heard(node: Ros2Node, output: Ros2Output, make_frame: MakeFrame) -> list[Any]:
    """Joint states as a listener in this process hears them, once it is heard at all."""
    from sensor_msgs.msg import JointState

    got: list[Any] = []
    node.subscribe(JointState, "~/joint_states", "commands", got.append)
    ends, number = time.monotonic() + PATIENCE_SECS, 0
    while not got and time.monotonic() < ends:
        output.send(make_frame(number))
        node.spin_once(0.05)
        number += 10
    assert got, "nothing was heard"
    return got


def test_every_parameter_is_described_and_every_number_has_a_range(node: Ros2Node):
    for parameter in PARAMETERS:
        told = node.rclpy_node.describe_parameter(parameter.name)
        assert told.description == parameter.description
        assert told.read_only == parameter.read_only
        spans = [*told.floating_point_range, *told.integer_range]
        number = isinstance(parameter.default, float) or parameter.default is None
        assert [(s.from_value, s.to_value) for s in spans] == (
            [(parameter.lowest, parameter.highest)] if number else []
        )


def test_what_cannot_be_is_refused_with_a_reason_and_changes_nothing(node: Ros2Node):
    from rclpy.parameter import Parameter

    def refuse(name: str, _value: object) -> None:
        if name == "speed":
            raise CommandError("no haste today")

    node.settings.listeners.append(refuse)
    wishes = [("publish_rate", 0.5), ("frame_id", "map"), ("speed", 2.0)]
    for name, value in wishes:
        before, changes = node.settings[name], node.settings.changes
        (answer,) = node.rclpy_node.set_parameters([Parameter(name, value=value)])
        assert not answer.successful
        assert answer.reason
        assert (node.settings[name], node.settings.changes) == (before, changes)
    (answer,) = node.rclpy_node.set_parameters([Parameter("publish_rate", value=30.0)])
    assert answer.successful
    assert node.settings["publish_rate"] == 30.0


def test_a_switch_takes_effect_with_the_next_frame(
    node: Ros2Node, output: Ros2Output, heard: list[Any], make_frame: MakeFrame
):
    from rclpy.parameter import Parameter

    switch = "publish.joint_states"
    node.rclpy_node.set_parameters([Parameter(switch, value=False)])
    count = -1
    while count != len(heard):
        count = len(heard)
        node.spin_once(0.1)
    output.send(make_frame(1000))
    node.rclpy_node.set_parameters([Parameter(switch, value=True)])
    output.send(make_frame(1001))
    ends = time.monotonic() + PATIENCE_SECS
    while len(heard) == count and time.monotonic() < ends:
        node.spin_once(0.1)
    assert [round(state.position[0] / 1e-4) for state in heard[count:]] == [1001]


@pytest.mark.parametrize("field", ["positions", "velocities", "root_position"])
def test_a_robot_with_a_number_that_is_not_finite_is_not_published(
    node: Ros2Node, output: Ros2Output, heard: list[Any], make_frame: MakeFrame, field: str
):
    frame = make_frame(2000)
    assert frame.robot is not None
    values = np.array(getattr(frame.robot, field))
    values[1] = np.inf
    with pytest.raises(ProtocolError, match="1 values that are not finite"):
        output.send(replace(frame, robot=replace(frame.robot, **{field: values})))
    output.send(make_frame(2001))
    ends = time.monotonic() + PATIENCE_SECS
    while round(heard[-1].position[0] / 1e-4) != 2001 and time.monotonic() < ends:
        node.spin_once(0.1)
    assert all(np.isfinite(state.position).all() for state in heard)
    assert round(heard[-1].position[0] / 1e-4) == 2001
    assert round(heard[-2].position[0] / 1e-4) < 2000


def test_of_a_frame_that_cannot_be_published_whole_nothing_is(
    node: Ros2Node, output: Ros2Output, heard: list[Any], make_frame: MakeFrame
):
    from geometry_msgs.msg import PoseArray

    bodies: list[Any] = []
    node.subscribe(PoseArray, "~/skeleton", "commands", bodies.append)
    ends, number = time.monotonic() + PATIENCE_SECS, 1000
    while not bodies and time.monotonic() < ends:
        number += 10
        output.send(make_frame(number))
        node.spin_once(0.05)
    frame = make_frame(number + 10)
    joints = frame.pose.joints.copy()
    joints[3] = np.nan
    with pytest.raises(ProtocolError, match="3 values that are not finite"):
        output.send(replace(frame, pose=replace(frame.pose, joints=joints)))
    output.send(make_frame(number + 20))
    while round(heard[-1].position[0] / 1e-4) != number + 20 and time.monotonic() < ends:
        node.spin_once(0.1)
    numbers = [round(state.position[0] / 1e-4) for state in heard]
    assert numbers[-1] == number + 20
    assert number + 10 not in numbers
