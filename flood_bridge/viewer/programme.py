"""What a character was asked to do, as the page knows it: now, next, and before.

The page hears of every request, its own and those of OSC, ROS 2 and the terminal; the daemon's
frames and receipts tell when each is shown. Seconds are those of the character's motion: they stand
still while it does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

MAX_HISTORY = 20
MAX_WAITING = 64
STALE_SECS = 3.0
"""What was queued longer ago is gone when the base plays again: it was refused unheard."""
_LATE_SECS = 0.5
"""By so much a queued prompt may last longer than it was asked to: latents are 0.2 s."""


@dataclass(slots=True)
class Item:
    """One prompt and how long it holds; None is until another is set."""

    text: str
    secs: float | None
    request_id: int
    by: str = ""
    """Which input it came from; empty is the page."""
    asked_secs: float = 0.0


@dataclass(frozen=True, slots=True)
class Segment:
    """One box of the time line."""

    text: str
    secs: float | None
    state: str
    """``now``, ``next`` (asked for, not shown yet), ``waiting`` or ``after`` (the base, again)."""
    progress: float = 0.0
    """Of ``now``, 0 to 1; 0 where it has no end."""
    elapsed_secs: float = 0.0
    by: str = ""
    """Which input it came from; empty is the page."""


class Programme:
    """The prompts of one character."""

    def __init__(self) -> None:
        self.history: deque[str] = deque(maxlen=MAX_HISTORY)
        """Texts that were sent from pages, the latest first, each once."""
        self._now = Item("", None, 0)
        self._base = ""
        self._since_secs = 0.0
        self._awaits_receipt = False
        self._next: Item | None = None
        self._next_follows = False
        self._waiting: list[Item] = []

    def set(self, text: str, request_id: int, *, keeps_queue: bool = False, by: str = "") -> None:
        """A prompt is asked for that holds until another is set."""
        self._remember(text, by)
        self._next, self._next_follows = Item(text, None, request_id, by), keeps_queue
        if not keeps_queue:
            self._waiting.clear()

    def queue(
        self, text: str, secs: float, request_id: int, now_secs: float = 0.0, by: str = ""
    ) -> None:
        """A prompt is asked for that holds ``secs`` once its turn has come."""
        self._remember(text, by)
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(Item(text, secs, request_id, by, now_secs))

    def clear(self) -> None:
        """What is queued and does not play yet is to be forgotten."""
        self._waiting.clear()

    def applied(self, text: str, request_id: int, now_secs: float) -> None:
        """The daemon shows ``text`` from now on."""
        if self._awaits_receipt and (self._now.request_id, self._now.text) == (request_id, text):
            self._awaits_receipt, self._since_secs = False, now_secs
            return
        item = self._take(lambda each: (each.request_id, each.text) == (request_id, text))
        self._begin(item or Item(text, None, request_id), now_secs)

    def rejected(self, request_id: int) -> None:
        """The daemon will not show what was asked for."""
        if self._next is not None and self._next.request_id == request_id:
            self._next = None
        self._waiting = [item for item in self._waiting if item.request_id != request_id]

    def shown(self, text: str, now_secs: float) -> None:
        """A frame that belongs to ``text`` is shown; its receipt may come a little later."""
        secs = self._now.secs
        if text != self._now.text:
            item = self._take(lambda each: each.text == text)
            self._awaits_receipt = item is not None
            self._begin(item or Item(text, None, 0), now_secs)
        elif secs is not None and now_secs > self._since_secs + secs + _LATE_SECS:
            item = None
            self._begin(Item(text, None, 0), self._since_secs + secs)
        else:
            return
        if item is None:
            self._waiting = [i for i in self._waiting if now_secs - i.asked_secs < STALE_SECS]

    def segments(self, now_secs: float) -> list[Segment]:
        """Return the boxes of the time line, in the order of their turns."""
        elapsed, now = max(0.0, now_secs - self._since_secs), self._now
        progress = 0.0 if now.secs is None else min(1.0, elapsed / now.secs)
        boxes = [Segment(now.text, now.secs, "now", progress, elapsed, now.by)]
        boxes += [Segment(each.text, each.secs, "waiting", by=each.by) for each in self._waiting]
        if self._next is not None:
            place = len(boxes) if self._next_follows else 1
            boxes.insert(place, Segment(self._next.text, None, "next", by=self._next.by))
        elif len(boxes) > 1 or now.secs is not None:
            boxes.append(Segment(self._base, None, "after"))
        return boxes

    def _take(self, wanted: Callable[[Item], bool]) -> Item | None:
        """Take out and return what is shown now; what waited before it has been passed over."""
        if self._next is not None and not self._next_follows and wanted(self._next):
            item, self._next = self._next, None
            return item
        for place, item in enumerate(self._waiting):
            if wanted(item):
                del self._waiting[: place + 1]
                return item
        if self._next is not None and wanted(self._next):
            item, self._next = self._next, None
            return item
        return None

    def _begin(self, item: Item, now_secs: float) -> None:
        self._now, self._since_secs = item, now_secs
        if item.secs is None:
            self._base = item.text

    def _remember(self, text: str, by: str) -> None:
        if by:
            return
        if text in self.history:
            self.history.remove(text)
        self.history.appendleft(text)
