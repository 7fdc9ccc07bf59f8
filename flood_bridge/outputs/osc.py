"""Motion over OSC: the native stream, and the prompt that ``flood-bridge say`` sends."""

from __future__ import annotations

import socket
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from flood_bridge.commands import SetPrompt, Urgency
from flood_bridge.errors import ConfigError
from flood_bridge.events import Event
from flood_bridge.motion.frames import NEWS, Frame, FrameFlags
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.outputs.board import Board, Repeats
from flood_bridge.outputs.udp import DEFAULT_HOST, UdpTarget, checked_rate, connect
from flood_bridge.protocol import native, osc, receipts
from flood_bridge.protocol.axes import UNITY, Axes
from flood_bridge.protocol.rates import Decimator
from flood_bridge.protocol.receivers import NATIVE_PORT

_URGENT: dict[Urgency, str] = {"soft": "", "now": "/now", "queue": "/queue"}

_SLOW_RATE_HZ = 1.0
"""How often what seldom changes is repeated, for receivers that come later."""


@dataclass(slots=True)
class _Character:
    """What is remembered about one character between its frames."""

    encoder: native.FrameEncoder
    gate: Decimator
    repeats: Repeats
    skeleton_gate: Decimator = field(default_factory=lambda: Decimator(_SLOW_RATE_HZ))
    carried: FrameFlags = FrameFlags.NONE
    """Of frames that were left out."""


class NativeOscOutput:
    """Publishes every character under ``/flood/{id}/`` (see ``docs/protocol.md``).

    Args:
        host: Receiver's name or address.
        port: Receiver's UDP port.
        skeleton: The body, published once per second.
        rate_hz: Most frames per second of each character; None sends all.
        topics: Which messages go out per frame.
        axes: The world of the skeleton and of all topics but ``ue``.
        board: What receivers have asked for.

    Raises:
        ConfigError: If the receiver's address or a setting cannot be used.
    """

    name = "osc"

    def __init__(
        self,
        host: str = DEFAULT_HOST,
        port: int = NATIVE_PORT,
        *,
        skeleton: Skeleton,
        rate_hz: float | None = None,
        topics: Collection[native.Topic] = native.TOPICS,
        axes: Axes = UNITY,
        board: Board | None = None,
    ) -> None:
        self._skeleton = skeleton
        self._rate_hz = checked_rate(rate_hz)
        self._topics = topics
        self._axes = axes
        self._board = board
        native.FrameEncoder(0, topics, axes)  # wrong topics show here, not at the first frame
        self._characters: dict[int, _Character] = {}
        self._target = UdpTarget(host, port)

    def send(self, frame: Frame) -> None:
        """Send ``frame`` as one datagram, and once per second the skeleton."""
        character = self._characters.get(frame.character) or self._add(frame.character)
        # Both are asked: each keeps a count of its own.
        if character.repeats.due() | character.skeleton_gate.passes(frame.play_time_secs):
            self._target.send(native.skeleton_message(frame.character, self._skeleton, self._axes))
        if not character.gate.passes(frame.play_time_secs):
            character.carried |= frame.flags & NEWS
            return
        if character.carried:
            frame = replace(frame, flags=frame.flags | character.carried)
            character.carried = FrameFlags.NONE
        self._target.send(character.encoder.encode(frame))

    def tell(self, event: Event) -> None:
        """Send ``event`` as one message."""
        self._target.send(receipts.event_message(event))

    def close(self) -> None:
        """Close the socket."""
        self._target.close()

    def _add(self, number: int) -> _Character:
        encoder = native.FrameEncoder(number, self._topics, self._axes)
        character = _Character(encoder, Decimator(self._rate_hz), Repeats(self._board))
        self._characters[number] = character
        return character


def send_prompt(
    text: str,
    host: str = DEFAULT_HOST,
    port: int = 9500,
    character: int = 0,
    request_id: int = 0,
    urgency: Urgency = "soft",
) -> None:
    """Send one prompt to a running daemon.

    Raises:
        CommandError: If the prompt or the character is not valid.
        ConfigError: If the address cannot be used or, on this machine, nobody listens there.
    """
    prompt = SetPrompt(character=character, request_id=request_id, text=text, urgency=urgency)
    address = f"/flood/{prompt.character}/prompt{_URGENT[urgency]}"
    datagram = osc.message(address, "si", prompt.text, prompt.request_id)
    opened = connect(host, port)
    try:
        opened.send(datagram)
        # Within one machine the refusal is known as soon as the datagram has been sent.
        refused = opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    finally:
        opened.close()
    if refused:
        raise ConfigError(
            f"nobody listens on {host} port {port} (UDP): start flood-bridge, or give its port"
        )
