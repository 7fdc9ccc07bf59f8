"""The robot's joints over OSC: how a ROS node beside the daemon learns the robot's reference.

Every frame is ``/flood/{id}/robot`` (``iib``: sequence, joints n, a blob of 7 + 2 n big-endian
float32: root position x y z, root rotation x y z w, positions, velocities; ROS axes, metres,
radians). Once per second and at first comes ``/flood/{id}/robot/names`` (``s``: the n names, a
blank between them); names that do not fit one packet come as several of the types ``sii`` (names,
number of the first of them, n), in their order.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from flood_bridge.errors import ConfigError, ProtocolError
from flood_bridge.motion.frames import Frame, RobotFrame
from flood_bridge.protocol import osc
from flood_bridge.protocol.finite import require_finite
from flood_bridge.protocol.native import MAX_PACKET_BYTES

ROBOT_TYPES = "iib"
NAMES_TYPES = "s"
PART_TYPES = "sii"
MAX_JOINTS = 160
"""So many have room in the one packet of a frame."""
_ROOT = 7
_NAMES_BYTES = MAX_PACKET_BYTES - 48
"""Of names in one message: the rest is the address, the types, two numbers and the padding."""


def names_messages(character: int, names: tuple[str, ...]) -> list[bytes]:
    """Return the joints' names in as few datagrams as hold them.

    Raises:
        ConfigError: If they are too many, or one does not fit a packet.
    """
    if len(names) > MAX_JOINTS:
        raise ConfigError(f"the robot has {len(names)} joints; at most {MAX_JOINTS} can be sent")
    address = f"/flood/{character}/robot/names"
    groups = list(_groups(names))
    if len(groups) == 1:
        return [osc.message(address, NAMES_TYPES, " ".join(names))]
    messages, first = list[bytes](), 0
    for group in groups:
        messages.append(osc.message(address, PART_TYPES, " ".join(group), first, len(names)))
        first += len(group)
    return messages


def _groups(names: tuple[str, ...]) -> Iterator[list[str]]:
    """Yield the names, in order, in lists that fit a packet each."""
    group, size = list[str](), 0
    for name in names:
        more = len(name.encode()) + 1  # the blank
        if more > _NAMES_BYTES:
            raise ConfigError(f"the name {name[:48]!r}... of a joint does not fit a packet")
        if size + more > _NAMES_BYTES:
            yield group
            group, size = [], 0
        group.append(name)
        size += more
    yield group


def robot_message(frame: Frame) -> bytes:
    """Return the robot of ``frame``, which has one, as one datagram.

    Raises:
        ProtocolError: If a number is not finite.
    """
    robot = frame.robot
    assert robot is not None
    values = np.concatenate(
        [
            robot.root_position,
            robot.root_rotation_wxyz[[1, 2, 3, 0]],
            robot.positions,
            robot.velocities,
        ]
    )
    require_finite(values, frame)
    count = len(robot.names)
    return osc.message(
        f"/flood/{frame.character}/robot",
        ROBOT_TYPES,
        frame.sequence & 0x7FFFFFFF,
        count,
        values.astype(">f4").tobytes(),
    )


class RobotReader:
    """Reads the messages of one character's robot."""

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._coming: tuple[str, ...] = ()
        """The first of the names, while the others are on their way."""
        self._sequence = -1
        self._values = np.zeros(0)

    def take(self, message: osc.Message) -> None:
        """Read one of them.

        Raises:
            ProtocolError: If it is damaged.
        """
        if message.address.endswith("/names"):
            self._take_names(message)
            return
        if message.types != ROBOT_TYPES:
            raise ProtocolError(f"robot has the types {message.types[:16]!r}, not {ROBOT_TYPES!r}")
        sequence, count, blob = message.arguments
        if not 1 <= count <= MAX_JOINTS or len(blob) != 4 * (_ROOT + 2 * count):
            raise ProtocolError(f"robot has {count} joints and {len(blob)} bytes")
        self._sequence = sequence
        self._values = np.frombuffer(blob, ">f4").astype(np.float64)

    def _take_names(self, message: osc.Message) -> None:
        if message.types == NAMES_TYPES:
            self._names = tuple(message.arguments[0].split())
        elif message.types == PART_TYPES:
            self._take_part(*message.arguments)
        else:
            raise ProtocolError(f"robot/names has the types {message.types[:16]!r}")

    def _take_part(self, text: str, first: int, count: int) -> None:
        names = tuple(text.split())
        if not (1 <= count <= MAX_JOINTS and 0 <= first <= count - len(names)):
            raise ProtocolError(f"robot/names has {len(names)} names from {first} on, of {count}")
        # A part that does not follow the one before says that one was lost: the next second
        # brings all of them again.
        before = self._coming if first else ()
        self._coming = before + names if len(before) == first else ()
        if len(self._coming) == count:
            self._names = self._coming

    def frame(self, sequence: int) -> RobotFrame | None:
        """Return the robot of the frame ``sequence``; None if it has not come, or has no names."""
        count = (len(self._values) - _ROOT) // 2
        if sequence != self._sequence or count != len(self._names):
            return None
        joints = self._values[_ROOT:]
        return RobotFrame(
            names=self._names,
            positions=joints[:count],
            velocities=joints[count:],
            root_position=self._values[:3],
            root_rotation_wxyz=self._values[[6, 3, 4, 5]],
        )
