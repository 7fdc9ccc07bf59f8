"""VMC out: one character to one port, for that protocol knows no more than one a port."""

from __future__ import annotations

from flood_bridge.events import Event
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.outputs.board import Board, Repeats
from flood_bridge.outputs.udp import DEFAULT_HOST, UdpTarget, checked_rate
from flood_bridge.protocol import vmc
from flood_bridge.protocol.rates import Decimator
from flood_bridge.protocol.receivers import VMC_PORT
from flood_bridge.protocol.vmc_placing import RootPolicy

_SLOW_RATE_HZ = 1.0


class VmcOutput:
    """Publishes one character to one VMC receiver.

    Args:
        host: Receiver's name or address.
        port: Receiver's UDP port.
        skeleton: The body whose bone offsets are sent.
        root_policy: Where the way through the world goes; goes before that of ``form``.
        form: What else the receiver wants.
        character: Whose frames are sent; those of others pass by.
        rate_hz: Most frames per second; None sends all.
        board: What receivers have asked for.

    Raises:
        ConfigError: If the receiver's address or a setting cannot be used.
    """

    name = "vmc"

    def __init__(
        self,
        host: str = DEFAULT_HOST,
        port: int = VMC_PORT,
        *,
        skeleton: Skeleton,
        root_policy: RootPolicy | None = None,
        form: vmc.VmcForm | None = None,
        character: int = 0,
        rate_hz: float | None = None,
        board: Board | None = None,
    ) -> None:
        self._character = character
        self._encoder = vmc.VmcEncoder(skeleton, root_policy, form)
        self._gate = Decimator(checked_rate(rate_hz))
        self._prompt_gate = Decimator(_SLOW_RATE_HZ)
        self._board = board or Board()
        self._repeats = Repeats(board)
        self._passed = 0
        self._target = UdpTarget(host, port)

    def send(self, frame: Frame) -> None:
        """Send ``frame`` as two datagrams, and once per second the prompt."""
        if frame.character != self._character or not self._gate.passes(frame.play_time_secs):
            return
        self._passed += 1
        if self._passed % self._board.vmc_period == 0:
            first, second = self._encoder.encode(frame)
            self._target.send(first)
            self._target.send(second)
        # Both are asked: each keeps a count of its own.
        if self._repeats.due() | self._prompt_gate.passes(frame.play_time_secs):
            self._target.send(vmc.option_message(frame.prompt))

    def tell(self, event: Event) -> None:
        """Do nothing: VMC has no words for it."""

    def close(self) -> None:
        """Close the socket."""
        self._target.close()
