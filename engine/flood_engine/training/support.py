"""Height of the surface a body stands on: boxes and steps are not part of the motion data."""

from __future__ import annotations

import numpy as np

from flood_engine.features import FRAME_RATE_HZ
from flood_engine.humanml import FOOT_JOINTS

_RESTING_M_PER_S = 0.25
_NEGLIGIBLE_M = 0.08
_HIPS_OVER_FEET_M = (0.45, 1.15)


def ground_level(joints: np.ndarray) -> float:
    """Return the height on which (T, 22, 3) joints first rest a foot, metres; 0 near the floor.

    A resting foot is a ball of the foot that hardly moves with the hips above it as in standing
    or crouching.  Without one (falls, swimming, hanging) the answer is 0.
    """
    balls = joints[:, list(FOOT_JOINTS[1::2])]
    if len(joints) < 2:
        return 0.0
    speed = np.linalg.norm(np.diff(balls, axis=0), axis=-1) * FRAME_RATE_HZ
    height = balls[:-1, :, 1]
    above = joints[:-1, 0, 1][:, None] - height
    low, high = _HIPS_OVER_FEET_M
    resting = (speed < _RESTING_M_PER_S) & (above > low) & (above < high)
    frames = np.flatnonzero(resting.any(axis=1))
    if len(frames) == 0:
        return 0.0
    early = frames[frames < frames[0] + 5]
    level = float(np.median(height[early][resting[early]]))
    return level if level > _NEGLIGIBLE_M else 0.0


def lowest_foot(joints: np.ndarray) -> float:
    """Return the height of the lowest foot joint of (T, 22, 3) joints, metres."""
    return float(joints[:, list(FOOT_JOINTS), 1].min())
