"""The two sides of a robot: which way its left is, and what of its tree is there twice.

A branch is of one side if it lies wholly there. It is followed outwards up to the hand or foot, and
its mirror image is looked for on the other side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from flood_bridge.retarget.robot_layout import Layout
from flood_bridge.retarget.robot_model import Joint
from flood_bridge.retarget.robot_names import LEFT, RIGHT, words_of

_MIN_SIDE_M = 0.02
"""What is nearer to the middle than this is of neither side."""
_SIDE_EDGE_M = 0.012
"""How far over the middle a branch may reach and still be of one side."""
_MIRROR_M = 0.06
_HAND_SHARE = 0.5
"""Branches shorter than this share of the limb up to them are fingers or toes."""
_MIN_LIMB_M = 0.1
_QUARTER = np.pi / 2

Pair: TypeAlias = tuple[list[Joint], list[Joint]]
"""A chain of hinges on the left and its mirror image on the right, both from the trunk outwards."""


def left_axis(layout: Layout) -> tuple[np.ndarray, list[str]]:
    """Return the level direction to the robot's left: by the sides in names, else +y."""
    sums = {"left": np.zeros(3), "right": np.zeros(3)}
    counts = {"left": 0, "right": 0}
    for joint in layout.tree.joints:
        said = words_of(joint)
        for side, tokens, others in (("left", LEFT, RIGHT), ("right", RIGHT, LEFT)):
            if said & tokens and not said & others:
                sums[side] += layout.anchor(joint)
                counts[side] += 1
    if not min(counts.values()):
        return np.array([0.0, 1.0, 0.0]), ["no name tells left from right: +y is taken as left"]
    across = sums["left"] / counts["left"] - sums["right"] / counts["right"]
    across[2] = 0.0
    size = float(np.linalg.norm(across))
    if size < _MIN_SIDE_M:
        return np.array([0.0, 1.0, 0.0]), ["left and right are at one place: +y is taken as left"]
    nearest, quarters = _nearest(
        float(np.arctan2(across[1], across[0])), layout.tree.upright.yaw_rad
    )
    left = np.array([np.cos(nearest), np.sin(nearest), 0.0]).round(15)
    notes = [] if quarters == 1 else ["it does not face +x in its file, and is turned to"]
    return left, notes


def _nearest(angle: float, yaw: float) -> tuple[float, int]:
    """Return the direction, radians, nearest to ``angle`` that may be a robot's left.

    It is square to the root, or to the file: a root tilted about two axes at once is square to its
    robot in neither, but robots face along an axis of their file.

    Also returns how many quarter turns that is from x, of the root or of the file, 0 to 3.
    """
    found = []
    for turn in (0.0, yaw):
        quarters = round((angle + turn) / _QUARTER)
        found.append((quarters * _QUARTER - turn, quarters % 4))
    return min(found, key=lambda each: abs(each[0] - angle))


def mirrored_pairs(layout: Layout, left: np.ndarray) -> list[Pair]:
    """Return the pairs of mirrored chains."""
    starts: dict[int, list[Joint]] = {1: [], -1: []}
    waiting = list(layout.joints.get(layout.tree.root, []))
    while waiting:
        joint = waiting.pop(0)
        side = _side(layout, joint, left)
        if side:
            starts[side].append(joint)
        else:
            waiting += layout.joints.get(joint.child, [])
    mirror = np.eye(3) - 2.0 * np.outer(left, left)
    pairs = []
    for one in starts[1]:
        chain = _chain(layout, one)
        others = [
            (float(np.linalg.norm(mirror @ layout.anchor(each) - layout.anchor(one))), other)
            for each in starts[-1]
            if len(other := _chain(layout, each)) == len(chain)
        ]
        near = [pair for pair in others if pair[0] < _MIRROR_M]
        if near:
            pairs.append((chain, min(near, key=lambda pair: pair[0])[1]))
    return [pair for pair in pairs if reach(layout, pair[0]) > _MIN_LIMB_M]


def reach(layout: Layout, chain: Sequence[Joint]) -> float:
    """Return how far from its first hinge a chain, with all that hangs on it, reaches."""
    return _far(layout, chain[0], layout.anchor(chain[0]))


def _side(layout: Layout, joint: Joint, left: np.ndarray) -> int:
    """Return 1 if all below ``joint`` is to the left, -1 if to the right, else 0."""
    aside = np.array([layout.anchor(each) @ left for each in layout.below(joint)])
    for sign in (1, -1):
        if (sign * aside).min() > -_SIDE_EDGE_M and (sign * aside).max() > _MIN_SIDE_M:
            return sign
    return 0


def _chain(layout: Layout, start: Joint) -> list[Joint]:
    """Return the hinges from ``start`` outwards, up to where fingers or toes begin."""
    chain, length = [start], 0.0
    while branches := layout.joints.get(chain[-1].child, []):
        here = layout.anchor(chain[-1])
        sizes = [max(_far(layout, b, here), 1e-6) for b in branches]
        best = int(np.argmax(sizes))
        rivals = [r for n, r in enumerate(sizes) if n != best and r > 0.6 * sizes[best]]
        if len(branches) > 1 and rivals and sizes[best] < _HAND_SHARE * length:
            break
        chain.append(branches[best])
        length += float(np.linalg.norm(layout.anchor(chain[-1]) - here))
    return chain


def _far(layout: Layout, joint: Joint, here: np.ndarray) -> float:
    """Return how far from ``here`` what hangs on ``joint`` reaches."""
    ends = np.concatenate([layout.ends(each.child) for each in layout.below(joint)])
    return float(np.linalg.norm(ends - here, axis=1).max())
