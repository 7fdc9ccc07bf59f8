"""The native OSC stream: one character's body under ``/flood/{id}/``, in Unity's axes.

Everything here is in :data:`~flood_bridge.protocol.axes.UNITY` (metres, left-handed, x right,
y up, z forward), angles in radians, positive to the right (clockwise from above), as Unity turns
them. Numbers are i or f as the table in ``docs/protocol.md`` says; sequence and milliseconds are
31 bits and begin again at 0 after 2147483647.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Collection
from typing import Literal, get_args

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import NUM_JOINTS, PARENTS, Skeleton
from flood_bridge.protocol import osc
from flood_bridge.protocol.axes import UNITY
from flood_bridge.protocol.finite import require_finite
from flood_bridge.protocol.template import Template

SCHEMA_VERSION = 1

Topic = Literal["frame", "root", "joints", "contact"]
TOPICS: tuple[Topic, ...] = get_args(Topic)
"""What is sent for every frame, unless less is asked for."""

FRAME_TYPES = "iii" + "f" * (3 + 4 * NUM_JOINTS)
"""Sequence, play time [ms], flags; root position; 22 local rotations (x, y, z, w)."""
ROOT_TYPES = "i" + "f" * 7
"""Sequence; position; yaw [rad]; velocity x and z [m/s]; yaw rate [rad/s]."""
JOINTS_TYPES = "ii" + "f" * (3 * NUM_JOINTS)
"""Sequence, play time [ms]; 22 world positions."""
CONTACT_TYPES = "i" + "iiii"
"""Sequence; left ankle, left foot, right ankle, right foot: 1 on the ground."""

_TYPES: dict[Topic, str] = {
    "frame": FRAME_TYPES,
    "root": ROOT_TYPES,
    "joints": JOINTS_TYPES,
    "contact": CONTACT_TYPES,
}


class FrameEncoder:
    """Writes the frames of one character into one datagram: a message, or a bundle of several.

    Args:
        character: Its number, the ``{id}`` of the addresses.
        topics: Which messages; a single one is sent bare, more of them as a bundle.
    """

    def __init__(self, character: int, topics: Collection[Topic] = TOPICS) -> None:
        unknown = set(topics) - set(TOPICS)
        if unknown or not topics:
            raise ConfigError(f"topics {sorted(topics)}; valid are some of {', '.join(TOPICS)}")
        self._yaw_rate = YawRate()
        chosen: list[Topic] = [topic for topic in TOPICS if topic in topics]
        self._template = Template(*(_blank(character, topic) for topic in chosen))
        writers: dict[Topic, Callable[[Frame, np.ndarray, np.ndarray], None]] = {
            "frame": _write_frame,
            "root": self._write_root,
            "joints": _write_joints,
            "contact": _write_contact,
        }
        self._parts = [
            (writers[topic], self._template.ints[_run(ints)], self._template.floats[_run(floats)])
            for topic, ints, floats in zip(
                chosen, self._template.int_words, self._template.float_words, strict=True
            )
        ]

    def encode(self, frame: Frame) -> bytes:
        """Return the datagram of ``frame``.

        Raises:
            ProtocolError: If the frame has numbers that are not finite.
        """
        require_finite(frame)
        for write, ints, floats in self._parts:
            write(frame, ints, floats)
        return bytes(self._template.datagram)

    def _write_root(self, frame: Frame, ints: np.ndarray, floats: np.ndarray) -> None:
        ints[0] = _sequence(frame)
        floats[:3] = UNITY.position(frame.avatar.root_position)
        # Mirroring x turns rotations about y round.
        floats[3] = -frame.pose.heading_rad
        floats[4:6] = UNITY.position(frame.pose.velocities[0])[[0, 2]]
        floats[6] = -self._yaw_rate.update(frame.pose.heading_rad, frame.play_time_secs)


class YawRate:
    """How fast a heading turns, from one published frame to the next."""

    def __init__(self) -> None:
        self._heading_rad = 0.0
        self._time_secs = math.inf  # no frame yet

    def update(self, heading_rad: float, time_secs: float) -> float:
        """Return radians per second since the last call, the shorter way round; 0 at first."""
        turned = math.remainder(heading_rad - self._heading_rad, math.tau)
        elapsed = time_secs - self._time_secs
        self._heading_rad, self._time_secs = heading_rad, time_secs
        return turned / elapsed if elapsed > 0 else 0.0


def skeleton_message(character: int, skeleton: Skeleton) -> bytes:
    """Return ``/flood/{id}/skeleton``: who is whose parent, and the T-pose the rotations turn.

    The blob has 22 big-endian int32 parents (-1 for the pelvis), then 22 x 3 big-endian float32
    offsets from the parent in metres.
    """
    parents = struct.pack(f">{NUM_JOINTS}i", *PARENTS)
    offsets = UNITY.position(skeleton.offsets).astype(">f4").tobytes()
    address = f"/flood/{character}/skeleton"
    return osc.message(address, "iisb", SCHEMA_VERSION, NUM_JOINTS, UNITY.name, parents + offsets)


def _blank(character: int, topic: Topic) -> tuple[object, ...]:
    types = _TYPES[topic]
    return (f"/flood/{character}/{topic}", types, *([0] * len(types)))


def _run(words: np.ndarray) -> slice:
    """Return consecutive places as a slice, of which NumPy gives a view."""
    return slice(words[0], words[-1] + 1) if len(words) else slice(0)


def _sequence(frame: Frame) -> int:
    return frame.sequence & 0x7FFFFFFF


def _play_time_ms(frame: Frame) -> int:
    return round(frame.play_time_secs * 1000.0) & 0x7FFFFFFF


def _write_frame(frame: Frame, ints: np.ndarray, floats: np.ndarray) -> None:
    ints[:] = _sequence(frame), _play_time_ms(frame), frame.flags
    floats[:3] = UNITY.position(frame.avatar.root_position)
    floats[3:] = UNITY.quaternion_xyzw(frame.avatar.local_wxyz).ravel()


def _write_joints(frame: Frame, ints: np.ndarray, floats: np.ndarray) -> None:
    ints[:] = _sequence(frame), _play_time_ms(frame)
    floats[:] = UNITY.position(frame.pose.joints).ravel()


def _write_contact(frame: Frame, ints: np.ndarray, _floats: np.ndarray) -> None:
    ints[0] = _sequence(frame)
    ints[1:] = frame.pose.contacts
