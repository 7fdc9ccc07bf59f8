"""Presentation times as stamps on an exact grid of the ROS clock.

``robot_state_publisher`` drops a message stamped less than one period after the last one that it
used (``robot_state_publisher.cpp``, ``publish_frequency``), so a stamp that is one nanosecond early
costs a frame. Stamps are therefore computed in integers, as whole multiples of the period.
"""

from __future__ import annotations

import math
from fractions import Fraction

from flood_bridge.errors import ConfigError, ProtocolError

MAX_RATE_HZ = 1000.0
"""Highest frame rate a stamp grid accepts."""

_NS_PER_SEC = 1_000_000_000


class StampGrid:
    """Stamps every frame a whole number of periods after the first.

    When the play times leave the grid by more than a quarter of a period (the playout was paused
    or restarted), a new grid starts there. Stamps never go back while play times do not.
    """

    def __init__(self, rate_hz: float, offset_ns: int) -> None:
        """Start without a grid; the first frame anchors it.

        Args:
            rate_hz: Frames per second.
            offset_ns: The ROS clock minus the daemon's clock, nanoseconds.

        Raises:
            ConfigError: If the rate is not in 0 to :data:`MAX_RATE_HZ`.
        """
        if not (math.isfinite(rate_hz) and 0 < rate_hz <= MAX_RATE_HZ):
            raise ConfigError(
                f"a frame rate is more than 0 and at most {MAX_RATE_HZ:g} Hz, not {rate_hz!r}"
            )
        period_ns = _NS_PER_SEC / Fraction(rate_hz)
        self._over, self._under = period_ns.numerator, period_ns.denominator
        self._offset_ns = offset_ns
        self._anchor_ns: int | None = None

    def stamp_ns(self, play_time_secs: float) -> int:
        """Return the presentation time on the ROS clock, nanoseconds since its epoch."""
        if not math.isfinite(play_time_secs):
            raise ProtocolError(f"the play time is {play_time_secs!r}, not a finite number")
        exact = round(play_time_secs * _NS_PER_SEC) + self._offset_ns
        if self._anchor_ns is None:
            self._anchor_ns = exact
        # In integers, for arithmetic with fractions would take longer than all the rest of a frame.
        over, under = self._over, self._under
        steps = (2 * (exact - self._anchor_ns) * under + over) // (2 * over)
        on_grid = self._anchor_ns + steps * over // under
        if 4 * under * abs(on_grid - exact) > over:
            self._anchor_ns = on_grid = exact
        return on_grid


def split_ns(stamp_ns: int) -> tuple[int, int]:
    """Return ``(sec, nanosec)`` of a ``builtin_interfaces/Time``."""
    return divmod(stamp_ns, _NS_PER_SEC)
