"""Keeps a standing foot where it stood down, without a snap when it begins or ends.

While a foot stands, what is asked of it is held still: the difference to what the human does grows
as an offset. When it swings, the offset is kept and fades, halved every 80 ms, as in
"inertialisation" of animation (Bollo, GDC 2018): the path stays continuous at both ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
        fade = 0.5 ** (period_secs / HALF_LIFE_SECS)
        self._limits = np.array([MAX_SHIFT_PER_LEG * leg_m, MAX_SLIDE_M_S * period_secs, fade])
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
        past = places if self._places is None else self._places
        self._locked, self._shifts = _followed(
            self._locked, past, self._shifts, places, stance, self._limits
        )
        self._places = places.copy()
        return self._shifts

    @staticmethod
    def follow_all(locks: Sequence[FootLock], places: np.ndarray, stance: np.ndarray) -> np.ndarray:
        """Return :meth:`follow` of several characters, (n, 2, 3), of places and stance (n, ...)."""
        past = [
            now if lock._places is None else lock._places
            for lock, now in zip(locks, places, strict=True)
        ]
        locked, shifts = _followed(
            np.array([lock._locked for lock in locks]),
            np.array(past),
            np.array([lock._shifts for lock in locks]),
            places,
            stance,
            np.array([lock._limits for lock in locks]).T[..., None],
        )
        for lock, *now in zip(locks, locked, places.copy(), shifts, strict=True):
            lock._locked, lock._places, lock._shifts = now
        return shifts


def _followed(
    before: np.ndarray,
    past: np.ndarray,
    shifts: np.ndarray,
    places: np.ndarray,
    stance: np.ndarray,
    limits: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return which feet are locked now (..., 2), and their shifts (..., 2, 3).

    Feet without a past have their places for it: nothing of them is locked, and no shift to fade.

    Args:
        before: (..., 2) which were locked.
        past: (..., 2, 3) where they were.
        shifts: (..., 2, 3) of then.
        places: (..., 2, 3) where they are asked to be.
        stance: (..., 2)
        limits: (3, ..., 1) farthest shift, longest slide and share that fading leaves; (3,) of one.
    """
    most_m, slide_m, fade = limits
    locked = (stance >= _STANDS) | (before & (stance > _SWINGS))
    moved = places - past
    slides = np.hypot(moved[..., 0], moved[..., 1]) <= slide_m
    holds = (before & locked & slides)[..., None]
    held = _bounded(shifts - moved, most_m)
    return locked, np.where(holds, held, shifts * fade[..., None])


def _bounded(shifts: np.ndarray, most_m: Any) -> np.ndarray:
    """Cut ``shifts`` (..., 2, 3) to what a foot is held for, in place."""
    turns = shifts[..., 2]
    turns += np.pi
    turns %= 2.0 * np.pi
    turns -= np.pi
    np.minimum(np.maximum(turns, -MAX_TURN_RAD, out=turns), MAX_TURN_RAD, out=turns)
    level = shifts[..., :2]
    size = np.sqrt(np.vecdot(level, level))
    level *= np.minimum(1.0, most_m / np.maximum(size, 1e-9))[..., None]
    return shifts
