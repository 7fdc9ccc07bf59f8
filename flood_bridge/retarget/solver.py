"""A bounded Levenberg-Marquardt solver for the inverse kinematics of one robot.

Minimises the weighted squares of point and orientation errors plus a faint pull to a posture, with
every joint kept in a box at every iteration. The box is the joint limits cut with the reach of one
period from the pose that was *published* last: a limit inside each inner iteration would not bound
what leaves the solver. The damping grows with the error (as in Sugihara 2011, "Solvability-
Unconcerned Inverse Kinematics by the Levenberg-Marquardt Method"), which carries the legs and arms
through their straight singularity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_bridge.motion.rotations import multiply
from flood_bridge.retarget.barriers import Barriers
from flood_bridge.retarget.robot_body import ROOT_DOFS, ROOT_QPOS, RobotBody, mujoco
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.targets import FRAMES, POINTS, Targets

# Square roots of the weights: per metre of POINTS, per radian of FRAMES.
_POINT_WEIGHTS = (1.0, 0.5, 0.5, 2.0, 2.0, 0.6, 0.6, 0.8, 0.8, 1.0, 1.0, 0.5, 0.5)
_FRAME_WEIGHTS = (0.4, 0.4, 0.15, 0.15)
_POSTURE_WEIGHT = 0.005
_DAMPING = 1e-5
_DAMPING_PER_COST = 0.3
_ENOUGH = 2e-4
"""Radians or metres below which a step is the last."""
_WORTH = 0.01
"""Share of the cost that a step has to promise, unless there is time."""
_SLIT = 1e-12
"""Width that a box must have for MuJoCo; what it lets through is cut off again."""
_CONJUGATE = np.array([1.0, -1.0, -1.0, -1.0])
# [i, 4 k + j] is what unit i of one rotation and unit j of another, inverted, add to their product.
_UNITS = np.eye(4)
_QUOTIENT = (multiply(_UNITS[:, None], _UNITS[None]) * _CONJUGATE[:, None]).swapaxes(1, 2)
_QUOTIENT = np.ascontiguousarray(_QUOTIENT).reshape(4, 16)


def weights_of(robot: RobotModel) -> np.ndarray:
    """Return the square root of the weight of each error, (3 p + 3 f,): 0 for what is not there."""
    names = zip(POINTS + FRAMES, _POINT_WEIGHTS + _FRAME_WEIGHTS, strict=True)
    return np.repeat([weight if name in robot.points else 0.0 for name, weight in names], 3)


def bounded_step(
    hessian: np.ndarray, gradient: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> np.ndarray:
    """Return the step (d,) within [lower, upper] that minimises x'Hx/2 - g'x.

    ``hessian`` is positive definite, and zero is within the box. MuJoCo's projected Newton method
    finds which walls hold.
    """
    size = len(gradient)
    step, factor = np.zeros(size), np.empty((size, size + 7))
    free = np.empty(size, dtype=np.int32)
    open_upper = np.maximum(upper, lower + _SLIT)
    found = mujoco.mju_boxQP(step, factor, free, hessian, -gradient, lower, open_upper)
    return np.minimum(step, upper, out=step) if found >= 0 else np.zeros(size)


@dataclass(frozen=True, slots=True)
class Solution:
    """A configuration and how far it is from its targets."""

    qpos: np.ndarray
    """(7 + n,) root position, root rotation wxyz, joint angles in MuJoCo's order."""
    cost: float
    """Sum of the weighted squared errors and of the depths behind barriers."""
    depth_cost: float
    """The part of the barriers."""

    @property
    def target_cost(self) -> float:
        """What the targets have of the cost."""
        return self.cost - self.depth_cost


class Solver:
    """Solves one frame after the other for one robot.

    Args:
        body: The robot, with :data:`POINTS` and :data:`FRAMES` as its points and frames.
        posture: (n,) joint angles to rest at, in MuJoCo's order.
        robot: The robot, for its weights and barriers.
    """

    def __init__(self, body: RobotBody, posture: np.ndarray, robot: RobotModel) -> None:
        self._body = body
        self._posture = posture
        self._weights = weights_of(robot)
        self._barriers = Barriers(body, robot)
        self._fixed = robot.base == "fixed"
        self._scale = self._weights[:, None]
        self._weighted = np.empty((len(self._weights), body.dofs))
        self._errors = np.zeros(len(self._weights))
        self._split = 3 * len(POINTS)
        self._quotients = np.zeros((len(FRAMES), 4, 4))
        self._pull = np.full(body.dofs, _POSTURE_WEIGHT**2)
        self._pull[:ROOT_DOFS] = 0.0
        self._low = np.full(body.dofs, -np.inf)
        self._high = np.full(body.dofs, np.inf)

    def solve(
        self,
        start: np.ndarray,
        targets: Targets,
        lower: np.ndarray,
        upper: np.ndarray,
        iterations: int,
        *,
        patient: bool = True,
    ) -> Solution:
        """Return the best configuration met on the way from ``start`` to ``targets``.

        Args:
            start: (7 + n,) where to begin; its joints are within the box.
            targets: What to reach.
            lower: (n,) smallest joint angles.
            upper: (n,) largest joint angles.
            iterations: How many steps at most.
            patient: Whether steps are made that promise next to nothing.
        """
        self._quotients = (targets.frames @ _QUOTIENT).reshape(-1, 4, 4)
        best = self._evaluate(start, targets)
        hessian, gradient = self._normal_equations(start)
        caution, better = 1.0, False
        for number in range(iterations):
            if better:
                hessian, gradient = self._normal_equations(best.qpos)
            damping = (_DAMPING + _DAMPING_PER_COST * best.target_cost) * caution
            step = self._step(best.qpos, hessian, gradient, damping, lower, upper)
            if number and not patient:
                promised = step @ (2.0 * gradient - hessian @ step)
                if promised < _WORTH * best.cost:
                    break
            found = self._evaluate(self._moved(best.qpos, step, lower, upper), targets)
            better = found.cost < best.cost
            best = found if better else best
            if better and np.abs(step).max() < _ENOUGH:
                break
            caution = max(1.0, caution * 0.2) if better else caution * 10.0
        return best

    def _moved(
        self, qpos: np.ndarray, step: np.ndarray, lower: np.ndarray, upper: np.ndarray
    ) -> np.ndarray:
        moved = self._body.moved(qpos, step)
        joints = moved[ROOT_QPOS:]
        np.minimum(np.maximum(joints, lower, out=joints), upper, out=joints)
        return moved

    def _step(
        self,
        qpos: np.ndarray,
        hessian: np.ndarray,
        gradient: np.ndarray,
        damping: float,
        lower: np.ndarray,
        upper: np.ndarray,
    ) -> np.ndarray:
        joints = qpos[ROOT_QPOS:]
        np.subtract(lower, joints, out=self._low[ROOT_DOFS:])
        np.subtract(upper, joints, out=self._high[ROOT_DOFS:])
        damped = hessian.copy()
        _diagonal(damped)[:] += damping
        return bounded_step(damped, gradient, self._low, self._high)

    def _evaluate(self, qpos: np.ndarray, targets: Targets) -> Solution:
        """Put the body at ``qpos``, note the weighted errors there, and return its costs."""
        body, errors = self._body, self._errors
        body.place(qpos)
        np.subtract(targets.points, body.points(), out=errors[: self._split].reshape(-1, 3))
        # Axis times twice the sine of half the angle: for a frame's small turns the rotation
        # vector, at a third of its price.
        turns = (self._quotients @ body.frames()[:, :, None])[:, :, 0]
        twice = np.copysign(2.0, turns[:, :1])
        np.multiply(turns[:, 1:], twice, out=errors[self._split :].reshape(-1, 3))
        errors *= self._weights
        away = self._posture - qpos[ROOT_QPOS:]
        cost = float(errors @ errors + _POSTURE_WEIGHT**2 * (away @ away))
        depth = self._barriers.cost()
        return Solution(qpos, cost + depth, depth)

    def _normal_equations(self, qpos: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return J'J and J'e (dofs, dofs), (dofs,) where the body was put last, ``qpos``."""
        jacobian = np.multiply(self._body.jacobian(), self._scale, out=self._weighted)
        hessian = jacobian.T @ jacobian
        gradient = self._errors @ jacobian
        _diagonal(hessian)[:] += self._pull
        gradient[ROOT_DOFS:] += _POSTURE_WEIGHT**2 * (self._posture - qpos[ROOT_QPOS:])
        self._barriers.add_to(hessian, gradient)
        if self._fixed:  # the damping then keeps the root's steps at zero
            hessian[:ROOT_DOFS] = hessian[:, :ROOT_DOFS] = 0.0
            gradient[:ROOT_DOFS] = 0.0
        return hessian, gradient


def _diagonal(matrix: np.ndarray) -> np.ndarray:
    """Return a view of the diagonal of a square ``matrix``."""
    return matrix.reshape(-1)[:: len(matrix) + 1]
