"""Rows of Jacobians made in one go, of many places and of several robots at once.

A dof turns and moves what it carries as a screw: a rotation and a translation about a centre. How a
place goes with it is one product of the screw with a wrench, that of a unit force at the place
(Featherstone, "Rigid Body Dynamics Algorithms" (2008), section 2.8). MuJoCo knows the screws of all
dofs; asking it for the Jacobian of each place costs more calls than there are numbers to make.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# What an arm (3,) makes of unit forces along x, y and z: their three moments, one after the other.
_MOMENTS = np.zeros((3, 3, 3))
for _force, (_one, _other) in enumerate(((1, 2), (2, 0), (0, 1))):
    _MOMENTS[_other, _force, _one], _MOMENTS[_one, _force, _other] = 1.0, -1.0
_MOMENTS = _MOMENTS.reshape(3, 9)


def motion_rows(arms: np.ndarray, frames: int) -> np.ndarray:
    """Return the wrenches (..., 3 p + 3 f, 6) that make the rows of a Jacobian out of screws.

    Three for each point, of its moves along x, y and z; then three for each frame, of its turns.

    Args:
        arms: (..., p, 3) from the centre of the screws to the points.
        frames: How many frames, f.
    """
    *lead, points, _ = arms.shape
    rows = np.zeros((*lead, points + frames, 3, 6))
    rows[..., :points, :, 3:] = rows[..., points:, :, :3] = np.eye(3)
    wrenches = rows.reshape(*lead, -1, 6)
    set_arms(wrenches, arms)
    return wrenches


def set_arms(wrenches: np.ndarray, arms: np.ndarray) -> None:
    """Change the ``arms`` (..., p, 3) of wrenches from :func:`motion_rows`, in place."""
    moments = (arms @ _MOMENTS).reshape(*arms.shape[:-1], 3, 3)
    wrenches.reshape(*wrenches.shape[:-2], -1, 3, 6)[..., : moments.shape[-3], :, :3] = moments


def carried_sites(model: Any) -> np.ndarray:
    """Return (s, dofs) 1 where a dof of MuJoCo's ``model`` carries a site, else 0."""
    links = np.zeros((model.nbody, model.nv))
    for link in range(1, model.nbody):
        links[link] = links[model.body_parentid[link]]
        first = model.body_dofadr[link]
        links[link, first : first + model.body_dofnum[link]] = 1.0
    return links[model.site_bodyid]
