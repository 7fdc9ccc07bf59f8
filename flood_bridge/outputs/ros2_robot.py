"""The robot's reference on ROS 2 topics: joint states, floating base, TF, input of controllers.

References, not motor commands: nothing here knows balance or torque.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.motion.frames import RobotFrame
from flood_bridge.outputs.ros2_audience import Audience, Seat
from flood_bridge.outputs.ros2_body import named, optional_type
from flood_bridge.protocol import ros
from flood_bridge.protocol import ros_topics as topics
from flood_bridge.protocol.ros_cdr import joint_state, pose_stamped, transform
from flood_bridge.protocol.ros_chunks import Chunks, JointOrder, Point
from flood_bridge.protocol.ros_stamps import split_ns
from flood_bridge.ros2_node import Ros2Node

logger = logging.getLogger(__name__)

_CONTROLS = (topics.TRAJECTORY, topics.COMMANDS)
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

        def offer(kind: type[Any], topic: topics.Topic) -> Seat:
            out = node.publish(kind, named(prefix, topic), topic.quality)
            return audience.seat(out, "publish.joint_states")

        self._joints = offer(JointState, topics.JOINT_STATES)
        self._root = offer(PoseStamped, topics.ROOT_POSE)
        self._names: tuple[str, ...] = ()
        self._joints_stencil = joint_state(())
        self._root_stencil = pose_stamped(frame_id)
        self._control = ControlTopics(node, audience, prefix)
        self._tf = TfTopic(node, audience, prefix, frame_id)

    def send(self, robot: RobotFrame, stamp_ns: int, stamp: tuple[int, int]) -> None:
        """Publish ``robot`` to those who listen, or nothing of it if a number is not finite.

        Raises:
            ProtocolError: If a number is not finite or an array has the wrong size.
        """
        if not (self._joints.taken or self._root.taken or self._tf.wanted or self._control.wanted):
            return
        ros.check_robot(robot)
        if self._joints.taken:
            if self._names != robot.names:
                self._names, self._joints_stencil = robot.names, joint_state(robot.names)
            filled = self._joints_stencil.filled(stamp, robot.positions, robot.velocities)
            self._joints.publisher.publish(filled)
        if self._root.taken:
            row = np.array(ros.root_row(robot))
            self._root.publisher.publish(self._root_stencil.filled(stamp, row))
        if self._tf.wanted:
            self._tf.send(robot, stamp)
        if self._control.wanted:
            self._control.send(robot, stamp_ns)


class ControlTopics:
    """``joint_trajectory`` and ``commands``, for ros2_control; offered when first asked for."""

    def __init__(self, node: Ros2Node, audience: Audience, prefix: str) -> None:
        self._node, self._prefix, self._settings = node, prefix, node.settings
        self._audience = audience
        self._order = JointOrder(node.settings["joint_order"])
        self._types = {topic: optional_type(topic.type) for topic in _CONTROLS}
        self._chunks = Chunks()
        self._seats: dict[str, Seat] = {}
        self._refused = False

    @property
    def wanted(self) -> bool:
        """Whether one of them is asked for."""
        return self._settings["publish.joint_trajectory"] or self._settings["publish.commands"]

    def send(self, robot: RobotFrame, stamp_ns: int) -> None:
        """Publish what is asked for of one frame."""
        chunked = self._settings["publish.joint_trajectory"]
        direct = self._settings["publish.commands"]
        names = self._names(robot)
        if not names:
            return
        positions, velocities = map(self._order.pick, ros.joint_values(robot))
        if direct:
            seat, kind = self._offer(topics.COMMANDS, "publish.commands")
            if seat.taken:
                seat.publisher.publish(kind(data=positions))
        if chunked:
            lead, period = self._settings["trajectory.lead"], self._settings["trajectory.period"]
            chunk = self._chunks.add(Point(stamp_ns, positions, velocities), lead, period)
            if chunk:
                self._send_chunk(names, chunk)

    def _names(self, robot: RobotFrame) -> tuple[str, ...]:
        """Return the joints in the wanted order; none if the order cannot be had."""
        try:
            return self._order.names(robot)
        except ConfigError as error:
            if not self._refused:
                logger.error("nothing is sent to controllers: %s", error)
            self._refused = True
            return ()

    def _send_chunk(self, names: tuple[str, ...], chunk: list[Point]) -> None:
        from builtin_interfaces.msg import Duration  # noqa: PLC0415

        seat, kind = self._offer(topics.TRAJECTORY, "publish.joint_trajectory")
        if not seat.taken:
            return
        step = optional_type("trajectory_msgs/JointTrajectoryPoint")
        assert step is not None
        message = kind(joint_names=list(names))
        begins_ns = chunk[0].at_ns
        message.header.stamp.sec, message.header.stamp.nanosec = split_ns(begins_ns)
        for point in chunk:
            sec, nanosec = split_ns(point.at_ns - begins_ns)
            message.points.append(
                step(
                    positions=point.positions,
                    velocities=point.velocities,
                    time_from_start=Duration(sec=sec, nanosec=nanosec),
                )
            )
        seat.publisher.publish(message)

    def _offer(self, topic: topics.Topic, switch: str) -> tuple[Seat, type[Any]]:
        kind = self._types[topic]
        assert kind is not None  # else the setting would have been refused
        if topic.name not in self._seats:
            out = self._node.publish(kind, named(self._prefix, topic), topic.quality)
            self._seats[topic.name] = self._audience.seat(out, switch)
        return self._seats[topic.name], kind


class TfTopic:
    """The transform from the fixed frame to the robot's root; offered when first asked for."""

    def __init__(self, node: Ros2Node, audience: Audience, prefix: str, frame_id: str) -> None:
        self._node, self._settings, self._audience = node, node.settings, audience
        self._stencil = transform(frame_id, prefix + node.settings["base_frame"])
        self._kind = optional_type(topics.TF.type)
        self._seat: Seat | None = None

    @property
    def wanted(self) -> bool:
        """Whether it is asked for, and its package is there."""
        return self._kind is not None and self._settings["publish.tf"]

    def send(self, robot: RobotFrame, stamp: tuple[int, int]) -> None:
        """Publish the floating base."""
        assert self._kind is not None
        if self._seat is None:
            out = self._node.publish(self._kind, topics.TF.name, topics.TF.quality)
            self._seat = self._audience.seat(out, "publish.tf")
        if self._seat.taken:
            row = np.array(ros.root_row(robot))
            self._seat.publisher.publish(self._stencil.filled(stamp, row))
