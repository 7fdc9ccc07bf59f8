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
from flood_bridge.retarget.mjcf import hinge, mjcf_text, part_site, point_site, sole_site
from flood_bridge.retarget.robot_model import SIDES, RobotModel
from flood_bridge.retarget.robot_shape import capsules

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
        points: Names of the points whose positions matter, in the order wanted; for one that the
            robot does not have the pelvis stands in.
        frames: Names of the points whose link's orientation matters, likewise.

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
        self._points = self._sites(_sites_of(robot, points))
        self._frames = self._sites(_sites_of(robot, frames))
        self._links = self._model.site_bodyid[self._frames]
        self._soles = self._sites(
            sole_site(side, index)
            for side, sole in zip(SIDES, robot.soles, strict=True)
            for index in range(len(sole) if robot.has_legs else 0)
        )
        self._sole_radius = robot.sole_radius
        count = len(capsules(robot))
        self._starts, self._ends = (
            self._sites(part_site(index, end) for index in range(count)) for end in ("start", "end")
        )
        self._parts = np.concatenate((self._starts, self._ends))
        self.dofs = int(self._model.nv)
        self.order = np.array(
            [self._model.joint(hinge(n)).dofadr[0] - ROOT_DOFS for n in range(len(robot.joints))]
        )
        """(n,) MuJoCo's index of each joint in the robot's order."""
        self._rows = np.zeros((3 * (len(self._points) + len(self._frames)), self.dofs))
        self._blocks = self._jacobian_blocks()

    def place(self, qpos: np.ndarray) -> None:
        """Put the robot into the configuration ``qpos``; everything below speaks of it."""
        self._data.qpos[:] = qpos
        mujoco.mj_kinematics(self._model, self._data)

    def moved(self, qpos: np.ndarray, step: np.ndarray) -> np.ndarray:
        """Return ``qpos`` after the ``step`` (dofs,), (7 + n,)."""
        result = qpos.copy()
        mujoco.mj_integratePos(self._model, result, step, 1.0)
        return result

    def with_root(self, qpos: np.ndarray, point: np.ndarray, rotation: np.ndarray) -> np.ndarray:
        """Return ``qpos`` with the root where the first point and the first frame are as given.

        Args:
            qpos: (7 + n,) its root rotation is a unit quaternion.
            point: (3,) where the first of :meth:`points` shall be.
            rotation: (4,) what the first of :meth:`frames` shall be.
        """
        self.place(qpos)
        result, turn = qpos.copy(), np.empty(4)
        mujoco.mju_negQuat(turn, self._data.xquat[self._links[0]])
        mujoco.mju_mulQuat(turn, rotation, turn)
        mujoco.mju_mulQuat(result[3:ROOT_QPOS], turn, qpos[3:ROOT_QPOS])
        arm = qpos[:3] - self._data.site_xpos[self._points[0]]
        mujoco.mju_rotVecQuat(result[:3], arm, turn)
        result[:3] += point
        return result

    def points(self) -> np.ndarray:
        """Return the world positions of the points, (p, 3) metres."""
        return self._data.site_xpos.take(self._points, axis=0)

    def frames(self) -> np.ndarray:
        """Return the world-from-link rotations wxyz of the frames, (f, 4)."""
        return self._data.xquat.take(self._links, axis=0)

    def jacobian(self) -> np.ndarray:
        """Return (3 p + 3 f, dofs): metres, then radians about world axes, per step.

        The array is the caller's until the next call fills it anew.
        """
        model, data, jac = self._model, self._data, mujoco.mj_jacSite
        mujoco.mj_comPos(model, data)
        for moves, turns, site in self._blocks:
            jac(model, data, moves, turns, site)
        return self._rows

    def soles(self) -> np.ndarray:
        """Return the world positions of the contact spheres of both soles, (2, k, 3) metres."""
        return self._data.site_xpos.take(self._soles, axis=0).reshape(2, -1, 3)

    def parts(self) -> tuple[np.ndarray, np.ndarray]:
        """Return where the robot's parts start and end, (c, 3) metres each."""
        places = self._data.site_xpos
        return places.take(self._starts, axis=0), places.take(self._ends, axis=0)

    def part_ends(self) -> np.ndarray:
        """Return where the parts start, then where they end, (2 c, 3) metres."""
        return self._data.site_xpos.take(self._parts, axis=0)

    def part_jacobian(self, part: int, share: float) -> np.ndarray:
        """Return how the place at ``share`` of a part's line moves, (3, dofs); after jacobian()."""
        start, end = np.empty((3, self.dofs)), np.empty((3, self.dofs))
        mujoco.mj_jacSite(self._model, self._data, start, None, self._starts[part])
        mujoco.mj_jacSite(self._model, self._data, end, None, self._ends[part])
        return start + share * (end - start)

    def sole_heights(self) -> np.ndarray:
        """Return how high the contact spheres of both soles are over the floor, (2, k) metres."""
        return self._data.site_xpos[:, 2].take(self._soles).reshape(2, -1) - self._sole_radius

    def sole_row(self, foot: int, sphere: int) -> np.ndarray:
        """Return how the height of a contact sphere moves, (dofs,); after jacobian()."""
        moves = np.empty((3, self.dofs))
        site = self._soles[foot * (len(self._soles) // 2) + sphere]
        mujoco.mj_jacSite(self._model, self._data, moves, None, site)
        return moves[2]

    def lowest_sole(self) -> float:
        """Return the height of the lowest point of both soles over the floor z = 0, metres.

        It is infinite for a robot without legs.
        """
        if not self._soles.size:
            return np.inf
        return float(self._data.site_xpos[:, 2].take(self._soles).min()) - self._sole_radius

    def _sites(self, names: Iterable[str]) -> np.ndarray:
        return np.array([self._model.site(name).id for name in names], dtype=np.intp)

    def _jacobian_blocks(self) -> list[tuple[np.ndarray | None, np.ndarray | None, int]]:
        """Return rows of moves, rows of turns and the site of each call that fills a Jacobian.

        A point and a frame on one site are filled by one call.
        """
        thirds = self._rows.reshape(-1, 3, self.dofs)
        blocks: list[tuple[np.ndarray | None, np.ndarray | None, int]] = []
        turns_of: dict[int, np.ndarray] = {}
        for site, turns in zip(self._frames.tolist(), thirds[len(self._points) :], strict=True):
            if site in turns_of:
                blocks.append((None, turns, site))
            turns_of.setdefault(site, turns)
        for site, moves in zip(self._points.tolist(), thirds, strict=False):
            blocks.append((moves, turns_of.pop(site, None), site))
        return blocks + [(None, turns, site) for site, turns in turns_of.items()]


def _sites_of(robot: RobotModel, names: Iterable[str]) -> Iterable[str]:
    return (point_site(name if name in robot.points else "pelvis") for name in names)
