"""Delivery to one output: its own thread and slot, so that no output can delay another.

The slot holds the newest frame of every character (latest wins) and a bounded line of events.
An output that raises is disabled for a moment and tried again; each kind of failure is logged
once until the output has worked again.

A frame leaves at its play time. It is brought a little before, and unevenly while the model works,
for the thread that plays has to wait for a processor at times. So this one sleeps by the clock and
is not woken for what is not due yet: of all wakings on a frame's way only this one can be late.
"""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from dataclasses import replace

from flood_bridge.events import Event
from flood_bridge.live.engine_port import Clock
from flood_bridge.motion.frames import NEWS, Frame
from flood_bridge.outputs import Output

logger = logging.getLogger(__name__)

MAX_EVENTS = 256
"""Most events that wait for one output; beyond that the oldest are lost."""

RETRY_SECS = 1.0


class Delivery:
    """Hands frames and events to one output.

    Args:
        output: The output.
        clock: Now, on the clock of the frames' play times.
        period_secs: Time between two frames; 0 sends each as it comes.

    Attributes:
        failures: How often the output raised.
        replaced: Frames that a newer one replaced in the slot.
    """

    def __init__(self, output: Output, clock: Clock, period_secs: float = 0.0) -> None:
        self._output = output
        self._clock = clock
        self._period_secs = period_secs
        self._next_secs = math.inf
        """When frames are due, for which the thread wakes by itself; infinite if not known."""
        self._frames: dict[int, Frame] = {}
        self._events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self._changed = threading.Condition()
        self._closed = False
        self._retry_secs = 0.0
        self._known_failures: set[str] = set()
        self.failures = 0
        self.replaced = 0

    @property
    def name(self) -> str:
        """The output's name."""
        return self._output.name

    def offer(self, frame: Frame) -> None:
        """Leave ``frame`` to be sent; never waits."""
        with self._changed:
            replaced = self._frames.get(frame.character)
            if replaced is not None:
                self.replaced += 1
                news = replaced.flags & NEWS  # not lost with its frame
                frame = replace(frame, flags=frame.flags | news) if news else frame
            self._frames[frame.character] = frame
            if frame.play_time_secs + 0.5 * self._period_secs < self._next_secs:
                self._next_secs = frame.play_time_secs if self._period_secs else -math.inf
                self._changed.notify_all()

    def tell(self, event: Event) -> None:
        """Leave ``event`` to be told; never waits."""
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    def run(self) -> None:
        """Deliver until :meth:`close`, then what is left, then close the output."""
        closed = False
        while not closed:
            frames, events, closed = self._take()
            self.deliver(frames, events)
        try:
            self._output.close()
        except Exception:
            logger.exception("output %s did not close cleanly", self.name)

    def deliver(self, frames: list[Frame], events: list[Event]) -> None:
        """Send and tell, unless the output is disabled; its errors end here."""
        if self._clock() < self._retry_secs:
            return
        try:
            for frame in frames:
                self._output.send(frame)
            for event in events:
                self._output.tell(event)
        except Exception as error:  # whatever it is, the other outputs go on
            self._disable(error)
        else:
            self._enable()

    def close(self) -> None:
        """End :meth:`run`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _take(self) -> tuple[list[Frame], list[Event], bool]:
        with self._changed:
            # Events follow the frames that came before them, and wait with them.
            while not (self._closed or self._is_due() or (self._events and not self._frames)):
                self._changed.wait(self._left_secs())
            frames, events = list(self._frames.values()), list(self._events)
            self._frames.clear()
            self._events.clear()
            if frames and self._period_secs:
                self._next_secs = frames[0].play_time_secs + self._period_secs
            return frames, events, self._closed

    def _is_due(self) -> bool:
        """Return whether there are frames to send now."""
        if self._clock() < self._next_secs:
            return False
        if not self._frames:
            self._next_secs = math.inf  # they are late; whoever brings them wakes this thread
        return bool(self._frames)

    def _left_secs(self) -> float | None:
        """Return how long the thread may sleep; None: until it is woken."""
        left_secs = self._next_secs - self._clock()
        return None if math.isinf(left_secs) else max(0.0, left_secs)

    def _disable(self, error: Exception) -> None:
        self.failures += 1
        self._retry_secs = self._clock() + RETRY_SECS
        kind = type(error).__name__
        if kind not in self._known_failures:
            self._known_failures.add(kind)
            logger.error(
                "output %s failed (%s: %s); it is tried again every %g s",
                self.name,
                kind,
                error,
                RETRY_SECS,
            )

    def _enable(self) -> None:
        if self._known_failures:
            self._known_failures.clear()
            logger.info("output %s works again", self.name)
