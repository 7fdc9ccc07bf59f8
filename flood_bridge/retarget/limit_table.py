"""How fast each joint of a robot may move: position, speed, acceleration, jerk.

A robot's file states positions and speeds. Accelerations and jerks are rarely published; the
defaults say how long a joint takes to come to its full speed, and to its full acceleration. With
10 rad/s they are 200 rad/s^2 and 10000 rad/s^3: what a walk or a kick needs, and what a position
controller of 50 Hz and more can follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.retarget.robot_model import RobotModel

FULL_SPEED_SECS = 0.05
"""How long a joint takes from rest to its full speed at full acceleration."""

FULL_ACCELERATION_SECS = 0.02
"""How long a joint takes from no acceleration to its full one at full jerk."""

ROOT_SPEED_M_S = 5.0
ROOT_TURN_RAD_S = 10.0
_FAR_M = 1e6


@dataclass(frozen=True, slots=True)
class MotionLimits:
    """Limits of ``n`` coordinates; every array is (n,), radians or metres, seconds.

    Raises:
        ConfigError: If a range is empty or a limit is not a positive number.
    """

    lower: np.ndarray
    upper: np.ndarray
    speed: np.ndarray
    acceleration: np.ndarray
    jerk: np.ndarray

    def __post_init__(self) -> None:
        arrays = (self.lower, self.upper, self.speed, self.acceleration, self.jerk)
        if len({each.shape for each in arrays}) != 1 or self.lower.ndim != 1:
            raise ConfigError(f"limits have the shapes {[each.shape for each in arrays]}")
        if not (self.lower < self.upper).all() or not np.isfinite(np.stack(arrays)).all():
            raise ConfigError("every joint needs finite limits and a lower one below its upper one")
        if min(self.speed.min(), self.acceleration.min(), self.jerk.min()) <= 0.0:
            raise ConfigError("speed, acceleration and jerk limits are more than 0")

    def and_root(self) -> MotionLimits:
        """Return these limits, then those of a free root: place (3), turn (3) about world axes."""
        speed = np.array([ROOT_SPEED_M_S] * 3 + [ROOT_TURN_RAD_S] * 3)
        far = np.full(6, _FAR_M)
        root = _with_defaults(-far, far, speed)
        return MotionLimits(
            lower=np.concatenate((self.lower, root.lower)),
            upper=np.concatenate((self.upper, root.upper)),
            speed=np.concatenate((self.speed, root.speed)),
            acceleration=np.concatenate((self.acceleration, root.acceleration)),
            jerk=np.concatenate((self.jerk, root.jerk)),
        )

    def slowed(self, factor: float) -> MotionLimits:
        """Return the limits of the same motion played at ``factor`` of its speed.

        Raises:
            ConfigError: If the factor is not in (0, 1].
        """
        if not 0.0 < factor <= 1.0:
            raise ConfigError(f"limits are slowed to {factor!r}; valid are more than 0 up to 1")
        return replace(
            self,
            speed=self.speed * factor,
            acceleration=self.acceleration * factor**2,
            jerk=self.jerk * factor**3,
        )


def limits_of(robot: RobotModel) -> MotionLimits:
    """Return the limits of a robot's joints, in the order of its names."""
    return _with_defaults(robot.natural_lower, robot.natural_upper, robot.speed_limits)


def _with_defaults(lower: np.ndarray, upper: np.ndarray, speed: np.ndarray) -> MotionLimits:
    acceleration = speed / FULL_SPEED_SECS
    return MotionLimits(lower, upper, speed, acceleration, acceleration / FULL_ACCELERATION_SECS)
