"""The human body on ROS 2 topics: poses, the whole frame, markers for RViz.

Messages are made once and filled again for every frame; what nobody listens to is not filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.motion.skeleton import NUM_JOINTS, PARENTS
from flood_bridge.outputs.ros2_audience import Audience, Letter, Seat
from flood_bridge.protocol import ros_topics as topics
from flood_bridge.protocol.rates import Decimator
from flood_bridge.protocol.ros_cdr import pose_array
from flood_bridge.ros2_node import Ros2Node

if TYPE_CHECKING:
    from geometry_msgs.msg import Pose as PoseMessage
    from rclpy.publisher import Publisher

MARKERS_HZ = 30.0
_BONES = [(joint, parent) for joint, parent in enumerate(PARENTS) if parent >= 0]
_BONE_M, _JOINT_M, _LETTER_M, _TRAIL_M = 0.035, 0.06, 0.14, 0.02
_TRAIL_POINTS = 300


def optional_type(name: str) -> type[Any] | None:
    """Return the message class of ``package/Message``; None if the package is not installed."""
    package, message = name.split("/")
    try:
        return getattr(import_module(f"{package}.msg"), message)
    except ImportError:
        return None


def fill_pose(pose: PoseMessage, row: list[float]) -> None:
    """Write ``[x, y, z, qx, qy, qz, qw]`` into a pose."""
    at, turn = pose.position, pose.orientation
    at.x, at.y, at.z, turn.x, turn.y, turn.z, turn.w = row


class BodyTopics:
    """``skeleton`` and ``markers`` of one character."""

    def __init__(self, node: Ros2Node, audience: Audience, prefix: str, frame_id: str) -> None:
        from geometry_msgs.msg import PoseArray  # noqa: PLC0415

        self._skeleton = audience.seat(
            lambda: offered(node, PoseArray, prefix, topics.SKELETON), "publish.skeleton"
        )
        self._stencil = pose_array(frame_id, NUM_JOINTS)
        self._markers = MarkerTopic(node, audience, prefix, frame_id)

    def notice(self, flags: FrameFlags) -> None:
        """See the flags of a frame that may be left out; once for every frame."""
        self._markers.notice(flags)

    def letters(self, frame: Frame, rows: np.ndarray, stamp: tuple[int, int]) -> Iterator[Letter]:
        """Yield what is listened to; ``rows`` are those of ``protocol.ros.skeleton_rows``."""
        if self._skeleton.taken:
            yield self._skeleton.publish, self._stencil.filled(stamp, rows.ravel())
        yield from self._markers.letters(frame, rows, stamp)


class MarkerTopic:
    """Bones, joints, the pelvis' trail and the prompt as markers, if their package is there."""

    def __init__(self, node: Ros2Node, audience: Audience, prefix: str, frame_id: str) -> None:
        self._gate = Decimator(MARKERS_HZ)
        self._jumped = False
        self._seat: Seat | None = None
        array = optional_type(topics.MARKERS.type)
        if array is None:
            return
        self._seat = audience.seat(
            lambda: offered(node, array, prefix, topics.MARKERS), "publish.markers"
        )
        self._array = _markers(array, frame_id)
        self._trail: list[Any] = self._array.markers[2].points

    def notice(self, flags: FrameFlags) -> None:
        """Note a jump, also in a frame that is not drawn: the trail would lead across it."""
        self._jumped = self._jumped or FrameFlags.JUMPED in flags

    def letters(self, frame: Frame, rows: np.ndarray, stamp: tuple[int, int]) -> Iterator[Letter]:
        """Yield the markers, unless nobody looks or the last are too fresh."""
        if self._seat is None or not self._seat.taken:
            return
        if not self._gate.passes(frame.play_time_secs):
            return
        self._fill(frame, rows.tolist())
        for marker in self._array.markers:
            marker.header.stamp.sec, marker.header.stamp.nanosec = stamp
        yield self._seat.publish, self._array

    def _fill(self, frame: Frame, rows: list[list[float]]) -> None:
        bones, joints, _, text = self._array.markers
        for place, (joint, parent) in enumerate(_BONES):
            _fill_point(bones.points[2 * place], rows[parent])
            _fill_point(bones.points[2 * place + 1], rows[joint])
        for point, row in zip(joints.points, rows, strict=True):
            _fill_point(point, row)
        self._follow(rows[0])
        fill_pose(text.pose, [*rows[0][:2], rows[0][2] + 1.0, 0.0, 0.0, 0.0, 1.0])
        text.text = frame.prompt or "(no prompt)"

    def _follow(self, pelvis: list[float]) -> None:
        from geometry_msgs.msg import Point  # noqa: PLC0415

        if self._jumped:
            self._jumped = False
            self._trail.clear()
        self._trail.append(Point(x=pelvis[0], y=pelvis[1], z=0.01))
        del self._trail[:-_TRAIL_POINTS]


def offered(node: Ros2Node, kind: type[Any], prefix: str, topic: topics.Topic) -> Publisher[Any]:
    """Offer ``topic``, below ``prefix`` if its name is a relative one."""
    return node.publish(kind, topic.name.replace("~/", f"~/{prefix}"), topic.quality)


def _fill_point(point: Any, row: list[float]) -> None:
    point.x, point.y, point.z = row[:3]


def _markers(array: type[Any], frame_id: str) -> Any:
    from geometry_msgs.msg import Point  # noqa: PLC0415

    marker = import_module("visualization_msgs.msg").Marker
    kinds = (
        ("bones", marker.LINE_LIST, (_BONE_M, 0.0, 0.0), (0.15, 0.55, 0.85, 1.0), 2 * len(_BONES)),
        ("joints", marker.SPHERE_LIST, (_JOINT_M,) * 3, (0.95, 0.95, 0.95, 1.0), NUM_JOINTS),
        ("trail", marker.LINE_STRIP, (_TRAIL_M, 0.0, 0.0), (0.95, 0.6, 0.15, 0.8), 0),
        ("prompt", marker.TEXT_VIEW_FACING, (0.0, 0.0, _LETTER_M), (1.0, 1.0, 1.0, 1.0), 0),
    )
    made = []
    for number, (name, kind, scale, colour, points) in enumerate(kinds):
        each = marker(ns=name, id=number, type=kind, action=marker.ADD)
        each.header.frame_id = frame_id
        each.pose.orientation.w = 1.0
        each.scale.x, each.scale.y, each.scale.z = scale
        each.color.r, each.color.g, each.color.b, each.color.a = colour
        each.points = [Point() for _ in range(points)]
        made.append(each)
    return array(markers=made)
