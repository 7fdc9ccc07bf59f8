"""Motion over OSC: the native stream, VMC, and the prompt that ``flood-bridge say`` sends.

Datagrams leave through a socket that never blocks and is the only one of its target: some
receivers listen to no more than one sender.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from flood_bridge.commands import SetPrompt
from flood_bridge.errors import ConfigError
from flood_bridge.events import Event
from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.protocol import native, osc, receipts, vmc
from flood_bridge.protocol.rates import Decimator

DEFAULT_HOST = "127.0.0.1"
DEFAULT_NATIVE_PORT = 9501
DEFAULT_VMC_PORT = 39539

_SLOW_RATE_HZ = 1.0
"""How often what seldom changes is repeated, for receivers that come later."""


class UdpTarget:
    """One receiver of datagrams.

    Attributes:
        dropped: Datagrams that the operating system had no room for.
    """

    def __init__(self, host: str, port: int) -> None:
        self.dropped = 0
        self._socket = _connect(host, port)

    def send(self, datagram: bytes) -> None:
        """Send ``datagram`` or lose it; never wait."""
        try:
            self._socket.send(datagram)
        except ConnectionRefusedError:
            # Nobody listened to an earlier datagram; this one has not been sent yet.
            self._send_again(datagram)
        except BlockingIOError:
            self.dropped += 1

    def _send_again(self, datagram: bytes) -> None:
        try:
            self._socket.send(datagram)
        except (ConnectionRefusedError, BlockingIOError):
            self.dropped += 1

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


@dataclass(slots=True)
class _Character:
    """What is remembered about one character between its frames."""

    encoder: native.FrameEncoder
    gate: Decimator
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

    Raises:
        ConfigError: If the receiver's address or a setting cannot be used.
    """

    name = "osc"

    def __init__(
        self,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_NATIVE_PORT,
        *,
        skeleton: Skeleton,
        rate_hz: float | None = None,
        topics: Collection[native.Topic] = native.TOPICS,
    ) -> None:
        self._skeleton = skeleton
        self._rate_hz = _checked_rate(rate_hz)
        self._topics = topics
        native.FrameEncoder(0, topics)  # wrong topics show here, not at the first frame
        self._characters: dict[int, _Character] = {}
        self._target = UdpTarget(host, port)

    def send(self, frame: Frame) -> None:
        """Send ``frame`` as one datagram, and once per second the skeleton."""
        character = self._characters.get(frame.character) or self._add(frame.character)
        if character.skeleton_gate.passes(frame.play_time_secs):
            self._target.send(native.skeleton_message(frame.character, self._skeleton))
        if not character.gate.passes(frame.play_time_secs):
            character.carried |= frame.flags & FrameFlags.PROMPT_CHANGED
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
        encoder = native.FrameEncoder(number, self._topics)
        self._characters[number] = _Character(encoder, Decimator(self._rate_hz))
        return self._characters[number]


class VmcOutput:
    """Publishes one character to one VMC receiver: the protocol knows no more than one a port.

    Args:
        host: Receiver's name or address.
        port: Receiver's UDP port.
        skeleton: The body whose bone offsets are sent.
        root_policy: Where the way through the world goes, one of ``vmc.ROOT_POLICIES``.
        character: Whose frames are sent; those of others pass by.
        rate_hz: Most frames per second; None sends all.

    Raises:
        ConfigError: If the receiver's address or a setting cannot be used.
    """

    name = "vmc"

    def __init__(
        self,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_VMC_PORT,
        *,
        skeleton: Skeleton,
        root_policy: vmc.RootPolicy = "root",
        character: int = 0,
        rate_hz: float | None = None,
    ) -> None:
        self._character = character
        self._encoder = vmc.VmcEncoder(skeleton, root_policy)
        self._gate = Decimator(_checked_rate(rate_hz))
        self._prompt_gate = Decimator(_SLOW_RATE_HZ)
        self._target = UdpTarget(host, port)

    def send(self, frame: Frame) -> None:
        """Send ``frame`` as two datagrams, and once per second the prompt."""
        if frame.character != self._character or not self._gate.passes(frame.play_time_secs):
            return
        first, second = self._encoder.encode(frame)
        self._target.send(first)
        self._target.send(second)
        if self._prompt_gate.passes(frame.play_time_secs):
            self._target.send(vmc.option_message(frame.prompt))

    def tell(self, event: Event) -> None:
        """Do nothing: VMC has no words for it."""

    def close(self) -> None:
        """Close the socket."""
        self._target.close()


def send_prompt(
    text: str, host: str = DEFAULT_HOST, port: int = 9500, character: int = 0, request_id: int = 0
) -> None:
    """Send one prompt to a running daemon.

    Raises:
        CommandError: If the prompt or the character is not valid.
        ConfigError: If the address cannot be used or, on this machine, nobody listens there.
    """
    prompt = SetPrompt(character=character, request_id=request_id, text=text)
    address = f"/flood/{prompt.character}/prompt"
    datagram = osc.message(address, "si", prompt.text, prompt.request_id)
    opened = _connect(host, port)
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


def _connect(host: str, port: int) -> socket.socket:
    if not 1 <= port <= 65535:
        raise ConfigError(f"port {port} of the OSC receiver {host!r}; valid are 1 to 65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[
            0
        ]
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"the OSC receiver {host!r} is not a known host: {error}") from error
    opened = socket.socket(family, kind, protocol)
    opened.setblocking(False)
    try:
        opened.connect(address)
    except OSError as error:
        opened.close()
        raise ConfigError(f"the OSC receiver {host} cannot be reached: {error}") from error
    return opened


def _checked_rate(rate_hz: float | None) -> float | None:
    if rate_hz is not None and not 0 < rate_hz <= 1000:
        raise ConfigError(f"a rate of {rate_hz} frames/s; valid are more than 0 to 1000")
    return rate_hz
