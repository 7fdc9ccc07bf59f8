"""Rules for seats, arms, legs and the rest. Limits from recorded clips of the train split."""

from __future__ import annotations

import numpy as np

from flood_engine.features import FRAME_RATE_HZ
from flood_engine.training.evaluation.rule import (
    Rule,
    excursion,
    mostly,
    near,
    on_floor,
    peaks,
    rises,
    stride,
    swings,
    tall,
    upright,
)
from flood_engine.training.evaluation.signals import LEFT, RIGHT, Signals

_KICK_M = 0.36
"""A foot that kicks gets at least this high."""
_EDGE = 3
"""Frames at a window's ends that must show the pose from which or into which a body moves."""


def _seated(s: Signals) -> bool:
    low = mostly((s.hips > 0.3) & (s.hips < 0.68)) and bool(np.median(s.seat) > 0.15)
    return low and mostly(s.tilt < 65) and mostly(s.speed < 0.35) and bool(s.head.min() > 0.1)


def _first(s: Signals) -> Signals:
    return s.cut(0, _EDGE)


def _last(s: Signals) -> Signals:
    return s.cut(len(s) - _EDGE, len(s))


def _stands_tall(s: Signals) -> bool:
    return mostly(s.hips > 0.8) and mostly(s.tilt < 40)


def _sits_down(s: Signals) -> bool:
    return (
        mostly(_first(s).hips > 0.78) and _seated(_last(s)) and excursion(s) < 1.2 and on_floor(s)
    )


def _stands_up(s: Signals) -> bool:
    rising = mostly(_first(s).hips < 0.72) and _stands_tall(_last(s))
    return rising and excursion(s) < 1.0 and on_floor(s)


def _crouches(s: Signals) -> bool:
    low = mostly((s.hips > 0.25) & (s.hips < 0.76)) and bool(np.median(s.seat) < 0.32)
    return low and bool(np.median(s.head) > 0.2) and mostly(s.speed < 0.5) and on_floor(s)


def _sneaks(s: Signals) -> bool:
    low = mostly((s.hips > 0.3) & (s.hips < 0.88)) and mostly(s.tilt > 15, 0.7)
    going = mostly((s.forward > 0.12) & (s.forward < 1.4))
    return low and going and stride(s) > 0.15 and on_floor(s) and mostly(s.tilt < 70)


def _squats(s: Signals) -> bool:
    down = bool(s.hips.min() < 0.68 and s.head.min() > 0.15)
    ends = _stands_tall(_first(s)) and _stands_tall(_last(s))
    return down and ends and excursion(s) < 0.5 and on_floor(s)


def _picks_up(s: Signals) -> bool:
    """Upright, a hand near the floor under a bent trunk, upright again."""
    low = bool(((s.hand.min(axis=1) < 0.42) & (s.tilt > 35)).any())
    ends = _stands_tall(_first(s)) and _stands_tall(_last(s))
    return low and ends and bool(s.hips.min() > 0.3) and on_floor(s) and excursion(s) < 1.2


def punches(s: Signals, side: int) -> int:
    """Return how often an arm shoots out to its full length, forward, about shoulder high."""
    return len(punch_frames(s, side))


def punch_frames(s: Signals, side: int) -> np.ndarray:
    """Return the frames at which an arm is out at the end of a punch."""
    reach = np.sqrt(s.hand_ahead**2 + s.hand_aside**2 + s.hand_up**2)[:, side]
    shooting = (np.gradient(reach) * FRAME_RATE_HZ > 0.9) & (s.hand_speed[:, side] > 1.5)
    if not shooting.any():
        return np.empty(0, dtype=int)
    level = (s.hand_up[:, side] > -0.3) & (s.hand_up[:, side] < 0.3) & (s.hand_ahead[:, side] > 0.1)
    tops = peaks(reach, 0.42)
    return tops[(near(shooting, 3) & level)[tops]]


def kicks(s: Signals, side: int) -> int:
    """Return how often a foot shoots up and out while the other one stands."""
    return len(kick_frames(s, side))


def kick_frames(s: Signals, side: int) -> np.ndarray:
    """Return the frames at which a foot is at its highest in a kick."""
    height = s.foot[:, side]
    if height.max() < _KICK_M or s.foot_speed[:, side].max() < 2.2:
        return np.empty(0, dtype=int)
    quick = near(s.foot_speed[:, side] > 2.2, 4)
    out = np.hypot(s.foot_ahead[:, side], s.foot_aside[:, side]) > 0.38
    stands = (s.foot[:, 1 - side] < 0.2) & (s.foot_ahead[:, side] > -0.3)
    tops = peaks(height, _KICK_M)
    return tops[(quick & out & stands)[tops]]


def _punching(s: Signals) -> bool:
    body = bool(s.foot.max() < 0.5) and mostly(s.tilt < 50) and mostly(s.hips > 0.65)
    return body and punches(s, LEFT) + punches(s, RIGHT) > 0


def _kicking(s: Signals) -> bool:
    standing = bool(s.head.min() > 0.05) and mostly(s.speed < 2.0)
    return standing and kicks(s, LEFT) + kicks(s, RIGHT) > 0


def _punch_of(side: int) -> Rule:
    def shown(s: Signals) -> bool:
        return _punching(s) and punches(s, side) > punches(s, 1 - side)

    return Rule(1.5, shown, whole=lambda s: punches(s, side) > 1.5 * punches(s, 1 - side))


def _kick_of(side: int) -> Rule:
    def shown(s: Signals) -> bool:
        return _kicking(s) and kicks(s, side) > kicks(s, 1 - side)

    return Rule(1.5, shown, whole=lambda s: kicks(s, side) > 1.5 * kicks(s, 1 - side))


def _waves(s: Signals, side: int) -> bool:
    """The named wrist is over its shoulder and goes to and fro; the other arm is down."""
    raised = mostly(s.hand_up[:, side] > 0, 0.7) and mostly(s.hand_up[:, 1 - side] < -0.1)
    if not (raised and mostly(s.speed < 0.4) and tall(s) and upright(s)):
        return False
    return max(swings(s.hand_aside[:, side], 0.04), swings(s.hand_up[:, side], 0.04)) >= 2


def _wave(side: int) -> Rule:
    return Rule(1.5, lambda s: _waves(s, side), held=0.5, whole=lambda s: upright(s, 40))


def _dances(s: Signals) -> bool:
    lively = bool(s.liveliness.mean() > 0.13 and np.percentile(s.hand_speed, 98) > 0.8)
    feet = bool(np.percentile(s.foot_speed, 95) > 0.25)
    here = bool(s.speed.mean() < 0.9) and mostly(s.tilt < 60) and mostly(s.hips > 0.6)
    return lively and feet and here


def _raises_arms(s: Signals) -> bool:
    return mostly(s.hand_up.min(axis=1) > 0.0) and tall(s) and upright(s) and mostly(s.speed < 0.5)


def _jumping_jacks(s: Signals) -> bool:
    arms = rises(s.hand_up.min(axis=1), 0.0) >= 2 or swings(s.hand_up.min(axis=1), 0.4) >= 3
    legs = bool(np.ptp(s.foot_aside[:, 0] - s.foot_aside[:, 1]) > 0.2)
    return arms and legs and excursion(s) < 0.5 and upright(s)


def _drinks(s: Signals) -> bool:
    near_head = s.hand_to_head < 0.27
    sips = [bool(near_head[:, side].sum() >= 6) for side in (0, 1)]
    return any(sips) and not all(sips) and mostly(s.speed < 0.3) and tall(s) and upright(s, 30)


def _climbs(s: Signals) -> bool:
    """The body goes up by a third of a metre or more and stays there."""
    start = float(_first(s).hips.mean())
    up = mostly(s.hips[-10:] > start + 0.33) if len(s) > 10 else False
    return up and start > 0.75 and bool(np.median(s.tilt) < 60) and bool(s.head.min() > 0.05)


def _cartwheels(s: Signals) -> bool:
    """On the hands with the legs high and apart, and upright before or after."""
    over = (s.head < -0.15) & (s.foot.max(axis=1) > 1.0) & (s.hand.min(axis=1) < 0.35)
    apart = np.hypot(np.diff(s.foot_aside, axis=1), np.diff(s.foot_ahead, axis=1))[:, 0] > 0.6
    return int((over & apart).sum()) >= 4 and max(_first(s).head.min(), _last(s).head.min()) > 0.3


ACTION_RULES: dict[str, Rule] = {
    "sit": Rule(1.2, _seated, held=0.8),
    "sit_down": Rule(2.5, _sits_down, ends=_seated),
    "stand_up": Rule(2.5, _stands_up, ends=_stands_tall),
    "crouch": Rule(1.2, _crouches, held=0.75),
    "sneak": Rule(1.5, _sneaks, held=0.7),
    "squat": Rule(4.0, _squats, whole=lambda s: excursion(s) < 1.0),
    "pick_up": Rule(5.0, _picks_up),
    "punch": Rule(1.2, _punching, whole=lambda s: mostly(s.tilt < 50) and excursion(s) < 4),
    "punch_left": _punch_of(LEFT),
    "punch_right": _punch_of(RIGHT),
    "kick": Rule(1.5, _kicking, whole=lambda s: mostly(s.tilt < 60)),
    "kick_left": _kick_of(LEFT),
    "kick_right": _kick_of(RIGHT),
    "dance": Rule(4.0, _dances, held=0.7, whole=on_floor),
    "wave_left": _wave(LEFT),
    "wave_right": _wave(RIGHT),
    "raise_arms": Rule(0.4, _raises_arms, held=0.3),
    "jumping_jacks": Rule(2.5, _jumping_jacks, held=0.5),
    "drink": Rule(2.0, _drinks, whole=lambda s: upright(s, 40)),
    "climb": Rule(3.0, _climbs, whole=lambda s: bool(s.hips.max() > s.hips[0] + 0.45)),
    "cartwheel": Rule(3.0, _cartwheels),
}
"""Action -> rule."""
