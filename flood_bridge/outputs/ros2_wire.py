"""The robot's joints over OSC, for the ROS node that runs beside the daemon."""

from __future__ import annotations

from flood_bridge.events import Event
from flood_bridge.motion.frames import Frame
from flood_bridge.outputs.udp import UdpTarget, checked_rate
from flood_bridge.protocol.rates import Decimator
from flood_bridge.protocol.ros_robot import names_messages, robot_message

_NAMES_HZ = 1.0


class RobotOscOutput:
    """Sends ``/flood/{id}/robot`` and the names of its joints.

    Args:
        host: Receiver's name or address.
        port: Receiver's UDP port.
        rate_hz: Most frames per second of each character; None sends all.

    Raises:
        ConfigError: If the address or the rate cannot be used.
    """

    name = "robot"

    def __init__(self, host: str, port: int, *, rate_hz: float | None = None) -> None:
        self._rate_hz = checked_rate(rate_hz)
        self._gates: dict[int, tuple[Decimator, Decimator]] = {}
        self._target = UdpTarget(host, port)

    def send(self, frame: Frame) -> None:
        """Send the robot of ``frame``, if it has one."""
        if frame.robot is None:
            return
        if frame.character not in self._gates:
            self._gates[frame.character] = Decimator(self._rate_hz), Decimator(_NAMES_HZ)
        gate, names_gate = self._gates[frame.character]
        if names_gate.passes(frame.play_time_secs):
            for datagram in names_messages(frame.character, frame.robot.names):
                self._target.send(datagram)
        if gate.passes(frame.play_time_secs):
            self._target.send(robot_message(frame))

    def tell(self, event: Event) -> None:
        """Events go with the native stream."""

    def close(self) -> None:
        """Close the socket."""
        self._target.close()
