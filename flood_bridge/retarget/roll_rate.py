"""How fast limb bones roll about themselves: bounded, but for what the whole body turns them.

The roll of a bone is measured against that of carrying its frame along without any (parallel
transport: the shortest arc between its two directions). A bone that would roll faster, because the
plane of its joint flips or the next bone folds back along it, lags behind and catches up; where it
points stays exact. A body that spins takes its limbs along, or knees would look backwards.
"""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.rotations import between, conjugate, from_axis_angle, multiply


class RollRate:
    """Bounds the roll of some bones, frame by frame.

    Args:
        rate_rad_s: Fastest roll, unless the body turns them faster.
        period_secs: Time between two frames.
    """

    def __init__(self, rate_rad_s: float, period_secs: float) -> None:
        self._step_rad = rate_rad_s * period_secs
        self._last: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def reset(self) -> None:
        """Forget the past; the next frame is taken as it is."""
        self._last = None

    def memory(self) -> dict[str, np.ndarray]:
        """Return all that the next frame depends on, as copies; empty before the first."""
        if self._last is None:
            return {}
        return {f"roll_{n}": each.copy() for n, each in enumerate(self._last)}

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Go back to where :meth:`memory` was taken."""
        if "roll_0" in memory:
            self._last = memory["roll_0"].copy(), memory["roll_1"].copy(), memory["roll_2"].copy()
        else:
            self._last = None

    def follow(self, wanted: np.ndarray, directions: np.ndarray, bodies: np.ndarray) -> np.ndarray:
        """Return ``wanted`` (n, 4), world from bone, less what it rolls too fast.

        Args:
            wanted: Rotations that take each bone to where it points.
            directions: (n, 3) unit vectors, where that is.
            bodies: (n, 4) rotations of what each limb hangs on, pelvis or chest.
        """
        if self._last is not None:
            before, pointed, bodies_before = self._last
            carried = multiply(between(pointed, directions), before)
            rolled = _roll(multiply(wanted, conjugate(carried)), directions)
            turned = _roll(multiply(bodies, conjugate(bodies_before)), pointed)
            most, least = np.maximum(turned, self._step_rad), np.minimum(turned, -self._step_rad)
            late = rolled - np.minimum(np.maximum(rolled, least), most)
            if late.any():
                wanted = multiply(from_axis_angle(directions, -late), wanted)
        self._last = wanted, directions, bodies
        return wanted


def _roll(turn: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Return by how much each ``turn`` (n, 4) turns about its axis (n, 3), in [-pi, pi]."""
    sine, cosine = np.vecdot(turn[:, 1:], axes), turn[:, 0]
    return 2.0 * np.arctan2(np.where(cosine < 0.0, -sine, sine), np.abs(cosine))
