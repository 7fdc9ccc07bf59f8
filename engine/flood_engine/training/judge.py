"""A kinematic judge: does this motion show that action?

Each action has a rule on a few measured quantities, fixed by hand from what recorded clips show.
The rules are necessary, not sufficient: a motion can pass and still look odd. Pictures decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from flood_engine.features import FRAME_RATE_HZ

_HEAD, _WRISTS, _SHOULDERS, _TOES = 15, (20, 21), (16, 17), (10, 11)
LEFT, RIGHT = 0, 1


@dataclass(frozen=True, slots=True)
class Measures:
    """What the judge looks at, from T frames of joints. Units: metres, seconds, degrees."""

    speed: float
    """Mean planar speed of the root, smoothed over 0.5 s."""
    forward: float
    """Mean speed along the heading; negative is backwards."""
    turned: float
    """Total turn of the heading; positive to the left."""
    hips_low: float
    """Lowest 10 % of the root's height."""
    hips_typical: float
    """Median of the root's height."""
    flight: float
    """Largest height of the lower foot."""
    upright: float
    """Share of frames in which the head is at least 0.4 m above the pelvis."""
    hand_speed: tuple[float, float]
    """95th percentile of each wrist's speed against the root, left and right."""
    hand_up: tuple[float, float]
    """Share of frames in which each wrist is above its shoulder, left and right."""
    foot_high: float
    """Largest height of the higher foot above the lower one."""
    liveliness: float
    """Mean speed of all joints against the root."""


def measure(joints: np.ndarray, heading_rad: np.ndarray) -> Measures:
    """Measure world joints (T, 22, 3) and the heading (T,) of at least one second.

    Raises:
        ValueError: If the motion is shorter than a second.
    """
    if len(joints) < FRAME_RATE_HZ:
        raise ValueError(f"{len(joints)} frames are too few to judge; at least a second is needed")
    root = joints[:, 0]
    half = int(FRAME_RATE_HZ // 2)
    travel = (root[half:] - root[:-half])[:, [0, 2]] * FRAME_RATE_HZ / half
    facing = np.stack([np.sin(heading_rad), np.cos(heading_rad)], -1)[half // 2 :][: len(travel)]
    local = joints - root[:, None]
    speeds = np.linalg.norm(np.diff(local, axis=0), axis=-1) * FRAME_RATE_HZ
    feet = joints[:, _TOES, 1]
    above = joints[:, _WRISTS, 1] > joints[:, _SHOULDERS, 1]
    hands = np.percentile(speeds[:, _WRISTS], 95, axis=0)
    return Measures(
        speed=float(np.linalg.norm(travel, axis=-1).mean()),
        forward=float((travel * facing).sum(-1).mean()),
        turned=float(np.degrees(np.unwrap(heading_rad)[-1] - np.unwrap(heading_rad)[0])),
        hips_low=float(np.percentile(root[:, 1], 10)),
        hips_typical=float(np.median(root[:, 1])),
        flight=float(feet.min(axis=1).max()),
        upright=float((joints[:, _HEAD, 1] - root[:, 1] > 0.4).mean()),
        hand_speed=(float(hands[LEFT]), float(hands[RIGHT])),
        hand_up=(float(above[:, LEFT].mean()), float(above[:, RIGHT].mean())),
        foot_high=float((feet.max(axis=1) - feet.min(axis=1)).max()),
        liveliness=float(speeds.mean()),
    )


Rule = Callable[[Measures], bool]

RULES: dict[str, Rule] = {
    "stand": lambda m: m.speed < 0.15 and m.hips_typical > 0.8 and max(m.hand_speed) < 0.8,
    "walk": lambda m: 0.5 < m.forward < 2.2 and abs(m.turned) < 90,
    "run": lambda m: m.forward > 2.2,
    "turn_left": lambda m: m.turned > 60 and m.speed > 0.3,
    "turn_right": lambda m: m.turned < -60 and m.speed > 0.3,
    "jump": lambda m: m.flight > 0.12,
    "sit": lambda m: m.hips_typical < 0.72 and m.speed < 0.4,
    "punch": lambda m: max(m.hand_speed) > 2.0 and m.foot_high < 0.6,
    "kick": lambda m: m.foot_high > 0.5,
    "dance": lambda m: m.liveliness > 0.12 and max(m.hand_speed) > 0.7 and m.speed < 1.2,
    "wave": lambda m: max(m.hand_up) > 0.35 and max(m.hand_speed) > 0.6 and m.speed < 0.5,
    "walk_backward": lambda m: m.forward < -0.3,
    "crouch": lambda m: m.hips_low < 0.72,
}
"""Action -> whether its measures are those of the action."""

UPRIGHT = frozenset(RULES) - {"dance", "crouch", "kick"}
"""Actions in which the trunk stays up."""


def shows(action: str, measures: Measures) -> bool:
    """Return whether a motion shows ``action``, upright where the action is.

    Raises:
        KeyError: If there is no rule for the action.
    """
    upright = action not in UPRIGHT or measures.upright > 0.95
    return upright and RULES[action](measures)
