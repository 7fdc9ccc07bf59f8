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
from flood_bridge.retarget.robot_body import ROOT_DOFS, ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.targets import FRAMES, POINTS, Targets

# Square roots of the weights: per metre of POINTS, per radian of FRAMES.
_POINT_WEIGHTS = (1.0, 0.5, 0.5, 2.0, 2.0, 0.6, 0.6, 0.8, 0.8, 1.0, 1.0, 0.5, 0.5)
_FRAME_WEIGHTS = (0.4, 0.4, 0.15, 0.15)
_POSTURE_WEIGHT = 0.005
_DAMPING = 1e-5
_DAMPING_PER_COST = 0.3
_ENOUGH = 2e-4
_ACTIVE_SET_PASSES = 4
_CONJUGATE = np.array([1.0, -1.0, -1.0, -1.0])


def weights_of(robot: RobotModel) -> np.ndarray:
    """Return the square root of the weight of each error, (3 p + 3 f,): 0 for what is not there."""
    names = zip(POINTS + FRAMES, _POINT_WEIGHTS + _FRAME_WEIGHTS, strict=True)
    return np.repeat([weight if name in robot.points else 0.0 for name, weight in names], 3)


def bounded_step(
    hessian: np.ndarray, gradient: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> np.ndarray:
    """Return a step (d,) within [lower, upper] that about minimises x'Hx/2 - g'x.

    Variables that leave the box are put on its wall and the others solved again, up to four times;
    what still leaves it is cut off. The result is always in the box.
    """
    step = np.linalg.solve(hessian, gradient)
    inside = np.minimum(np.maximum(step, lower), upper)
    free = inside == step
    passes = 1
    while passes < _ACTIVE_SET_PASSES and not free.all():
        rest = gradient[free] - hessian[np.ix_(free, ~free)] @ inside[~free]
        step = inside.copy()
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], rest)
        inside = np.minimum(np.maximum(step, lower), upper)
        moved = inside != step
        if not moved.any():
            break
        free &= ~moved
        passes += 1
    return inside


def turns_between(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return axis times twice the sine of half the angle, (..., 3), from ``here`` to ``there``.

    For the small turns of a frame this is the rotation vector, and it costs a third of that.
    """
    turn = multiply(there, here * _CONJUGATE)
    return turn[..., 1:] * np.where(turn[..., :1] < 0.0, -2.0, 2.0)


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
        self._jacobian = np.zeros((3 * (len(POINTS) + len(FRAMES)), body.dofs))
        self._errors = np.zeros(len(self._weights))
        self._diagonal = np.arange(body.dofs)
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
        far: bool = False,
    ) -> Solution:
        """Return the best configuration met on the way from ``start`` to ``targets``.

        Args:
            start: (7 + n,) where to begin; its joints are within the box.
            targets: What to reach.
            lower: (n,) smallest joint angles.
            upper: (n,) largest joint angles.
            iterations: How many steps at most.
            far: Whether ``start`` may be far away, so that any parts may meet on the way.
        """
        self._barriers.look_everywhere()
        best = self._evaluate(start, targets)
        if not far:
            self._barriers.look_at_near()
        hessian, gradient = self._normal_equations(start)
        caution, better = 1.0, False
        for _ in range(iterations):
            if better:
                hessian, gradient = self._normal_equations(best.qpos)
            damping = (_DAMPING + _DAMPING_PER_COST * best.target_cost) * caution
            step = self._step(best.qpos, hessian, gradient, damping, lower, upper)
            qpos = self._body.moved(best.qpos, step)
            qpos[ROOT_QPOS:] = np.minimum(np.maximum(qpos[ROOT_QPOS:], lower), upper)
            found = self._evaluate(qpos, targets)
            better = found.cost < best.cost
            best = found if better else best
            if better and np.abs(step).max() < _ENOUGH:
                break
            caution = max(1.0, caution * 0.2) if better else caution * 10.0
        return best

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
        self._low[ROOT_DOFS:], self._high[ROOT_DOFS:] = lower - joints, upper - joints
        damped = hessian.copy()
        damped[self._diagonal, self._diagonal] += damping
        return bounded_step(damped, gradient, self._low, self._high)

    def _evaluate(self, qpos: np.ndarray, targets: Targets) -> Solution:
        """Put the body at ``qpos``, note the weighted errors there, and return its costs."""
        body, errors = self._body, self._errors
        body.place(qpos)
        split = targets.points.size
        errors[:split] = (targets.points - body.points()).reshape(-1)
        errors[split:] = turns_between(body.frames(), targets.frames).reshape(-1)
        errors *= self._weights
        away = self._posture - qpos[ROOT_QPOS:]
        cost = float(errors @ errors + _POSTURE_WEIGHT**2 * (away @ away))
        depth = self._barriers.cost()
        return Solution(qpos, cost + depth, depth)

    def _normal_equations(self, qpos: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return J'J and J'e (dofs, dofs), (dofs,) where the body was put last, ``qpos``."""
        jacobian = self._weights[:, None] * self._body.jacobian(self._jacobian)
        hessian = jacobian.T @ jacobian
        gradient = jacobian.T @ self._errors
        pull = _POSTURE_WEIGHT**2
        hinges = self._diagonal[ROOT_DOFS:]
        hessian[hinges, hinges] += pull
        gradient[ROOT_DOFS:] += pull * (self._posture - qpos[ROOT_QPOS:])
        self._barriers.add_to(hessian, gradient)
        if self._fixed:  # the damping then keeps the root's steps at zero
            hessian[:ROOT_DOFS] = hessian[:, :ROOT_DOFS] = 0.0
            gradient[:ROOT_DOFS] = 0.0
        return hessian, gradient
