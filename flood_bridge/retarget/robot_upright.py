"""How the root body of a robot's file is turned when the robot stands upright.

Most files give their root the axes of REP 103, x forward and z up. An MJCF may give it others by
its ``quat`` (a pelvis whose x points up), and a URDF by the fixed joint that holds its first link
on ``world``. That turn is the robot's own, and what is published of the root is the orientation of
those axes. Which way the whole robot faces in its file is not: that part of the turn is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_bridge.motion.rotations import IDENTITY, from_axis_angle, multiply, rotate
from flood_bridge.retarget.limit_root import UP, yaw_of

_TILTED_RAD = 1e-3
"""A smaller tilt is rounding of what the file says."""
_OVER = 1e-3
"""Half the angle, radians, that a root upside down may miss that by: no tilt is shortest there."""


@dataclass(frozen=True, slots=True)
class Upright:
    """How a root body stands in its file."""

    rotation_wxyz: np.ndarray
    """(4,) world from root, the yaw taken out; nothing for a root whose z points up."""
    yaw_rad: float
    """What was taken out, about +z; 0 for a root whose z points up, for its own x is ahead then."""


def upright_of(turn: np.ndarray) -> Upright:
    """Return how a root with the ``turn`` wxyz (4,), world from root, stands in its file.

    What is left without the yaw is the shortest turn that tilts z as the root's is tilted. Upside
    down there is none shortest; then it is the one whose x stays ahead.
    """
    if tilt_of(turn) < _TILTED_RAD:
        return Upright(IDENTITY, 0.0)
    if np.hypot(turn[0], turn[3]) < _OVER:
        x, y, _ = rotate(turn, np.array([1.0, 0.0, 0.0]))
        yaw = float(np.arctan2(y, x))
    else:
        yaw = yaw_of(turn)
    return Upright(multiply(from_axis_angle(UP, -yaw), turn), yaw)


def tilt_of(turn: np.ndarray) -> float:
    """Return the angle between +z and what the ``turn`` wxyz (4,) makes of it, [0, pi] radians."""
    w, x, y, z = turn
    return float(2.0 * np.arctan2(np.hypot(x, y), np.hypot(w, z)))


def tilt_note(root: str, turn: np.ndarray) -> str | None:
    """Return what to know of a ``root`` that is tilted by the ``turn`` wxyz (4,), or None."""
    if tilt_of(turn) < _TILTED_RAD:
        return None
    return (
        f"its root body {root} is tilted by {np.degrees(tilt_of(turn)):.3g} degrees in the file,"
        " and is taken to be so when the robot stands upright; if it is not, say how it is then,"
        " facing +x, as root_rotation = [w, x, y, z] in a TOML"
    )
