"""Picking something up: a standing body bends, a hand goes to the floor, the body rises again.

The captions of the recordings cut such movements in two, and hold twelve seconds of them.
"""

from __future__ import annotations

import numpy as np

from flood_engine.features_encode import headings
from flood_engine.training.footwork import Lowering, about_y, lower_body
from flood_engine.training.limbs import two_bones

_ARMS = {"left": (16, 18, 20), "right": (17, 19, 21)}
_REST_FRAMES = 4
_HELD_M = 0.35
"""How far in front of the pelvis the hand holds what it has picked up."""


def pick_up(
    joints: np.ndarray, sides: tuple[str, ...], lengths: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return standing (T, 22, 3) joints that pick something up from the floor before them.

    Args:
        joints: A body that stands and hardly moves, at least 40 frames.
        sides: The hands that reach down: "left", "right".
        lengths: (22,) bone lengths, metres.
        rng: Where the way of doing it comes from.
    """
    down = int(rng.integers(14, 22))
    stay = int(rng.integers(3, 9))
    frames = np.arange(len(joints)) - _REST_FRAMES
    amount = _smooth(frames / down) * (1 - _smooth((frames - down - stay) / down))
    drop = rng.uniform(0.22, 0.42)
    how = Lowering(drop, rng.uniform(0.95, 1.25), rng.uniform(0.25, 0.4) * drop)
    bent = lower_body(joints, amount, how, lengths).astype(np.float64)
    ahead, height = rng.uniform(0.25, 0.42), rng.uniform(0.12, 0.28)
    lifted = _smooth((frames - down - stay) / down) * float(rng.random() < 0.6)
    for side in sides:
        _reach(bent, joints, side, (amount, lifted), (ahead, height), lengths)
    return bent.astype(np.float32)


def _smooth(part: np.ndarray) -> np.ndarray:
    part = np.clip(part, 0.0, 1.0)
    return part * part * (3 - 2 * part)


def _reach(
    bent: np.ndarray,
    joints: np.ndarray,
    side: str,
    amounts: tuple[np.ndarray, np.ndarray],
    goal: tuple[float, float],
    lengths: np.ndarray,
) -> None:
    """Move an arm to the floor as the body goes down, and keep it before the body after; in place.

    Args:
        bent: The body with its trunk bent already.
        joints: The body as it stood.
        side: "left" or "right".
        amounts: (T,) how far down, and how much the hand keeps what it has taken.
        goal: Metres ahead of the feet and above the floor.
        lengths: (22,) bone lengths, metres.
    """
    shoulder, elbow, wrist = _ARMS[side]
    down, kept = (amount[:, None] for amount in amounts)
    facing = headings(joints)
    forward = about_y(np.array([0.0, 0.0, 1.0]), facing)
    left = about_y(np.array([1.0, 0.0, 0.0]), facing)
    outward = left if side == "left" else -left
    feet = joints[:, [7, 8]].mean(axis=1) * np.array([1.0, 0.0, 1.0])
    floor = feet + goal[0] * forward + 0.08 * outward + np.array([0.0, goal[1], 0.0])
    held = bent[:, 0] + _HELD_M * forward + 0.1 * outward + np.array([0.0, 0.15, 0.0])
    # an arm that hangs from a bent trunk hangs down, it is not turned with the trunk
    hanging = bent[:, shoulder] + joints[:, wrist] - joints[:, shoulder]
    own = hanging + kept * (1 - down) * (held - hanging)
    target = own + down * (floor - own)
    bones = lengths[elbow], lengths[wrist]
    bent[:, elbow], bent[:, wrist] = two_bones(
        bent[:, shoulder], target, bones, outward - 0.6 * forward
    )
