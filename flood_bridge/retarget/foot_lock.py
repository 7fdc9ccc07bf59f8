"""Keeps a standing foot where it stood down, without a snap when it begins or ends.

While a foot stands, what is asked of it is held still: the difference to what the human does grows
as an offset. When it swings, the offset is kept and fades, halved every 80 ms, as in
"inertialisation" of animation (Bollo, GDC 2018): the path stays continuous at both ends.
"""

from __future__ import annotations

import numpy as np

HALF_LIFE_SECS = 0.08
MAX_SHIFT_PER_LEG = 0.15
"""A human who slides farther than this share of the robot's leg takes the foot along."""
MAX_SLIDE_M_S = 0.7
"""What is faster than this is no slide: the body is elsewhere, and the foot goes along."""
MAX_TURN_RAD = 0.35
_STANDS, _SWINGS = 0.5, 0.1
"""Shares of stance at which a foot is locked and let go."""


class FootLock:
    """The offsets of both feet of one character.

    Args:
        period_secs: Time between two poses.
        leg_m: Length of the robot's leg.
    """

    def __init__(self, period_secs: float, leg_m: float) -> None:
        self._max_shift_m = MAX_SHIFT_PER_LEG * leg_m
        self._max_slide_m = MAX_SLIDE_M_S * period_secs
        self._fade = 0.5 ** (period_secs / HALF_LIFE_SECS)
        self.reset()

    def reset(self) -> None:
        """Forget the past; the next pose starts a new motion."""
        self._locked = np.zeros(2, dtype=bool)
        self._places: np.ndarray | None = None
        self._shifts = np.zeros((2, 3))

    def memory(self) -> dict[str, np.ndarray]:
        """Return all that the next offsets depend on, as copies."""
        return {
            "locked": self._locked.copy(),
            "places": np.empty((0, 3)) if self._places is None else self._places.copy(),
            "shifts": self._shifts.copy(),
        }

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Go back to where :meth:`memory` was taken."""
        self._locked = memory["locked"].copy()
        self._places = memory["places"].copy() if memory["places"].size else None
        self._shifts = memory["shifts"].copy()

    def follow(self, places: np.ndarray, stance: np.ndarray) -> np.ndarray:
        """Return what to add to the ``places`` of left and right foot, (2, 3).

        Args:
            places: (2, 3) x and y in metres and heading in radians, asked of each foot.
            stance: (2,) share to which it stands.
        """
        before = self._locked
        self._locked = (stance >= _STANDS) | (before & (stance > _SWINGS))
        if self._places is not None:
            moved = places - self._places
            slides = np.hypot(moved[:, 0], moved[:, 1]) <= self._max_slide_m
            holds = before & self._locked & slides
            held = _bounded(self._shifts - moved, self._max_shift_m)
            self._shifts = np.where(holds[:, None], held, self._shifts * self._fade)
        self._places = places.copy()
        return self._shifts


def _bounded(shifts: np.ndarray, most_m: float) -> np.ndarray:
    """Cut ``shifts`` (2, 3) to what a foot is held for, in place."""
    turns = shifts[:, 2]
    turns += np.pi
    turns %= 2.0 * np.pi
    turns -= np.pi
    np.minimum(np.maximum(turns, -MAX_TURN_RAD, out=turns), MAX_TURN_RAD, out=turns)
    level = shifts[:, :2]
    size = np.sqrt(np.vecdot(level, level))
    level *= np.minimum(1.0, most_m / np.maximum(size, 1e-9))[:, None]
    return shifts
