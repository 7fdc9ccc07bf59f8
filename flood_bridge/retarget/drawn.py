"""A robot as it can be drawn without its meshes: capsules that its published frames place."""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.frames import RobotFrame
from flood_bridge.retarget.robot_body import ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.robot_shape import capsules

_JOINTS = (
    ("torso", "pelvis"),
    ("head", "torso"),
    ("left_upper_arm", "torso"),
    ("right_upper_arm", "torso"),
)
"""Parts that would hang in the air: from their start to the nearest place of another."""
_JOINT_RADIUS_M = 0.032


class DrawnRobot:
    """Places the capsules of ``robot``; not for several threads at once.

    Attributes:
        radii: (c,) of the capsules, metres.

    Raises:
        MissingDependencyError: If MuJoCo is not installed.
    """

    def __init__(self, robot: RobotModel) -> None:
        self._body = RobotBody(robot, (), ())
        self._qpos = np.zeros(ROOT_QPOS + len(robot.joints))
        parts = capsules(robot)
        names = [part.name for part in parts]
        self._joined = [
            (names.index(part), names.index(other))
            for part, other in _JOINTS
            if part in names and other in names
        ]
        radii = [part.radius for part in parts] + [_JOINT_RADIUS_M] * len(self._joined)
        self.radii = np.array(radii)

    def points(self, frame: RobotFrame) -> np.ndarray:
        """Return where the capsules of ``frame`` start, then where they end: (2 c, 3) metres."""
        self._qpos[:3] = frame.root_position
        self._qpos[3:ROOT_QPOS] = frame.root_rotation_wxyz
        self._qpos[ROOT_QPOS + self._body.order] = frame.positions
        self._body.place(self._qpos)
        starts, ends = self._body.parts()
        joints = [
            _nearest(starts[part], starts[other], ends[other]) for part, other in self._joined
        ]
        joined = [starts[part] for part, _ in self._joined]
        return np.array([*starts, *joined, *ends, *joints])


def _nearest(place: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the place between ``start`` and ``end`` that is nearest to ``place``, (3,) each."""
    along = end - start
    share = (place - start) @ along / max(float(along @ along), 1e-9)
    return start + min(max(share, 0.0), 1.0) * along
