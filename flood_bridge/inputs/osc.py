"""Commands over OSC: one UDP port, by default only for this machine.

The port never answers a sender, whose address may be forged; refusals go to the daemon, which
tells them on its outputs. Whoever sends too much is cut off without harm to the others. Wishes
about the streams themselves (subscriptions, for example) go to the outputs directly.
"""

from __future__ import annotations

import logging
import math
import socket
import threading
from collections import Counter
from collections.abc import Callable, Sequence

from flood_bridge.commands import Command
from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.events import Rejected
from flood_bridge.inputs import Reject, Submit
from flood_bridge.inputs.admission import Doorkeeper, plain_address, read_networks
from flood_bridge.protocol import control
from flood_bridge.protocol.wishes import Wish

logger = logging.getLogger(__name__)

DEFAULT_LISTEN = "127.0.0.1"
DEFAULT_PORT = 9500

_MAX_UDP_BYTES = 65535
_RECEIVE_BUFFER_BYTES = 1 << 20
_CLOSE_CHECK_SECS = 0.1
_RATE_NOTICE_SECS = 1.0


def _refuse_wish(wish: Wish) -> None:
    raise CommandError(f"this daemon has no output that takes {type(wish).__name__}")


class OscInput:
    """Listens for ``/flood/...`` commands.

    Args:
        listen: Address of the interface; ``0.0.0.0`` or ``::`` opens the port to the network.
        port: UDP port; 0 takes any free one, see :attr:`port`.
        messages_per_sec: What one sender (address and port) may send in the long run; see
            :class:`~flood_bridge.inputs.admission.Doorkeeper` for what is said of robots.
        total_per_sec: What all senders together may send in the long run.
        now_secs: The clock by which senders are measured.
        allow: Addresses and networks of those who may send besides this machine; empty lets in
            everyone whom the interface reaches.
        grant: Takes the wishes; raises CommandError for those that cannot be fulfilled.

    Raises:
        ConfigError: If the port cannot be opened.

    Attributes:
        refused: How many messages were not obeyed, by kind.
    """

    name = "osc"

    def __init__(
        self,
        listen: str = DEFAULT_LISTEN,
        port: int = DEFAULT_PORT,
        *,
        now_secs: Callable[[], float],
        messages_per_sec: float = 100.0,
        total_per_sec: float = 1000.0,
        allow: Sequence[str] = (),
        grant: Callable[[Wish], None] = _refuse_wish,
    ) -> None:
        networks = read_networks(allow)
        self._door = Doorkeeper(networks, messages_per_sec, total_per_sec, now_secs)
        self._grant = grant
        self._socket = _open_socket(listen, port)
        self._now_secs = now_secs
        self._next_rate_notice_secs = -math.inf
        self.refused: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._closing = False
        self._running = False

    @property
    def port(self) -> int:
        """The UDP port that is open."""
        return self._socket.getsockname()[1]

    def run(self, submit: Submit, reject: Reject) -> None:
        """Receive until :meth:`close`."""
        with self._lock:
            if self._closing:
                return
            self._running = True
        try:
            while not self._closing:
                self._receive(submit, reject)
        finally:
            self._socket.close()

    def close(self) -> None:
        """Close the port; :meth:`run` returns within 0.1 s."""
        with self._lock:
            self._closing = True
            # A socket that another thread waits on is closed by that thread: its number could
            # otherwise be given to a new socket while the wait goes on.
            if not self._running:
                self._socket.close()

    def _receive(self, submit: Submit, reject: Reject) -> None:
        try:
            datagram, sender = self._socket.recvfrom(_MAX_UDP_BYTES)
        except (TimeoutError, ConnectionResetError):
            return
        if not self._door.knows(sender[0]):
            self._turn_away(sender)
            return
        asked = control.read_datagram(datagram, str(plain_address(sender[0])))
        admitted = self._door.admit(sender[0], sender[1], asked)
        if admitted.lost:
            self._cut_off(sender, admitted.lost, reject)
        if admitted.thinned:
            self._thin(sender, admitted.thinned)
        for item in admitted.items:
            self._obey(item, sender, submit, reject)

    def _obey(
        self, item: Command | Wish | Rejected, sender: tuple, submit: Submit, reject: Reject
    ) -> None:
        if isinstance(item, Rejected):
            self._refuse("refused", item, sender, reject)
            return
        try:
            if isinstance(item, Command):
                submit(item)
            else:
                self._grant(item)
        except CommandError as error:
            request_id = item.request_id if isinstance(item, Command) else 0
            self._refuse("refused", Rejected(request_id, str(error)), sender, reject)
        except Exception as error:  # a fault of ours: a stop must be heard after it all the same
            logger.debug("while obeying %s", item, exc_info=True)
            what = f"{type(item).__name__} failed: {type(error).__name__}: {error}"
            self._refuse("failed", Rejected(0, what), sender, reject)

    def _turn_away(self, sender: tuple) -> None:
        """Count a sender who is not on the list; nobody is told, or forged ones would be heard."""
        level = logging.DEBUG if self.refused["not allowed"] else logging.WARNING
        self.refused["not allowed"] += 1
        logger.log(level, "OSC from %s is not on the list of those who may send", sender[0])

    def _thin(self, sender: tuple, count: int) -> None:
        """Count measurements that are left out; nobody is told, for newer ones follow at once."""
        if not self.refused["thinned"]:
            logger.info("OSC from %s:%d: more measured joints than are needed", *sender[:2])
        self.refused["thinned"] += count

    def _cut_off(self, sender: tuple, count: int, reject: Reject) -> None:
        now_secs = self._now_secs()
        if now_secs < self._next_rate_notice_secs:
            self.refused["too many"] += count
        else:
            self._next_rate_notice_secs = now_secs + _RATE_NOTICE_SECS
            notice = Rejected(0, f"too many messages from {sender[0]}:{sender[1]}; some are lost")
            self._refuse("too many", notice, sender, reject, count)

    def _refuse(
        self, kind: str, refusal: Rejected, sender: tuple, reject: Reject, count: int = 1
    ) -> None:
        """Pass on and count a refusal; the log gets only the first of its kind."""
        level = logging.DEBUG if self.refused[kind] else logging.WARNING
        self.refused[kind] += count
        logger.log(level, "OSC from %s:%d: %s", sender[0], sender[1], refusal.reason)
        reject(refusal)


def _open_socket(listen: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise ConfigError(f"the OSC input's port is {port}; valid are 0 (any free one) to 65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            listen, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise ConfigError(
            f"the OSC input cannot listen on {listen!r}: {error};"
            " give an address of this machine, such as 127.0.0.1 or 0.0.0.0"
        ) from error
    opened = socket.socket(family, kind, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
    opened.settimeout(_CLOSE_CHECK_SECS)
    try:
        opened.bind(address)
    except OSError as error:
        opened.close()
        raise ConfigError(
            f"the OSC input cannot listen on {listen} port {port} (UDP): {error.strerror};"
            " stop the program that holds it (another flood-bridge?) or give another port"
        ) from error
    return opened
