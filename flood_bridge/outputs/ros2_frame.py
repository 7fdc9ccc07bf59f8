"""``~/frame``: all of a frame in one typed message, where ``flood_motion_msgs`` is installed."""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.outputs.ros2_audience import Audience, Seat
from flood_bridge.outputs.ros2_body import fill_pose, named, optional_type
from flood_bridge.protocol import ros
from flood_bridge.protocol import ros_topics as topics
from flood_bridge.ros2_node import Ros2Node


class FrameTopic:
    """The whole frame of one character."""

    def __init__(self, node: Ros2Node, audience: Audience, prefix: str, frame_id: str) -> None:
        self._seat: Seat | None = None
        kind = optional_type(topics.FRAME.type)
        if kind is None:
            return
        self._message = kind()
        self._message.header.frame_id = frame_id
        out = node.publish(kind, named(prefix, topics.FRAME), topics.FRAME.quality)
        self._seat = audience.seat(out, "publish.frame")

    @property
    def wanted(self) -> bool:
        """Whether anybody listens."""
        return self._seat is not None and self._seat.taken

    def send(
        self, frame: Frame, flags: FrameFlags, rows: np.ndarray, stamp: tuple[int, int]
    ) -> None:
        """Publish ``frame``; ``rows`` are those of ``protocol.ros.skeleton_rows``.

        Raises:
            ProtocolError: If a number of the robot is not finite.
        """
        if self._seat is None:
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
        for pose, row in zip(message.skeleton, rows.tolist(), strict=True):
            fill_pose(pose, row)
        message.heading = float(frame.pose.heading_rad)
        message.contacts = [bool(on) for on in frame.pose.contacts]
        self._fill_robot(frame)
        self._seat.publisher.publish(message)

    def _fill_robot(self, frame: Frame) -> None:
        joints = self._message.joints
        if frame.robot is None:
            joints.name, joints.position, joints.velocity = [], [], []
            return
        joints.name = list(frame.robot.names)
        joints.position, joints.velocity = ros.joint_values(frame.robot)
        fill_pose(self._message.root, ros.root_row(frame.robot))
