"""How much may pass: from each sender in, to a receiver out, of complaints. Time is an argument."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable


class TokenBuckets:
    """Lets every source pass ``rate_hz`` messages per second, and ``burst`` at once.

    The table holds at most ``max_sources``; the one that was silent longest makes room. A source
    whose address is forged afresh each time gets past it, so bound the sum by a second instance
    with one key.
    """

    def __init__(self, rate_hz: float, burst: float, max_sources: int = 256) -> None:
        self._rate_hz = rate_hz
        self._burst = burst
        self._max_sources = max_sources
        self._tokens: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tokens)

    def take(self, source: Hashable, now_secs: float, count: int = 1) -> bool:
        """Return whether ``source`` may pass ``count`` messages now, and count them if so."""
        tokens, then_secs = self._tokens.pop(source, (self._burst, now_secs))
        tokens = min(self._burst, tokens + (now_secs - then_secs) * self._rate_hz)
        granted = tokens >= count
        self._tokens[source] = (tokens - count if granted else tokens, now_secs)
        if len(self._tokens) > self._max_sources:
            self._tokens.popitem(last=False)
        return granted


class Decimator:
    """Thins a stream of play times to at most ``rate_hz``, evenly in the mean.

    Args:
        rate_hz: Frames per second that pass; None passes all.
    """

    def __init__(self, rate_hz: float | None) -> None:
        self._period_secs = 0.0 if rate_hz is None else 1.0 / rate_hz
        self._tolerance_secs = min(0.05 * self._period_secs, 0.002)
        self._due_secs = -math.inf

    def passes(self, time_secs: float) -> bool:
        """Return whether the frame that plays at ``time_secs`` is to be sent."""
        early_secs = self._due_secs - time_secs
        # Rounding puts frames a little before their places; that must not cost a whole tick.
        # And a clock that was set back must not silence the stream.
        if self._tolerance_secs < early_secs < 2 * self._period_secs:
            return False
        on_grid = abs(early_secs) <= self._period_secs
        self._due_secs = (self._due_secs if on_grid else time_secs) + self._period_secs
        return True


class Complaints:
    """Lets a complaint pass when it is a new one, and one in ``period_secs`` at most.

    For what is repeated many times a second: whoever can mend it has to hear of it once.
    """

    def __init__(self, period_secs: float = 1.0) -> None:
        self._period_secs = period_secs
        self._told = ""
        self._told_secs = -math.inf

    def passes(self, now_secs: float, text: str) -> bool:
        """Return whether ``text`` is to be told."""
        if text == self._told or now_secs - self._told_secs < self._period_secs:
            return False
        self._told, self._told_secs = text, now_secs
        return True

    def settle(self) -> None:
        """Note that all is well; the same complaint would be news again."""
        self._told = ""
