"""Whether 22 joint positions are a body at all, before any geometry is done with them."""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.rotations import cross
from flood_bridge.motion.skeleton import JOINT_NAMES, NUM_JOINTS, PARENTS

MAX_DISTANCE_M = 1e5
"""Farthest a joint may be from the origin: beyond, positions lose their millimetres in float32."""

MIN_BONE_M = 1e-3
"""Shortest bone that still has a direction."""

_PARENTS = np.array(PARENTS[1:])
# Left, right, top and bottom of the pelvis and of the chest.
_TORSO_LINES = np.array([(1, 16), (2, 17), (3, 12), (0, 6)])
_MIN_TORSO_SINE = 0.05


def problem_with(joints: np.ndarray) -> str | None:
    """Return why the joint positions cannot be a body, or None if they can.

    They cannot if their shape is not (22, 3), if any is not finite or farther than
    :data:`MAX_DISTANCE_M`, if a bone is shorter than :data:`MIN_BONE_M`, or if hips or shoulders
    lie along the spine, so that the body faces nowhere.
    """
    if joints.shape != (NUM_JOINTS, 3):
        return f"its joints have the shape {joints.shape}; valid is ({NUM_JOINTS}, 3)"
    if not (np.abs(joints) <= MAX_DISTANCE_M).all():
        return f"a joint is not finite or more than {MAX_DISTANCE_M:g} m away"
    bones = joints[1:] - joints.take(_PARENTS, axis=0)
    squares = np.vecdot(bones, bones)
    if squares.min() < MIN_BONE_M**2:
        joint = int(squares.argmin()) + 1
        return f"{JOINT_NAMES[joint]} coincides with {JOINT_NAMES[PARENTS[joint]]}"
    return _torso_problem(joints)


def _torso_problem(joints: np.ndarray) -> str | None:
    lines = joints[_TORSO_LINES]
    across, along = lines[0] - lines[1], lines[2] - lines[3]
    normal = cross(across, along)
    size = np.vecdot(across, across) * np.vecdot(along, along)
    if (np.vecdot(normal, normal) < _MIN_TORSO_SINE**2 * size + MIN_BONE_M**4).any():
        return "hips or shoulders lie along the spine or coincide"
    return None
