"""Datagrams to one receiver, through a socket that never blocks and is the only one of its target:
some receivers listen to no more than one sender.
"""

from __future__ import annotations

import socket
from typing import Any

from flood_bridge.errors import ConfigError

DEFAULT_HOST = "127.0.0.1"


class UdpTarget:
    """One receiver of datagrams.

    Raises:
        ConfigError: If the address cannot be used.

    Attributes:
        dropped: Datagrams that the operating system had no room for.
    """

    def __init__(self, host: str, port: int) -> None:
        self.dropped = 0
        self._socket = connect(host, port)

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


def connect(host: str, port: int) -> socket.socket:
    """Return a socket that sends to ``host`` and ``port`` and never blocks.

    Raises:
        ConfigError: If the address cannot be used.
    """
    if not 1 <= port <= 65535:
        raise ConfigError(f"port {port} of the OSC receiver {host!r}; valid are 1 to 65535")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"the OSC receiver {host!r} is not a known host: {error}") from error
    family, kind, protocol, _, address = found[0]
    try:
        # Even this fails: without IPv6 in the kernel, or with too many files open.
        opened = socket.socket(family, kind, protocol)
        return _connected(opened, address)
    except OSError as error:
        raise ConfigError(f"the OSC receiver {host} cannot be reached: {error}") from error


def _connected(opened: socket.socket, address: Any) -> socket.socket:
    try:
        opened.setblocking(False)
        opened.connect(address)
    except OSError:
        opened.close()
        raise
    return opened


def checked_rate(rate_hz: float | None) -> float | None:
    """Return ``rate_hz``, frames per second, or None for all of them.

    Raises:
        ConfigError: If it is no rate.
    """
    if rate_hz is not None and not 0 < rate_hz <= 1000:
        raise ConfigError(f"a rate of {rate_hz} frames/s; valid are more than 0 to 1000")
    return rate_hz
