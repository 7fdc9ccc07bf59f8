"""Forward kinematics of the human skeleton: local rotations back to joint positions."""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.frames import AvatarFrame
from flood_bridge.motion.rotations import to_matrix
from flood_bridge.motion.skeleton import NUM_JOINTS, PARENTS, Skeleton


def forward_kinematics(skeleton: Skeleton, frame: AvatarFrame) -> np.ndarray:
    """Return the world joint positions, (22, 3) metres, of ``frame`` on ``skeleton``.

    A joint sits at its parent's position plus the parent's world rotation times the rest offset,
    as every game engine has it.
    """
    positions, _ = forward_frames(skeleton, frame)
    return positions


def forward_frames(skeleton: Skeleton, frame: AvatarFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return world positions (22, 3) and world-from-joint matrices (22, 3, 3)."""
    local = to_matrix(frame.local_wxyz)
    positions = np.empty((NUM_JOINTS, 3))
    world = np.empty((NUM_JOINTS, 3, 3))
    positions[0], world[0] = frame.root_position, local[0]
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            positions[joint] = positions[parent] + world[parent] @ skeleton.offsets[joint]
            world[joint] = world[parent] @ local[joint]
    return positions, world
