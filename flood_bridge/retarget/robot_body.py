"""A robot's body in MuJoCo: where its points are, and how they move with its joints.

State is MuJoCo's: ``qpos`` is root position (3), root rotation wxyz (4), joint angles (n); a
``qvel``-like step is root translation (3, world axes), root rotation vector (3, root axes), joint
steps (n). MuJoCo orders joints by its walk through the tree; :attr:`RobotBody.order` says how.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from flood_bridge.errors import MissingDependencyError
from flood_bridge.retarget.mjcf import mjcf_text, point_site, sole_site
from flood_bridge.retarget.robot_model import RobotModel

try:
    import mujoco as _mujoco
except ImportError:  # an optional extra; RobotBody says so when it is first needed
    _mujoco = None

mujoco: Any = _mujoco  # its members are compiled, type checkers do not see them

ROOT_QPOS = 7
ROOT_DOFS = 6


class RobotBody:
    """Forward kinematics and Jacobians of one robot.

    Args:
        robot: The robot.
        points: Names of the points whose positions matter, in the order wanted.
        frames: Names of the points whose link's orientation matters.

    Raises:
        MissingDependencyError: If MuJoCo is not installed.
    """

    def __init__(self, robot: RobotModel, points: Sequence[str], frames: Sequence[str]) -> None:
        if mujoco is None:
            raise MissingDependencyError(
                f"the robot {robot.name}", "mujoco", "pip install 'flood-bridge[robots]'"
            )
        self._model = mujoco.MjModel.from_xml_string(mjcf_text(robot))
        self._data = mujoco.MjData(self._model)
        self._points = self._sites(point_site(name) for name in points)
        self._frames = self._sites(point_site(name) for name in frames)
        self._links = self._model.site_bodyid[self._frames]
        count = len(robot.sole_points)
        self._soles = self._sites(
            sole_site(side, index) for side in ("left", "right") for index in range(count)
        )
        self._sole_radius = robot.sole_radius
        self.dofs = int(self._model.nv)
        self.order = np.array(
            [self._model.joint(name).dofadr[0] - ROOT_DOFS for name in robot.names]
        )
        """(n,) MuJoCo's index of each joint in the robot's order."""

    def place(self, qpos: np.ndarray) -> None:
        """Put the robot into the configuration ``qpos``; everything below speaks of it."""
        self._data.qpos[:] = qpos
        mujoco.mj_kinematics(self._model, self._data)

    def moved(self, qpos: np.ndarray, step: np.ndarray) -> np.ndarray:
        """Return ``qpos`` after the ``step`` (dofs,), (7 + n,)."""
        result = qpos.copy()
        mujoco.mj_integratePos(self._model, result, step, 1.0)
        return result

    def points(self) -> np.ndarray:
        """Return the world positions of the points, (p, 3) metres."""
        return self._data.site_xpos[self._points]

    def frames(self) -> np.ndarray:
        """Return the world-from-link rotations wxyz of the frames, (f, 4)."""
        return self._data.xquat[self._links]

    def jacobian(self, out: np.ndarray) -> np.ndarray:
        """Fill ``out`` (3 p + 3 f, dofs): metres, then radians about world axes, per step."""
        mujoco.mj_comPos(self._model, self._data)
        row = 0
        for site in self._points:
            mujoco.mj_jacSite(self._model, self._data, out[row : row + 3], None, site)
            row += 3
        for site in self._frames:
            mujoco.mj_jacSite(self._model, self._data, None, out[row : row + 3], site)
            row += 3
        return out

    def lowest_sole(self) -> float:
        """Return the height of the lowest point of both soles over the floor z = 0, metres."""
        return float(self._data.site_xpos[self._soles, 2].min()) - self._sole_radius

    def _sites(self, names: Iterable[str]) -> list[int]:
        return [int(self._model.site(name).id) for name in names]
