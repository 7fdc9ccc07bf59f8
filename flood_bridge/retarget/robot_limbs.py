"""Finds legs and arms in a tree of links and hinges, from its shape and, second, from its names.

A limb is a branch that lies wholly on one side of the body and has a mirror image on the other. Of
two such pairs the one that is mounted lower is the legs. The knee or elbow is the hinge across the
limb that has the most of it on both sides. Names vote where shape alone could be read two ways;
none has to be as this module would have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.rotations import rotate
from flood_bridge.retarget.robot_model import Joint
from flood_bridge.retarget.robot_tree import Tree

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LEFT, _RIGHT = {"left", "l", "lf", "lft"}, {"right", "r", "rt", "rgt"}
_LEG = {"hip", "thigh", "knee", "shin", "shank", "calf", "ankle", "foot", "leg", "toe", "sole"}
_ARM = {
    "shoulder", "arm", "elbow", "forearm", "wrist", "hand", "gripper", "palm", "finger", "humerus",
    "clavicle", "upperarm",
}  # fmt: skip
BEND_WORDS = {"leg": {"knee", "shin", "shank", "calf"}, "arm": {"elbow", "forearm"}}
_OTHER_WORDS = {"hip", "ankle", "shoulder", "wrist", "foot", "hand", "toe", "thigh"}

_SIDE_EDGE_M = 0.012
"""How far over the middle a branch may reach and still be of one side."""
_MIN_SIDE_M = 0.02
_MIRROR_M = 0.06
_HAND_SHARE = 0.5
"""Branches shorter than this share of the limb up to them are fingers or toes."""
_MIN_LIMB_M = 0.1
_MORE_LEGS = 0.8
"""A second pair of legs that is this share as long as the first makes a four-legged robot."""
_PARALLEL = 0.8
"""Cosine above which a hinge turns a limb about itself instead of bending it."""


@dataclass(frozen=True, slots=True)
class Limb:
    """One leg or arm: hinges from the trunk outwards, without fingers and toes."""

    joints: tuple[Joint, ...]
    bend: int
    """Which of them is the knee or elbow."""


@dataclass(frozen=True, slots=True)
class Limbs:
    """What was found: left and right of each pair, or None."""

    legs: tuple[Limb, Limb] | None
    arms: tuple[Limb, Limb] | None
    facing: np.ndarray
    """(4,) the turn about z that lets the robot face x."""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Layout:
    """Where all is when every joint is at zero, in the root link's axes.

    Attributes:
        frames: Link to position and rotation.
        joints: Link to the joints mounted on it.
    """

    tree: Tree
    frames: dict[str, tuple[np.ndarray, np.ndarray]]
    joints: dict[str, list[Joint]] = field(default_factory=dict)

    def anchor(self, joint: Joint) -> np.ndarray:
        """Return where the axis of ``joint`` is, (3,)."""
        return self.frames[joint.child][0]

    def axis(self, joint: Joint) -> np.ndarray:
        """Return where the axis of ``joint`` points, (3,)."""
        return rotate(self.frames[joint.child][1], joint.axis)

    def put(self, link: str, offset: np.ndarray) -> np.ndarray:
        """Return where the place ``offset`` on ``link`` is, (3,) or (k, 3)."""
        position, rotation = self.frames[link]
        return position + rotate(rotation if offset.ndim == 1 else rotation[None], offset)

    def below(self, joint: Joint) -> Iterator[Joint]:
        """Yield ``joint`` and all that hang on it."""
        waiting = [joint]
        while waiting:
            each = waiting.pop()
            yield each
            waiting += self.joints.get(each.child, [])

    def ends(self, link: str) -> np.ndarray:
        """Return where something of ``link`` is: its origin, places and shapes, (k, 3)."""
        found = [self.frames[link][0][None]]
        places = [p.offset for p in self.tree.places.values() if p.link == link]
        if places:
            found.append(self.put(link, np.array(places)))
        if link in self.tree.shapes:
            found.append(self.put(link, self.tree.shapes[link][:, :3]))
        if link in self.tree.masses:
            found.append(self.put(link, self.tree.masses[link])[None])
        return np.concatenate(found)


def words(name: str) -> set[str]:
    """Return the words of a name, in small letters: ``LHipPitch_link`` has l, hip, pitch, link."""
    return {word.lower() for word in _WORDS.findall(name)}


def find_limbs(layout: Layout) -> Limbs:
    """Return the legs and arms of a robot, and which way it faces."""
    left, notes = _left_axis(layout)
    pairs = _pairs(layout, left)
    legs, arms = _named(layout, pairs)
    forward = np.array([left[1], -left[0]])
    half = np.arctan2(-forward[1], forward[0]) / 2.0
    facing = np.array([np.cos(half), 0.0, 0.0, np.sin(half)])
    return Limbs(
        legs=legs and (_limb(layout, legs[0], "leg"), _limb(layout, legs[1], "leg")),
        arms=arms and (_limb(layout, arms[0], "arm"), _limb(layout, arms[1], "arm")),
        facing=facing,
        notes=tuple(notes),
    )


def _left_axis(layout: Layout) -> tuple[np.ndarray, list[str]]:
    """Return the level direction to the robot's left: by the sides in names, else +y."""
    sums = {"left": np.zeros(3), "right": np.zeros(3)}
    counts = {"left": 0, "right": 0}
    for joint in layout.tree.joints:
        said = words(joint.name) | words(joint.child)
        for side, tokens in (("left", _LEFT), ("right", _RIGHT)):
            if said & tokens and not said & (_RIGHT if side == "left" else _LEFT):
                sums[side] += layout.anchor(joint)
                counts[side] += 1
    if not min(counts.values()):
        return np.array([0.0, 1.0, 0.0]), ["no name tells left from right: +y is taken as left"]
    across = sums["left"] / counts["left"] - sums["right"] / counts["right"]
    across[2] = 0.0
    size = float(np.linalg.norm(across))
    if size < _MIN_SIDE_M:
        return np.array([0.0, 1.0, 0.0]), ["left and right are at one place: +y is taken as left"]
    nearest = np.round(np.arctan2(across[1], across[0]) / (np.pi / 2)) * (np.pi / 2)
    left = np.array([np.cos(nearest), np.sin(nearest), 0.0]).round()
    notes = [] if left[1] == 1.0 else ["it does not face +x in its file, and is turned to"]
    return left, notes


def _pairs(layout: Layout, left: np.ndarray) -> list[tuple[list[Joint], list[Joint]]]:
    """Return the pairs of mirrored chains, left one first."""
    starts: dict[int, list[Joint]] = {1: [], -1: []}
    waiting = list(layout.joints.get(layout.tree.root, []))
    while waiting:
        joint = waiting.pop(0)
        side = _side(layout, joint, left)
        if side:
            starts[side].append(joint)
        else:
            waiting += layout.joints.get(joint.child, [])
    mirror = 1.0 - 2.0 * np.abs(left)
    pairs = []
    for one in starts[1]:
        chain = _chain(layout, one)
        others = [
            (float(np.linalg.norm(layout.anchor(each) * mirror - layout.anchor(one))), other)
            for each in starts[-1]
            if len(other := _chain(layout, each)) == len(chain)
        ]
        near = [pair for pair in others if pair[0] < _MIRROR_M]
        if near:
            pairs.append((chain, min(near, key=lambda pair: pair[0])[1]))
    return [pair for pair in pairs if _length(layout, pair[0]) > _MIN_LIMB_M]


def _side(layout: Layout, joint: Joint, left: np.ndarray) -> int:
    """Return 1 if all below ``joint`` is to the left, -1 if to the right, else 0."""
    reach = np.array([layout.anchor(each) @ left for each in layout.below(joint)])
    for sign in (1, -1):
        if (sign * reach).min() > -_SIDE_EDGE_M and (sign * reach).max() > _MIN_SIDE_M:
            return sign
    return 0


def _chain(layout: Layout, start: Joint) -> list[Joint]:
    """Return the hinges from ``start`` outwards, up to where fingers or toes begin."""
    chain, length = [start], 0.0
    while branches := layout.joints.get(chain[-1].child, []):
        here = layout.anchor(chain[-1])
        reach = [max(_far(layout, b, here), 1e-6) for b in branches]
        best = int(np.argmax(reach))
        rivals = [r for n, r in enumerate(reach) if n != best and r > 0.6 * reach[best]]
        if len(branches) > 1 and rivals and reach[best] < _HAND_SHARE * length:
            break
        chain.append(branches[best])
        length += float(np.linalg.norm(layout.anchor(chain[-1]) - here))
    return chain


def _far(layout: Layout, joint: Joint, here: np.ndarray) -> float:
    """Return how far from ``here`` what hangs on ``joint`` reaches."""
    ends = np.concatenate([layout.ends(each.child) for each in layout.below(joint)])
    return float(np.linalg.norm(ends - here, axis=1).max())


def _length(layout: Layout, chain: Sequence[Joint]) -> float:
    return _far(layout, chain[0], layout.anchor(chain[0]))


def _named(
    layout: Layout, pairs: list[tuple[list[Joint], list[Joint]]]
) -> tuple[tuple[list[Joint], list[Joint]] | None, tuple[list[Joint], list[Joint]] | None]:
    """Return which pair are the legs and which the arms."""

    def vote(pair: tuple[list[Joint], list[Joint]]) -> int:
        said = [words(j.name) | words(j.child) for chain in pair for j in chain]
        return sum(bool(w & _LEG) for w in said) - sum(bool(w & _ARM) for w in said)

    def mounted(pair: tuple[list[Joint], list[Joint]]) -> float:
        return float(layout.anchor(pair[0][0])[2])

    longest = sorted(pairs, key=lambda pair: _length(layout, pair[0]), reverse=True)
    likely_legs = [p for p in longest if vote(p) > 0]
    if len(likely_legs) > 1 and _length(layout, likely_legs[1][0]) > _MORE_LEGS * _length(
        layout, likely_legs[0][0]
    ):
        raise ConfigError("it has more than two legs; only two-legged robots follow a human")
    likely_arms = [p for p in longest if vote(p) < 0]
    unsaid = [p for p in longest if vote(p) == 0 and len(p[0]) > 2]
    if not likely_legs and not likely_arms and len(unsaid) > 1:
        low, high = sorted(unsaid[:2], key=mounted)
        return low, high
    legs = likely_legs[0] if likely_legs else None
    arms = likely_arms[0] if likely_arms else None
    rest = [p for p in unsaid if len(p[0]) > 2]
    if legs is None and arms is not None:
        legs = next((p for p in rest if mounted(p) < mounted(arms)), None)
    elif arms is None and legs is not None:
        arms = next((p for p in rest if mounted(p) > mounted(legs)), None)
    elif legs is None and rest:
        # Legs reach below the root; arms that hang from a column do not.
        ends = np.concatenate([layout.ends(joint.child) for joint in rest[0][0]])
        if ends[:, 2].min() > 0.0:
            arms = rest[0]
        else:
            legs = rest[0]
    return legs, arms


def _limb(layout: Layout, chain: Sequence[Joint], kind: str) -> Limb:
    """Return the limb of a chain, with the hinge that has the most of it on both sides."""
    end = _end(layout, chain[-1])
    best, most = 0, -1.0
    for n, joint in enumerate(chain):
        start = centre(layout, chain[:n]) if n else layout.anchor(joint)
        here = layout.anchor(joint)
        upper, lower = here - start, end - here
        reach = float(np.linalg.norm(upper)), float(np.linalg.norm(lower))
        # A last hinge of which nothing but the hinge is known has a forearm like its upper arm.
        share = 0.9 * reach[0] if joint is chain[-1] and reach[1] < _MIN_SIDE_M else min(reach)
        axis = layout.axis(joint)
        if n and abs(axis @ upper) > _PARALLEL * max(float(np.linalg.norm(upper)), 1e-9):
            share *= 0.2
        said = words(joint.name) | words(joint.child)
        if said & BEND_WORDS[kind]:
            share *= 1.4
        elif said & _OTHER_WORDS:
            share *= 0.7
        if share > most:
            best, most = n, share
    return Limb(tuple(chain), best)


def _end(layout: Layout, joint: Joint) -> np.ndarray:
    """Return the farthest place of what the last hinge of a limb carries, (3,)."""
    ends = layout.ends(joint.child)
    return ends[np.linalg.norm(ends - layout.anchor(joint), axis=1).argmax()]


def centre(layout: Layout, joints: Sequence[Joint]) -> np.ndarray:
    """Return the point nearest to the axes of ``joints``, (3,).

    Parallel axes leave it open along them; it is then near the axes' middle.
    """
    anchors = np.array([layout.anchor(joint) for joint in joints])
    middle = anchors.mean(axis=0)
    matrix, vector = 1e-3 * np.eye(3), 1e-3 * middle
    for joint, anchor in zip(joints, anchors, strict=True):
        axis = layout.axis(joint)
        across = np.eye(3) - np.outer(axis, axis)
        matrix, vector = matrix + across, vector + across @ anchor
    return np.linalg.solve(matrix, vector)
