"""Bones of constant length at the seams, where two poses are blended point by point.

Blending joint positions shortens limbs that swing (a half-way crouch has thighs a third too
short).  The torso is rebuilt bone by bone; knees and elbows are placed anew between hip and ankle,
shoulder and wrist, which stay where the blend put them as far as the limb reaches.
"""

from __future__ import annotations

import numpy as np

from flood_engine.features import HEIGHT, POSITIONS, ROT6D
from flood_engine.features_encode import clean_rotations
from flood_engine.humanml import PARENTS

_TORSO = (1, 2, 3, 6, 9, 12, 13, 14, 15, 16, 17)
_LIMBS = ((1, 4, 7), (2, 5, 8), (16, 18, 20), (17, 19, 21))
_FEET = ((7, 10), (8, 11))


def bone_lengths(joints: np.ndarray) -> np.ndarray:
    """Return (22,) lengths, metres, of the bones that end in each joint of (T, 22, 3) joints."""
    bones = joints - joints[:, np.maximum(PARENTS, 0)]
    return np.median(np.linalg.norm(bones.astype(np.float64), axis=-1), axis=0)


def restore_bones(features: np.ndarray, frames: np.ndarray, lengths: np.ndarray) -> None:
    """Give the bones of some ``frames`` (indices) of (T, 263) features their lengths, in place."""
    if len(frames) == 0:
        return
    blended = np.zeros((len(frames), 22, 3))
    blended[:, 0, 1] = features[frames, HEIGHT]
    blended[:, 1:] = features[frames, POSITIONS].reshape(len(frames), 21, 3)
    restored = blended.copy()
    for joint in _TORSO:
        _place(restored, blended, joint, lengths)
    for limb in _LIMBS:
        _bend_limb(restored, blended, limb, lengths)
    for _, ball in _FEET:
        _place(restored, blended, ball, lengths)
    features[frames, POSITIONS] = restored[:, 1:].reshape(len(frames), -1)
    features[frames, ROT6D] = clean_rotations(restored)


def _place(restored: np.ndarray, blended: np.ndarray, joint: int, lengths: np.ndarray) -> None:
    """Put ``joint`` in its blended direction from its parent, at the bone's length."""
    parent = PARENTS[joint]
    bone = blended[:, joint] - blended[:, parent]
    restored[:, joint] = restored[:, parent] + _unit(bone) * lengths[joint]


def two_bones(
    root: np.ndarray, target: np.ndarray, lengths: tuple[float, float], side: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle and the end joint, (T, 3), of a limb that reaches for ``target``.

    Args:
        root: (T, 3) hip or shoulder.
        target: (T, 3) where the end is to be; it stops on the way there if the limb is too short.
        lengths: Of the upper and the lower bone, metres.
        side: (T, 3) to where the middle bends.
    """
    upper, lower = lengths
    reach = target - root
    axis = _unit(reach)
    distance = np.clip(
        np.linalg.norm(reach, axis=1), abs(upper - lower) + 1e-4, (upper + lower) * (1 - 1e-6)
    )
    along = (distance**2 + upper**2 - lower**2) / (2 * distance)
    out = np.sqrt(np.maximum(upper**2 - along**2, 0.0))
    side = side - np.einsum("ij,ij->i", side, axis)[:, None] * axis
    middle = root + along[:, None] * axis + out[:, None] * _unit(side)
    return middle, root + distance[:, None] * axis


def _bend_limb(
    restored: np.ndarray, blended: np.ndarray, limb: tuple[int, int, int], lengths: np.ndarray
) -> None:
    """Place the middle and end joint of a limb of two bones; the bend keeps its plane."""
    root, middle, end = limb
    # legs keep the foot where it stands; arms go with the shoulder
    target = blended[:, end] if root < 3 else blended[:, end] + restored[:, root] - blended[:, root]
    # knees bend forward and elbows backward where a straight limb does not tell
    side = blended[:, middle] - blended[:, root] + [0.0, 0.0, 1e-4 if root < 3 else -1e-4]
    bones = lengths[middle], lengths[end]
    restored[:, middle], restored[:, end] = two_bones(restored[:, root], target, bones, side)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
