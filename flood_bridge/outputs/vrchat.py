"""VRChat out: one character's trackers to one VRChat."""

from __future__ import annotations

from flood_bridge.events import Event
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.outputs.udp import DEFAULT_HOST, UdpTarget, checked_rate
from flood_bridge.protocol.rates import Decimator
from flood_bridge.protocol.receivers import VRCHAT_PORT
from flood_bridge.protocol.trackers import TrackerEncoder


class VrchatOutput:
    """Publishes the trackers of one character.

    Args:
        host: VRChat's machine.
        port: Its UDP port.
        skeleton: The body that moves.
        height_m: The user's real height; None sends the body as large as it is.
        character: Whose frames are sent; those of others pass by.
        rate_hz: Most frames per second; None sends all.

    Raises:
        ConfigError: If the receiver's address or a setting cannot be used.
    """

    name = "vrchat"

    def __init__(
        self,
        host: str = DEFAULT_HOST,
        port: int = VRCHAT_PORT,
        *,
        skeleton: Skeleton,
        height_m: float | None = None,
        character: int = 0,
        rate_hz: float | None = None,
    ) -> None:
        self._character = character
        self._encoder = TrackerEncoder(skeleton, height_m)
        self._gate = Decimator(checked_rate(rate_hz))
        self._target = UdpTarget(host, port)

    def send(self, frame: Frame) -> None:
        """Send ``frame`` as one datagram."""
        if frame.character == self._character and self._gate.passes(frame.play_time_secs):
            self._target.send(self._encoder.encode(frame))

    def tell(self, event: Event) -> None:
        """Do nothing: trackers have no words for it."""

    def close(self) -> None:
        """Close the socket."""
        self._target.close()
