"""The yardstick: plain differential inverse kinematics, as retargeters of robots usually do it.

Ten damped least-squares steps from the last pose to the same targets as ours, joints clipped to
their limits. No speed limit, no foot lock, no floor, no escape from a wrong start.
"""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.contacts import FootContacts, Footing
from flood_bridge.motion.frames import Pose
from flood_bridge.motion.rotations import conjugate, multiply, to_rotation_vector
from flood_bridge.retarget.residuals import weights_of
from flood_bridge.retarget.robot_body import ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.targets import FRAMES, POINTS, TargetMaker, Targets

STEPS = 10
DAMPING = 1e-3
ENOUGH = 1e-3


class PlainIk:
    """Follows poses of one character.

    Args:
        robot: The robot.
        maker: Makes its targets.
        period_secs: Time between two poses.
    """

    def __init__(self, robot: RobotModel, maker: TargetMaker, period_secs: float) -> None:
        self._body = RobotBody(robot, POINTS, FRAMES)
        ranks = np.argsort(self._body.order)
        self._lower, self._upper = robot.lower[ranks], robot.upper[ranks]
        self._maker = maker
        self._contacts = FootContacts(period_secs)
        self._weights = weights_of(robot)
        root = [0.0, 0.0, robot.root_height, *robot.root_rotation_wxyz]
        self._qpos = np.concatenate((root, np.clip(np.zeros(len(ranks)), self._lower, self._upper)))
        if robot.base == "fixed":
            raise ValueError("the yardstick knows robots with legs only")

    def retarget(self, pose: Pose) -> tuple[np.ndarray, Targets, Footing]:
        """Return the configuration (7 + n,) for ``pose``, what was asked for, and the stance."""
        footing = self._contacts.follow(pose)
        targets = self._maker.targets(pose.joints, footing)
        before = np.inf
        for _ in range(STEPS):
            cost = self._step(targets)
            if before - cost < ENOUGH:
                break
            before = cost
        return self._qpos, targets, footing

    def _step(self, targets: Targets) -> float:
        body = self._body
        body.place(self._qpos)
        turned = multiply(targets.frames, conjugate(body.frames()))
        errors = np.concatenate(
            ((targets.points - body.points()).ravel(), to_rotation_vector(turned).ravel())
        )
        errors *= self._weights
        jacobian = self._weights[:, None] * body.jacobian()
        hessian = jacobian.T @ jacobian + DAMPING * np.eye(body.dofs)
        step = np.linalg.solve(hessian, jacobian.T @ errors)
        self._qpos = body.moved(self._qpos, step)
        self._qpos[ROOT_QPOS:] = np.clip(self._qpos[ROOT_QPOS:], self._lower, self._upper)
        return float(np.sqrt(errors @ errors))
