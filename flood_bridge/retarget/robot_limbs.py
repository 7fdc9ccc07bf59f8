"""Finds legs and arms in a tree of links and hinges, from its shape and, second, from its names.

A limb is a branch that lies wholly on one side of the body and has a mirror image on the other
(:mod:`.robot_sides`). Of two such pairs the one that is mounted lower is the legs. The knee or
elbow is the hinge across the limb that has the most of it on both sides. Names vote where shape
alone could be read two ways (:mod:`.robot_names`); none has to be as this module would have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.retarget.robot_layout import Layout, centre
from flood_bridge.retarget.robot_model import Joint
from flood_bridge.retarget.robot_names import ARM, BEND, LEG, NOT_BEND, words_of
from flood_bridge.retarget.robot_sides import Pair, left_axis, mirrored_pairs, reach

_MORE_LEGS = 0.8
"""A second pair of legs that is this share as long as the first makes a four-legged robot."""
_AS_LOW = 0.2
"""So are two pairs whose ends are equally low, but for this share of their length."""
_PARALLEL = 0.8
"""Cosine above which a hinge turns a limb about itself instead of bending it."""
_BARE_M = 0.02
"""Of a last link that reaches less far than this nothing but its hinge is known."""


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


def find_limbs(layout: Layout) -> Limbs:
    """Return the legs and arms of a robot, and which way it faces."""
    left, notes = left_axis(layout)
    pairs = mirrored_pairs(layout, left)
    legs, arms = _legs_and_arms(layout, pairs)
    forward = np.array([left[1], -left[0]])
    half = np.arctan2(-forward[1], forward[0]) / 2.0
    facing = np.array([np.cos(half), 0.0, 0.0, np.sin(half)])
    return Limbs(
        legs=legs and (_limb(layout, legs[0], "leg"), _limb(layout, legs[1], "leg")),
        arms=arms and (_limb(layout, arms[0], "arm"), _limb(layout, arms[1], "arm")),
        facing=facing,
        notes=tuple(notes),
    )


def _legs_and_arms(layout: Layout, pairs: Sequence[Pair]) -> tuple[Pair | None, Pair | None]:
    """Return which pair are the legs and which the arms."""
    longest = sorted(pairs, key=lambda pair: reach(layout, pair[0]), reverse=True)
    likely_legs = [pair for pair in longest if _vote(pair) > 0]
    likely_arms = [pair for pair in longest if _vote(pair) < 0]
    unsaid = [pair for pair in longest if _vote(pair) == 0 and len(pair[0]) > 2]
    _check_two_legged(layout, likely_legs)
    legs = likely_legs[0] if likely_legs else None
    arms = likely_arms[0] if likely_arms else None
    if legs is None and arms is None:
        return _by_shape(layout, unsaid)
    if legs is None and arms is not None:
        legs = next((p for p in unsaid if _height(layout, p) < _height(layout, arms)), None)
    elif arms is None and legs is not None:
        arms = next((p for p in unsaid if _height(layout, p) > _height(layout, legs)), None)
    return legs, arms


def _vote(pair: Pair) -> int:
    """Return by how many more names a pair are legs than arms."""
    said = [words_of(joint) for chain in pair for joint in chain]
    return sum(bool(each & LEG) for each in said) - sum(bool(each & ARM) for each in said)


def _height(layout: Layout, pair: Pair) -> float:
    """Return how high a pair is mounted."""
    return float(layout.anchor(pair[0][0])[2])


def _lowest(layout: Layout, pair: Pair) -> float:
    """Return how low a pair reaches."""
    return float(min(layout.ends(joint.child)[:, 2].min() for joint in pair[0]))


def _check_two_legged(layout: Layout, legs: Sequence[Pair]) -> None:
    if len(legs) > 1 and reach(layout, legs[1][0]) > _MORE_LEGS * reach(layout, legs[0][0]):
        raise _more_legs()


def _more_legs() -> ConfigError:
    return ConfigError("it has more than two legs; only two-legged robots follow a human")


def _by_shape(layout: Layout, pairs: Sequence[Pair]) -> tuple[Pair | None, Pair | None]:
    """Return legs and arms of ``pairs``, longest first, whose names say nothing."""
    if not pairs:
        return None, None
    if len(pairs) > 1:
        low, high = sorted(pairs[:2], key=lambda pair: _height(layout, pair))
        shorter = min(reach(layout, low[0]), reach(layout, high[0]))
        if abs(_lowest(layout, low) - _lowest(layout, high)) < _AS_LOW * shorter:
            raise _more_legs()
        return low, high
    # Legs reach below the root; arms that hang from a column do not.
    ends = np.concatenate([layout.ends(joint.child) for joint in pairs[0][0]])
    return (None, pairs[0]) if ends[:, 2].min() > 0.0 else (pairs[0], None)


def _limb(layout: Layout, chain: Sequence[Joint], kind: str) -> Limb:
    """Return the limb of a chain, with the hinge that has the most of it on both sides."""
    end = _end(layout, chain[-1])
    best, most = 0, -1.0
    for n, joint in enumerate(chain):
        start = centre(layout, chain[:n]) if n else layout.anchor(joint)
        here = layout.anchor(joint)
        upper, lower = here - start, end - here
        before, after = float(np.linalg.norm(upper)), float(np.linalg.norm(lower))
        bare = joint is chain[-1] and after < _BARE_M  # it has a forearm like its upper arm then
        share = 0.9 * before if bare else min(before, after)
        if n and abs(layout.axis(joint) @ upper) > _PARALLEL * max(before, 1e-9):
            share *= 0.2
        said = words_of(joint)
        if said & BEND[kind]:
            share *= 1.4
        elif said & NOT_BEND:
            share *= 0.7
        if share > most:
            best, most = n, share
    return Limb(tuple(chain), best)


def _end(layout: Layout, joint: Joint) -> np.ndarray:
    """Return the farthest place of what the last hinge of a limb carries, (3,)."""
    ends = layout.ends(joint.child)
    return ends[np.linalg.norm(ends - layout.anchor(joint), axis=1).argmax()]
