"""Which of some capsules are too close to one another, by MuJoCo's own collision routine.

For the two dozen pairs of a robot it takes two millionths of a second, a tenth of what NumPy needs
to call its functions. The capsules are a MuJoCo world of their own, in which they hang on nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flood_bridge.retarget.robot_body import mujoco

_BEYOND_M = 1e3
"""Bounding radius of each capsule: so few pairs are measured faster than they are sorted out."""
_TINY_M = 1e-9
# In a world in which nothing can move MuJoCo does not look for collisions.
_MOVABLE = '<body><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/><joint type="slide"/></body>'


class CapsulePairs:
    """Measures pairs of ``c`` capsules of known radii.

    Args:
        radii: (c,) metres.
        pairs: The index pairs that are looked at.
        margin_m: Pairs that are closer than this are found.
    """

    def __init__(
        self, radii: Sequence[float], pairs: Sequence[tuple[int, int]], margin_m: float
    ) -> None:
        self._model = mujoco.MjModel.from_xml_string(_world(radii, pairs, margin_m))
        self._data = mujoco.MjData(self._model)
        self._model.geom_rbound[:] = _BEYOND_M
        self._radii = [float(radius) for radius in radii]
        # MuJoCo goes from the centre half the axis either way: the axis need not have length 1.
        self._model.geom_size[:, 1] = 0.5
        self._centres, self._axes = self._data.geom_xpos, self._data.geom_xmat[:, 2::3]
        self._ends = np.zeros((2 * len(self._radii), 3))

    def find(self, ends: np.ndarray) -> np.ndarray:
        """Return the distances of the pairs that are too close, (k,) metres, negative where inside.

        Args:
            ends: (2 c, 3) where the capsules start, then where they end; it is kept for
                :meth:`meeting`.
        """
        self._ends, count = ends, len(self._radii)
        starts, stops, centres = ends[:count], ends[count:], self._centres
        np.subtract(stops, starts, out=self._axes)
        np.add(starts, stops, out=centres)
        np.multiply(centres, 0.5, out=centres)
        mujoco.mj_collision(self._model, self._data)
        return self._data.contact.dist if self._data.ncon else _NONE

    def meeting(self, number: int) -> tuple[np.ndarray, tuple[int, int], tuple[float, float]]:
        """Return of the pair ``number`` of those found the way, the capsules and the shares.

        The way is the unit vector (3,) from the first to the second of the capsules, where they are
        nearest; square to both where their axes cross. The shares in [0, 1] say where on their
        axes that is.
        """
        contact = self._data.contact[number]
        one, other = contact.geom.tolist()
        way, place, inside = contact.frame[:3], contact.pos, 0.5 * contact.dist
        shares = (
            self._share(one, place - (inside + self._radii[one]) * way),
            self._share(other, place + (inside + self._radii[other]) * way),
        )
        return way, (one, other), shares

    def _share(self, capsule: int, place: np.ndarray) -> float:
        """Return where on the axis of a ``capsule`` the ``place`` (3,) on it is."""
        start, end = self._ends[capsule], self._ends[capsule + len(self._radii)]
        along = end - start
        share = float((place - start) @ along) / max(float(along @ along), _TINY_M**2)
        return min(max(share, 0.0), 1.0)


def _world(radii: Sequence[float], pairs: Sequence[tuple[int, int]], margin_m: float) -> str:
    geoms = "".join(
        f'<geom name="{index}" type="capsule" size="{float(radius)!r} 1"/>'
        for index, radius in enumerate(radii)
    )
    contacts = "".join(
        f'<pair geom1="{one}" geom2="{other}" margin="{margin_m!r}"/>' for one, other in pairs
    )
    return (
        '<mujoco><default><geom contype="0" conaffinity="0"/></default>'
        f"<worldbody>{geoms}{_MOVABLE}</worldbody><contact>{contacts}</contact></mujoco>"
    )


_NONE = np.zeros(0)
