"""What a body does, frame by frame: the quantities that all kinematic rules are made of.

Everything is measured from the joints alone, also the heading; nothing is taken from what the
model claims. Metres, seconds, degrees; the floor is y = 0. Speeds of hands and feet are relative
to the pelvis in the heading frame, so that neither walking nor turning moves them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.ndimage import uniform_filter1d

from flood_engine.features import FRAME_RATE_HZ, headings
from flood_engine.humanml import NUM_JOINTS

LEFT, RIGHT = 0, 1
_HEAD, _NECK = 15, 12
_HIPS, _ANKLES, _BALLS = [1, 2], [7, 8], [10, 11]
_SHOULDERS, _WRISTS = [16, 17], [20, 21]
_SMOOTH_FRAMES = 7
"""Speeds of the root are means over this many frames (0.35 s), to take the sway out of them."""


@dataclass(frozen=True, slots=True)
class Signals:
    """T frames of a body; arrays of two columns are left and right."""

    root: np.ndarray
    """(T, 2) place of the pelvis on the ground, x and z."""
    heading: np.ndarray
    """(T,) degrees, unwrapped; a turn to the left is positive."""
    forward: np.ndarray
    """(T,) m/s along the heading, smoothed."""
    sideways: np.ndarray
    """(T,) m/s to the body's left, smoothed."""
    speed: np.ndarray
    """(T,) m/s over the ground, smoothed."""
    hips: np.ndarray
    """(T,) height of the pelvis."""
    tilt: np.ndarray
    """(T,) angle between the line from pelvis to neck and the vertical."""
    head: np.ndarray
    """(T,) height of the head over the pelvis."""
    seat: np.ndarray
    """(T,) how far the pelvis is behind the middle of the ankles."""
    foot: np.ndarray
    """(T, 2) height of the lowest point of each foot."""
    ankle: np.ndarray
    """(T, 2) height of each ankle."""
    foot_speed: np.ndarray
    """(T, 2) m/s of each ankle against the pelvis."""
    foot_ahead: np.ndarray
    """(T, 2) how far each ankle is in front of the pelvis."""
    foot_aside: np.ndarray
    """(T, 2) how far each ankle is to the left of the pelvis."""
    hand_speed: np.ndarray
    """(T, 2) m/s of each wrist against the pelvis."""
    hand_up: np.ndarray
    """(T, 2) height of each wrist over its shoulder."""
    hand: np.ndarray
    """(T, 2) height of each wrist over the floor."""
    hand_ahead: np.ndarray
    """(T, 2) how far each wrist is in front of its shoulder."""
    hand_aside: np.ndarray
    """(T, 2) how far each wrist is to the left of its shoulder."""
    hand_to_head: np.ndarray
    """(T, 2) distance of each wrist from the head joint."""
    liveliness: np.ndarray
    """(T,) mean speed of all joints against the pelvis, m/s."""

    def __len__(self) -> int:
        return len(self.heading)

    def cut(self, start: int, stop: int) -> Signals:
        """Return frames ``[start, stop)``."""
        part = slice(max(0, start), stop)
        return Signals(**{f.name: getattr(self, f.name)[part] for f in fields(self)})


def read_signals(joints: np.ndarray, floor_m: float = 0.0) -> Signals:
    """Measure world joints (T, 22, 3) in metres that stand on the height ``floor_m``.

    Raises:
        ValueError: If the shape is wrong or there are fewer than two frames.
    """
    joints = np.asarray(joints, dtype=np.float64)
    if joints.ndim != 3 or joints.shape[1:] != (NUM_JOINTS, 3) or len(joints) < 2:
        raise ValueError(
            f"joints have the shape {joints.shape}; valid is (2 or more, {NUM_JOINTS}, 3)"
        )
    joints = joints - np.array([0.0, floor_m, 0.0])
    heading = headings(joints, "clean")
    local = _in_heading_frame(joints - joints[:, :1], heading)
    speeds = np.linalg.norm(_per_second(local), axis=-1)
    step = _in_heading_frame(_per_second(joints[:, :1]), heading)[:, 0]
    sideways, _, forward = (_smooth(step[:, axis]) for axis in range(3))
    spine = joints[:, _NECK] - joints[:, 0]
    hands = local[:, _WRISTS] - local[:, _SHOULDERS]
    ankles = local[:, _ANKLES]
    return Signals(
        root=joints[:, 0][:, [0, 2]],
        heading=np.degrees(heading),
        forward=forward,
        sideways=sideways,
        speed=np.hypot(forward, sideways),
        hips=joints[:, 0, 1],
        tilt=np.degrees(np.arccos(np.clip(spine[:, 1] / np.linalg.norm(spine, axis=1), -1, 1))),
        head=local[:, _HEAD, 1],
        seat=ankles[..., 2].mean(axis=1),
        foot=np.minimum(joints[:, _ANKLES, 1], joints[:, _BALLS, 1]),
        ankle=joints[:, _ANKLES, 1],
        foot_speed=speeds[:, _ANKLES],
        foot_ahead=ankles[..., 2],
        foot_aside=ankles[..., 0],
        hand_speed=speeds[:, _WRISTS],
        hand_up=hands[..., 1],
        hand=joints[:, _WRISTS, 1],
        hand_ahead=hands[..., 2],
        hand_aside=hands[..., 0],
        hand_to_head=np.linalg.norm(joints[:, _WRISTS] - joints[:, [_HEAD, _HEAD]], axis=-1),
        liveliness=speeds.mean(axis=1),
    )


def _per_second(values: np.ndarray) -> np.ndarray:
    """Return central differences along the first axis, per second."""
    return np.gradient(values, axis=0) * FRAME_RATE_HZ


def _smooth(values: np.ndarray) -> np.ndarray:
    return uniform_filter1d(values, _SMOOTH_FRAMES, mode="nearest")


def _in_heading_frame(vectors: np.ndarray, heading_rad: np.ndarray) -> np.ndarray:
    """Turn (T, J, 3) world vectors so that z is where the body faces and x its left."""
    cos, sin = np.cos(heading_rad)[:, None], np.sin(heading_rad)[:, None]
    x, y, z = (vectors[..., axis] for axis in range(3))
    return np.stack([cos * x - sin * z, y, sin * x + cos * z], axis=-1)
