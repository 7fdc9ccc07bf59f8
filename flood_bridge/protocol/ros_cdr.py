"""ROS 2 messages of a fixed layout as bytes: laid out once, then only their numbers change.

rclpy takes a message object apart field by field and name by name, every time; for a joint state
with 29 names that is a third of what publishing costs. What goes out at the stream's rate never
changes its layout, so it is kept as bytes: CDR, little endian, as in DDSI-RTPS 2.5, section 10
("CDR_LE"), which every middleware of ROS 2 reads. Alignment counts from behind the four bytes that
name the encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

_CDR_LE = b"\0\1\0\0"
_STAMP = struct.Struct("<iI")
_DOUBLE = np.dtype("<f8")
_POSE = 7
"""Numbers of a pose or a transform: position x y z, rotation x y z w."""


class Stencil:
    """A message whose stamp and numbers are filled in again and again.

    Args:
        raw: The message with zeros for its numbers.
        stamp_at: Where its stamp begins.
        runs: The bytes of each run of doubles.
    """

    def __init__(self, raw: bytearray, stamp_at: int, runs: Sequence[slice]) -> None:
        self._raw, self._stamp_at, self._runs = raw, stamp_at, tuple(runs)

    def filled(self, stamp: tuple[int, int], *runs: np.ndarray) -> bytes:
        """Return the message of that ``(sec, nanosec)`` with ``runs`` for its doubles.

        Raises:
            ValueError: If a run has another length than the layout.
        """
        raw = self._raw
        _STAMP.pack_into(raw, self._stamp_at, *stamp)
        for place, numbers in zip(self._runs, runs, strict=True):
            doubles = numbers.astype(_DOUBLE, copy=False).tobytes()
            if len(doubles) != place.stop - place.start:
                wanted = (place.stop - place.start) // _DOUBLE.itemsize
                raise ValueError(f"a run has {numbers.size} numbers; {wanted} are valid")
            raw[place] = doubles
        return bytes(raw)


def joint_state(names: Sequence[str]) -> Stencil:
    """Return a ``sensor_msgs/JointState``; its runs are positions and velocities of ``names``."""
    layout = _Layout()
    stamp_at = layout.header("")
    layout.count(len(names))
    for name in names:
        layout.text(name)
    runs = [layout.sequence(len(names)), layout.sequence(len(names))]
    layout.count(0)  # effort
    return Stencil(layout.raw, stamp_at, runs)


def pose_stamped(frame_id: str) -> Stencil:
    """Return a ``geometry_msgs/PoseStamped``; its run is ``[x, y, z, qx, qy, qz, qw]``."""
    layout = _Layout()
    stamp_at = layout.header(frame_id)
    return Stencil(layout.raw, stamp_at, [layout.doubles(_POSE)])


def pose_array(frame_id: str, poses: int) -> Stencil:
    """Return a ``geometry_msgs/PoseArray``; its run holds ``poses`` times seven numbers."""
    layout = _Layout()
    stamp_at = layout.header(frame_id)
    layout.count(poses)
    return Stencil(layout.raw, stamp_at, [layout.doubles(poses * _POSE)])


def transform(frame_id: str, child_frame_id: str) -> Stencil:
    """Return a ``tf2_msgs/TFMessage`` of one transform; its run is that of a pose."""
    layout = _Layout()
    layout.count(1)
    stamp_at = layout.header(frame_id)
    layout.text(child_frame_id)
    return Stencil(layout.raw, stamp_at, [layout.doubles(_POSE)])


class _Layout:
    """Writes fields one behind the other, each where CDR wants it."""

    def __init__(self) -> None:
        self.raw = bytearray(_CDR_LE)

    def header(self, frame_id: str) -> int:
        """Write a ``std_msgs/Header``; return where its stamp is."""
        self._align(4)
        stamp_at = len(self.raw)
        self.raw += bytes(_STAMP.size)
        self.text(frame_id)
        return stamp_at

    def text(self, text: str) -> None:
        """Write a string."""
        raw = text.encode() + b"\0"
        self.count(len(raw))
        self.raw += raw

    def count(self, count: int) -> None:
        """Write the length of a sequence or a string."""
        self._align(4)
        self.raw += count.to_bytes(4, "little")

    def sequence(self, count: int) -> slice:
        """Write a sequence of doubles; return its run."""
        self.count(count)
        return self.doubles(count)

    def doubles(self, count: int) -> slice:
        """Write ``count`` doubles; return their run."""
        if count:  # an empty sequence is not followed by the place of its first number
            self._align(_DOUBLE.itemsize)
        begin = len(self.raw)
        self.raw += bytes(_DOUBLE.itemsize * count)
        return slice(begin, len(self.raw))

    def _align(self, size: int) -> None:
        self.raw += bytes(-(len(self.raw) - len(_CDR_LE)) % size)
