"""A bounded Levenberg-Marquardt solver for the inverse kinematics of one robot.

Minimises the weighted squares of point and orientation errors plus a faint pull to a posture
(:mod:`.residuals`), with every joint kept in a box at every iteration. The box is the joint limits
cut with the reach of one period from the pose that was *published* last: a limit inside each inner
iteration would not bound what leaves the solver. The damping grows with the error (as in Sugihara
2011, "Solvability-Unconcerned Inverse Kinematics by the Levenberg-Marquardt Method"), which carries
the legs and arms through their straight singularity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_bridge.retarget.residuals import Costs, NormalEquations, Residuals, diagonal
from flood_bridge.retarget.robot_body import ROOT_DOFS, ROOT_QPOS, RobotBody, mujoco
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.targets import Targets
from flood_bridge.retarget.together import Script, run

_DAMPING = 1e-5
_DAMPING_PER_COST = 0.3
_ENOUGH = 2e-4
"""Radians or metres below which a step is the last."""
_WORTH = 0.01
"""Share of the cost that a step has to promise, unless there is time."""
_SLIT = 1e-12
"""Width that a box must have for MuJoCo; what it lets through is cut off again."""


class BoundedStep:
    """Minimises x'Hx/2 - g'x over steps x within [lower, upper].

    MuJoCo's projected Newton method finds which walls hold.

    Args:
        size: Numbers of a step, d.
    """

    def __init__(self, size: int) -> None:
        self._step, self._factor = np.zeros(size), np.empty((size, size + 7))
        self._free = np.empty(size, dtype=np.int32)

    def step(
        self, hessian: np.ndarray, gradient: np.ndarray, lower: np.ndarray, upper: np.ndarray
    ) -> np.ndarray:
        """Return the step (d,); the array is the caller's until the next call fills it anew.

        ``hessian`` (d, d) is positive definite, and zero is within the box.
        """
        step = self._step
        step.fill(0.0)
        wide = np.maximum(upper, lower + _SLIT)
        found = mujoco.mju_boxQP(step, self._factor, self._free, hessian, -gradient, lower, wide)
        if found < 0:
            step.fill(0.0)
        return np.minimum(step, upper, out=step)


@dataclass(slots=True)
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
        body: The robot, with :data:`flood_bridge.retarget.targets.POINTS` and ``FRAMES`` as its
            points and frames.
        posture: (n,) joint angles to rest at, in MuJoCo's order.
        robot: The robot, for its weights and barriers.
    """

    def __init__(self, body: RobotBody, posture: np.ndarray, robot: RobotModel) -> None:
        self._body = body
        self._residuals = Residuals(body, posture, robot)
        self._low = np.full(body.dofs, -np.inf)
        self._high = np.full(body.dofs, np.inf)
        self._damped = np.empty((body.dofs, body.dofs))
        self._diagonal = diagonal(self._damped)
        self._box = BoundedStep(body.dofs)

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
        return run(self.search(start, targets, lower, upper, iterations, patient=patient))

    def search(
        self,
        start: np.ndarray,
        targets: Targets,
        lower: np.ndarray,
        upper: np.ndarray,
        iterations: int,
        *,
        patient: bool = True,
    ) -> Script[Solution]:
        """Do as :meth:`solve`, stage by stage."""
        residuals = self._residuals
        residuals.aim(targets)
        best = Solution(start, *(yield Costs(residuals, start)))
        equations = yield NormalEquations(residuals)
        caution, better = 1.0, False
        for number in range(iterations):
            if better:
                equations = yield NormalEquations(residuals)
            damping = (_DAMPING + _DAMPING_PER_COST * best.target_cost) * caution
            step = self._step(best.qpos, *equations, damping, lower, upper)
            if number and not patient and _promised(step, *equations) < _WORTH * best.cost:
                break
            moved = self._moved(best.qpos, step, lower, upper)
            found = Solution(moved, *(yield Costs(residuals, moved)))
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
        self._damped[:] = hessian
        self._diagonal += damping
        return self._box.step(self._damped, gradient, self._low, self._high)


def _promised(step: np.ndarray, hessian: np.ndarray, gradient: np.ndarray) -> float:
    """Return by how much a ``step`` makes the cost smaller if the equations are true."""
    return float(step @ (2.0 * gradient - hessian @ step))
