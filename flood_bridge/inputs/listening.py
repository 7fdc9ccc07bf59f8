"""A UDP port that takes any datagram: for the doctor's monitor, recorder and loss check."""

from __future__ import annotations

import socket

from flood_bridge.errors import ConfigError

WANTED_BUFFER_BYTES = 1 << 22
_MAX_UDP_BYTES = 65535


class Ear:
    """Receives datagrams.

    Args:
        host: Address of this machine to listen on.
        port: UDP port; 0 takes any free one, see :attr:`port`.
        buffer_bytes: Receive buffer to ask for; None keeps the system's default.

    Raises:
        ConfigError: If the port is taken, or the address is not this machine's.
    """

    def __init__(self, host: str, port: int, buffer_bytes: int | None = None) -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError) as error:
            raise ConfigError(f"{host!r} is not an address of this machine: {error}") from error
        family, kind, protocol, _, address = found[0]
        self._socket = socket.socket(family, kind, protocol)
        if buffer_bytes is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        try:
            self._socket.bind(address)
        except OSError as error:
            self._socket.close()
            raise ConfigError(
                f"cannot listen on {host} port {port} (UDP): {error.strerror}; another program"
                " holds it, and a UDP port has one listener"
            ) from error

    @property
    def port(self) -> int:
        """The UDP port that is open."""
        return self._socket.getsockname()[1]

    @property
    def buffer_bytes(self) -> int:
        """The receive buffer that the system has given; Linux counts its own part in."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

    def receive(self, timeout_secs: float) -> tuple[bytes, str] | None:
        """Return the next datagram and who sent it; None when none came in time."""
        self._socket.settimeout(max(timeout_secs, 1e-3))
        try:
            datagram, sender = self._socket.recvfrom(_MAX_UDP_BYTES)
        except (TimeoutError, ConnectionResetError):
            return None
        return datagram, f"{sender[0]}:{sender[1]}"

    def close(self) -> None:
        """Close the port."""
        self._socket.close()


def is_free(host: str, port: int) -> bool:
    """Return whether nobody on this machine listens on ``port``."""
    try:
        Ear(host, port).close()
    except ConfigError:
        return False
    return True
