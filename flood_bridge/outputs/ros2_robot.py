"""The robot's reference on ROS 2 topics: joint states, floating base, TF, input of controllers.

References, not motor commands: nothing here knows balance or torque.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.motion.frames import Frame, RobotFrame
from flood_bridge.outputs.ros2_body import fill_pose, named, optional_type
from flood_bridge.protocol import ros
from flood_bridge.protocol import ros_topics as topics
from flood_bridge.protocol.ros_chunks import Chunks, JointOrder, Point
from flood_bridge.protocol.ros_stamps import split_ns
from flood_bridge.ros2_node import Ros2Node

if TYPE_CHECKING:
    from rclpy.publisher import Publisher

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

    def __init__(self, node: Ros2Node, prefix: str, frame_id: str) -> None:
        from geometry_msgs.msg import PoseStamped  # noqa: PLC0415
        from sensor_msgs.msg import JointState  # noqa: PLC0415

        self._settings = node.settings
        self._joint_states, self._root_pose = JointState(), PoseStamped()
        self._root_pose.header.frame_id = frame_id
        self._names: tuple[str, ...] = ()
        self._joint_states_out = node.publish(
            JointState, named(prefix, topics.JOINT_STATES), topics.JOINT_STATES.quality
        )
        self._root_pose_out = node.publish(
            PoseStamped, named(prefix, topics.ROOT_POSE), topics.ROOT_POSE.quality
        )
        self._control = ControlTopics(node, prefix)
        self._tf = TfTopic(node, prefix, frame_id)

    @property
    def publishers(self) -> list[Publisher[Any]]:
        """All that is offered."""
        both = [self._joint_states_out, self._root_pose_out]
        return both + self._control.publishers + self._tf.publishers

    def send(self, frame: Frame, stamp_ns: int) -> None:
        """Publish ``frame.robot``, or nothing of it if a number is not finite.

        Raises:
            ProtocolError: If a number is not finite or an array has the wrong size.
        """
        robot = frame.robot
        if robot is None:
            return
        positions, velocities = ros.joint_values(robot)
        row = ros.root_row(robot)
        stamp = split_ns(stamp_ns)
        if self._settings["publish.joint_states"]:
            self._send_states(robot, Point(stamp_ns, positions, velocities), row, stamp)
        self._tf.send(row, stamp)
        self._control.send(robot, Point(stamp_ns, positions, velocities))

    def _send_states(
        self, robot: RobotFrame, point: Point, row: list[float], stamp: tuple[int, int]
    ) -> None:
        """Publish joints and floating base to those who listen."""
        if self._joint_states_out.get_subscription_count():
            joints = self._joint_states
            if self._names is not robot.names:
                self._names, joints.name = robot.names, list(robot.names)
            joints.header.stamp.sec, joints.header.stamp.nanosec = stamp
            joints.position, joints.velocity = point.positions, point.velocities
            self._joint_states_out.publish(joints)
        if self._root_pose_out.get_subscription_count():
            header = self._root_pose.header
            header.stamp.sec, header.stamp.nanosec = stamp
            fill_pose(self._root_pose.pose, row)
            self._root_pose_out.publish(self._root_pose)


class ControlTopics:
    """``joint_trajectory`` and ``commands``, for ros2_control; offered when first asked for."""

    def __init__(self, node: Ros2Node, prefix: str) -> None:
        self._node, self._prefix, self._settings = node, prefix, node.settings
        self._order = JointOrder(node.settings["joint_order"])
        self._types = {topic: optional_type(topic.type) for topic in _CONTROLS}
        self._chunks = Chunks()
        self._outs: dict[str, Publisher[Any]] = {}
        self._refused = False

    @property
    def publishers(self) -> list[Publisher[Any]]:
        """All that is offered."""
        return list(self._outs.values())

    def send(self, robot: RobotFrame, point: Point) -> None:
        """Publish what is asked for of one frame."""
        chunked = self._settings["publish.joint_trajectory"]
        direct = self._settings["publish.commands"]
        names = self._names(robot) if chunked or direct else ()
        if not names:
            return
        picked = Point(
            point.at_ns, self._order.pick(point.positions), self._order.pick(point.velocities)
        )
        if direct:
            out, kind = self._offer(topics.COMMANDS)
            out.publish(kind(data=picked.positions))
        if chunked:
            lead, period = self._settings["trajectory.lead"], self._settings["trajectory.period"]
            chunk = self._chunks.add(picked, lead, period)
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

        out, kind = self._offer(topics.TRAJECTORY)
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
        out.publish(message)

    def _offer(self, topic: topics.Topic) -> tuple[Publisher[Any], type[Any]]:
        kind = self._types[topic]
        assert kind is not None  # else the setting would have been refused
        if topic.name not in self._outs:
            name = named(self._prefix, topic)
            self._outs[topic.name] = self._node.publish(kind, name, topic.quality)
        return self._outs[topic.name], kind


class TfTopic:
    """The transform from the fixed frame to the robot's root; offered when first asked for."""

    def __init__(self, node: Ros2Node, prefix: str, frame_id: str) -> None:
        self._node, self._settings = node, node.settings
        self._frame_id, self._child = frame_id, prefix + node.settings["base_frame"]
        self._out: Publisher[Any] | None = None

    @property
    def publishers(self) -> list[Publisher[Any]]:
        """The publisher, if there is one."""
        return [] if self._out is None else [self._out]

    def send(self, row: list[float], stamp: tuple[int, int]) -> None:
        """Publish the floating base, if it is asked for."""
        kind = optional_type(topics.TF.type) if self._settings["publish.tf"] else None
        if kind is None:
            return
        from geometry_msgs.msg import TransformStamped  # noqa: PLC0415

        if self._out is None:
            self._out = self._node.publish(kind, topics.TF.name, topics.TF.quality)
        each = TransformStamped(child_frame_id=self._child)
        each.header.frame_id = self._frame_id
        each.header.stamp.sec, each.header.stamp.nanosec = stamp
        at, turn = each.transform.translation, each.transform.rotation
        at.x, at.y, at.z, turn.x, turn.y, turn.z, turn.w = row
        self._out.publish(kind(transforms=[each]))
