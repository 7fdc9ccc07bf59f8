"""``~/frame``: all of a frame in one typed message, where ``flood_motion_msgs`` is installed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.outputs.ros2_audience import Audience, Letter, Seat
from flood_bridge.outputs.ros2_body import fill_pose, offered, optional_type
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
        self._seat = audience.seat(
            lambda: offered(node, kind, prefix, topics.FRAME), "publish.frame"
        )

    def letters(
        self, frame: Frame, flags: FrameFlags, rows: np.ndarray, stamp: tuple[int, int]
    ) -> Iterator[Letter]:
        """Yield ``frame``, if it is listened to.

        Args:
            frame: The frame.
            flags: Its own and those of frames that were left out.
            rows: Those of ``protocol.ros.skeleton_rows``.
            stamp: When it is to be shown, (sec, nanosec).

        Raises:
            ProtocolError: If a number of the robot is not finite.
        """
        if self._seat is None or not self._seat.taken:
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
        yield self._seat.publish, message

    def _fill_robot(self, frame: Frame) -> None:
        joints = self._message.joints
        if frame.robot is None:
            joints.name, joints.position, joints.velocity = [], [], []
            return
        joints.name = list(frame.robot.names)
        joints.position, joints.velocity = ros.joint_values(frame.robot)
        fill_pose(self._message.root, ros.root_row(frame.robot))
