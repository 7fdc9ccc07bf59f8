"""The link of a ROS node to a daemon that runs elsewhere: one UDP socket, leases renewed."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable
from typing import Any

from flood_bridge.commands import Command
from flood_bridge.errors import ConfigError, ProtocolError
from flood_bridge.events import Event, Rejected
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.protocol import osc
from flood_bridge.protocol.ros_link import LinkReader, command_datagram
from flood_bridge.protocol.wishes import MAX_SUBSCRIBER_RATE_HZ

logger = logging.getLogger(__name__)

RENEW_SECS = 0.4
"""A daemon that was started again is found after so long, and one that has nothing to send answers
as often."""
SILENT_SECS = 0.75
"""A daemon that says nothing for so long is taken for dead."""
STREAM = ("robot", "all")
"""The robot comes first, so that it is known when its frame comes."""
IDLE = ("root",)
"""With any native format receipts and status come; this one is the smallest."""
IDLE_HZ = 1.0
_FRAME = re.compile(rb"#bundle\0.{12}/flood/(\d{1,4})/frame\0", re.DOTALL)
_RECEIVE_BYTES = 1 << 21
_MAX_UDP_BYTES = 65535
_MOST_AT_ONCE = 1024


class DaemonLink:
    """Receives a daemon's stream and sends it commands.

    Args:
        host: Where the daemon listens.
        port: Its control port.
        now_secs: A clock that nobody sets.
        rate_hz: Frames per second to ask for.

    Raises:
        ConfigError: If the address cannot be used.
    """

    def __init__(
        self,
        host: str,
        port: int,
        now_secs: Callable[[], float],
        rate_hz: float = MAX_SUBSCRIBER_RATE_HZ,
    ) -> None:
        self._now_secs, self.rate_hz = now_secs, rate_hz
        self._reader = LinkReader()
        self._socket, self._daemon = _open(host, port)
        self._port = self._socket.getsockname()[1]
        self._renew_secs = 0.0
        self._heard_secs = -1e9
        self._streaming = False
        self._formats = STREAM

    @property
    def alive(self) -> bool:
        """Whether the daemon was heard lately."""
        return self._now_secs() - self._heard_secs < SILENT_SECS

    @property
    def skeleton(self) -> Skeleton | None:
        """The body, once it was told."""
        return self._reader.skeleton

    def stream(self, wanted: bool) -> None:
        """Ask for frames, or for receipts and status alone, which always come."""
        if wanted != self._streaming:
            self._streaming = wanted
            self._unsubscribe()
            self._renew_secs = 0.0

    def poll(self, wait_secs: float) -> list[Frame | Event]:
        """Return what has come, or comes next; nothing if nothing came in time.

        Of frames that wait only the newest of each character is read: a receiver that was held up
        goes on with the present, not with the past.
        """
        if self._now_secs() >= self._renew_secs:
            self._renew_secs = self._now_secs() + RENEW_SECS
            self._renew()
        told: list[Frame | Event] = []
        for datagram in newest_frames(self._arrived(wait_secs)):
            try:
                told += self._reader.read(datagram)
            except ProtocolError as error:
                logger.debug("a datagram is passed over: %s", error)
        return [each for each in told if not self._knows_no_robot(each)]

    def submit(self, command: Command) -> None:
        """Send ``command``.

        Raises:
            CommandError: If the wire has no address for it.
        """
        self._send(command_datagram(command))

    def close(self) -> None:
        """End the subscriptions and close the socket."""
        self._unsubscribe()
        self._socket.close()

    def _arrived(self, wait_secs: float) -> list[bytes]:
        """Wait for a datagram; return it and all that wait behind it."""
        arrived: list[bytes] = []
        self._socket.settimeout(max(wait_secs, 1e-3))
        try:
            while len(arrived) < _MOST_AT_ONCE:
                datagram, sender = self._socket.recvfrom(_MAX_UDP_BYTES)
                self._socket.setblocking(False)
                if sender[0] == self._daemon[0]:
                    self._heard_secs = self._now_secs()
                    arrived.append(datagram)
        except (TimeoutError, BlockingIOError, ConnectionError):
            pass
        return arrived

    def _unsubscribe(self) -> None:
        self._send(osc.message("/flood/unsubscribe", "si", "", self._port))

    def _knows_no_robot(self, told: Frame | Event) -> bool:
        """Whether this is an older daemon's refusal to send the robot's joints."""
        if not isinstance(told, Rejected) or not told.reason.startswith("the format is 'robot'"):
            return False
        if "robot" in self._formats:
            logger.warning("this daemon does not send its robot's joints: it is too old")
        self._formats = ("all",)
        return True

    def _renew(self) -> None:
        rate_hz = self.rate_hz if self._streaming else IDLE_HZ
        for form in self._formats if self._streaming else IDLE:
            self._send(osc.message("/flood/subscribe", "sisf", "", self._port, form, rate_hz))
        self._send(osc.message("/flood/ping", "i", 0))

    def _send(self, datagram: bytes) -> None:
        try:
            self._socket.sendto(datagram, self._daemon)
        except OSError as error:  # nobody listens yet, or the network is down
            logger.debug("the daemon cannot be reached: %s", error)


def newest_frames(datagrams: list[bytes]) -> list[bytes]:
    """Return ``datagrams`` in order, without the frames that a later one of theirs follows.

    A frame is a bundle whose first message is ``/flood/{id}/frame``.
    """
    kept: list[bytes] = []
    seen: set[bytes] = set()
    for datagram in reversed(datagrams):
        found = _FRAME.match(datagram)
        if found is not None:
            if found[1] in seen:
                continue
            seen.add(found[1])
        kept.append(datagram)
    return kept[::-1]


def _open(host: str, port: int) -> tuple[socket.socket, tuple[Any, ...]]:
    """Return a socket, and the daemon's numeric address."""
    if not 1 <= port <= 65535:
        raise ConfigError(f"daemon_port is {port}; valid are 1 to 65535")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        opened = socket.socket(family, kind, protocol)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
        opened.bind(("", 0))
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"daemon_host {host!r} cannot be used: {error}") from error
    return opened, address
