"""Reads what :mod:`~flood_bridge.protocol.native` wrote: for monitors, recorders and tests.

Positions and rotations stay in Unity's axes, as they were on the wire.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from flood_bridge.errors import ProtocolError
from flood_bridge.motion.frames import FrameFlags
from flood_bridge.motion.skeleton import NUM_JOINTS
from flood_bridge.protocol import native
from flood_bridge.protocol.osc import Message

_ADDRESS = re.compile(r"/flood/(\d{1,9})/(\w+)")


@dataclass(frozen=True, slots=True)
class NativeFrame:
    """A ``/flood/{id}/frame`` message."""

    character: int
    sequence: int
    play_time_ms: int
    flags: FrameFlags
    root_position: np.ndarray
    """(3,) float64, metres, Unity axes."""
    local_xyzw: np.ndarray
    """(22, 4) float64, Unity axes; row 0 is world from pelvis."""


@dataclass(frozen=True, slots=True)
class NativeSkeleton:
    """A ``/flood/{id}/skeleton`` message."""

    character: int
    space: str
    parents: tuple[int, ...]
    offsets: np.ndarray
    """(22, 3) float64, metres, in ``space``."""


def read_frame(message: Message) -> NativeFrame:
    """Return the frame that ``message`` holds.

    Raises:
        ProtocolError: If it is not a well-formed ``/flood/{id}/frame``.
    """
    character = _character(message, "frame", native.FRAME_TYPES)
    sequence, play_time_ms, flags, *numbers = message.arguments
    values = np.array(numbers, dtype=np.float64)
    return NativeFrame(
        character,
        sequence,
        play_time_ms,
        FrameFlags(flags),
        root_position=values[:3],
        local_xyzw=values[3:].reshape(NUM_JOINTS, 4),
    )


def read_skeleton(message: Message) -> NativeSkeleton:
    """Return the skeleton that ``message`` holds.

    Raises:
        ProtocolError: If it is not a well-formed ``/flood/{id}/skeleton`` of our version.
    """
    character = _character(message, "skeleton", "iisb")
    version, joints, space, blob = message.arguments
    if (version, joints) != (native.SCHEMA_VERSION, NUM_JOINTS) or len(blob) != 16 * NUM_JOINTS:
        raise ProtocolError(
            f"skeleton of version {version}, {joints} joints, {len(blob)} bytes; this reads version"
            f" {native.SCHEMA_VERSION}, {NUM_JOINTS} joints, {16 * NUM_JOINTS} bytes"
        )
    parents = np.frombuffer(blob, ">i4", NUM_JOINTS)
    offsets = np.frombuffer(blob, ">f4", offset=4 * NUM_JOINTS).astype(np.float64)
    return NativeSkeleton(character, space, tuple(parents.tolist()), offsets.reshape(-1, 3))


def _character(message: Message, topic: str, types: str) -> int:
    match = _ADDRESS.fullmatch(message.address)
    if match is None or match[2] != topic:
        raise ProtocolError(f"{message.address[:48]!r} is not /flood/{{id}}/{topic}")
    if message.types != types:
        raise ProtocolError(f"{topic} has the types {message.types[:48]!r}, not {types!r}")
    return int(match[1])
