"""A waving arm, drawn from a small family of waves and put onto a body.

The recordings hold little more than a minute of waving, mostly with an unnamed hand.  Here the
upper arm is lifted to the side and the forearm swings about the elbow at 1 to 2 Hz; bone lengths
stay those of the body.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from flood_engine.features import FRAME_RATE_HZ
from flood_engine.humanml import LEFT_HIP, LEFT_SHOULDER, RIGHT_HIP, RIGHT_SHOULDER

_RAISE_FRAMES = 9
_ARMS = {"left": (16, 18, 20), "right": (17, 19, 21)}


def wave_arm(
    joints: np.ndarray, side: Literal["left", "right"], rng: np.random.Generator
) -> np.ndarray:
    """Return (T, 22, 3) joints whose ``side`` hand is raised, waves, and is lowered again."""
    out_sign = 1.0 if side == "left" else -1.0
    return _move_arm(joints, side, _wave_directions(len(joints), out_sign, rng))


def raise_arm(
    joints: np.ndarray, side: Literal["left", "right"], up: tuple[float, float, float]
) -> np.ndarray:
    """Return (T, 22, 3) joints whose ``side`` arm is raised, held, and lowered again.

    Args:
        joints: The body.
        side: Which arm.
        up: Where the arm points: outwards, up, forward in the torso's axes.
    """
    out_sign = 1.0 if side == "left" else -1.0
    goal = np.array([out_sign * up[0], up[1], up[2]]) / np.linalg.norm(up)
    goals = np.broadcast_to(goal, (len(joints), 3))
    return _move_arm(joints, side, (goals, goals))


def _move_arm(
    joints: np.ndarray, side: Literal["left", "right"], goals: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Turn upper arm and forearm to ``goals`` (T, 3) in the torso's left, up, forward axes."""
    shoulder, elbow, wrist = _ARMS[side]
    torso = _torso_axes(joints)
    out_sign = 1.0 if side == "left" else -1.0
    amount = _raised(len(joints))
    moved = joints.astype(np.float64)
    for (start, end), goal in zip(((shoulder, elbow), (elbow, wrist)), goals, strict=True):
        bone = joints[:, end].astype(np.float64) - joints[:, start]
        length = np.linalg.norm(bone, axis=1, keepdims=True)
        target = np.einsum("tij,tj->ti", torso, goal)
        # the arc through the side keeps clear of the body and of opposite directions
        detour = (4 * amount * (1 - amount) * 0.6 * out_sign) * torso[:, :, 0]
        direction = (1 - amount) * bone / length + amount * target + detour
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        moved[:, end] = moved[:, start] + direction * length
    return moved.astype(np.float32)


def _torso_axes(joints: np.ndarray) -> np.ndarray:
    """Return (T, 3, 3) matrices whose columns are the torso's left, up and forward in the world."""
    left = joints[:, LEFT_SHOULDER] - joints[:, RIGHT_SHOULDER]
    left = left + joints[:, LEFT_HIP] - joints[:, RIGHT_HIP]
    up = joints[:, 12] - joints[:, 0]
    forward = np.cross(left, up)
    left = np.cross(up, forward)
    axes = np.stack([left, up, forward], axis=-1).astype(np.float64)
    return axes / np.linalg.norm(axes, axis=1, keepdims=True)


def _raised(frames: int) -> np.ndarray:
    """Return (T, 1) from 0 (own arm) to 1 (waving arm), smooth at both ends."""
    from_end = np.minimum(np.arange(frames), np.arange(frames)[::-1])
    ramp = np.clip(from_end / min(_RAISE_FRAMES, frames / 2), 0.0, 1.0)
    return (ramp * ramp * (3 - 2 * ramp))[:, None]


def _wave_directions(
    frames: int, out_sign: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return upper arm and forearm directions (T, 3) in the torso's left, up, forward axes."""
    time = np.arange(frames) / FRAME_RATE_HZ
    phase = 2 * np.pi * (rng.uniform(1.1, 2.0) * time + rng.random())
    lift, ahead = rng.uniform(-0.35, 0.45), rng.uniform(0.1, 0.6)
    sway = 0.06 * np.sin(phase + 1.0)
    upper = np.stack([0 * time + out_sign * 0.8, lift + sway, 0 * time + ahead], axis=-1)
    swing = np.deg2rad(rng.uniform(25.0, 45.0)) * np.sin(phase) + np.deg2rad(rng.uniform(0, 15))
    reach = 0 * time + rng.uniform(0.1, 0.4)
    fore = np.stack([out_sign * np.sin(swing), np.cos(swing), reach], axis=-1)
    return upper / np.linalg.norm(upper, axis=1, keepdims=True), fore / np.linalg.norm(
        fore, axis=1, keepdims=True
    )
