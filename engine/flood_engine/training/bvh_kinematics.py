"""Forward kinematics of a BVH file: where joints are, from the angles of the frames.

The matrix of a joint is the product of its rotations in the order of its channels; a position
channel moves the root, and in some tools' files every joint.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from flood_engine.training.bvh import BvhJoint


def world_positions(
    joints: Sequence[BvhJoint], rows: np.ndarray, wanted: Collection[int]
) -> dict[int, np.ndarray]:
    """Return the (T, 3) positions of the ``wanted`` joints in the frames ``rows``."""
    needed = set(wanted)
    for index in reversed(range(len(joints))):
        if index in needed and joints[index].parent >= 0:
            needed.add(joints[index].parent)
    turns: dict[int, np.ndarray] = {}
    places: dict[int, np.ndarray] = {}
    for index in sorted(needed):
        joint = joints[index]
        shift, turn = _local(joint, rows)
        if joint.parent < 0:
            places[index], turns[index] = shift, turn
        else:
            above = turns[joint.parent]
            places[index] = places[joint.parent] + np.einsum("tij,tj->ti", above, shift)
            turns[index] = above @ turn
    return {index: places[index] for index in wanted}


def _local(joint: BvhJoint, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (T, 3) shifts and (T, 3, 3) rotations against the parent."""
    shift = np.tile(joint.offset, (len(rows), 1))
    turn = np.tile(np.eye(3), (len(rows), 1, 1))
    moved = np.zeros_like(shift)
    for column, channel in enumerate(joint.channels, start=joint.first):
        axis = "XYZ".index(channel[0])
        if channel[1] == "p":
            moved[:, axis] = rows[:, column]
        else:
            turn = turn @ _about(axis, np.deg2rad(rows[:, column]))
    if "Xp" in joint.channels and _is_absolute(joint, moved):
        shift = moved
    elif any(channel[1] == "p" for channel in joint.channels):
        shift = shift + moved
    return shift, turn


def _is_absolute(joint: BvhJoint, moved: np.ndarray) -> bool:
    """Return whether positions of a joint below the root replace its offset or are added to it.

    Tools differ; what repeats the offset replaces it, what stays near zero is added.
    """
    mean = moved.mean(axis=0)
    return joint.parent >= 0 and bool(np.linalg.norm(mean - joint.offset) <= np.linalg.norm(mean))


def _about(axis: int, angles: np.ndarray) -> np.ndarray:
    """Return (T, 3, 3) right-handed rotations about x, y or z by (T,) radians."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrices = np.tile(np.eye(3), (len(angles), 1, 1))
    matrices[:, first, first] = matrices[:, second, second] = np.cos(angles)
    matrices[:, second, first] = np.sin(angles)
    matrices[:, first, second] = -np.sin(angles)
    return matrices
