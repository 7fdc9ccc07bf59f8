"""What was made of the texts used last, within a bound of number and of size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """Makes the value of a text once while it is remembered; safe to call from several threads.

    Args:
        make: Makes the value of a text.
        bytes_of: Memory that a value takes.
        capacity: Most values kept.
        most_bytes: Most memory kept. The value used last stays, however large it is.
    """

    def __init__(
        self,
        make: Callable[[str], Value],
        bytes_of: Callable[[Value], int],
        capacity: int,
        most_bytes: int,
    ) -> None:
        self._make, self._bytes_of = make, bytes_of
        self._capacity, self._most_bytes = capacity, most_bytes
        self._known: OrderedDict[str, Value] = OrderedDict()
        self._lock = threading.Lock()
        self.held_bytes = 0

    def __len__(self) -> int:
        return len(self._known)

    def __call__(self, text: str) -> Value:
        """Return what ``make`` makes of ``text``, or has made of it before."""
        with self._lock:
            if text in self._known:
                self._known.move_to_end(text)
                return self._known[text]
        made = self._make(text)  # outside the lock: known texts need not wait
        with self._lock:
            return self._keep(text, made)

    def _keep(self, text: str, made: Value) -> Value:
        if text in self._known:  # another thread was faster; one text is one object
            return self._known[text]
        self._known[text] = made
        self.held_bytes += self._bytes_of(made)
        while len(self._known) > 1 and self._is_too_much():
            self.held_bytes -= self._bytes_of(self._known.popitem(last=False)[1])
        return made

    def _is_too_much(self) -> bool:
        return len(self._known) > self._capacity or self.held_bytes > self._most_bytes
