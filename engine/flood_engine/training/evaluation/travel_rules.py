"""Rules for standing, going, turning and jumping. Limits from recorded clips of the train split."""

from __future__ import annotations

import numpy as np

from flood_engine.training.evaluation.rule import (
    ON_FLOOR_M,
    Rule,
    excursion,
    flight_m,
    mostly,
    on_floor,
    peaks,
    rises,
    stride,
    tall,
    turned,
    upright,
    widest_turn,
)
from flood_engine.training.evaluation.signals import Signals


def _stands(s: Signals) -> bool:
    still = mostly(s.speed < 0.12, 0.95) and mostly(s.hand_speed.max(axis=1) < 0.9, 0.95)
    feet = mostly(s.foot.max(axis=1) < 0.12, 0.95)
    return still and feet and tall(s) and upright(s, 25) and widest_turn(s) < 30


def _walks(s: Signals, slowest: float, fastest: float) -> bool:
    """Straight ahead, upright, feet passing each other, one always down."""
    ahead = mostly((s.forward > slowest) & (s.forward < fastest))
    straight = widest_turn(s) < 40 and mostly(np.abs(s.sideways) < 0.5 * s.speed + 0.05)
    return ahead and straight and stride(s) > 0.2 and on_floor(s) and tall(s) and upright(s)


def _walks_backward(s: Signals) -> bool:
    back = mostly(s.forward < -0.2) and mostly(-s.forward > np.abs(s.sideways), 0.7)
    return back and stride(s) > 0.15 and widest_turn(s) < 50 and tall(s) and upright(s, 40)


def _runs(s: Signals, slowest: float, fastest: float) -> bool:
    """Ahead and straight, with long strides and a moment in the air."""
    ahead = mostly((s.forward > slowest) & (s.forward < fastest))
    airborne = bool(flight_m(s).max() > 0.055)
    return ahead and airborne and stride(s) > 0.4 and widest_turn(s) < 45 and upright(s, 45)


def _curves(s: Signals, side: int, slowest: float, stride_m: float) -> bool:
    """Goes on while the heading turns steadily to one side (+1 left, -1 right)."""
    turn = side * turned(s)
    going = mostly(s.speed > slowest) and mostly(s.forward > 0.5 * s.speed, 0.7)
    steady = 18 < turn < 200 and widest_turn(s) < turn + 20
    return going and steady and stride(s) > stride_m and tall(s) and upright(s, 45)


def _walks_curve(side: int) -> Rule:
    def shown(s: Signals) -> bool:
        return _curves(s, side, 0.25, 0.15) and mostly(s.speed < 1.9) and on_floor(s)

    return Rule(1.5, shown, held=0.6, whole=lambda s: _one_curve(s, side))


def _runs_curve(side: int) -> Rule:
    def shown(s: Signals) -> bool:
        return _curves(s, side, 1.3, 0.4) and bool(flight_m(s).max() > 0.055)

    return Rule(1.2, shown, held=0.5, whole=lambda s: _one_curve(s, side))


def _one_curve(s: Signals, side: int) -> bool:
    """A curve of at least 60 degrees and at most a circle and a half, without tumbling."""
    return 60 < side * turned(s) < 540 and upright(s, 50)


def _turns(s: Signals, side: int, degrees: tuple[float, float], within_m: float) -> bool:
    """On the spot: a net turn between two angles, no swing far beyond it, on the feet."""
    calm = excursion(s) < within_m and upright(s, 45) and tall(s) and on_floor(s)
    low, high = degrees
    return low < side * turned(s) < high and widest_turn(s) < high + 20 and calm


def _turns_around(s: Signals) -> bool:
    return any(_turns(s, side, (125, 250), 0.8) for side in (1, -1))


def _sidesteps(s: Signals, side: int) -> bool:
    aside = side * s.sideways
    going = mostly(aside > 0.1, 0.75) and bool(aside.mean() > 0.18)
    across = bool(aside.mean() > abs(s.forward.mean()))
    steps = bool(np.ptp(s.foot_aside[:, 0] - s.foot_aside[:, 1]) > 0.1)
    return going and across and steps and widest_turn(s) < 70 and tall(s) and upright(s, 40)


def _airborne(s: Signals) -> np.ndarray:
    """Return the frames at which jumps are highest: both feet off the floor, hips raised."""
    tops = peaks(flight_m(s), 0.09, 0.4)
    return np.array([top for top in tops if s.hips[top] > 1.0], dtype=int)


def _jumps(s: Signals) -> bool:
    """Up and down again on the floor, head over hips, not in full run."""
    lands = bool(flight_m(s)[0] < ON_FLOOR_M and flight_m(s)[-1] < ON_FLOOR_M)
    body = bool(s.head.min() > 0.15) and mostly(s.tilt < 50) and bool(flight_m(s).max() < 1.0)
    return lands and body and len(_airborne(s)) > 0 and excursion(s) < 1.2


def _jumps_forward(s: Signals) -> bool:
    lands = bool(flight_m(s)[0] < ON_FLOOR_M and flight_m(s)[-1] < ON_FLOOR_M)
    body = bool(s.head.min() > 0.0) and bool(flight_m(s).max() < 1.0)
    way = float(s.forward.mean()) * len(s) / 20
    return lands and body and len(_airborne(s)) > 0 and 0.35 < way < 4 and upright(s, 65)


def _hops(s: Signals) -> bool:
    hops = rises(flight_m(s), 0.09) >= 2 and bool(np.ptp(s.hips) > 0.1)
    return hops and mostly(s.speed < 1.2) and mostly(s.tilt < 50) and bool(s.head.min() > 0.15)


def _marches(s: Signals) -> bool:
    lifts = [rises(s.foot[:, side], 0.07) for side in (0, 1)]
    calm = excursion(s) < 0.5 and bool(flight_m(s).max() < 0.05) and widest_turn(s) < 60
    return calm and min(lifts) >= 1 and sum(lifts) >= 2 and tall(s) and upright(s, 35)


def _jogs_in_place(s: Signals) -> bool:
    lifts = [rises(s.foot[:, side], 0.05) for side in (0, 1)]
    calm = excursion(s) < 0.6 and mostly(s.speed < 0.6) and bool(np.ptp(s.hips) < 0.3)
    quick = min(lifts) >= 2 and sum(lifts) >= 4 and bool(flight_m(s).max() > 0.045)
    return calm and quick and tall(s) and upright(s, 35)


def _turn(side: int) -> Rule:
    return Rule(
        3.0,
        lambda s: _turns(s, side, (38, 150), 0.7),
        whole=lambda s: _turns(s, side, (38, 200), 1.0),
    )


def _ends_turned_around(s: Signals) -> bool:
    """All in all about half a circle, not a top's spinning."""
    return 110 < abs(turned(s)) < 260 and widest_turn(s) < 290 and excursion(s) < 1.2


def _keeps_course(s: Signals) -> bool:
    """Never turns off by a right angle, and stays on its feet."""
    return widest_turn(s) < 90 and upright(s, 45)


TRAVEL_RULES: dict[str, Rule] = {
    "stand": Rule(2.0, _stands, held=0.9),
    "walk_forward": Rule(1.5, lambda s: _walks(s, 0.4, 2.3), held=0.85, whole=_keeps_course),
    "walk_slowly": Rule(1.2, lambda s: _walks(s, 0.1, 0.95), held=0.75, whole=_keeps_course),
    "walk_quickly": Rule(1.2, lambda s: _walks(s, 1.3, 3.0), held=0.75, whole=_keeps_course),
    "walk_backward": Rule(1.0, _walks_backward, held=0.75, whole=_keeps_course),
    "run": Rule(0.9, lambda s: _runs(s, 2.0, 8.0), held=0.8, whole=_keeps_course),
    "jog": Rule(0.9, lambda s: _runs(s, 1.2, 3.2), held=0.7, whole=_keeps_course),
    "walk_turn_left": _walks_curve(1),
    "walk_turn_right": _walks_curve(-1),
    "run_turn_left": _runs_curve(1),
    "run_turn_right": _runs_curve(-1),
    "turn_left": _turn(1),
    "turn_right": _turn(-1),
    "turn_around": Rule(3.5, _turns_around, whole=_ends_turned_around),
    "sidestep_left": Rule(1.2, lambda s: _sidesteps(s, 1), held=0.5, whole=_keeps_course),
    "sidestep_right": Rule(1.2, lambda s: _sidesteps(s, -1), held=0.5, whole=_keeps_course),
    "jump": Rule(1.6, _jumps),
    "jump_forward": Rule(2.0, _jumps_forward),
    "hop": Rule(2.5, _hops, held=0.4),
    "march_in_place": Rule(3.0, _marches, held=0.7),
    "jog_in_place": Rule(2.0, _jogs_in_place, held=0.7),
}
"""Action -> rule."""
