"""``~/frame``: all of a frame in one typed message, where ``flood_motion_msgs`` is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.outputs.ros2_body import fill_pose, named, optional_type
from flood_bridge.protocol import ros
from flood_bridge.protocol import ros_topics as topics
from flood_bridge.ros2_node import Ros2Node

if TYPE_CHECKING:
    from rclpy.publisher import Publisher


class FrameTopic:
    """The whole frame of one character."""

    def __init__(self, node: Ros2Node, prefix: str, frame_id: str) -> None:
        self._settings = node.settings
        self._out: Publisher[Any] | None = None
        kind = optional_type(topics.FRAME.type)
        if kind is None:
            return
        self._message = kind()
        self._message.header.frame_id = frame_id
        self._out = node.publish(kind, named(prefix, topics.FRAME), topics.FRAME.quality)

    @property
    def publishers(self) -> list[Publisher[Any]]:
        """The publisher, if there is one."""
        return [] if self._out is None else [self._out]

    @property
    def wanted(self) -> bool:
        """Whether anybody listens."""
        if self._out is None or not self._settings["publish.frame"]:
            return False
        return self._out.get_subscription_count() > 0

    def send(
        self, frame: Frame, flags: FrameFlags, rows: list[list[float]], stamp: tuple[int, int]
    ) -> None:
        """Publish ``frame``; ``rows`` are those of ``protocol.ros.skeleton_rows``.

        Raises:
            ProtocolError: If a number of the robot is not finite.
        """
        if self._out is None:
            return
        message = self._message
        for header in (message.header, message.joints.header):
            header.stamp.sec, header.stamp.nanosec = stamp
        message.character, message.sequence = frame.character, frame.sequence
        message.prompt = frame.prompt
        message.prompt_changed = bool(flags & FrameFlags.PROMPT_CHANGED)
        message.interpolated = bool(flags & FrameFlags.INTERPOLATED)
        message.idle = bool(flags & FrameFlags.IDLE)
        message.jumped = bool(flags & FrameFlags.JUMPED)
        for pose, row in zip(message.skeleton, rows, strict=True):
            fill_pose(pose, row)
        message.heading = float(frame.pose.heading_rad)
        message.contacts = [bool(on) for on in frame.pose.contacts]
        self._fill_robot(frame)
        self._out.publish(message)

    def _fill_robot(self, frame: Frame) -> None:
        joints = self._message.joints
        if frame.robot is None:
            joints.name, joints.position, joints.velocity = [], [], []
            return
        joints.name = list(frame.robot.names)
        joints.position, joints.velocity = ros.joint_values(frame.robot)
        fill_pose(self._message.root, ros.root_row(frame.robot))
