"""Nobody watches and nobody is sent to: then no motion need be made.

What sleeps is paused as people pause it, so it goes on from the very pose when somebody comes.
What stood still already, because it was paused or at rest, is left as it is.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from flood_bridge.commands import Command, Pause, Resume
from flood_bridge.events import Event, Status
from flood_bridge.motion.frames import Frame, FrameFlags

logger = logging.getLogger(__name__)

PATIENCE_SECS = 5.0
"""How long nobody has to be there: reloading a page takes a second."""


class Sleep:
    """Decides who sleeps.

    Args:
        others: Whether anybody but the page is sent to.

    Attributes:
        submit: Passes a command to the daemon.
    """

    def __init__(self, others: Callable[[], bool]) -> None:
        self.submit: Callable[[Command], None] = lambda _: None
        self._others = others
        self._lock = threading.Lock()
        self._watchers = 0
        self._alone_since_secs: float | None = None
        self._moving: dict[int, bool] = {}
        self._asleep: set[int] = set()

    @property
    def asleep(self) -> bool:
        """Whether anybody sleeps."""
        return bool(self._asleep)

    def saw(self, frame: Frame) -> None:
        """Note whether the character of ``frame`` moves."""
        self._moving[frame.character] = not frame.flags & FrameFlags.IDLE

    def watched_by(self, people: int) -> None:
        """So many people have the page open."""
        with self._lock:
            self._watchers = people
            self._alone_since_secs = None
            wake = self._wake() if people else []
        self._obey(wake)

    def tell(self, event: Event) -> None:
        """Look at the clock of the status: is it time to sleep, or to wake?"""
        if not isinstance(event, Status) or event.state == "stopping":
            return
        with self._lock:
            wishes = self._look(event.uptime_secs)
        self._obey(wishes)

    def _look(self, now_secs: float) -> list[Command]:
        if self._watchers or self._others():
            self._alone_since_secs = None
            return self._wake()
        if self._alone_since_secs is None:
            self._alone_since_secs = now_secs
        if now_secs - self._alone_since_secs < PATIENCE_SECS:
            return []
        tired = {n for n, moving in self._moving.items() if moving} - self._asleep
        self._asleep |= tired
        return [Pause(character=number) for number in sorted(tired)]

    def _wake(self) -> list[Command]:
        woken, self._asleep = self._asleep, set()
        return [Resume(character=number) for number in sorted(woken)]

    def _obey(self, wishes: list[Command]) -> None:
        if wishes:
            sleeps = isinstance(wishes[0], Pause)
            logger.info("nobody watches: asleep" if sleeps else "awake: the motion goes on")
        for wish in wishes:
            self.submit(wish)
