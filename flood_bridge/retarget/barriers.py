"""What a robot must not do, as inequality rows for the solver: meet itself, sink into the floor.

Parts are capsules (:mod:`.robot_shape`). A pair that is closer than its margin, or a sole that is
under the floor, adds its depth as an error that the solver makes small, beside those of the
targets; what keeps apart adds nothing. Only pairs that are near at all at the start of a frame are
looked at again in its steps.
"""

from __future__ import annotations

import numpy as np

from flood_bridge.retarget.capsule_distance import nearest
from flood_bridge.retarget.robot_body import RobotBody
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.robot_shape import capsules, meeting_pairs

WEIGHT = 8.0
"""Square root of the weight of a metre of depth; a wrist's target has 1, an ankle's 2."""
MARGIN_M = 0.006
"""Parts are kept this far apart."""
_NEAR_M = 0.06
"""Pairs farther apart than this cannot meet within one frame."""

_CROSSED_M = 1e-6
"""Axes this near go through one another: the line between them shows no way out."""


class Barriers:
    """The inequalities of one robot, at the configuration in which its body was put last."""

    def __init__(self, body: RobotBody, robot: RobotModel) -> None:
        self._body = body
        parts = capsules(robot)
        pairs = np.array(meeting_pairs(parts), dtype=int).reshape(-1, 2)
        radii = np.array([part.radius for part in parts])
        self._all = pairs, radii[pairs].sum(axis=1) if len(pairs) else np.zeros(0)
        self._pairs, self._apart = self._all
        self._legs = robot.has_legs
        self._depths = np.zeros(0)
        self._normals = np.zeros((0, 3))
        self._shares = np.zeros(0), np.zeros(0)
        self._soles = np.zeros(2)
        self._lowest = np.zeros(2, dtype=int)

    def look_everywhere(self) -> None:
        """Measure all pairs from now on."""
        self._pairs, self._apart = self._all

    def look_at_near(self) -> None:
        """Measure only those pairs from now on that were near when measured last."""
        near = self._depths > -_NEAR_M
        self._pairs, self._apart = self._pairs[near], self._apart[near]
        self._depths, self._normals = self._depths[near], self._normals[near]
        self._shares = self._shares[0][near], self._shares[1][near]

    def cost(self) -> float:
        """Measure the depths, and return their weighted squares' sum."""
        total = 0.0
        if len(self._pairs):
            starts, ends = self._body.parts()
            one, other = self._pairs[:, 0], self._pairs[:, 1]
            s, t = nearest(starts[one], ends[one], starts[other], ends[other])
            along, across = ends[one] - starts[one], ends[other] - starts[other]
            gap = starts[one] + s[:, None] * along
            gap -= starts[other] + t[:, None] * across
            length = np.sqrt(np.vecdot(gap, gap))
            self._shares = s, t
            self._normals = gap / np.maximum(length, 1e-9)[:, None]
            crossed = length < _CROSSED_M
            if crossed.any():
                self._normals[crossed] = _way_out(along[crossed], across[crossed])
            self._depths = self._apart + MARGIN_M - length
            deep = np.maximum(self._depths, 0.0)
            total = float(deep @ deep)
        else:
            self._depths = np.zeros(0)
        if self._legs:
            heights = self._body.sole_heights()
            self._lowest = heights.argmin(axis=1)
            self._soles = np.maximum(-heights.min(axis=1), 0.0)
            total += float(self._soles @ self._soles)
        return WEIGHT * WEIGHT * total

    def add_to(self, hessian: np.ndarray, gradient: np.ndarray) -> None:
        """Add the rows of what is too deep to J'J (dofs, dofs) and J'e (dofs,), in place."""
        for pair in np.flatnonzero(self._depths > 0.0).tolist():
            self._add(hessian, gradient, self._pair_row(pair), float(self._depths[pair]))
        for foot in np.flatnonzero(self._soles).tolist():
            row = self._body.sole_row(foot, int(self._lowest[foot]))
            self._add(hessian, gradient, row, float(self._soles[foot]))

    def _pair_row(self, pair: int) -> np.ndarray:
        one, other = self._pairs[pair].tolist()
        s, t = float(self._shares[0][pair]), float(self._shares[1][pair])
        moves = self._body.part_jacobian(one, s) - self._body.part_jacobian(other, t)
        return self._normals[pair] @ moves

    @staticmethod
    def _add(hessian: np.ndarray, gradient: np.ndarray, row: np.ndarray, depth: float) -> None:
        hessian += np.outer(row, (WEIGHT * WEIGHT) * row)
        gradient += (WEIGHT * WEIGHT * depth) * row


def _way_out(along: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Return unit vectors (k, 3) square to two axes that cross: where skew lines would part."""
    ways = np.cross(along, across)
    flat = np.vecdot(ways, ways) < _CROSSED_M * np.vecdot(along, along) * np.vecdot(across, across)
    if flat.any():  # one upon the other: any way square to them
        least = np.eye(3)[np.abs(along[flat]).argmin(axis=1)]
        ways[flat] = np.cross(along[flat], least)
    return ways / np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-12)
