"""Playout: the bounded queue between generation and the clock, and the pacing decision.

Pure: time is an argument. The daemon's playout thread asks :class:`Pacer` when the next tick is
due and :class:`Playout` what to show in it.

Two rules keep receivers and robots safe. A late tick is skipped, never made up for in a burst;
and skipping delays the motion, it does not cut frames out of it, so that the body never jumps.
When nothing new is there (paused, resting, or the queue ran empty) the last frame is shown again as
an *idle* frame: every tick shows something.

Frames come latent by latent, each with a *mark*: whatever brings generation back to before that
latent. A mark is kept until the first frame of its latent is shown; until then the latent can be
cut off the queue and made again.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

F = TypeVar("F")
M = TypeVar("M")


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
        elif self._time_of(index) > now_secs:  # or up
            index -= 1
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
    sequence: int = field(default=0, compare=False)
    """Counts what is shown from 0, held frames included."""
    lacking: bool = field(default=False, compare=False)
    """True when a frame was wanted and none was there: neither paused nor at rest."""


@dataclass(frozen=True, slots=True)
class PlayoutMemory(Generic[F]):
    """Where playing is."""

    held: F | None
    """The frame shown last."""
    waiting: tuple[F, ...]
    """Frames to come, next one first."""
    sequence: int
    """Number of the next thing shown."""
    paused: bool
    resting: bool


@dataclass(frozen=True, slots=True)
class Cut(Generic[F, M]):
    """What was cut off the end of a queue."""

    frames: list[F]
    """In the order in which they would have been shown."""
    mark: M
    """Of the earliest latent that was cut."""


class Playout(Generic[F, M]):
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
        self._marks: deque[tuple[int, M]] = deque()  # with the number of the latent's first frame
        self._held: F | None = None
        self._filling = True
        self.paused = False
        self.resting = False
        """The motion is still: nothing new is wanted, the last frame stands for it."""
        self.shown = 0
        """Frames shown, each counted once."""
        self.sequence = 0
        """Number of the next thing shown, held frames included."""
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
        return len(self._frames) < self._lead and not self.resting

    @property
    def filling(self) -> bool:
        """Whether the lead is being built up and nothing new is shown yet."""
        return self._filling

    def push(self, frames: Sequence[F], mark: M) -> None:
        """Append the frames of one latent; ``mark`` is where its making began."""
        self._marks.append((self.shown + len(self._frames), mark))
        self.append(frames)

    def append(self, frames: Sequence[F]) -> None:
        """Append frames that cannot be cut."""
        if len(self._frames) + len(frames) > self._capacity:
            raise OverflowError(
                f"{len(frames)} frames do not fit: {len(self._frames)} of {self._capacity} are in"
            )
        self._frames.extend(frames)
        if len(self._frames) >= self._lead:
            self._filling = False

    def cut(self, keep: int) -> Cut[F, M] | None:
        """Drop every latent that begins after the next ``keep`` frames; None if there is none.

        Playing goes on with what is left.
        """
        if not self._marks or self._marks[-1][0] < self.shown + keep:
            return None
        first, mark = self._marks.pop()
        while self._marks and self._marks[-1][0] >= self.shown + keep:
            first, mark = self._marks.pop()
        left = first - self.shown
        dropped = list(self._frames)[left:]
        for _ in dropped:
            self._frames.pop()
        return Cut(dropped, mark)

    def waiting(self) -> list[F]:
        """Return the frames to come, next one first."""
        return list(self._frames)

    def rest(self) -> None:
        """Want nothing more: what waits is shown though it may never have been a whole lead."""
        self.resting, self._filling = True, False

    def clear(self) -> list[F]:
        """Drop and return all waiting frames; the pose is held until the lead is there again."""
        dropped = list(self._frames)
        self._frames.clear()
        self._marks.clear()
        self._filling = True
        return dropped

    def show(self) -> Shown[F] | None:
        """Return what this tick shows; None only before the very first frame."""
        fresh = bool(self._frames) and not (self.paused or self._filling)
        lacking = not (fresh or self.paused or self.resting)
        if fresh:
            self._take()
        elif lacking and not self._filling:
            self.underruns += 1
        if self._held is None:
            return None
        self.sequence += 1
        return Shown(self._held, not fresh, self.sequence - 1, lacking)

    def memory(self) -> PlayoutMemory[F]:
        """Return what plays and what is to come; marks are not in it."""
        waiting = tuple(self._frames)
        return PlayoutMemory(self._held, waiting, self.sequence, self.paused, self.resting)

    def recall(self, memory: PlayoutMemory[F]) -> None:
        """Go on from where :meth:`memory` was taken; what waits there cannot be cut."""
        self._marks.clear()
        self._frames = deque(memory.waiting)
        self._held, self.sequence = memory.held, memory.sequence
        self.paused, self.resting = memory.paused, memory.resting
        self._filling = len(self._frames) < self._lead and not self.resting

    def _take(self) -> None:
        self._held = self._frames.popleft()
        self.shown += 1
        while self._marks and self._marks[0][0] < self.shown:
            self._marks.popleft()
