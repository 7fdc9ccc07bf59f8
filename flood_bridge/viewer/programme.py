"""What a character was asked to do, as the page knows it: now, next, and before.

The daemon tells which prompt each frame belongs to and when a request is first shown. What waits in
its queue it does not tell, so the page knows the waiting prompts that were sent from pages; others
appear when their turn has come. Seconds are those of the stream.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

MAX_HISTORY = 20
MAX_WAITING = 64


@dataclass(slots=True)
class Item:
    """One prompt and how long it holds; None is until another is set."""

    text: str
    secs: float | None
    request_id: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One box of the time line."""

    text: str
    secs: float | None
    state: str
    """``now``, ``next`` (asked for, not shown yet) or ``waiting``."""
    progress: float = 0.0
    """Of ``now``, 0 to 1; 0 where it has no end."""
    elapsed_secs: float = 0.0


class Programme:
    """The prompts of one character."""

    def __init__(self) -> None:
        self.history: deque[str] = deque(maxlen=MAX_HISTORY)
        """Texts that were sent from pages, the latest first, each once."""
        self._now = Item("", None, 0)
        self._since_secs = 0.0
        self._next: Item | None = None
        self._waiting: list[Item] = []

    def set(self, text: str, request_id: int, *, keeps_queue: bool = False) -> None:
        """A prompt is asked for that holds until another is set."""
        self._remember(text)
        self._next = Item(text, None, request_id)
        if not keeps_queue:
            self._waiting.clear()

    def queue(self, text: str, secs: float, request_id: int) -> None:
        """A prompt is asked for that holds ``secs`` once its turn has come."""
        self._remember(text)
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(Item(text, secs, request_id))

    def clear(self) -> None:
        """What waits is dropped."""
        self._waiting.clear()
        self._next = None

    def applied(self, text: str, request_id: int, now_secs: float) -> None:
        """The daemon shows ``text`` from now on."""
        waiting = [item.request_id for item in self._waiting]
        if request_id and request_id in waiting:
            place = waiting.index(request_id)
            item = self._waiting[place]
            del self._waiting[: place + 1]
        else:
            item = Item(text, None, request_id)
        if self._next is not None and self._next.request_id == request_id:
            self._next = None
        self._begin(item, now_secs)

    def rejected(self, request_id: int) -> None:
        """The daemon will not show what was asked for."""
        if self._next is not None and self._next.request_id == request_id:
            self._next = None
        self._waiting = [item for item in self._waiting if item.request_id != request_id]

    def shown(self, text: str, now_secs: float) -> None:
        """A frame that belongs to ``text`` is shown; tells of the return to the base."""
        if text != self._now.text:
            self._begin(Item(text, None, 0), now_secs)

    def segments(self, now_secs: float) -> list[Segment]:
        """Return the boxes of the time line, in the order of their turns."""
        elapsed = max(0.0, now_secs - self._since_secs)
        secs = self._now.secs
        progress = 0.0 if secs is None else min(1.0, elapsed / secs)
        boxes = [Segment(self._now.text, secs, "now", progress, elapsed)]
        boxes += [Segment(item.text, item.secs, "waiting") for item in self._waiting]
        if self._next is not None:
            place = len(boxes) if self._waiting else 1
            boxes.insert(place, Segment(self._next.text, None, "next"))
        return boxes

    def _begin(self, item: Item, now_secs: float) -> None:
        self._now, self._since_secs = item, now_secs

    def _remember(self, text: str) -> None:
        if text in self.history:
            self.history.remove(text)
        self.history.appendleft(text)
