"""Where the pelvis and the chest of a body point, from joint positions alone.

Each frame is a rotation matrix whose columns are the part's left, up and forward axes in the
world (axes as :mod:`flood_bridge.motion`); it is the identity in a T-pose facing +z.
"""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.rotations import cross, normalise

LEFT_HIP, RIGHT_HIP, SPINE1, SPINE2 = 1, 2, 3, 6
NECK, LEFT_COLLAR, RIGHT_COLLAR = 12, 13, 14
LEFT_SHOULDER, RIGHT_SHOULDER = 16, 17


def frame_from(left: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Return the frames (..., 3, 3) with the given ``left`` (..., 3), and ``up`` as near as may be.

    Rows whose ``left`` and ``up`` are parallel or zero give a singular matrix.
    """
    x = normalise(left)
    z = normalise(cross(x, up))
    return np.stack((x, cross(z, x), z), axis=-1)


def torso_frames(joints: np.ndarray) -> np.ndarray:
    """Return the frames of pelvis and chest, (2, 3, 3), of the joint positions (22, 3).

    The pelvis turns with the hip line and leans with the line from between the hips to the lowest
    vertebra. The chest turns with the shoulders and the collars together (the collars alone are a
    short, noisy line; the shoulders alone follow a reaching arm) and leans with the upper spine.
    """
    left = np.empty((2, 3))
    up = np.empty((2, 3))
    left[0] = joints[LEFT_HIP] - joints[RIGHT_HIP]
    up[0] = 2.0 * joints[SPINE1] - joints[LEFT_HIP] - joints[RIGHT_HIP]
    left[1] = (
        joints[LEFT_SHOULDER] - joints[RIGHT_SHOULDER] + joints[LEFT_COLLAR] - joints[RIGHT_COLLAR]
    )
    up[1] = joints[NECK] - joints[SPINE2]
    return frame_from(left, up)
