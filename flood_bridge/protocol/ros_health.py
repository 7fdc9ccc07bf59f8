"""Is the stream well? Lateness of its frames and the daemon's own figures, as diagnostics.

Levels are those of ``diagnostic_msgs/DiagnosticStatus``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from flood_bridge.events import Status

OK, WARN, ERROR = 0, 1, 2

MAX_FRAMES = 240
SLOW = 0.95
"""A character that moves slower than this share of its speed is worth a warning."""
JITTER_MS = 20.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """One diagnostic status."""

    level: int
    message: str
    values: tuple[tuple[str, str], ...]


class Health:
    """Watches one stream."""

    def __init__(self) -> None:
        self._lateness_secs: deque[float] = deque(maxlen=MAX_FRAMES)
        self._underruns = 0

    def sent(self, play_time_secs: float, now_secs: float) -> None:
        """Note that the frame of ``play_time_secs`` was sent at ``now_secs``, on one clock."""
        self._lateness_secs.append(now_secs - play_time_secs)

    def jitter_ms(self) -> float:
        """Return the 99th percentile of how much later than the median frames were sent."""
        if not self._lateness_secs:
            return 0.0
        lateness = np.array(self._lateness_secs)
        return 1e3 * float(np.percentile(lateness, 99) - np.median(lateness))

    def verdict(self, status: Status) -> Verdict:
        """Return what to tell about the second that ``status`` closes."""
        jitter_ms = self.jitter_ms()
        missed, self._underruns = status.underruns - self._underruns, status.underruns
        slowest = min(status.rates, default=1.0)
        level, message = OK, status.state
        if status.state in {"unreachable", "stopping"}:
            level = ERROR
        elif missed > 0:
            level, message = WARN, f"{missed} frames were not ready in time"
        elif slowest < SLOW:
            level, message = WARN, f"too slow: motion plays at {slowest:.2f} of its speed"
        elif jitter_ms > JITTER_MS:
            level, message = WARN, f"frames leave unevenly: {jitter_ms:.1f} ms"
        values = (
            ("state", status.state),
            ("prompt", status.prompt),
            ("characters", str(status.characters)),
            ("frames per second", f"{status.output_fps:.1f}"),
            ("model frames per second", f"{status.generation_fps:.1f}"),
            ("lead [ms]", f"{status.lead_ms:.0f}"),
            ("jitter p99 [ms]", f"{jitter_ms:.2f}"),
            ("underruns", str(status.underruns)),
            ("latency of the last prompt [ms]", str(status.last_latency_ms)),
            ("slowest rate", f"{slowest:.2f}"),
        )
        return Verdict(level, message, values)
