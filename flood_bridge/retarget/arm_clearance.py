"""Asks for arms beside the robot's body where the human's would go through it.

A robot's hips and thighs are wider, and its shoulders narrower, than a human's: arms that hang on a
human hang inside many robots. The forearm that is asked for is moved out of trunk and thighs before
the solver sees it; the solver's own barriers (:mod:`.barriers`) then have little left to do, and
need not push the body off its feet.
"""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.rotations import normalise
from flood_bridge.retarget.capsule_distance import nearest
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.robot_shape import Capsule, capsules

MARGIN_M = 0.015
ROUNDS = 2

# Rows of the targets' points: pelvis, knees, shoulders, elbows, wrists.
_PELVIS, _KNEES, _SHOULDERS, _ELBOWS, _WRISTS = 0, [1, 2], [5, 6], [7, 8], [9, 10]
_OBSTACLES = 4


class ArmClearance:
    """Moves forearms out of pelvis, torso and thighs of one robot that has arms and legs."""

    def __init__(self, robot: RobotModel) -> None:
        parts = {part.name: part for part in capsules(robot)}
        pelvis, chest = robot.upright_point("pelvis"), robot.upright_point("chest")
        self._chest = chest - pelvis
        self._hips = np.array([robot.upright_point(f"{s}_hip") for s in ("left", "right")]) - pelvis
        self._pelvis = _ends(robot, parts["pelvis"]) - pelvis
        self._torso = _ends(robot, parts["torso"]) - chest
        radii = np.array([parts[name].radius for name in ("pelvis", "torso", "left_thigh")])
        self._apart = radii[[0, 1, 2, 2]] + parts["left_forearm"].radius + MARGIN_M

    def clear(self, points: np.ndarray, torso: np.ndarray) -> None:
        """Move elbows and wrists of the targets' ``points`` (13, 3) in place.

        Args:
            points: Targets, see :data:`flood_bridge.retarget.targets.POINTS`.
            torso: (2, 3, 3) world from pelvis and from chest.
        """
        starts, ends = self._obstacles(points, torso)
        shoulders, elbows, wrists = points[_SHOULDERS], points[_ELBOWS], points[_WRISTS]
        upper = np.linalg.norm(elbows - shoulders, axis=1, keepdims=True)
        fore = np.linalg.norm(wrists - elbows, axis=1, keepdims=True)
        for _ in range(ROUNDS):
            push, share, deep = self._push(elbows, wrists, starts, ends)
            if not deep.any():
                return
            elbows = elbows + (1.0 - share) * push
            elbows = shoulders + upper * normalise(elbows - shoulders)
            wrists = elbows + fore * normalise(wrists + share * push - elbows)
            points[_ELBOWS], points[_WRISTS] = elbows, wrists

    def _obstacles(self, points: np.ndarray, torso: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return starts and ends (4, 3) of pelvis, torso, left and right thigh."""
        root = points[_PELVIS]
        pelvis = root + self._pelvis @ torso[0].T
        chest = root + torso[0] @ self._chest + self._torso @ torso[1].T
        hips = root + self._hips @ torso[0].T
        starts = np.concatenate((pelvis[:1], chest[:1], hips))
        return starts, np.concatenate((pelvis[1:], chest[1:], points[_KNEES]))

    def _push(
        self, elbows: np.ndarray, wrists: np.ndarray, starts: np.ndarray, ends: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return per arm the way out of the deepest obstacle (2, 3), where (2, 1), whether (2,)."""
        along, other = nearest(elbows[:, None], wrists[:, None], starts[None], ends[None])
        here = elbows[:, None] + along[..., None] * (wrists - elbows)[:, None]
        gap = here - starts - other[..., None] * (ends - starts)
        length = np.sqrt(np.vecdot(gap, gap))
        depth = self._apart - length
        worst = depth.argmax(axis=1)
        rows = np.arange(2)
        deep = np.maximum(depth[rows, worst], 0.0)
        way = gap[rows, worst] / np.maximum(length[rows, worst], 1e-6)[:, None]
        share = along[rows, worst][:, None]
        # Moved by these shares, the place at ``share`` moves by the depth.
        return way * (deep / (share[:, 0] ** 2 + (1.0 - share[:, 0]) ** 2))[:, None], share, deep


def _ends(robot: RobotModel, part: Capsule) -> np.ndarray:
    """Return where the part starts and ends when the robot stands upright, (2, 3)."""
    return np.array([robot.upright_place(point) for point in (part.start, part.end)])
