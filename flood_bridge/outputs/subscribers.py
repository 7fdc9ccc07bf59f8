"""Streams for those who ask for one: leases of ten seconds that are renewed by asking again.

A lease ends by itself, so a receiver that crashed is not sent to for ever. Its port is named in
the request: game engines cannot be answered on the port that they send from.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from flood_bridge.errors import CommandError, ConfigError, FloodBridgeError
from flood_bridge.events import Event
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.outputs import Output
from flood_bridge.outputs.board import Board
from flood_bridge.outputs.crowd import CrowdOutput
from flood_bridge.outputs.osc import NativeOscOutput
from flood_bridge.outputs.ros2_wire import RobotOscOutput
from flood_bridge.outputs.vmc import VmcOutput
from flood_bridge.outputs.vrchat import VrchatOutput
from flood_bridge.protocol import native
from flood_bridge.protocol.axes import UNITY, UNREAL_MESH
from flood_bridge.protocol.wishes import LEASE_SECS, Subscribe, ThinVmc, Unsubscribe, Wish

logger = logging.getLogger(__name__)

MAX_SUBSCRIBERS = 32

_FAILURES = (OSError, FloodBridgeError)
"""What one stream may fail with: its receiver is out of reach, or a frame has no place in it."""

_Key = tuple[str, int, str, int]


@dataclass(slots=True)
class _Lease:
    wish: Subscribe
    output: Output
    ends_secs: float


class Subscribers:
    """All leases as one output, and the one place where wishes are granted.

    Args:
        now_secs: The clock by which leases end.

    Attributes:
        board: What is wished of the other streams.
    """

    name = "subscribers"

    def __init__(self, now_secs: Callable[[], float]) -> None:
        self.board = Board()
        self._now_secs = now_secs
        self._skeleton: Skeleton | None = None
        self._leases: dict[_Key, _Lease] = {}
        self._failed: dict[_Key, str] = {}
        """Why leases failed; whoever asks again and again fills no log."""
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._leases)

    def begin(self, skeleton: Skeleton) -> None:
        """Accept subscriptions from now on, to streams of this body."""
        self._skeleton = skeleton

    def grant(self, wish: Wish) -> None:
        """Fulfil ``wish``; callable from any thread.

        Raises:
            CommandError: If it cannot be fulfilled.
        """
        match wish:
            case Subscribe():
                self._subscribe(wish)
            case Unsubscribe():
                self._unsubscribe(wish)
            case ThinVmc():
                self.board.vmc_period = wish.period
            case _:
                self.board.resends += 1

    def send(self, frame: Frame) -> None:
        """Send ``frame`` to everyone whose lease has not ended."""
        with self._lock:
            self._end_old()
            for key, lease in list(self._leases.items()):
                self._try(key, lambda lease=lease: lease.output.send(frame))

    def tell(self, event: Event) -> None:
        """Tell ``event`` to everyone whose lease has not ended."""
        with self._lock:
            self._end_old()
            for key, lease in list(self._leases.items()):
                self._try(key, lambda lease=lease: lease.output.tell(event))

    def close(self) -> None:
        """End all leases, for good."""
        with self._lock:
            self._skeleton = None
            for key in list(self._leases):
                self._end(key, "the daemon ends")

    def _subscribe(self, wish: Subscribe) -> None:
        key = (wish.host, wish.port, wish.format, wish.character)
        with self._lock:
            self._end_old()
            ends_secs = self._now_secs() + LEASE_SECS
            lease = self._leases.get(key)
            if lease is not None and lease.wish == wish:
                lease.ends_secs = ends_secs
                self._failed.pop(key, None)  # it has worked since
                return
            if lease is not None:
                self._end(key, "asked for anew")
            if len(self._leases) >= MAX_SUBSCRIBERS:
                raise CommandError(f"{MAX_SUBSCRIBERS} subscriptions run already, the most")
            self._leases[key] = _Lease(wish, self._open(wish), ends_secs)
            level = logging.DEBUG if key in self._failed else logging.INFO
            logger.log(level, "%s to %s port %d is subscribed", wish.format, wish.host, wish.port)

    def _unsubscribe(self, wish: Unsubscribe) -> None:
        with self._lock:
            mine = [key for key in self._leases if key[:2] == (wish.host, wish.port)]
            for key in mine:
                self._end(key, "asked for")
        if not mine:
            raise CommandError(f"no subscription of {wish.host} port {wish.port} runs")

    def _open(self, wish: Subscribe) -> Output:
        if self._skeleton is None:
            raise CommandError("the model is still loading; ask again")
        try:
            return _open_for(wish, self._skeleton, self.board)
        except (ConfigError, OSError) as error:
            raise CommandError(str(error)) from error

    def _try(self, key: _Key, act: Callable[[], None]) -> None:
        """Act for one subscriber; one that cannot be served loses its lease and harms no other."""
        try:
            act()
        except _FAILURES as error:
            self._fail(key, str(error))

    def _fail(self, key: _Key, reason: str) -> None:
        level = logging.DEBUG if self._failed.pop(key, None) == reason else logging.WARNING
        self._close(key, reason, level)
        self._failed[key] = reason
        if len(self._failed) > MAX_SUBSCRIBERS:
            del self._failed[next(iter(self._failed))]

    def _end_old(self) -> None:
        now_secs = self._now_secs()
        for key in [k for k, lease in self._leases.items() if lease.ends_secs < now_secs]:
            self._end(key, "not renewed")

    def _end(self, key: _Key, reason: str) -> None:
        self._failed.pop(key, None)
        self._close(key, reason, logging.INFO)

    def _close(self, key: _Key, reason: str, level: int) -> None:
        lease = self._leases.pop(key)
        logger.log(level, "%s to %s port %d has ended: %s", key[2], key[0], key[1], reason)
        try:
            lease.output.close()
        except _FAILURES as error:
            logger.debug("while closing: %s", error)


def _open_for(wish: Subscribe, skeleton: Skeleton, board: Board) -> Output:
    host, port, rate_hz = wish.host, wish.port, wish.rate_hz
    match wish.format:
        case "vmc":
            return VmcOutput(
                host,
                port,
                skeleton=skeleton,
                character=wish.character,
                rate_hz=rate_hz,
                board=board,
            )
        case "vrchat":
            return VrchatOutput(
                host, port, skeleton=skeleton, character=wish.character, rate_hz=rate_hz
            )
        case "q":
            return CrowdOutput(host, port, skeleton=skeleton, rate_hz=rate_hz, board=board)
        case "robot":
            return RobotOscOutput(host, port, rate_hz=rate_hz)
        case "all":
            topics = native.TOPICS
        case topic:
            topics = (topic,)
    axes = UNREAL_MESH if wish.format == "ue" else UNITY
    return NativeOscOutput(
        host, port, skeleton=skeleton, rate_hz=rate_hz, topics=topics, axes=axes, board=board
    )
