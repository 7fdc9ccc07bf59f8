"""How far robots are from their targets, and which way the errors fall: one robot, or many at once.

Errors are weighted: metres of points, radians of frames, and a faint pull to a posture. Barriers
(:mod:`.barriers`) add the squares of their depths. MuJoCo places each robot by itself, in two
millionths of a second; what is made of that is one pass of NumPy over all robots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flood_bridge.motion.rotations import multiply
from flood_bridge.retarget.barriers import Barriers
from flood_bridge.retarget.jacobian_rows import motion_rows, set_arms
from flood_bridge.retarget.robot_body import ROOT_DOFS, ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.targets import FRAMES, POINTS, Targets

# Square roots of the weights: per metre of POINTS, per radian of FRAMES.
_POINT_WEIGHTS = (1.0, 0.5, 0.5, 2.0, 2.0, 0.6, 0.6, 0.8, 0.8, 1.0, 1.0, 0.5, 0.5)
_FRAME_WEIGHTS = (0.4, 0.4, 0.15, 0.15)
_POSTURE_SQUARE = 0.005**2
_PARTS = len(POINTS)
_SPLIT = 3 * _PARTS
_CONJUGATE = np.array([1.0, -1.0, -1.0, -1.0])
# [i, 4 k + j] is what unit i of one rotation and unit j of another, inverted, add to their product.
_UNITS = np.eye(4)
_QUOTIENT = (multiply(_UNITS[:, None], _UNITS[None]) * _CONJUGATE[:, None]).swapaxes(1, 2)
_QUOTIENT = np.ascontiguousarray(_QUOTIENT).reshape(4, 16)


def weights_of(robot: RobotModel) -> np.ndarray:
    """Return the square root of the weight of each error, (3 p + 3 f,): 0 for what is not there."""
    names = zip(POINTS + FRAMES, _POINT_WEIGHTS + _FRAME_WEIGHTS, strict=True)
    return np.repeat([weight if name in robot.points else 0.0 for name, weight in names], 3)


class Residuals:
    """The errors of one robot.

    Args:
        body: The robot, with :data:`POINTS` and :data:`FRAMES` as its points and frames.
        posture: (n,) joint angles to rest at, in MuJoCo's order.
        robot: The robot, for its weights and barriers.
    """

    def __init__(self, body: RobotBody, posture: np.ndarray, robot: RobotModel) -> None:
        self.body = body
        self.barriers = Barriers(body, robot)
        self.fixed = robot.base == "fixed"
        self.posture = posture
        self.weights = weights_of(robot)
        self.gains = body.carried * self.weights[:, None]
        self.pull = np.full(body.dofs, _POSTURE_SQUARE)
        self.pull[:ROOT_DOFS] = 0.0
        self._errors = self.errors = np.zeros(len(self.weights))
        """Weighted, where the body was put last."""
        self.away = np.zeros(len(posture))
        """From there to the posture."""
        self.points = np.zeros((len(POINTS), 3))
        self.quotients = np.zeros((len(FRAMES), 4, 4))
        # What is looked at of the sites: points, both ends of the parts, spheres of the soles.
        self.seen = np.concatenate((body.point_sites, body.part_sites, body.sole_sites))
        self.soles = len(POINTS) + len(body.part_sites)
        """Where in these the soles begin."""
        self._places = self.places = np.zeros((len(self.seen), 3))
        """Of what is looked at, likewise."""
        self._wrenches = motion_rows(np.zeros((len(POINTS), 3)), len(FRAMES))
        self._jacobian = np.zeros((len(self.weights), body.dofs))
        self._hessian = np.zeros((body.dofs, body.dofs))

    def aim(self, targets: Targets) -> None:
        """Take the ``targets`` that errors are measured from."""
        self.points = targets.points
        self.quotients = (targets.frames @ _QUOTIENT).reshape(-1, 4, 4)

    def costs(self, qpos: np.ndarray) -> tuple[float, float]:
        """Put the body at ``qpos`` (7 + n,), and return the cost there and the barriers' part."""
        body, errors, places = self.body, self._errors, self._places
        body.place(qpos)
        body.places.take(self.seen, axis=0, out=places, mode="clip")
        _measure(errors, self.points, places, self.quotients, body.frames())
        errors *= self.weights
        away = self.posture - qpos[ROOT_QPOS:]
        return self.note(
            places, errors, away, float(errors @ errors + _POSTURE_SQUARE * (away @ away))
        )

    def equations(self) -> tuple[np.ndarray, np.ndarray]:
        """Return J'J (dofs, dofs) and J'e (dofs,) where the body was put last.

        The arrays are the caller's until the next call fills them anew.
        """
        body, jacobian = self.body, self._jacobian
        body.follow()
        set_arms(self._wrenches, self.places[:_PARTS] - body.centre)
        np.matmul(self._wrenches, body.motions.T, out=jacobian)
        jacobian *= self.gains
        hessian = np.matmul(jacobian.T, jacobian, out=self._hessian)
        gradient = self.errors @ jacobian
        self.complete(hessian, gradient)
        return hessian, gradient

    def note(
        self, places: np.ndarray, errors: np.ndarray, away: np.ndarray, cost: float
    ) -> tuple[float, float]:
        """Take over what was measured with others, and return as :meth:`costs` does."""
        self.places, self.errors, self.away = places, errors, away
        depth = self.barriers.measure(places[_PARTS : self.soles], places[self.soles :, 2])
        return cost + depth, depth

    def complete(self, hessian: np.ndarray, gradient: np.ndarray) -> None:
        """Add posture and barriers to J'J and J'e, in place."""
        diagonal(hessian)[:] += self.pull
        gradient[ROOT_DOFS:] += _POSTURE_SQUARE * self.away
        self.barriers.add_to(hessian, gradient)
        if self.fixed:  # the damping then keeps the root's steps at zero
            hessian[:ROOT_DOFS] = hessian[:, :ROOT_DOFS] = 0.0
            gradient[:ROOT_DOFS] = 0.0


@dataclass(slots=True)
class Costs:
    """A stage: a robot is put somewhere. Its answer is the cost there, and the barriers' part."""

    WORTH: ClassVar[int] = 4

    residuals: Residuals
    qpos: np.ndarray
    """(7 + n,)"""

    def alone(self) -> tuple[float, float]:
        """Return the answer."""
        return self.residuals.costs(self.qpos)

    @staticmethod
    def together(asked: Sequence[Costs]) -> list[tuple[float, float]]:
        """Return the answers for robots of one kind."""
        every = [each.residuals for each in asked]
        for each in asked:
            each.residuals.body.place(each.qpos)
        first = every[0]
        places = np.array([each.body.places for each in every]).take(first.seen, axis=1)
        turns = np.array([each.body.turns for each in every])
        errors = np.empty((len(every), len(first.weights)))
        _measure(
            errors,
            np.array([each.points for each in every]),
            places,
            np.array([each.quotients for each in every]),
            turns.take(first.body.frame_links, axis=1),
        )
        errors *= first.weights
        away = first.posture - np.array([each.qpos for each in asked])[:, ROOT_QPOS:]
        costs = np.vecdot(errors, errors) + _POSTURE_SQUARE * np.vecdot(away, away)
        return [
            each.note(place, error, bent, float(cost))
            for each, place, error, bent, cost in zip(
                every, places, errors, away, costs, strict=True
            )
        ]


def _measure(
    errors: np.ndarray,
    points: np.ndarray,
    places: np.ndarray,
    quotients: np.ndarray,
    turns: np.ndarray,
) -> None:
    """Fill in the ``errors`` (..., 3 p + 3 f), not yet weighted.

    Args:
        errors: To be filled in.
        points: (..., p, 3) where points should be.
        places: (..., p or more, 3) where they are.
        quotients: (..., f, 4, 4) from :meth:`Residuals.aim`.
        turns: (..., f, 4) rotations of the frames.
    """
    lead = errors.shape[:-1]
    moves, rests = errors[..., :_SPLIT], (quotients @ turns[..., None])[..., 0]
    np.subtract(points, places[..., :_PARTS, :], out=moves.reshape(*lead, -1, 3))
    # Axis times twice the sine of half the angle: for a frame's small turns the rotation vector, at
    # a third of its price.
    twice = np.copysign(2.0, rests[..., :1])
    np.multiply(rests[..., 1:], twice, out=errors[..., _SPLIT:].reshape(*lead, -1, 3))


@dataclass(slots=True)
class NormalEquations:
    """A stage: J'J (dofs, dofs) and J'e (dofs,) where a robot was put last."""

    WORTH: ClassVar[int] = 8

    residuals: Residuals

    def alone(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the answer."""
        return self.residuals.equations()

    @staticmethod
    def together(asked: Sequence[NormalEquations]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the answers for robots of one kind."""
        every = [each.residuals for each in asked]
        first = every[0]
        for each in every:
            each.body.follow()
        places = np.array([each.places[:_PARTS] for each in every])
        arms = places - np.array([each.body.centre for each in every])[:, None]
        motions = np.array([each.body.motions for each in every])
        jacobians = motion_rows(arms, len(FRAMES)) @ motions.swapaxes(1, 2)
        jacobians *= first.gains
        hessians = jacobians.swapaxes(1, 2) @ jacobians
        gradients = (np.array([each.errors for each in every])[:, None] @ jacobians)[:, 0]
        for each, *made in zip(every, hessians, gradients, strict=True):
            each.complete(*made)
        return list(zip(hessians, gradients, strict=True))


def diagonal(matrix: np.ndarray) -> np.ndarray:
    """Return a view of the diagonal of a square, contiguous ``matrix``."""
    return matrix.reshape(-1)[:: len(matrix) + 1]
