"""The axes of the worlds that listen, seen from ours.

Inside everything is HumanML3D's: metres, right-handed, x to the body's left, y up, z forward,
quaternions ``wxyz``. A world with other axes is a signed permutation M of ours, perhaps mirrored,
perhaps in other units. A position p becomes ``unit M p``; a rotation R becomes ``M R M'``, whose
quaternion has the vector part ``det(M) M v``: mirroring a world turns its rotations round.

=============== =========================== ======================== ==================
world           position                    quaternion (x, y, z, w)  axes
=============== =========================== ======================== ==================
UNITY           (-x, y, z)                  (x, -y, -z, w)           left-handed, y up
UNREAL_MESH     100 (x, z, y)               (-x, -z, -y, w)          left-handed, z up
UNREAL_ACTOR    100 (z, -x, y)              (-z, x, -y, w)           left-handed, z up
ROS             (z, x, y)                   (z, x, y, w)             right-handed, z up
GLTF            (x, y, z)                   (x, y, z, w)             right-handed, y up
BLENDER         (x, -z, y)                  (x, -z, y, w)            right-handed, z up
=============== =========================== ======================== ==================

UNITY is also the space of VMC and VRChat, GLTF that of VRM 1.0, Godot and three.js. Unreal's
meshes face +y, its actors +x. ROS is REP 103: x forward, y left.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Axes:
    """How positions and rotations of our world are written in another."""

    name: str
    order: tuple[int, int, int]
    """Which of our axes each of theirs is."""
    signs: tuple[int, int, int]
    """Whether it points the same way (1) or the other (-1)."""
    unit: float = 1.0
    """Theirs per metre."""

    @cached_property
    def matrix(self) -> np.ndarray:
        """The signed permutation M, (3, 3)."""
        return np.eye(3)[list(self.order)] * np.array(self.signs)[:, None]

    @cached_property
    def handedness(self) -> int:
        """1 if the world is right-handed as ours, -1 if it is mirrored: the determinant of M."""
        return round(float(np.linalg.det(self.matrix)))

    def position(self, position: np.ndarray) -> np.ndarray:
        """Return (..., 3) positions or velocities of ours in their axes and unit."""
        return position.take(self._order, axis=-1) * self._scale

    def quaternion_xyzw(self, rotation_wxyz: np.ndarray) -> np.ndarray:
        """Return (..., 4) rotations of ours (``wxyz``) in their axes, as ``xyzw``."""
        return rotation_wxyz.take(self._quaternion_order, axis=-1) * self._quaternion_signs

    @cached_property
    def _order(self) -> np.ndarray:
        return np.array(self.order)

    @cached_property
    def _scale(self) -> np.ndarray:
        return self.unit * np.array(self.signs)

    @cached_property
    def _quaternion_order(self) -> np.ndarray:
        return np.array([axis + 1 for axis in self.order] + [0])

    @cached_property
    def _quaternion_signs(self) -> np.ndarray:
        return np.array([self.handedness * sign for sign in self.signs] + [1.0])


UNITY = Axes("unity", (0, 1, 2), (-1, 1, 1))
UNREAL_MESH = Axes("unreal_mesh", (0, 2, 1), (1, 1, 1), 100.0)
UNREAL_ACTOR = Axes("unreal_actor", (2, 0, 1), (1, -1, 1), 100.0)
ROS = Axes("ros", (2, 0, 1), (1, 1, 1))
GLTF = Axes("gltf", (0, 1, 2), (1, 1, 1))
BLENDER = Axes("blender", (0, 2, 1), (1, -1, 1))

WORLDS = (UNITY, UNREAL_MESH, UNREAL_ACTOR, ROS, GLTF, BLENDER)
