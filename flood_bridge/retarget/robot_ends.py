"""Where a robot's limbs end, which no hinge tells: the soles of its feet, the ends of its forearms.

Both are read from shapes, named places and centres of mass. What a file has none of is guessed by
the proportions of other humanoids.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flood_bridge.motion.rotations import conjugate, rotate
from flood_bridge.retarget.robot_layout import Layout
from flood_bridge.retarget.robot_model import Joint
from flood_bridge.retarget.robot_names import HAND, words

SOLE_RADIUS_M = 0.005
_SOLE_EDGE_M = 0.02
# Of a foot whose shape is unknown, in shares: ankle height of the shank; heel, toes and half the
# width of the leg. Between those of Unitree's, Booster's and other published robots.
_ANKLE_HEIGHT, _HEEL, _TOES, _HALF_WIDTH = 0.13, -0.08, 0.19, 0.045
_FOREARM_SHARE = 1.5
"""A forearm and hand longer than this share of the upper arm are cut to it."""


def sole_corners(
    layout: Layout, foot: str, ankle: np.ndarray, leg: float, facing: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Return the corners of the sole, (4, 3), a sole's radius over the floor.

    Also returns whether they are of the file, and not guessed by proportions.

    Args:
        layout: The robot.
        foot: The foot's link.
        ankle: (3,)
        leg: Length of the leg, metres.
        facing: (4,) the turn about z that lets the robot face x.
    """
    balls = layout.tree.shapes.get(foot)
    ahead = rotate(conjugate(facing), np.array([1.0, 0.0, 0.0]))
    aside = rotate(conjugate(facing), np.array([0.0, 1.0, 0.0]))
    if balls is not None:
        places = layout.put(foot, balls[:, :3])
        bottoms = places[:, 2] - balls[:, 3]
        low = float(bottoms.min())
        flat = places[bottoms < low + _SOLE_EDGE_M] - ankle
        far, wide = flat @ ahead, flat @ aside
        spread = far.max() - far.min()
        if spread > 0.1 * leg and low < ankle[2]:
            ends = (far.min(), far.max()), (wide.min(), wide.max())
            return _corners(ankle, ahead, aside, *ends, low), True
    low = float(ankle[2]) - _ANKLE_HEIGHT * leg / 2.0
    half = _HALF_WIDTH * leg
    ends = (_HEEL * leg, _TOES * leg), (-half, half)
    return _corners(ankle, ahead, aside, *ends, low), False


def _corners(
    ankle: np.ndarray,
    ahead: np.ndarray,
    aside: np.ndarray,
    far: tuple[float, float],
    wide: tuple[float, float],
    low: float,
) -> np.ndarray:
    corners = np.array([ankle + x * ahead + y * aside for x in far for y in wide])
    corners[:, 2] = low + SOLE_RADIUS_M
    return corners


def forearm_end(
    layout: Layout, last: Joint, shoulder: np.ndarray, elbow: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Return where a forearm ends whose wrist has no hinge, (3,).

    Also returns whether the end is of the file, and not guessed by the length of the upper arm.

    Args:
        layout: The robot.
        last: The last hinge of the arm.
        shoulder: (3,)
        elbow: (3,)
    """
    link, upper = last.child, float(np.linalg.norm(elbow - shoulder))
    named = [
        layout.put(link, place.offset)
        for name, place in layout.tree.places.items()
        if place.link == link and words(name) & HAND
    ]
    for source in (named, _shape_ends(layout, link)):
        if len(source):
            away = np.linalg.norm(np.array(source) - elbow, axis=1)
            if away.max() > 0.3 * upper:
                return _cut(elbow, np.array(source)[away.argmax()], upper), True
    direction = layout.anchor(last) - elbow
    if link in layout.tree.masses:
        direction = layout.put(link, layout.tree.masses[link]) - elbow
    if np.linalg.norm(direction) < 0.1 * upper:
        direction = elbow - shoulder
    return elbow + direction * (upper / max(float(np.linalg.norm(direction)), 1e-6)), False


def _shape_ends(layout: Layout, link: str) -> Sequence[np.ndarray]:
    balls = layout.tree.shapes.get(link)
    return [] if balls is None else list(layout.put(link, balls[:, :3]))


def _cut(elbow: np.ndarray, end: np.ndarray, upper: float) -> np.ndarray:
    length = float(np.linalg.norm(end - elbow))
    return elbow + (end - elbow) * min(1.0, _FOREARM_SHARE * upper / length)
