"""The robot's reference on ROS 2 topics: joint states, floating base, TF, input of controllers.

References, not motor commands: nothing here knows balance or torque.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np

from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.motion.frames import RobotFrame
from flood_bridge.outputs.ros2_audience import Audience, Letter, Seat
from flood_bridge.outputs.ros2_body import offered, optional_type
from flood_bridge.protocol import ros
from flood_bridge.protocol import ros_topics as topics
from flood_bridge.protocol.ros_cdr import joint_state, pose_stamped, transform
from flood_bridge.protocol.ros_chunks import Chunks, JointOrder, Point
from flood_bridge.protocol.ros_stamps import split_ns
from flood_bridge.ros2_node import Ros2Node

logger = logging.getLogger(__name__)

NEEDED = {
    "publish.tf": topics.TF,
    "publish.joint_trajectory": topics.TRAJECTORY,
    "publish.commands": topics.COMMANDS,
}
"""What each switch needs the message package of."""


def refuse_missing(name: str, value: object) -> None:
    """Refuse to switch on what needs a package that is not installed.

    Raises:
        CommandError: Naming the package.
    """
    topic = NEEDED.get(name)
    if topic is not None and value and optional_type(topic.type) is None:
        package = topic.type.split("/")[0]
        raise CommandError(f"{name} needs the ROS package {package}, which is not installed")


class RobotTopics:
    """Everything about the robot of one character."""

    def __init__(self, node: Ros2Node, audience: Audience, prefix: str, frame_id: str) -> None:
        from geometry_msgs.msg import PoseStamped  # noqa: PLC0415
        from sensor_msgs.msg import JointState  # noqa: PLC0415

        def seat(kind: type[Any], topic: topics.Topic) -> Seat:
            return audience.seat(lambda: offered(node, kind, prefix, topic), "publish.joint_states")

        self._joints = seat(JointState, topics.JOINT_STATES)
        self._root = seat(PoseStamped, topics.ROOT_POSE)
        self._names: tuple[str, ...] = ()
        self._joints_stencil = joint_state(())
        self._root_stencil = pose_stamped(frame_id)
        self._tf = _late(node, audience, prefix, "publish.tf")
        self._tf_stencil = transform(frame_id, prefix + node.settings["base_frame"])
        self._control = ControlTopics(node, audience, prefix)

    def letters(self, robot: RobotFrame, stamp_ns: int, stamp: tuple[int, int]) -> Iterator[Letter]:
        """Yield what is listened to of ``robot``.

        Raises:
            ProtocolError: If a number of it is not finite or an array has the wrong size.
        """
        doubles = ros.joint_doubles(robot)
        if self._joints.taken:
            if self._names != robot.names:
                self._names, self._joints_stencil = robot.names, joint_state(robot.names)
            yield self._joints.publish, self._joints_stencil.filled(stamp, *doubles)
        if self._root.taken or self._tf.taken:
            row = np.array(ros.root_row(robot))
            if self._root.taken:
                yield self._root.publish, self._root_stencil.filled(stamp, row)
            if self._tf.taken:
                yield self._tf.publish, self._tf_stencil.filled(stamp, row)
        if self._control.wanted:
            yield from self._control.letters(robot, stamp_ns)


class ControlTopics:
    """``joint_trajectory`` and ``commands``, for ros2_control; offered when first asked for."""

    def __init__(self, node: Ros2Node, audience: Audience, prefix: str) -> None:
        from std_msgs.msg import Float64MultiArray  # noqa: PLC0415

        self._settings = node.settings
        self._order = JointOrder(node.settings["joint_order"])
        self._array = Float64MultiArray
        self._chunks = Chunks()
        self._trajectory = _late(node, audience, prefix, "publish.joint_trajectory")
        self._commands = _late(node, audience, prefix, "publish.commands")
        self._refused = False

    @property
    def wanted(self) -> bool:
        """Whether somebody listens to one of them."""
        return self._trajectory.taken or self._commands.taken

    def letters(self, robot: RobotFrame, stamp_ns: int) -> Iterator[Letter]:
        """Yield what is listened to of one frame."""
        names = self._names(robot)
        if not names:
            return
        positions, velocities = map(self._order.pick, ros.joint_values(robot))
        if self._commands.taken:
            yield self._commands.publish, self._array(data=positions)
        if self._trajectory.taken:
            lead, period = self._settings["trajectory.lead"], self._settings["trajectory.period"]
            chunk = self._chunks.add(Point(stamp_ns, positions, velocities), lead, period)
            if chunk:
                yield self._trajectory.publish, _trajectory(names, chunk)

    def _names(self, robot: RobotFrame) -> tuple[str, ...]:
        """Return the joints in the wanted order; none if the order cannot be had."""
        try:
            return self._order.names(robot)
        except ConfigError as error:
            if not self._refused:
                logger.error("nothing is sent to controllers: %s", error)
            self._refused = True
            return ()


def _trajectory(names: tuple[str, ...], chunk: list[Point]) -> Any:
    """Return a ``trajectory_msgs/JointTrajectory``."""
    from builtin_interfaces.msg import Duration  # noqa: PLC0415

    kinds = import_module("trajectory_msgs.msg")
    message = kinds.JointTrajectory(joint_names=list(names))
    begins_ns = chunk[0].at_ns
    message.header.stamp.sec, message.header.stamp.nanosec = split_ns(begins_ns)
    for point in chunk:
        sec, nanosec = split_ns(point.at_ns - begins_ns)
        message.points.append(
            kinds.JointTrajectoryPoint(
                positions=point.positions,
                velocities=point.velocities,
                time_from_start=Duration(sec=sec, nanosec=nanosec),
            )
        )
    return message


def _late(node: Ros2Node, audience: Audience, prefix: str, switch: str) -> Seat:
    """Watch a topic that is offered when it is first asked for, if its package is there."""
    topic, kind = NEEDED[switch], optional_type(NEEDED[switch].type)
    offer = None if kind is None else lambda: offered(node, kind, prefix, topic)
    return audience.seat(offer, switch, late=True)
