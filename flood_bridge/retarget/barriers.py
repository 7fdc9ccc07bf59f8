"""What a robot must not do, as inequality rows for the solver: meet itself, sink into the floor.

Parts are capsules (:mod:`.robot_shape`). A pair that is closer than its margin, or a sole that is
under the floor, adds its depth as an error that the solver makes small, beside those of the
targets; what keeps apart adds nothing.
"""

from __future__ import annotations

import numpy as np

from flood_bridge.retarget.capsule_pairs import CapsulePairs
from flood_bridge.retarget.robot_body import RobotBody
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.robot_shape import capsules, meeting_pairs

WEIGHT = 8.0
"""Square root of the weight of a metre of depth; a wrist's target has 1, an ankle's 2."""
MARGIN_M = 0.006
"""Parts are kept this far apart."""

_SQUARE = WEIGHT * WEIGHT
_NO_SOLES = np.zeros(0)


class Barriers:
    """The inequalities of one robot, at the configuration in which its body was put last."""

    def __init__(self, body: RobotBody, robot: RobotModel) -> None:
        self._body = body
        self._legs, self._radius = robot.has_legs, robot.sole_radius
        parts = capsules(robot)
        radii = [part.radius for part in parts]
        self._pairs = CapsulePairs(radii, meeting_pairs(parts), MARGIN_M)
        self._depths: list[float] = []
        self._sunk: list[tuple[int, int, float]] = []

    def cost(self) -> float:
        """Measure the depths, and return their weighted squares' sum."""
        heights = self._body.places[:, 2].take(self._body.sole_sites) if self._legs else _NO_SOLES
        return self.measure(self._body.places.take(self._body.part_sites, axis=0), heights)

    def measure(self, ends: np.ndarray, heights: np.ndarray) -> float:
        """Do as :meth:`cost` does, told where the parts and the soles are.

        Args:
            ends: (2 c, 3) where the parts start, then where they end; to be kept as they are until
                the rows have been added.
            heights: (2 k,) of the centres of the contact spheres; none if none can be too low.
        """
        near = self._pairs.find(ends)
        self._depths = (MARGIN_M - near).tolist() if near.size else []
        self._sunk = self._sunken_soles(heights) if heights.size else []
        if not self._depths and not self._sunk:
            return 0.0
        total = sum(depth * depth for depth in self._depths)
        return _SQUARE * (total + sum(depth * depth for _, _, depth in self._sunk))

    def add_to(self, hessian: np.ndarray, gradient: np.ndarray) -> None:
        """Add the rows of what is too deep to J'J (dofs, dofs) and J'e (dofs,), in place."""
        if not self._depths and not self._sunk:
            return
        rows = [self._pair_row(number) for number in range(len(self._depths))]
        rows += [self._body.sole_row(foot, sphere) for foot, sphere, _ in self._sunk]
        moves = np.array(rows)
        depths = np.array(self._depths + [depth for _, _, depth in self._sunk])
        hessian += (_SQUARE * moves).T @ moves
        gradient += _SQUARE * (depths @ moves)

    def _pair_row(self, number: int) -> np.ndarray:
        """Return how the distance of a pair of those found grows, (dofs,)."""
        way, (one, other), (s, t) = self._pairs.meeting(number)
        return way @ (self._body.part_jacobian(other, t) - self._body.part_jacobian(one, s))

    def _sunken_soles(self, centres: np.ndarray) -> list[tuple[int, int, float]]:
        """Return foot, lowest contact sphere and depth of each sole that is under the floor."""
        if centres.min() >= self._radius:
            return []
        heights = centres.reshape(2, -1) - self._radius
        lowest = heights.argmin(axis=1).tolist()
        depths = [-float(heights[foot, sphere]) for foot, sphere in enumerate(lowest)]
        return [(foot, lowest[foot], deep) for foot, deep in enumerate(depths) if deep > 0.0]
