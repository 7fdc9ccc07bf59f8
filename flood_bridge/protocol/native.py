"""The native OSC stream: one character's body under ``/flood/{id}/``.

Unless other axes are asked for, everything here is in :data:`~flood_bridge.protocol.axes.UNITY`
(metres, left-handed, x right, y up, z forward), angles in radians, positive to the right
(clockwise from above), as Unity turns them. Numbers are i or f as the table in
``docs/protocol.md`` says; sequence and milliseconds are 31 bits and begin again at 0 after
2147483647.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection
from typing import Literal, get_args

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import NUM_JOINTS, PARENTS, Skeleton
from flood_bridge.protocol import osc
from flood_bridge.protocol.axes import UNITY, UNREAL_MESH, Axes
from flood_bridge.protocol.finite import require_finite
from flood_bridge.protocol.native_parts import BodyPart, ContactPart, JointsPart, Part, RootPart
from flood_bridge.protocol.template import Template

SCHEMA_VERSION = 1

MAX_PACKET_BYTES = 1400
"""What is sent is never larger, so that no network splits it."""

Topic = Literal["frame", "root", "joints", "contact", "ue"]
ALL_TOPICS: tuple[Topic, ...] = get_args(Topic)
TOPICS: tuple[Topic, ...] = ALL_TOPICS[:4]
"""What is sent for every frame, unless something else is asked for."""

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
    "ue": FRAME_TYPES,
}

_PARTS: dict[Topic, Callable[[Axes, np.ndarray, np.ndarray], Part]] = {
    "frame": BodyPart,
    "root": RootPart,
    "joints": JointsPart,
    "contact": ContactPart,
    "ue": lambda _axes, ints, floats: BodyPart(UNREAL_MESH, ints, floats),
}


class FrameEncoder:
    """Writes the frames of one character into one datagram: a message, or a bundle of several.

    Args:
        character: Its number, the ``{id}`` of the addresses.
        topics: Which messages; a single one is sent bare, more of them as a bundle.
        axes: The world of all topics but ``ue``, which is always in Unreal's.

    Raises:
        ConfigError: If there is no topic, an unknown one, or too much for one packet.
    """

    def __init__(
        self, character: int, topics: Collection[Topic] = TOPICS, axes: Axes = UNITY
    ) -> None:
        unknown = set(topics) - set(ALL_TOPICS)
        if unknown or not topics:
            raise ConfigError(f"topics {sorted(topics)}; valid are some of {', '.join(ALL_TOPICS)}")
        chosen: list[Topic] = [topic for topic in ALL_TOPICS if topic in topics]
        template = Template(*(_blank(character, topic) for topic in chosen))
        if len(template.datagram) > MAX_PACKET_BYTES:
            raise ConfigError(
                f"the topics {', '.join(chosen)} make {len(template.datagram)} bytes a frame; at"
                f" most {MAX_PACKET_BYTES} fit one packet: send some of them to another port"
            )
        places = zip(template.int_words, template.float_words, strict=True)
        parts = [
            _PARTS[topic](axes, ints, floats)
            for topic, (ints, floats) in zip(chosen, places, strict=True)
        ]
        ends = np.cumsum([len(part.places) for part in parts])
        self._values = np.zeros(ends[-1])
        starts = ends - [len(part.places) for part in parts]
        self._parts = [
            (part.write, self._values[start:end])
            for part, start, end in zip(parts, starts, ends, strict=True)
        ]
        self._places = np.concatenate([part.places for part in parts])
        self._datagram = template.datagram
        self._words = template.floats.view(np.uint32)

    def encode(self, frame: Frame) -> bytes:
        """Return the datagram of ``frame``.

        Raises:
            ProtocolError: If the frame has numbers that are not finite.
        """
        for write, floats in self._parts:
            write(frame, floats, self._datagram)
        values = self._values
        require_finite(values, frame)
        self._words[self._places] = values.astype(">f4").view(np.uint32)
        return bytes(self._datagram)


def skeleton_message(character: int, skeleton: Skeleton, axes: Axes = UNITY) -> bytes:
    """Return ``/flood/{id}/skeleton``: who is whose parent, and the T-pose the rotations turn.

    The blob has 22 big-endian int32 parents (-1 for the pelvis), then 22 x 3 big-endian float32
    offsets from the parent, in the unit of ``axes``.
    """
    parents = struct.pack(f">{NUM_JOINTS}i", *PARENTS)
    offsets = axes.position(skeleton.offsets).astype(">f4").tobytes()
    address = f"/flood/{character}/skeleton"
    return osc.message(address, "iisb", SCHEMA_VERSION, NUM_JOINTS, axes.name, parents + offsets)


def _blank(character: int, topic: Topic) -> tuple[object, ...]:
    types = _TYPES[topic]
    return (f"/flood/{character}/{topic}", types, *([0] * len(types)))
