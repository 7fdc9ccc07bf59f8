"""The rate and the clock of a stream that comes over a network, from when its frames arrive.

Frames are sent when they are due. So the one that travelled fastest tells how far the receiver's
clock is ahead of the sender's, and numbers and play times together tell the sender's rate.
"""

from __future__ import annotations

import math
from collections import deque

WINDOW = 256
"""Frames by which the clocks are compared."""
ENOUGH = 12


class Rhythm:
    """Measures one stream.

    Attributes:
        rate_hz: Frames per second that the sender makes; 0 while unknown.
        offset_secs: The receiver's clock minus the sender's play times; NaN while unknown.
    """

    def __init__(self) -> None:
        self.rate_hz = 0.0
        self.offset_secs = math.nan
        self._offsets: deque[float] = deque(maxlen=WINDOW)
        self._first: tuple[int, float] | None = None
        self._last: tuple[int, float] | None = None

    def add(self, sequence: int, play_secs: float, arrival_secs: float) -> bool:
        """Note a frame; return whether rate or clock are other than before by what matters."""
        if self._last is not None and not self._follows(sequence, play_secs):
            self._offsets.clear()
            self._first = None
        self._last = sequence, play_secs
        self._first = self._first or self._last
        self._offsets.append(arrival_secs - play_secs)
        if len(self._offsets) < ENOUGH:
            return False
        return self._measure()

    def _follows(self, sequence: int, play_secs: float) -> bool:
        assert self._last is not None
        return sequence > self._last[0] and 0 < play_secs - self._last[1] < 1.0

    def _measure(self) -> bool:
        assert self._first is not None
        assert self._last is not None
        frames, secs = self._last[0] - self._first[0], self._last[1] - self._first[1]
        rate_hz, offset_secs = float(round(frames / secs)), min(self._offsets)
        # Play times come in milliseconds: less than two are no news.
        moved = not abs(offset_secs - self.offset_secs) < 0.002
        changed = moved or rate_hz != self.rate_hz
        if changed and rate_hz > 0:
            self.rate_hz, self.offset_secs = rate_hz, offset_secs
        return changed and rate_hz > 0
