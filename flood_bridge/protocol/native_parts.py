"""The messages of one native frame, each written into its places of one datagram.

Every number that moves is a signed, perhaps scaled one of ours in another place, so a part keeps
two things: the factors, with which it writes its floats one after another into an array that all
parts share, and their places in the datagram, where the encoder then puts all of them at once.
Integers are packed straight into the datagram.
"""

from __future__ import annotations

import math
import struct
from typing import Protocol

import numpy as np

from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.motion.skeleton import NUM_JOINTS
from flood_bridge.protocol.axes import Axes

_UP = 1
"""The number of our upward axis."""


class Part(Protocol):
    """One message of the frame."""

    places: np.ndarray
    """(floats,) words of the datagram, in the order in which :meth:`write` fills them."""

    def write(self, frame: Frame, floats: np.ndarray, datagram: bytearray) -> None:
        """Write the floats of ``frame``, and the integers into the datagram."""
        ...


class YawRate:
    """How fast a heading turns, from one published frame to the next."""

    def __init__(self) -> None:
        self._heading_rad = 0.0
        self.restart()

    def restart(self) -> None:
        """Forget the last call: what comes next follows from nothing."""
        self._time_secs = math.inf

    def update(self, heading_rad: float, time_secs: float) -> float:
        """Return radians per second since the last call, the shorter way round; 0 at first."""
        turned = math.remainder(heading_rad - self._heading_rad, math.tau)
        elapsed = time_secs - self._time_secs
        self._heading_rad, self._time_secs = heading_rad, time_secs
        return turned / elapsed if elapsed > 0 else 0.0


class BodyPart:
    """Sequence, play time, flags; root position; 22 local rotations (x, y, z, w)."""

    def __init__(self, axes: Axes, ints: np.ndarray, floats: np.ndarray) -> None:
        root, turns = floats[:3], floats[3:].reshape(NUM_JOINTS, 4)
        self.places = np.concatenate(
            [_scattered(root, axes), turns[:, _quaternion_places(axes)].ravel()]
        )
        self._root = _factors(axes)
        self._turns = np.tile(_quaternion_factors(axes), (NUM_JOINTS, 1))
        self._ints = struct.Struct(">iii")
        self._start = 4 * int(ints[0])

    def write(self, frame: Frame, floats: np.ndarray, datagram: bytearray) -> None:
        """See :class:`Part`."""
        avatar = frame.avatar
        np.multiply(avatar.root_position, self._root, out=floats[:3])
        np.multiply(avatar.local_wxyz, self._turns, out=floats[3:].reshape(NUM_JOINTS, 4))
        numbers = sequence_of(frame), play_time_ms(frame), int(frame.flags)
        self._ints.pack_into(datagram, self._start, *numbers)


class RootPart:
    """Sequence; position; yaw; velocity along the two level axes; yaw rate."""

    def __init__(self, axes: Axes, ints: np.ndarray, floats: np.ndarray) -> None:
        self.places = floats
        self._axes = axes
        self._level = [i for i in range(3) if axes.order[i] != _UP]
        self._rate = YawRate()
        self._sequence = 0
        self._ints = struct.Struct(">i")
        self._start = 4 * int(ints[0])

    def write(self, frame: Frame, floats: np.ndarray, datagram: bytearray) -> None:
        """See :class:`Part`."""
        pose, axes = frame.pose, self._axes
        # Mirroring a world turns its rotations round.
        turn = axes.handedness
        # A lower number is that of another character which took this one's place.
        if frame.flags & FrameFlags.JUMPED or frame.sequence < self._sequence:
            self._rate.restart()
        self._sequence = frame.sequence
        rate = self._rate.update(pose.heading_rad, frame.play_time_secs)
        velocity = axes.position(pose.velocities[0])[self._level]
        position = axes.position(frame.avatar.root_position)
        floats[:] = (*position, turn * pose.heading_rad, *velocity, turn * rate)
        self._ints.pack_into(datagram, self._start, sequence_of(frame))


class JointsPart:
    """Sequence, play time; 22 world positions."""

    def __init__(self, axes: Axes, ints: np.ndarray, floats: np.ndarray) -> None:
        self.places = _scattered(floats.reshape(NUM_JOINTS, 3), axes).ravel()
        self._factors = np.tile(_factors(axes), (NUM_JOINTS, 1))
        self._ints = struct.Struct(">ii")
        self._start = 4 * int(ints[0])

    def write(self, frame: Frame, floats: np.ndarray, datagram: bytearray) -> None:
        """See :class:`Part`."""
        np.multiply(frame.pose.joints, self._factors, out=floats.reshape(NUM_JOINTS, 3))
        self._ints.pack_into(datagram, self._start, sequence_of(frame), play_time_ms(frame))


class ContactPart:
    """Sequence; left ankle, left foot, right ankle, right foot: 1 on the ground."""

    def __init__(self, _axes: Axes, ints: np.ndarray, floats: np.ndarray) -> None:
        self.places = floats
        self._ints = struct.Struct(">5i")
        self._start = 4 * int(ints[0])

    def write(self, frame: Frame, floats: np.ndarray, datagram: bytearray) -> None:
        """See :class:`Part`."""
        contacts = frame.pose.contacts.tolist()
        self._ints.pack_into(datagram, self._start, sequence_of(frame), *map(int, contacts))


def sequence_of(frame: Frame) -> int:
    """Return the frame's number in 31 bits."""
    return frame.sequence & 0x7FFFFFFF


def play_time_ms(frame: Frame) -> int:
    """Return when to show the frame, milliseconds in 31 bits."""
    return round(frame.play_time_secs * 1000.0) & 0x7FFFFFFF


def _scattered(places: np.ndarray, axes: Axes) -> np.ndarray:
    """Return where our x, y, z go, from (..., 3) places of theirs."""
    return places[..., np.argsort(axes.order)]


def _factors(axes: Axes) -> np.ndarray:
    """Return what our x, y, z are multiplied with on their way."""
    return axes.unit * np.array(axes.signs, dtype=np.float64)[np.argsort(axes.order)]


def _quaternion_places(axes: Axes) -> list[int]:
    """Return where our w, x, y, z stand in their x, y, z, w."""
    return [3, *np.argsort(axes.order).tolist()]


def _quaternion_factors(axes: Axes) -> np.ndarray:
    """Return what our w, x, y, z are multiplied with on their way."""
    return np.concatenate([[1.0], axes.handedness * _factors(axes) / axes.unit])
