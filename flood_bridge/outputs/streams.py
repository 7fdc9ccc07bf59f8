"""Makes the output that a receiver wants, and shares one output out among characters."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flood_bridge.errors import ConfigError
from flood_bridge.events import Event
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.outputs import Output
from flood_bridge.outputs.board import Board
from flood_bridge.outputs.crowd import CrowdOutput
from flood_bridge.outputs.osc import NativeOscOutput
from flood_bridge.outputs.vmc import VmcOutput
from flood_bridge.outputs.vrchat import VrchatOutput
from flood_bridge.protocol.receivers import Receiver

logger = logging.getLogger(__name__)


MAX_PORTS = 64
"""Sockets kept open; the one that was silent longest makes room for a new character's."""


class OnePortEach:
    """Gives every character an output of its own, made when its first frame comes.

    Args:
        name: Of the output as a whole.
        make: Makes the output of one character; called at once for character 0, so that a wrong
            address shows before the stream begins.
    """

    def __init__(self, name: str, make: Callable[[int], Output]) -> None:
        self.name = name
        self._make = make
        self._outputs: dict[int, Output] = {0: make(0)}  # the one used last at the end
        self._without_port: set[int] = set()

    def send(self, frame: Frame) -> None:
        """Send ``frame`` through its character's output."""
        number = frame.character
        if number in self._without_port:
            return
        output = self._outputs.pop(number, None) or self._open(number)
        if output is not None:
            self._outputs[number] = output
            output.send(frame)

    def tell(self, event: Event) -> None:
        """Tell ``event`` through every output."""
        for output in self._outputs.values():
            output.tell(event)

    def close(self) -> None:
        """Close every output."""
        for output in self._outputs.values():
            output.close()

    def _open(self, number: int) -> Output | None:
        """Return a new output; None, once and for all, if there is no such port."""
        if len(self._outputs) >= MAX_PORTS:
            self._outputs.pop(next(iter(self._outputs))).close()
        try:
            return self._make(number)
        except ConfigError as error:
            logger.warning("character %d is not sent over %s: %s", number, self.name, error)
            self._without_port.add(number)
            return None


def open_stream(receiver: Receiver, skeleton: Skeleton, board: Board | None = None) -> Output:
    """Return the output that sends what ``receiver`` wants.

    Raises:
        ConfigError: If its address cannot be used.
    """
    match receiver.kind:
        case "native":
            return NativeOscOutput(
                receiver.host,
                receiver.port,
                skeleton=skeleton,
                rate_hz=receiver.rate_hz,
                topics=receiver.topics,
                axes=receiver.axes,
                board=board,
            )
        case "compact":
            return CrowdOutput(
                receiver.host,
                receiver.port,
                skeleton=skeleton,
                rate_hz=receiver.rate_hz,
                board=board,
            )
        case "vmc":
            return OnePortEach("vmc", lambda n: _vmc(receiver, skeleton, board, n))
        case "vrchat":
            return OnePortEach("vrchat", lambda n: _vrchat(receiver, skeleton, n))


def _vmc(receiver: Receiver, skeleton: Skeleton, board: Board | None, character: int) -> VmcOutput:
    return VmcOutput(
        receiver.host,
        receiver.port + character,
        skeleton=skeleton,
        form=receiver.form,
        character=character,
        rate_hz=receiver.rate_hz,
        board=board,
    )


def _vrchat(receiver: Receiver, skeleton: Skeleton, character: int) -> VrchatOutput:
    return VrchatOutput(
        receiver.host,
        receiver.port + character,
        skeleton=skeleton,
        height_m=receiver.height_m,
        character=character,
        rate_hz=receiver.rate_hz,
    )
