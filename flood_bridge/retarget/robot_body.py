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
from flood_bridge.retarget.jacobian_rows import carried_sites, motion_rows
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
        self._qpos = self._data.qpos
        self.places, self.turns = self._data.site_xpos, self._data.xquat
        """World positions of all sites, (s, 3), and rotations wxyz of all links, views of both."""
        self.motions = self._data.cdof
        """(dofs, 6) a view of how each dof turns and moves what it carries, about the centre."""
        self.centre = self._data.subtree_com[1]
        """(3,) a view; :meth:`follow` brings it and the motions up to date."""
        self.point_sites = self._sites(_sites_of(robot, points))
        self._frames = self._sites(_sites_of(robot, frames))
        self.frame_links = self._model.site_bodyid[self._frames]
        self.sole_sites = self._sites(
            sole_site(side, index)
            for side, sole in zip(SIDES, robot.soles, strict=True)
            for index in range(len(sole) if robot.has_legs else 0)
        )
        """Those of the left foot, then as many of the right."""
        self._sole_radius = robot.sole_radius
        count = len(capsules(robot))
        self._starts, self._ends = (
            self._sites(part_site(index, end) for index in range(count)) for end in ("start", "end")
        )
        self.part_sites = np.concatenate((self._starts, self._ends))
        """Where the parts start, then where they end."""
        self.dofs = int(self._model.nv)
        self.order = np.array(
            [self._model.joint(hinge(n)).dofadr[0] - ROOT_DOFS for n in range(len(robot.joints))]
        )
        """(n,) MuJoCo's index of each joint in the robot's order."""
        rows = np.concatenate((self.point_sites, self._frames))
        self.carried = np.repeat(carried_sites(self._model)[rows], 3, axis=0)
        """(3 p + 3 f, dofs) 1 where a row of the Jacobian may not be 0."""

    def place(self, qpos: np.ndarray) -> None:
        """Put the robot into the configuration ``qpos``; everything below speaks of it."""
        self._qpos[:] = qpos
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
        mujoco.mju_negQuat(turn, self.turns[self.frame_links[0]])
        mujoco.mju_mulQuat(turn, rotation, turn)
        mujoco.mju_mulQuat(result[3:ROOT_QPOS], turn, qpos[3:ROOT_QPOS])
        arm = qpos[:3] - self.places[self.point_sites[0]]
        mujoco.mju_rotVecQuat(result[:3], arm, turn)
        result[:3] += point
        return result

    def points(self) -> np.ndarray:
        """Return the world positions of the points, (p, 3) metres."""
        return self.places.take(self.point_sites, axis=0)

    def frames(self) -> np.ndarray:
        """Return the world-from-link rotations wxyz of the frames, (f, 4)."""
        return self.turns.take(self.frame_links, axis=0)

    def follow(self) -> None:
        """Bring :attr:`motions` and :attr:`centre` to where the robot was put."""
        mujoco.mj_comPos(self._model, self._data)

    def jacobian(self) -> np.ndarray:
        """Return (3 p + 3 f, dofs): metres, then radians about world axes, per step."""
        self.follow()
        arms = self.points() - self.centre
        wrenches = motion_rows(arms, len(self.frame_links))
        return (wrenches @ self.motions.T) * self.carried

    def soles(self) -> np.ndarray:
        """Return the world positions of the contact spheres of both soles, (2, k, 3) metres."""
        return self.places.take(self.sole_sites, axis=0).reshape(2, -1, 3)

    def parts(self) -> tuple[np.ndarray, np.ndarray]:
        """Return where the robot's parts start and end, (c, 3) metres each."""
        places = self.places
        return places.take(self._starts, axis=0), places.take(self._ends, axis=0)

    def part_jacobian(self, part: int, share: float) -> np.ndarray:
        """Return how the place at ``share`` of a part's line moves, (3, dofs); after follow()."""
        start, end = np.empty((3, self.dofs)), np.empty((3, self.dofs))
        mujoco.mj_jacSite(self._model, self._data, start, None, self._starts[part])
        mujoco.mj_jacSite(self._model, self._data, end, None, self._ends[part])
        return start + share * (end - start)

    def sole_row(self, foot: int, sphere: int) -> np.ndarray:
        """Return how the height of a contact sphere moves, (dofs,); after follow()."""
        moves = np.empty((3, self.dofs))
        site = self.sole_sites[foot * (len(self.sole_sites) // 2) + sphere]
        mujoco.mj_jacSite(self._model, self._data, moves, None, site)
        return moves[2]

    def lowest_sole(self) -> float:
        """Return the height of the lowest point of both soles over the floor z = 0, metres.

        It is infinite for a robot without legs.
        """
        if not self.sole_sites.size:
            return np.inf
        return float(self.places[:, 2].take(self.sole_sites).min()) - self._sole_radius

    def _sites(self, names: Iterable[str]) -> np.ndarray:
        return np.array([self._model.site(name).id for name in names], dtype=np.intp)


def _sites_of(robot: RobotModel, names: Iterable[str]) -> Iterable[str]:
    return (point_site(name if name in robot.points else "pelvis") for name in names)
