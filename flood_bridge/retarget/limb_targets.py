"""Where a robot's legs and arms should be: the human's directions on the robot's own lengths.

A foot goes where the human's is, seen from the hip and scaled, and never under the floor; the knee
bends to the side to which the human's thigh points. Arms are bone after bone from the shoulder.
Poses may have any leading axes (...); axes are the robot's (x forward, y left, z up).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from flood_bridge.motion.contacts import ANKLES
from flood_bridge.motion.rotations import normalise, rotate
from flood_bridge.retarget.human_lines import FOREARMS, HIPS, THIGHS, UPPER_ARMS
from flood_bridge.retarget.robot_model import SIDES, RobotModel

# Rows of the targets' points, left and right; the pelvis is the first.
_KNEES, _ANKLES, _FEET = slice(1, 3), slice(3, 5), slice(11, 13)
_SHOULDERS, _ELBOWS, _WRISTS = slice(5, 7), slice(7, 9), slice(9, 11)
_ELBOWS_AND_WRISTS = slice(7, 11)

_LEG_ENDS = np.array([*HIPS, *ANKLES])
_MIN_PELVIS_HEIGHT = 0.10
_MIN_LIMB_HEIGHT = 0.04
"""Lowest a pelvis and a knee, elbow or wrist is sent, metres: about their thickness."""
_STRAIGHT_KNEE = 0.05

Size: TypeAlias = tuple[float | np.ndarray, float | np.ndarray]
"""By what a human's lengths are multiplied, and by how much its ankles are lifted then."""
Lock: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Returns the shifts (..., 2, 3) of feet, told their places (..., 2, 3) and stance (..., 2)."""


class Legs:
    """The legs of one robot.

    Attributes:
        length: Of thigh and shank together, metres.
        ankle_height: Of the ankles over the floor when it stands, metres.
    """

    def __init__(self, robot: RobotModel) -> None:
        self._floating = robot.base == "floating"
        self._hips = _from(robot, "hip", "pelvis")
        self._thigh = _mean_length(robot, "hip", "knee")
        self._shank = _mean_length(robot, "knee", "ankle")
        self._shortest = abs(self._thigh - self._shank) + 1e-3
        self._toe = _from(robot, "foot", "pelvis") - _from(robot, "ankle", "pelvis")
        self._soles = _soles(robot)
        self._sole_radius = robot.sole_radius
        self.length = self._thigh + self._shank
        self.ankle_height = robot.sole_radius - float(self._soles[..., 2].min())

    def place(
        self,
        points: np.ndarray,
        frames: np.ndarray,
        human: np.ndarray,
        units: np.ndarray,
        stance: np.ndarray,
        size: Size,
        lock: Lock | None,
    ) -> None:
        """Fill in the points of pelvis and legs, and turn the feet's frames as they stand.

        Args:
            points: (..., 13, 3) of the targets.
            frames: (..., 4, 3, 3) of pelvis, chest and feet, as the human's.
            human: (..., 22, 3) joints.
            units: (..., 14, 3) the human's lines, of length 1.
            stance: (..., 2) share to which each foot stands.
            size: Of the human.
            lock: Keeps standing feet in their place, if given.
        """
        scale, lift = size
        feet = frames[..., 2:, :, :]
        ends = human.take(_LEG_ENDS, axis=-2)
        ends *= scale
        ends[..., 2] += lift
        spread = self._hips @ frames[..., 0, :, :].swapaxes(-1, -2)
        if self._floating:
            points[..., 0, :] = 0.5 * (ends[..., :2, :] - spread).sum(axis=-2)
            height = points[..., 0, 2]
            points[..., 0, 2] = np.maximum(height, _MIN_PELVIS_HEIGHT)
        hips = points[..., :1, :] + spread
        ankles = hips + (ends[..., 2:, :] - ends[..., :2, :])
        ankles[..., 2] += stance * (self.ankle_height - ends[..., 2:, 2])
        if lock is not None:
            places = ankles.copy()
            np.arctan2(feet[..., 1, 0], feet[..., 0, 0], out=places[..., 2])
            shifts = lock(places, stance)
            ankles[..., :2] += shifts[..., :2]
            _turn(feet, shifts[..., 2])
        lowest = (self._soles @ feet[..., 2, :, None])[..., 0].min(axis=-1)
        ankles[..., 2] = np.maximum(ankles[..., 2], self._sole_radius - lowest)
        knees = points[..., _KNEES, :]
        knees[...] = self._knees(hips, ankles, units[..., THIGHS, :], frames[..., :1, :, 0])
        points[..., _ANKLES, :] = ankles
        points[..., _FEET, :] = ankles + (feet @ self._toe[..., None])[..., 0]
        np.maximum(knees[..., 2], _MIN_LIMB_HEIGHT, out=knees[..., 2])

    def _knees(
        self, hips: np.ndarray, ankles: np.ndarray, thighs: np.ndarray, forward: np.ndarray
    ) -> np.ndarray:
        """Return knees (..., 2, 3) between hips and ankles, on the side to which thighs point.

        A straight leg has no such side; there the knees go forward.
        """
        line = ankles - hips
        distance = np.sqrt(np.vecdot(line, line))[..., None]
        line /= np.maximum(distance, 1e-6)
        reach = np.minimum(np.maximum(distance, self._shortest), self.length)
        along = (self._thigh**2 - self._shank**2 + reach * reach) / (2.0 * reach)
        aside = np.sqrt(np.maximum(self._thigh**2 - along * along, 0.0))
        bend = thighs + _STRAIGHT_KNEE * forward
        bend = normalise(bend - np.vecdot(bend, line)[..., None] * line)
        return hips + along * line + aside * bend


class Arms:
    """The arms of one robot."""

    def __init__(self, robot: RobotModel) -> None:
        self._chest = robot.upright_point("chest") - robot.upright_point("pelvis")
        self._shoulders = _from(robot, "shoulder", "chest")
        self._upper_arm = _mean_length(robot, "shoulder", "elbow")
        self._forearm = _mean_length(robot, "elbow", "wrist")

    def place(self, points: np.ndarray, frames: np.ndarray, units: np.ndarray) -> None:
        """Fill in the points of the arms.

        Args:
            points: (..., 13, 3) of the targets; the pelvis is there already.
            frames: (..., 4, 3, 3) of pelvis, chest and feet.
            units: (..., 14, 3) the human's lines, of length 1.
        """
        chest = points[..., 0, :] + frames[..., 0, :, :] @ self._chest
        turned = self._shoulders @ frames[..., 1, :, :].swapaxes(-1, -2)
        shoulders = chest[..., None, :] + turned
        elbows = shoulders + self._upper_arm * units[..., UPPER_ARMS, :]
        points[..., _SHOULDERS, :], points[..., _ELBOWS, :] = shoulders, elbows
        points[..., _WRISTS, :] = elbows + self._forearm * units[..., FOREARMS, :]
        heights = points[..., _ELBOWS_AND_WRISTS, 2]
        np.maximum(heights, _MIN_LIMB_HEIGHT, out=heights)


def _from(robot: RobotModel, name: str, origin: str) -> np.ndarray:
    """Return where the left and the right point ``name`` is from ``origin``, upright, (2, 3)."""
    both = np.array([robot.upright_point(f"{side}_{name}") for side in SIDES])
    return both - robot.upright_point(origin)


def _mean_length(robot: RobotModel, start: str, end: str) -> float:
    """Return how far it is between two points of a limb, on average of left and right."""
    lines = [
        robot.upright_point(f"{side}_{end}") - robot.upright_point(f"{side}_{start}")
        for side in SIDES
    ]
    return float(np.mean([np.linalg.norm(line) for line in lines]))


def _soles(robot: RobotModel) -> np.ndarray:
    """Return the soles from their ankles when the robot stands upright, (2, k, 3).

    The foot with fewer points repeats its last.
    """
    turns = robot.upright_frames()
    soles = []
    most = max(map(len, robot.soles))
    for side, sole in zip(SIDES, robot.soles, strict=True):
        ankle = robot.points[f"{side}_ankle"]
        padded = np.concatenate((sole, np.repeat(sole[-1:], most - len(sole), axis=0)))
        soles.append(rotate(turns[ankle.link][1][None], padded - ankle.offset))
    return np.array(soles)


def _turn(frames: np.ndarray, angles: np.ndarray) -> None:
    """Turn ``frames`` (..., 3, 3) by ``angles`` (...) about the vertical, in place."""
    cosine, sine = np.cos(angles)[..., None], np.sin(angles)[..., None]
    x, y = frames[..., 0, :], frames[..., 1, :]
    frames[..., 0, :], frames[..., 1, :] = cosine * x - sine * y, sine * x + cosine * y
