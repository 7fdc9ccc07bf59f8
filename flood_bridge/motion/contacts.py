"""Which feet stand, and where the floor is, causally from joint positions and velocities.

The motion features carry contact labels, but their threshold is a foot speed of 0.9 m/s without a
height: they hold for three frames in four of a kick. A stance here is strict and has hysteresis.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from flood_bridge.motion.frames import Pose

ANKLES = [7, 8]
TOES = [10, 11]

_ENTER_SPEED, _LEAVE_SPEED = 0.12, 0.35
"""Level speed of the ankle, m/s, below which a stance begins and above which it ends."""
_ENTER_HEIGHT, _LEAVE_HEIGHT = 0.05, 0.09
"""Height of the toe joint over the floor, metres, likewise."""
_BLEND_SECS = 0.1
_FLOOR_WINDOW_SECS = 2.0
_FLOOR_RANGE = (-0.05, 0.12)
_FLOOR_SPEED = 0.1


@dataclass(frozen=True, slots=True)
class Footing:
    """How a body stands in one frame."""

    floor: float
    """Height at which the toe joints rest, metres."""
    stance: np.ndarray
    """(2,) left and right: 1 when the foot stands, 0 when it swings, in between as it changes."""


class FootContacts:
    """Follows the feet of one character.

    The floor is the lowest toe of the last two seconds, because a generator drifts up or down by
    centimetres; it stays within -5 to 12 cm, so that stairs and boxes remain what they are.

    Args:
        period_secs: Time between two poses.
    """

    def __init__(self, period_secs: float) -> None:
        self._blend_step = period_secs / _BLEND_SECS
        self._floor_step = _FLOOR_SPEED * period_secs
        self._lowest: deque[float] = deque(maxlen=max(1, round(_FLOOR_WINDOW_SECS / period_secs)))
        self._floor: float | None = None
        self._stands = np.zeros(2, dtype=bool)
        self._stance = np.zeros(2)

    def reset(self) -> None:
        """Forget the past; the next pose starts a new motion."""
        self._lowest.clear()
        self._floor = None

    def memory(self) -> dict[str, np.ndarray]:
        """Return all that the next pose depends on, as copies."""
        return {
            "lowest": np.array(self._lowest),
            "floor": np.array([] if self._floor is None else [self._floor]),
            "stands": self._stands.copy(),
            "stance": self._stance.copy(),
        }

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Go back to where :meth:`memory` was taken."""
        self._lowest.clear()
        self._lowest.extend(memory["lowest"].tolist())
        self._floor = float(memory["floor"][0]) if memory["floor"].size else None
        self._stands = memory["stands"].copy()
        self._stance = memory["stance"].copy()

    def follow(self, pose: Pose) -> Footing:
        """Take the next ``pose`` and return how it stands."""
        fresh = self._floor is None
        floor = self._next_floor(float(pose.joints[TOES, 1].min()))
        height = pose.joints[TOES, 1] - floor
        speed = np.hypot(pose.velocities[ANKLES, 0], pose.velocities[ANKLES, 2])
        enters = (height < _ENTER_HEIGHT) & (speed < _ENTER_SPEED)
        stays = (height < _LEAVE_HEIGHT) & (speed < _LEAVE_SPEED)
        self._stands = enters if fresh else enters | (self._stands & stays)
        target = self._stands.astype(np.float64)
        change = np.clip(target - self._stance, -self._blend_step, self._blend_step)
        self._stance = target if fresh else self._stance + change
        return Footing(floor, self._stance)

    def _next_floor(self, lowest: float) -> float:
        self._lowest.append(lowest)
        target = min(max(min(self._lowest), _FLOOR_RANGE[0]), _FLOOR_RANGE[1])
        if self._floor is None:
            self._floor = target
        self._floor += min(max(target - self._floor, -self._floor_step), self._floor_step)
        return self._floor
