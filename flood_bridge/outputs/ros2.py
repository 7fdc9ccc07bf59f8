"""Publishes frames and events of one character as standard ROS 2 messages.

Topics and qualities of service: ``docs/ros2.md``. Publishing happens in the caller's thread, which
paces the stream; a ROS timer would cost more than twice the time. Message objects are made once
and filled again for every frame.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from flood_bridge.events import Event, PromptApplied, Rejected, Status
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import NUM_JOINTS
from flood_bridge.protocol import ros
from flood_bridge.protocol.ros_stamps import StampGrid, split_ns
from flood_bridge.ros2_node import Ros2Node

if TYPE_CHECKING:
    from geometry_msgs.msg import Pose as PoseMessage

PROMPT_EVENT_DEPTH = 20
"""How many past receipts a late subscriber gets."""


class Ros2Output:
    """Frames out on ``~/joint_states``, ``~/root_pose``, ``~/skeleton``; events as JSON strings.

    ``send`` and ``tell`` may come from different threads.
    """

    name = "ros2"

    def __init__(
        self,
        node: Ros2Node,
        *,
        rate_hz: float,
        now_secs: Callable[[], float],
        character: int = 0,
        frame_id: str = "odom",
    ) -> None:
        """Offer the topics and tie the daemon's clock to the ROS clock.

        Args:
            node: The shared node; its maker closes it.
            rate_hz: Frames per second, the step of the stamps.
            now_secs: The daemon's clock, the one of :attr:`Frame.play_time_secs`. Read once.
            character: The one whose frames are published; those of others are passed over.
            frame_id: The fixed frame of root and skeleton (REP-105).
        """
        from geometry_msgs.msg import Pose, PoseArray, PoseStamped  # noqa: PLC0415
        from sensor_msgs.msg import JointState  # noqa: PLC0415
        from std_msgs.msg import String  # noqa: PLC0415

        self._grid = StampGrid(rate_hz, node.now_ns() - round(now_secs() * 1e9))
        self._node = node
        self._character = character
        self._lock = threading.Lock()
        self._closed = False

        self._joint_states = JointState()
        self._root_pose = PoseStamped()
        self._skeleton = PoseArray(poses=[Pose() for _ in range(NUM_JOINTS)])
        self._root_pose.header.frame_id = self._skeleton.header.frame_id = frame_id
        self._string = String

        self._joint_states_out = node.publish_motion(JointState, ros.JOINT_STATES)
        self._root_pose_out = node.publish_motion(PoseStamped, ros.ROOT_POSE)
        self._skeleton_out = node.publish_motion(PoseArray, ros.SKELETON)
        self._status_out = node.publish_latched(String, ros.STATUS, 1)
        self._prompt_event_out = node.publish_latched(String, ros.PROMPT_EVENT, PROMPT_EVENT_DEPTH)
        self._skeleton_info_out = node.publish_latched(String, ros.SKELETON_INFO, 1)
        self._skeleton_info_out.publish(String(data=ros.skeleton_info_json()))

    def send(self, frame: Frame) -> None:
        """Publish one frame, or nothing of it when any of its numbers is not finite.

        Raises:
            ProtocolError: If a number is not finite or an array has the wrong size.
        """
        if frame.character != self._character:
            return
        with self._lock:
            if self._closed:
                return
            self._fill(frame)
            if frame.robot is not None:
                self._joint_states_out.publish(self._joint_states)
                self._root_pose_out.publish(self._root_pose)
            self._skeleton_out.publish(self._skeleton)

    def tell(self, event: Event) -> None:
        """Publish a status or a receipt; ROS has no use for pongs."""
        if isinstance(event, Status):
            out, text = self._status_out, ros.status_json(event)
        elif isinstance(event, PromptApplied | Rejected):
            out, text = self._prompt_event_out, ros.prompt_event_json(event)
        else:
            return
        with self._lock:
            if not self._closed:
                out.publish(self._string(data=text))

    def close(self) -> None:
        """Withdraw the topics; later frames and events are passed over."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for out in (
                self._joint_states_out,
                self._root_pose_out,
                self._skeleton_out,
                self._status_out,
                self._prompt_event_out,
                self._skeleton_info_out,
            ):
                self._node.withdraw(out)

    def _fill(self, frame: Frame) -> None:
        rows = ros.skeleton_rows(frame.pose, frame.avatar)
        if frame.robot is not None:
            joints = self._joint_states
            joints.name = list(frame.robot.names)
            joints.position, joints.velocity = ros.joint_values(frame.robot)
            _fill_pose(self._root_pose.pose, ros.root_row(frame.robot))
        for pose, row in zip(self._skeleton.poses, rows, strict=True):
            _fill_pose(pose, row)
        sec, nanosec = split_ns(self._grid.stamp_ns(frame.play_time_secs))
        for message in (self._joint_states, self._root_pose, self._skeleton):
            message.header.stamp.sec, message.header.stamp.nanosec = sec, nanosec


def _fill_pose(pose: PoseMessage, row: list[float]) -> None:
    """Write ``[x, y, z, qx, qy, qz, qw]`` into a pose."""
    at, turn = pose.position, pose.orientation
    at.x, at.y, at.z, turn.x, turn.y, turn.z, turn.w = row
