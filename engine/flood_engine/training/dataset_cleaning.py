"""What every clip goes through, whatever it was read from: plausible, on the floor, facing ahead.

The gate refuses what no body could have done and says why; it repairs nothing.
"""

from __future__ import annotations

import numpy as np

from flood_engine.features import FRAME_RATE_HZ, headings
from flood_engine.humanml import FOOT_JOINTS, JOINTS, NUM_JOINTS, PARENTS

MAX_JOINT_SPEED_M_PER_S = 20.0
MAX_DEPTH_BELOW_FLOOR_M = 0.3
MIN_CLIP_FRAMES = 16
LEG_M = (0.5, 1.3)
"""Shortest and longest leg, hip to ankle: from a child or a small robot to a giant."""
MAX_BONE_CHANGE = 0.3
"""Largest share by which a bone may differ from its own median length."""
_SHORT_BONE_M = 0.03
_FLOOR_PERCENTILE = 2.0
_BONE_PARENTS = list(PARENTS[1:])
_LEFT_LEG = (4, 7)


def refusal_reason(joints: np.ndarray) -> str:
    """Return why (T, 22, 3) joints in metres cannot be used, or an empty string."""
    if joints.ndim != 3 or joints.shape[1:] != (NUM_JOINTS, 3):
        return f"shape {joints.shape} is not (frames, {NUM_JOINTS}, 3)"
    if len(joints) < MIN_CLIP_FRAMES:
        return f"{len(joints)} frames are fewer than {MIN_CLIP_FRAMES}"
    if not np.isfinite(joints).all():
        return "holds values that are not finite"
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max() * FRAME_RATE_HZ
    if speed > MAX_JOINT_SPEED_M_PER_S:
        return f"a joint moves at {speed:.1f} m/s, more than {MAX_JOINT_SPEED_M_PER_S:.0f}"
    depth = -drop_to_floor(joints)[..., 1].min()
    if depth > MAX_DEPTH_BELOW_FLOOR_M:
        return f"a joint is {depth:.2f} m below the floor, more than {MAX_DEPTH_BELOW_FLOOR_M}"
    return _body_reason(joints)


def _body_reason(joints: np.ndarray) -> str:
    """Return why the body itself, not its motion, cannot be right."""
    bones = np.linalg.norm(joints[:, 1:] - joints[:, _BONE_PARENTS], axis=-1)
    usual = np.median(bones, axis=0)
    leg = float(sum(usual[joint - 1] for joint in _LEFT_LEG))
    if not LEG_M[0] <= leg <= LEG_M[1]:
        return f"a leg is {leg:.2f} m long; valid is {LEG_M[0]} to {LEG_M[1]}"
    change = np.abs(bones - usual).max(axis=0) / np.maximum(usual, _SHORT_BONE_M)
    worst = int(change.argmax())
    if change[worst] > MAX_BONE_CHANGE:
        return f"the bone to {JOINTS[worst + 1]} changes its length by {change[worst]:.0%}"
    return ""


def drop_to_floor(joints: np.ndarray) -> np.ndarray:
    """Return (T, 22, 3) joints shifted so that the lower foot stands on y = 0."""
    lowest = joints[:, list(FOOT_JOINTS), 1].min(axis=1)
    floored = joints.copy()
    floored[..., 1] -= np.percentile(lowest, _FLOOR_PERCENTILE)
    return floored


def face_ahead(joints: np.ndarray) -> np.ndarray:
    """Return (T, 22, 3) joints turned and moved so that frame 0 faces +z over x = z = 0."""
    angle = -float(headings(joints)[0])
    cos, sin = np.cos(angle), np.sin(angle)
    moved = joints - joints[:1, :1] * np.array([1.0, 0.0, 1.0])
    x, y, z = moved[..., 0], moved[..., 1], moved[..., 2]
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1)
