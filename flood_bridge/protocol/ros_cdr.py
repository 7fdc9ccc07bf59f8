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
from operator import methodcaller

import numpy as np

_CDR_LE = b"\0\1\0\0"
_STAMP = struct.Struct("<iI")
_DOUBLE = np.dtype("<f8")
_POSE = 7
"""Numbers of a pose or a transform: position x y z, rotation x y z w."""

_bytes_of = methodcaller("tobytes")


class Stencil:
    """A message whose stamp and numbers are filled in again and again.

    Filling runs through as little code as can be: between two frames of a stream the processor has
    forgotten it all, and fetching code and memory takes longer than the work itself.

    Args:
        parts: The bytes that stay: before the stamp, before each run of doubles, and at the end.
        runs: How many doubles each run has.
    """

    def __init__(self, parts: Sequence[bytes], runs: Sequence[int]) -> None:
        self._runs = tuple(runs)
        self._template = b"%b".join(part.replace(b"%", b"%%") for part in parts)

    def filled(self, stamp: tuple[int, int], *runs: np.ndarray) -> bytes:
        """Return the message of that ``(sec, nanosec)`` with ``runs`` for its doubles.

        Raises:
            ValueError: If a run is not a row of float64 as long as the layout has it.
        """
        if tuple(map(len, runs)) != self._runs:
            raise ValueError(f"{list(map(len, runs))} numbers; {list(self._runs)} are valid")
        return self._template % (_STAMP.pack(*stamp), *map(_bytes_of, runs))


def joint_state(names: Sequence[str]) -> Stencil:
    """Return a ``sensor_msgs/JointState``; its runs are positions and velocities of ``names``."""
    layout = _Layout()
    layout.header("")
    layout.count(len(names))
    for name in names:
        layout.text(name)
    layout.sequence(len(names))
    layout.sequence(len(names))
    layout.count(0)  # effort
    return layout.stencil()


def pose_stamped(frame_id: str) -> Stencil:
    """Return a ``geometry_msgs/PoseStamped``; its run is ``[x, y, z, qx, qy, qz, qw]``."""
    layout = _Layout()
    layout.header(frame_id)
    layout.doubles(_POSE)
    return layout.stencil()


def pose_array(frame_id: str, poses: int) -> Stencil:
    """Return a ``geometry_msgs/PoseArray``; its run holds ``poses`` times seven numbers."""
    layout = _Layout()
    layout.header(frame_id)
    layout.count(poses)
    layout.doubles(poses * _POSE)
    return layout.stencil()


def transform(frame_id: str, child_frame_id: str) -> Stencil:
    """Return a ``tf2_msgs/TFMessage`` of one transform; its run is that of a pose."""
    layout = _Layout()
    layout.count(1)
    layout.header(frame_id)
    layout.text(child_frame_id)
    layout.doubles(_POSE)
    return layout.stencil()


class _Layout:
    """Writes fields one behind the other, each where CDR wants it."""

    def __init__(self) -> None:
        self._raw = bytearray(_CDR_LE)
        self._cuts: list[tuple[int, int]] = []
        """Where the stamp and each run of doubles begin and end."""
        self._runs: list[int] = []

    def stencil(self) -> Stencil:
        """Return what was written, open where the stamp and the runs are."""
        begins = [0, *(end for _, end in self._cuts)]
        ends = [*(begin for begin, _ in self._cuts), len(self._raw)]
        parts = [bytes(self._raw[a:b]) for a, b in zip(begins, ends, strict=True)]
        return Stencil(parts, self._runs)

    def header(self, frame_id: str) -> None:
        """Write a ``std_msgs/Header``: the stamp, before any run, and a string."""
        self._align(4)
        self._leave(_STAMP.size)
        self.text(frame_id)

    def text(self, text: str) -> None:
        """Write a string."""
        raw = text.encode() + b"\0"
        self.count(len(raw))
        self._raw += raw

    def count(self, count: int) -> None:
        """Write the length of a sequence or a string."""
        self._align(4)
        self._raw += count.to_bytes(4, "little")

    def sequence(self, count: int) -> None:
        """Write a sequence of doubles."""
        self.count(count)
        self.doubles(count)

    def doubles(self, count: int) -> None:
        """Write ``count`` doubles."""
        if count:  # an empty sequence is not followed by the place of its first number
            self._align(_DOUBLE.itemsize)
        self._leave(_DOUBLE.itemsize * count)
        self._runs.append(count)

    def _leave(self, size: int) -> None:
        self._cuts.append((len(self._raw), len(self._raw) + size))
        self._raw += bytes(size)

    def _align(self, size: int) -> None:
        self._raw += bytes(-(len(self._raw) - len(_CDR_LE)) % size)
