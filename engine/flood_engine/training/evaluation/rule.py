"""What a rule of the judge is made of, and the small questions that rules ask about a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks

from flood_engine.features import FRAME_RATE_HZ
from flood_engine.training.evaluation.signals import Signals

Question = Callable[[Signals], bool]

MOSTLY = 0.85
"""Share of a window's frames that "mostly" asks for."""
ON_FLOOR_M = 0.10
"""A foot whose lowest point is below this stands on the floor or just leaves it."""


def _always(_: Signals) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """How one action is told from all others."""

    secs: float
    """Length of the windows that ``shown`` looks at; a one-time action may fit into less."""
    shown: Question
    """Whether a window shows the action. This part is validated on recorded motion."""
    held: float = 0.0
    """Share of windows that must show it while its prompt lasts; 0: it is done once."""
    whole: Question = _always
    """What must be true of everything after the request, beyond its windows."""
    ends: Question = _always
    """What must be true of the last second."""

    @property
    def lasting(self) -> bool:
        """Whether the action goes on while its prompt does."""
        return self.held > 0


def frames_of(seconds: float) -> int:
    """Return a duration in frames."""
    return round(seconds * FRAME_RATE_HZ)


def mostly(mask: np.ndarray, share: float = MOSTLY) -> bool:
    """Whether a (T,) condition is true in nearly all frames."""
    return bool(mask.mean() >= share)


def upright(s: Signals, degrees: float = 35.0) -> bool:
    """Whether the trunk stays within ``degrees`` of the vertical; short dips are forgiven."""
    return mostly(s.tilt < degrees, 0.95)


def on_floor(s: Signals) -> bool:
    """Whether one foot or the other is down all the time."""
    return mostly(s.foot.min(axis=1) < ON_FLOOR_M, 0.95)


def tall(s: Signals) -> bool:
    """Whether the hips stay at the height of straight or slightly bent legs."""
    return mostly(s.hips > 0.78)


def turned(s: Signals) -> float:
    """Return the net turn, degrees, positive to the left."""
    return float(s.heading[-1] - s.heading[0])


def widest_turn(s: Signals) -> float:
    """Return the largest turn away from the first heading, degrees, without sign."""
    return float(np.abs(s.heading - s.heading[0]).max())


def excursion(s: Signals) -> float:
    """Return how far the root gets from its first place, metres."""
    return float(np.linalg.norm(s.root - s.root[0], axis=1).max())


def rises(values: np.ndarray, level: float) -> int:
    """Return how often a (T,) value climbs through ``level``."""
    above = values > level
    return int((above[1:] & ~above[:-1]).sum())


def stride(s: Signals) -> float:
    """Return how far the feet pass each other along the heading, metres."""
    return float(np.ptp(s.foot_ahead[:, 0] - s.foot_ahead[:, 1]))


def flight_m(s: Signals) -> np.ndarray:
    """Return the (T,) height of the lower foot, metres."""
    return s.foot.min(axis=1)


def near(mask: np.ndarray, frames: int) -> np.ndarray:
    """Return where a (T,) condition is true within ``frames`` of a frame."""
    return np.convolve(mask, np.ones(2 * frames + 1), mode="same") > 0


def peaks(values: np.ndarray, height: float, apart_secs: float = 0.25) -> np.ndarray:
    """Return the frames at which a (T,) value peaks above ``height``, also at the ends."""
    if values.max() < height:
        return np.empty(0, dtype=int)
    padded = np.concatenate([[-np.inf], values, [-np.inf]])
    return find_peaks(padded, height=height, distance=frames_of(apart_secs))[0] - 1


def swings(values: np.ndarray, least: float) -> int:
    """Return how often a (T,) value turns back after moving by at least ``least``."""
    count, extreme, direction = 0, float(values[0]), 0
    for value in values:
        ahead = direction * (value - extreme)
        if direction == 0 and abs(value - extreme) >= least:
            direction, extreme = (1 if value > extreme else -1), value
        elif ahead > 0:
            extreme = value
        elif ahead <= -least:
            direction, extreme, count = -direction, value, count + 1
    return count
