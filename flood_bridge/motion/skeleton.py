"""The 22-joint human skeleton (SMPL / HumanML3D order) and its T-pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

JOINT_NAMES = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2",
    "left_ankle", "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar",
    "right_collar", "head", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
    "left_wrist", "right_wrist",
)  # fmt: skip
"""Joint names; the index in this tuple is the joint's number everywhere."""

PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)
"""Parent of each joint; parents come before children, the pelvis has none (-1)."""

NUM_JOINTS = len(JOINT_NAMES)

# Direction from the parent to each joint in a T-pose facing +z, body's left = +x. Arms and legs are
# straight; hips, collars, feet and head follow an adult's build (the mean over upright recorded
# motion), so that a person who stands at ease has no rotation there.
_T_POSE_DIRECTIONS = np.array(
    [
        (0, 0, 0), (0.77, -0.64, 0), (-0.77, -0.64, 0), (0, 1, 0), (0, -1, 0), (0, -1, 0),
        (0, 1, 0), (0, -1, 0), (0, -1, 0), (0, 1, 0), (0, -0.4, 0.92), (0, -0.4, 0.92), (0, 1, 0),
        (0.53, 0.85, 0), (-0.53, 0.85, 0), (0, 0.97, 0.23), (0.92, 0.4, 0), (-0.92, 0.4, 0),
        (1, 0, 0), (-1, 0, 0), (1, 0, 0), (-1, 0, 0),
    ],
    dtype=np.float64,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A body's proportions: the rest offset of every joint from its parent in a T-pose."""

    offsets: np.ndarray
    """(22, 3) float64, metres; row 0 is zero."""

    @classmethod
    def from_bone_lengths(cls, lengths: np.ndarray) -> Skeleton:
        """Build the T-pose of a body whose bone from its parent to joint i has ``lengths[i]``."""
        directions = _T_POSE_DIRECTIONS.copy()
        directions[1:] /= np.linalg.norm(directions[1:], axis=1, keepdims=True)
        return cls(directions * np.asarray(lengths, dtype=np.float64)[:, None])

    @property
    def hips_height(self) -> float:
        """Height of the pelvis over the toes' level in the T-pose, metres."""
        return float(-self.rest_positions()[:, 1].min())

    def rest_positions(self) -> np.ndarray:
        """Return the T-pose joint positions, (22, 3), pelvis at the origin."""
        positions = np.zeros_like(self.offsets)
        for joint, parent in enumerate(PARENTS):
            if parent >= 0:
                positions[joint] = positions[parent] + self.offsets[joint]
        return positions
