"""The pose in which a robot is left alone: its resting posture, upright on its soles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from flood_bridge.motion.frames import RobotFrame
from flood_bridge.motion.rotations import conjugate, from_axis_angle, multiply
from flood_bridge.retarget.limit_root import UP, yaw_of
from flood_bridge.retarget.robot_body import ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel


@dataclass(frozen=True, slots=True)
class SafePose:
    """Where a robot is at rest."""

    positions: np.ndarray
    """(n,) radians, in the order of the robot's names."""
    height_m: float
    """Of its root over the floor."""
    rotation_wxyz: np.ndarray = field(default_factory=lambda: np.array([1.0, 0.0, 0.0, 0.0]))
    """(4,) of its root when it stands upright and faces x."""

    def at(self, frame: RobotFrame) -> RobotFrame:
        """Return a robot that stands still in this pose where ``frame`` is, facing its way."""
        x, y, _ = frame.root_position
        facing = yaw_of(multiply(frame.root_rotation_wxyz, conjugate(self.rotation_wxyz)))
        return replace(
            frame,
            positions=self.positions,
            velocities=np.zeros_like(self.positions),
            root_position=np.array([x, y, self.height_m]),
            root_rotation_wxyz=multiply(from_axis_angle(UP, facing), self.rotation_wxyz),
        )

    def with_joints(self, positions: np.ndarray) -> SafePose:
        """Return the same stand with the joints at ``positions`` (n,)."""
        return replace(self, positions=positions)


def safe_pose(robot: RobotModel) -> SafePose:
    """Return the resting posture of ``robot`` and how high its root is then.

    Raises:
        MissingDependencyError: If MuJoCo is not installed.
    """
    rotation = np.array(robot.root_rotation_wxyz, dtype=np.float64)
    height = robot.root_height
    if robot.base == "floating" and robot.has_legs:
        body = RobotBody(robot, (), ())
        qpos = np.zeros(ROOT_QPOS + len(robot.names))
        qpos[3:ROOT_QPOS] = rotation
        qpos[ROOT_QPOS:][body.order] = robot.posture
        body.place(qpos)
        height = -body.lowest_sole()
    return SafePose(robot.posture.copy(), height, rotation)
