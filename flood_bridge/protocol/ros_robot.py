"""The robot's joints over OSC: how a ROS node beside the daemon learns the robot's reference.

Two messages a frame and second: ``/flood/{id}/robot`` (``iib``: sequence, joints n, a blob of
7 + 2 n big-endian float32: root position x y z, root rotation x y z w, positions, velocities; ROS
axes, metres, radians) and, once per second and at first, ``/flood/{id}/robot/names`` (``s``: the
n names, a blank between them).
"""

from __future__ import annotations

import numpy as np

from flood_bridge.errors import ConfigError, ProtocolError
from flood_bridge.motion.frames import Frame, RobotFrame
from flood_bridge.protocol import osc
from flood_bridge.protocol.finite import require_finite
from flood_bridge.protocol.native import MAX_PACKET_BYTES

ROBOT_TYPES = "iib"
NAMES_TYPES = "s"
MAX_JOINTS = 128
_ROOT = 7


def names_message(character: int, names: tuple[str, ...]) -> bytes:
    """Return the joints' names as one datagram.

    Raises:
        ConfigError: If they do not fit one packet.
    """
    datagram = osc.message(f"/flood/{character}/robot/names", NAMES_TYPES, " ".join(names))
    if len(datagram) > MAX_PACKET_BYTES or len(names) > MAX_JOINTS:
        raise ConfigError(f"the names of {len(names)} joints do not fit one packet")
    return datagram


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
    """Reads both messages of one character."""

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._sequence = -1
        self._values = np.zeros(0)

    def take(self, message: osc.Message) -> None:
        """Read one of the two.

        Raises:
            ProtocolError: If it is damaged.
        """
        if message.address.endswith("/names"):
            if message.types != NAMES_TYPES:
                raise ProtocolError(f"robot/names has the types {message.types[:16]!r}")
            self._names = tuple(message.arguments[0].split())
            return
        if message.types != ROBOT_TYPES:
            raise ProtocolError(f"robot has the types {message.types[:16]!r}, not {ROBOT_TYPES!r}")
        sequence, count, blob = message.arguments
        if not 1 <= count <= MAX_JOINTS or len(blob) != 4 * (_ROOT + 2 * count):
            raise ProtocolError(f"robot has {count} joints and {len(blob)} bytes")
        self._sequence = sequence
        self._values = np.frombuffer(blob, ">f4").astype(np.float64)

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
