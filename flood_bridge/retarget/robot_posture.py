"""Where a robot's joints rest: as a human who stands at ease is put on it."""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.frames import AvatarFrame, Pose
from flood_bridge.motion.kinematics import forward_kinematics
from flood_bridge.motion.rotations import IDENTITY, from_axis_angle
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_model import RobotModel

_BONES_M = np.array([
    0.0, 0.12, 0.12, 0.12, 0.40, 0.40, 0.14, 0.42, 0.42, 0.06, 0.14, 0.14, 0.21, 0.14, 0.14, 0.10,
    0.13, 0.13, 0.27, 0.27, 0.26, 0.26,
])  # fmt: skip
"""An adult's bones, in the order of the 22 joints."""

_X, _Y, _Z = np.eye(3)
# Joint, axis, degrees: hips and knees a little bent, arms hanging, elbows a little bent.
_AT_EASE = (
    (1, _X, -8.0), (2, _X, -8.0), (4, _X, 15.0), (5, _X, 15.0), (7, _X, -7.0), (8, _X, -7.0),
    (16, _Z, -78.0), (17, _Z, 78.0), (18, _Y, -25.0), (19, _Y, 25.0),
)  # fmt: skip


def pose_at_ease() -> Pose:
    """Return an adult who stands at ease at the origin, facing +z, the lower toe on the floor."""
    local = np.tile(IDENTITY, (22, 1))
    for joint, axis, degrees in _AT_EASE:
        local[joint] = from_axis_angle(axis, np.radians(degrees))
    joints = forward_kinematics(
        Skeleton.from_bone_lengths(_BONES_M), AvatarFrame(np.zeros(3), local)
    )
    joints[:, 1] -= joints[[10, 11], 1].min()
    return Pose(joints, np.zeros((22, 3)), np.ones(4, dtype=bool), 0.0)


def posture_at_ease(robot: RobotModel) -> np.ndarray:
    """Return the joint angles (n,) of the ``robot`` for :func:`pose_at_ease`."""
    return RobotRetargeter(robot, 0.05).retarget(pose_at_ease()).positions
