"""What goes wrong while the page is served, told once and then ever more rarely."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

MAX_KINDS = 64
"""More kinds than this are told as one."""
MAX_WORDS = 500
"""Longest account of one, characters."""


class Troubles:
    """Counts each kind and tells of the 1st, the 10th, the 100th and so on.

    Args:
        tell: Gets one line each time.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._counts: dict[str, int] = {}

    def note(self, error: BaseException) -> None:
        """Count ``error``, and tell of it if it is time to."""
        words = describe(error)
        kind = words if words in self._counts or len(self._counts) < MAX_KINDS else ""
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        if str(count).strip("0") == "1":
            self._tell(words if count == 1 else f"{words} ({count} times)")


def describe(error: BaseException) -> str:
    """Return what ``error`` is and where it arose, in one line."""
    calls = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(calls[-1].filename).name}:{calls[-1].lineno})" if calls else ""
    words = " ".join(str(error).split())[:MAX_WORDS]
    return f"{type(error).__name__}: {words}{where}"
