"""Legs made to measure: turning on the spot with real steps, crouching, squatting.

The recordings hold half a minute of turning on the spot and as little of crouching. Here a standing
body is turned or lowered as a whole, its feet are put where such a body would put them, and the
knees follow from the two lengths of each leg.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from flood_engine.features_encode import headings
from flood_engine.training.limbs import two_bones

_LEGS = ((1, 4, 7, 10), (2, 5, 8, 11))
"""Hip, knee, ankle and ball of the foot, left and right."""
_STEP_LIFT_M = 0.05
_SWAY_M = 0.025


def about_y(vectors: np.ndarray, angle_rad: np.ndarray | float) -> np.ndarray:
    """Turn (..., 3) vectors to the left about the vertical axis."""
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    turned = (cos * x + sin * z, y + 0 * cos, cos * z - sin * x)
    return np.stack(turned, axis=-1)


def bend_knees(joints: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return (T, 22, 3) joints whose knees fit hips and ankles again, bent forward.

    Args:
        joints: World joints; knees are replaced, and ankles (with their feet) where the leg does
            not reach them.
        lengths: (22,) bone lengths, metres.
    """
    bent = joints.astype(np.float64)
    facing = headings(joints)
    forward = about_y(np.array([0.0, 0.0, 1.0]), facing)
    for hip, knee, ankle, ball in _LEGS:
        bones = lengths[knee], lengths[ankle]
        bent[:, knee], end = two_bones(bent[:, hip], bent[:, ankle], bones, forward)
        bent[:, ball] += end - bent[:, ankle]
        bent[:, ankle] = end
    return bent


@dataclass(frozen=True, slots=True)
class Lowering:
    """How a body goes down: metres of the hips, radians of the trunk, metres backwards."""

    drop_m: float
    lean_rad: float
    back_m: float


def lower_body(
    joints: np.ndarray, amount: np.ndarray, how: Lowering, lengths: np.ndarray
) -> np.ndarray:
    """Return standing (T, 22, 3) joints lowered over their own feet.

    Args:
        joints: A body that stands and hardly moves.
        amount: (T,) from 0, as it stands, to 1, all the way down.
        how: How far and how bent.
        lengths: (22,) bone lengths, metres.
    """
    facing = headings(joints)
    local = about_y(joints - joints[:, :1], -facing[:, None]).astype(np.float64)
    feet = [j for leg in _LEGS for j in leg[2:]]
    lean = (amount * how.lean_rad)[:, None]
    y, z = local[..., 1].copy(), local[..., 2].copy()
    local[..., 1] = np.cos(lean) * y - np.sin(lean) * z
    local[..., 2] = np.sin(lean) * y + np.cos(lean) * z
    shift = np.stack([0 * amount, -amount * how.drop_m, -amount * how.back_m], -1)
    lowered = about_y(local + shift[:, None], facing[:, None]) + joints[:, :1]
    lowered[:, feet] = joints[:, feet]
    return bend_knees(lowered, lengths).astype(np.float32)


def turn_on_the_spot(
    joints: np.ndarray, turn_rad: float, rate: float, lengths: np.ndarray, begin: int = 3
) -> np.ndarray:
    """Return standing (T, 22, 3) joints that turn on the spot, stepping round with both feet.

    Args:
        joints: A body that stands and hardly moves.
        turn_rad: How far, left positive.
        rate: Mean turning speed, radians per frame.
        lengths: (22,) bone lengths, metres.
        begin: Frame in which the turn begins.
    """
    frames = len(joints)
    lasting = max(6, round(abs(turn_rad) / rate))
    s = np.clip((np.arange(frames) - begin) / lasting, 0.0, 1.0)
    yaw = turn_rad * s * s * (3 - 2 * s)
    centre = joints[:1, [7, 8]].mean(axis=1, keepdims=True) * np.array([1.0, 0.0, 1.0])
    turned = about_y(joints - centre, yaw[:, None]).astype(np.float64)
    angles, lifts = _footsteps(yaw, turn_rad)
    for side, (_, _, ankle, ball) in enumerate(_LEGS):
        planted = joints[:1, [ankle, ball]] - centre
        turned[:, [ankle, ball]] = about_y(planted, angles[:, side, None])
        turned[:, [ankle, ball], 1] += lifts[:, side, None]
    _sway(turned, lifts)
    return bend_knees(turned + centre, lengths).astype(np.float32)


def _footsteps(yaw: np.ndarray, turn_rad: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the angle and the height of each foot, (T, 2): feet step in turn after the body."""
    frames = len(yaw)
    angles, lifts = np.zeros((frames, 2)), np.zeros((frames, 2))
    foot = 0 if turn_rad > 0 else 1  # the foot on the inside goes first
    at = np.zeros(2)
    frame = 0
    while frame < frames:
        swing = 8
        goal = yaw[min(frame + swing + 3, frames - 1)]
        other_lags = abs(goal - at[1 - foot]) > abs(goal - at[foot]) + 0.05
        foot = 1 - foot if other_lags else foot
        if abs(goal - at[foot]) < np.deg2rad(4.0):
            angles[frame], frame = at, frame + 1
            continue
        if abs(yaw[-1] - goal) < np.deg2rad(10.0):
            goal = yaw[-1]
        part = np.arange(1, swing + 1) / swing
        span = slice(frame, min(frame + swing, frames))
        shown = span.stop - span.start
        angles[span] = at
        angles[span, foot] = (at[foot] + (goal - at[foot]) * part * part * (3 - 2 * part))[:shown]
        lifts[span, foot] = (_STEP_LIFT_M * np.sin(np.pi * part) ** 2)[:shown]
        at[foot] = goal
        foot, frame = 1 - foot, frame + swing
    return angles, lifts


def _sway(joints: np.ndarray, lifts: np.ndarray) -> None:
    """Shift the body over the foot that stands while the other one steps, in place."""
    lean = gaussian_filter1d((lifts[:, 0] - lifts[:, 1]) / _STEP_LIFT_M, 2.0, mode="nearest")
    across = joints[:, 2] - joints[:, 1]  # from the left hip to the right
    across = across / np.linalg.norm(across, axis=1, keepdims=True)
    shift = _SWAY_M * lean[:, None] * across
    shift[:, 1] -= 0.012 * gaussian_filter1d(lifts.sum(1) / _STEP_LIFT_M, 2.0, mode="nearest")
    feet = [j for leg in _LEGS for j in leg[2:]]
    body = [j for j in range(22) if j not in feet]
    joints[:, body] += shift[:, None]
