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
# Across pelvis and chest, from right to left, then along both, upwards: a product, (4, 22).
_UNITS = np.eye(NUM_JOINTS)
_TORSO = _UNITS[[1, 16, 3, 12]] - _UNITS[[2, 17, 0, 6]]
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
    if _faces_nowhere(joints):
        return "hips or shoulders lie along the spine or coincide"
    return None


def problems_with(joints: np.ndarray) -> list[str | None]:
    """Return :func:`problem_with` of each of several poses' ``joints`` (n, 22, 3)."""
    if not (np.abs(joints) <= MAX_DISTANCE_M).all():
        return [problem_with(each) for each in joints]
    bones = joints[:, 1:] - joints.take(_PARENTS, axis=1)
    bad = np.vecdot(bones, bones).min(axis=1) < MIN_BONE_M**2
    bad |= _faces_nowhere(joints)
    return [problem_with(each) if bad[n] else None for n, each in enumerate(joints)]


def _faces_nowhere(joints: np.ndarray) -> np.ndarray:
    """Return whether hips or shoulders of poses (..., 22, 3) lie along the spine, (...)."""
    lines = _TORSO @ joints
    across, along = lines[..., :2, :], lines[..., 2:, :]
    normal = cross(across, along)
    size = np.vecdot(across, across) * np.vecdot(along, along)
    flat = np.vecdot(normal, normal) < _MIN_TORSO_SINE**2 * size + MIN_BONE_M**4
    return flat.any(axis=-1)
