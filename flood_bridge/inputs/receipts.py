"""Listens to what the daemon says on the native OSC port: for ``flood-bridge say``.

Only possible where nobody else receives that stream: a UDP port has one listener.
"""

from __future__ import annotations

import re
import socket

from flood_bridge.errors import ConfigError, ProtocolError
from flood_bridge.events import PromptApplied, Rejected
from flood_bridge.protocol import osc

_APPLIED = re.compile(r"/flood/(\d{1,9})/prompt/applied")
_MAX_UDP_BYTES = 65535


class ReceiptListener:
    """Receives receipts and refusals.

    Raises:
        ConfigError: If the port is taken, or the address is not this machine's.
    """

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise ConfigError(f"cannot listen on {host} port {port} (UDP): {error}") from error

    @property
    def port(self) -> int:
        """The UDP port that is open."""
        return self._socket.getsockname()[1]

    def receive(self, timeout_secs: float) -> list[PromptApplied | Rejected] | None:
        """Return what the next datagram tells, which may be nothing; None when none came."""
        self._socket.settimeout(max(timeout_secs, 1e-3))
        try:
            datagram = self._socket.recv(_MAX_UDP_BYTES)
            messages = osc.parse(datagram)
        except TimeoutError:
            return None
        except ProtocolError:
            return []
        return [event for event in map(_read, messages) if event is not None]

    def close(self) -> None:
        """Close the port."""
        self._socket.close()


def _read(message: osc.Message) -> PromptApplied | Rejected | None:
    if message.address == "/flood/error" and message.types == "is":
        return Rejected(*message.arguments)
    applied = _APPLIED.fullmatch(message.address)
    if applied is not None and message.types == "isii":
        return PromptApplied(int(applied[1]), *message.arguments)
    return None
