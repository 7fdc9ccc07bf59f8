"""Asks for arms beside the robot's body where the human's would go through it.

A robot's hips and thighs are wider, and its shoulders narrower, than a human's: arms that hang on a
human hang inside many robots. The forearm that is asked for is moved out of trunk and thighs before
the solver sees it; the solver's own barriers (:mod:`.barriers`) then have little left to do, and
need not push the body off its feet.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flood_bridge.motion.rotations import normalise
from flood_bridge.retarget.capsule_pairs import CapsulePairs
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.robot_shape import Capsule, capsules

MARGIN_M = 0.015
ROUNDS = 2

# Rows of the targets' points: pelvis, knees, shoulders, elbows, wrists.
_PELVIS, _KNEES = 0, slice(1, 3)
_SHOULDERS, _ELBOWS, _WRISTS = slice(5, 7), slice(7, 9), slice(9, 11)
# Capsules 0 and 1 are the forearms, 2 to 5 what they must not go through.
_NO_PUSH = np.zeros((2, 3))
_PAIRS = [(arm, obstacle) for arm in (0, 1) for obstacle in (2, 3, 4, 5)]


class ArmClearance:
    """Moves forearms out of pelvis, torso and thighs of one robot that has arms and legs."""

    def __init__(self, robot: RobotModel) -> None:
        parts = {part.name: part for part in capsules(robot)}
        pelvis, chest = robot.upright_point("pelvis"), robot.upright_point("chest")
        self._chest = chest - pelvis
        self._hips = np.array([robot.upright_point(f"{s}_hip") for s in ("left", "right")]) - pelvis
        self._pelvis = _ends(robot, parts["pelvis"]) - pelvis
        self._torso = _ends(robot, parts["torso"]) - chest
        names = ("left_forearm", "left_forearm", "pelvis", "torso", "left_thigh", "left_thigh")
        self._pairs = CapsulePairs([parts[name].radius for name in names], _PAIRS, MARGIN_M)

    def clear(self, points: np.ndarray, torso: np.ndarray) -> None:
        """Move elbows and wrists of the targets' ``points`` (13, 3) in place.

        Args:
            points: Targets, see :data:`flood_bridge.retarget.targets.POINTS`.
            torso: (2, 3, 3) world from pelvis and from chest.
        """
        self._clear(points, self._capsules(points, torso))

    @staticmethod
    def clear_all(every: Sequence[ArmClearance], points: np.ndarray, torso: np.ndarray) -> None:
        """Do as :meth:`clear` for several, ``points`` (n, 13, 3) and ``torso`` (n, 2, 3, 3)."""
        ends = every[0]._capsules(points, torso)
        for each, at, around in zip(every, points, ends, strict=True):
            each._clear(at, around)

    def _capsules(self, points: np.ndarray, torso: np.ndarray) -> np.ndarray:
        """Return where the capsules start, then where they end, (..., 12, 3)."""
        root, pelvis = points[..., :1, :], torso[..., 0, :, :]
        around = pelvis.swapaxes(-1, -2)
        chest = torso[..., 1, :, :].swapaxes(-1, -2)
        ends = np.empty((*points.shape[:-2], 12, 3))
        ends[..., :2, :], ends[..., 6:8, :] = points[..., _ELBOWS, :], points[..., _WRISTS, :]
        ends[..., 2:9:6, :] = root + self._pelvis @ around
        middle = root + (pelvis @ self._chest)[..., None, :]
        ends[..., 3:10:6, :] = middle + self._torso @ chest
        ends[..., 4:6, :] = root + self._hips @ around
        ends[..., 10:, :] = points[..., _KNEES, :]
        return ends

    def _clear(self, points: np.ndarray, ends: np.ndarray) -> None:
        """Move the arms out of what is at the capsules' ``ends``, in place."""
        shoulders, elbows, wrists = points[_SHOULDERS], points[_ELBOWS], points[_WRISTS]
        for _ in range(ROUNDS):
            push, share = self._push(ends)
            if share is None:
                return
            upper, fore = _lengths(elbows - shoulders), _lengths(wrists - elbows)
            moved = elbows + (1.0 - share) * push
            moved = shoulders + upper * normalise(moved - shoulders)
            wrists[:] = moved + fore * normalise(wrists + share * push - moved)
            elbows[:] = moved
            ends[:2], ends[6:8] = elbows, wrists

    def _push(self, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Return per arm the way out of the deepest obstacle (2, 3), and where on it (2, 1).

        The place is None if no arm has an obstacle.
        """
        near = self._pairs.find(ends)
        if not near.size:
            return _NO_PUSH, None
        push, share = np.zeros((2, 3)), np.zeros((2, 1))
        deepest = [0.0, 0.0]
        for number, deep in enumerate((MARGIN_M - near).tolist()):
            way, (arm, _), (here, _) = self._pairs.meeting(number)
            if deep > deepest[arm]:
                deepest[arm], share[arm] = deep, here
                # Moved by these shares, the place at ``share`` moves by the depth.
                push[arm] = way * (-deep / (here**2 + (1.0 - here) ** 2))
        return push, share


def _lengths(lines: np.ndarray) -> np.ndarray:
    return np.sqrt(np.vecdot(lines, lines))[:, None]


def _ends(robot: RobotModel, part: Capsule) -> np.ndarray:
    """Return where the part starts and ends when the robot stands upright, (2, 3)."""
    return np.array([robot.upright_place(point) for point in (part.start, part.end)])
