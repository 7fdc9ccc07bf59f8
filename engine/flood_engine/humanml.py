"""The 22-joint body of HumanML3D: names, rest directions, kinematic chains, mirrored joints.

Axes everywhere: metres, right-handed, +y up, +z forward, +x the body's LEFT.  Constants after
HumanML3D (Guo et al., "Generating Diverse and Natural 3D Human Motions from Text", CVPR 2022).
"""

from __future__ import annotations

import numpy as np

JOINTS = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2",
    "left_ankle", "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar",
    "right_collar", "head", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
    "left_wrist", "right_wrist",
)  # fmt: skip
"""Joint names in feature order; ``left_foot`` and ``right_foot`` are the balls of the feet."""

NUM_JOINTS = len(JOINTS)

PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)
"""Parent of each joint; parents come before children."""

CHAINS = (
    (0, 2, 5, 8, 11),
    (0, 1, 4, 7, 10),
    (0, 3, 6, 9, 12, 15),
    (9, 14, 17, 19, 21),
    (9, 13, 16, 18, 20),
)
"""Kinematic chains of the rotation block: right leg, left leg, spine, right arm, left arm."""

REST_DIRECTIONS = np.array(
    [
        (0, 0, 0), (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, -1, 0), (0, 1, 0),
        (0, -1, 0), (0, -1, 0), (0, 1, 0), (0, 0, 1), (0, 0, 1), (0, 1, 0), (1, 0, 0),
        (-1, 0, 0), (0, 0, 1), (0, -1, 0), (0, -1, 0), (0, -1, 0), (0, -1, 0), (0, -1, 0),
        (0, -1, 0),
    ],
    dtype=np.float64,
)  # fmt: skip
"""(22, 3) unit bone directions (parent to joint) of HumanML3D's rest pose: arms hang down."""

LEFT_HIP, RIGHT_HIP = 1, 2
LEFT_SHOULDER, RIGHT_SHOULDER = 16, 17
FOOT_JOINTS = (7, 10, 8, 11)
"""Left ankle, left foot, right ankle, right foot: the order of the four contact features."""

MIRROR = np.array([0, 2, 1, 3, 5, 4, 6, 8, 7, 9, 11, 10, 12, 14, 13, 15, 17, 16, 19, 18, 21, 20])
"""Joint that takes each joint's place when the body is mirrored (left and right swapped)."""
