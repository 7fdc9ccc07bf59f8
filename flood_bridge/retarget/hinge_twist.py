"""Which way knees and elbows bend: the twist of thighs and upper arms about their own axis.

Joint positions fix where a limb bone points, not how it is rolled. The roll shows only in the
plane in which the next bone is bent, and there badly: when the limb is straight the plane is noise.
So the roll is kept as a state per limb that follows the plane the more the limb is bent, at a
bounded rate, and slowly relaxes to none when the limb is straight.
"""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.rotations import cross

# Sine of the bend at which the plane begins to count and at which it counts in full (6 and 24 deg).
_SINE_NONE, _SINE_FULL = 0.1045, 0.4067
_RELAX_SECS = 1.0
# A bend that seems to go the wrong way: taken as such above, and no longer below, these angles.
_MIRROR_ON_RAD, _MIRROR_OFF_RAD = np.radians(150.0), np.radians(110.0)


class HingeTwist:
    """The roll of ``n`` limb bones, followed frame by frame.

    Args:
        limits_rad: (n,) largest roll to either side.
        period_secs: Time between two frames.
        rate_rad_s: Largest rate of change of a roll.
    """

    def __init__(self, limits_rad: np.ndarray, period_secs: float, rate_rad_s: float) -> None:
        self._limits_rad = limits_rad
        self._max_step_rad = rate_rad_s * period_secs
        self._relaxation = 1.0 - np.exp(-period_secs / _RELAX_SECS)
        self._fresh = True
        self._angles = np.zeros(len(limits_rad))
        self._mirrored = np.zeros(len(limits_rad), dtype=bool)

    def reset(self) -> None:
        """Forget the rolls; the next frame takes what it sees."""
        self._fresh = True
        self._angles[:] = 0.0
        self._mirrored[:] = False

    def memory(self) -> dict[str, np.ndarray]:
        """Return all that the next frame depends on, as copies."""
        return {
            "fresh": np.array(self._fresh),
            "angles": self._angles.copy(),
            "mirrored": self._mirrored.copy(),
        }

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Go back to where :meth:`memory` was taken."""
        self._fresh = bool(memory["fresh"])
        self._angles = memory["angles"].copy()
        self._mirrored = memory["mirrored"].copy()

    def follow(self, upper: np.ndarray, lower: np.ndarray, hinges: np.ndarray) -> np.ndarray:
        """Return the roll of each limb bone about its direction, (n,) radians.

        Args:
            upper: (n, 3) unit directions of the limb bones.
            lower: (n, 3) unit directions of the bones that hang on them.
            hinges: (n, 3) the hinge axes as the bones' unrolled frames have them; all three in
                one frame per row.
        """
        normal = cross(upper, lower)
        sine = np.sqrt(np.vecdot(normal, normal))
        seen = np.arctan2(np.vecdot(cross(hinges, normal), upper), np.vecdot(hinges, normal))
        weight = _clipped((sine - _SINE_NONE) / (_SINE_FULL - _SINE_NONE), 0.0, 1.0)
        target = _clipped(self._unmirrored(seen, weight), -self._limits_rad, self._limits_rad)
        step = weight * (target - self._angles) - (1.0 - weight) * self._relaxation * self._angles
        if not self._fresh:
            step = _clipped(step, -self._max_step_rad, self._max_step_rad)
        self._fresh = False
        self._angles = self._angles + step
        return self._angles

    def _unmirrored(self, seen: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Turn rolls of about half a turn, which are limbs bent the wrong way, back by half a turn.

        Without the two thresholds a limb at the edge would flip its roll in every frame.
        """
        size = np.abs(seen)
        edge = np.where(self._mirrored, _MIRROR_OFF_RAD, _MIRROR_ON_RAD)
        self._mirrored = np.where(weight > 0.0, size > edge, self._mirrored)
        return np.where(self._mirrored, seen - np.copysign(np.pi, seen), seen)


def _clipped(values: np.ndarray, low: np.ndarray | float, high: np.ndarray | float) -> np.ndarray:
    return np.minimum(np.maximum(values, low), high)  # np.clip takes five times as long on 4 values
