"""Playout: the bounded queue between generation and the clock, and the pacing decision.

Pure: time is an argument. The daemon's playout thread asks :class:`Pacer` when the next tick is
due and :class:`Playout` what to show in it.

Two rules keep receivers and robots safe. A late tick is skipped, never made up for in a burst;
and skipping delays the motion, it does not cut frames out of it, so that the body never jumps.
When nothing new is there (paused, or the queue ran empty) the last frame is shown again as an
*idle* frame: every tick shows something.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Tick:
    """One playout period."""

    play_time_secs: float
    """When its frame is to be shown: a point of the grid, at or before now."""
    missed: int
    """Periods that went by unserved since the tick before."""


class Pacer:
    """Absolute deadlines ``start + n * period``: no drift, no bursts."""

    def __init__(self, period_secs: float, start_secs: float) -> None:
        self._period_secs = period_secs
        self._start_secs = start_secs
        self._next = 0

    @property
    def deadline_secs(self) -> float:
        """When the next tick is due."""
        return self._time_of(self._next)

    def take(self, now_secs: float) -> Tick | None:
        """Return the tick that ``now_secs`` falls into, or None if none is due yet."""
        if now_secs < self.deadline_secs:
            return None
        index = max(self._next, math.floor((now_secs - self._start_secs) / self._period_secs))
        if self._time_of(index + 1) <= now_secs:  # the division was rounded down
            index += 1
        tick = Tick(self._time_of(index), missed=index - self._next)
        self._next = index + 1
        return tick

    def _time_of(self, index: int) -> float:
        return self._start_secs + index * self._period_secs


@dataclass(frozen=True, slots=True)
class Shown(Generic[F]):
    """What one tick shows of one character."""

    frame: F
    idle: bool
    """True when this is the frame of an earlier tick, held."""


class Playout(Generic[F]):
    """The frames of one character that wait to be shown.

    Args:
        lead: How many frames generation should be ahead. Playing begins when they are there.
        chunk: Most frames that one latent adds; the queue holds at most ``lead - 1 + chunk``.
    """

    def __init__(self, lead: int, chunk: int) -> None:
        if lead < 1 or chunk < 1:
            raise ValueError(f"lead and chunk are at least 1 frame, not {lead} and {chunk}")
        self._lead = lead
        self._capacity = lead - 1 + chunk
        self._frames: deque[F] = deque()
        self._held: F | None = None
        self._filling = True
        self.paused = False
        self.underruns = 0
        """Ticks that found the queue empty while playing."""

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def capacity(self) -> int:
        """Most frames the queue ever holds."""
        return self._capacity

    @property
    def hungry(self) -> bool:
        """Whether another latent should be generated now."""
        return len(self._frames) < self._lead

    @property
    def filling(self) -> bool:
        """Whether the lead is being built up and nothing new is shown yet."""
        return self._filling

    def push(self, frames: Sequence[F]) -> None:
        """Append the frames of one latent."""
        if len(self._frames) + len(frames) > self._capacity:
            raise OverflowError(
                f"{len(frames)} frames do not fit: {len(self._frames)} of {self._capacity} are in"
            )
        self._frames.extend(frames)
        if not self.hungry:
            self._filling = False

    def clear(self) -> list[F]:
        """Drop and return all waiting frames; the pose is held until the lead is there again."""
        dropped = list(self._frames)
        self._frames.clear()
        self._filling = True
        return dropped

    def show(self) -> Shown[F] | None:
        """Return what this tick shows; None only before the very first frame."""
        if not (self.paused or self._filling):
            if self._frames:
                self._held = self._frames.popleft()
                return Shown(self._held, idle=False)
            self.underruns += 1
        return None if self._held is None else Shown(self._held, idle=True)
