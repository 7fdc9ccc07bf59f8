"""The 263 numbers of a HumanML3D motion frame: where each is, and the way back to joints.

One frame holds the yaw rate and planar velocity of the root (valid from the next frame on), the
root height, joint positions relative to the heading, bone rotations in 6D, joint velocities and
foot contacts (Guo et al., CVPR 2022; 20 frames per second).  The yaw number is *minus half* the
step of the heading, because HumanML3D accumulates the inverse heading as a half angle.
:func:`joints_to_features` (features_encode.py) goes the other way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_engine.errors import DataError
from flood_engine.features_encode import (
    CONTACTS,
    FEATURE_SIZE,
    HEIGHT,
    POSITIONS,
    ROOT_XZ,
    ROOT_YAW,
    ROT6D,
    VELOCITIES,
    HeadingRule,
    headings,
    joints_to_features,
)
from flood_engine.humanml import NUM_JOINTS

__all__ = [
    "CONTACTS",
    "FEATURE_SIZE",
    "FRAME_RATE_HZ",
    "HEIGHT",
    "POSITIONS",
    "ROOT_XZ",
    "ROOT_YAW",
    "ROT6D",
    "VELOCITIES",
    "HeadingRule",
    "RecoveredMotion",
    "RootState",
    "headings",
    "joints_to_features",
    "recover",
    "recover_joints",
]

FRAME_RATE_HZ = 20.0
"""Frame rate of the features."""


@dataclass(frozen=True, slots=True)
class RootState:
    """Where the NEXT frame's root stands: all that recovery remembers between calls."""

    heading_rad: float = 0.0
    """Angle about +y; the body faces (sin, 0, cos), so 0 is +z and positive is to the left."""
    x: float = 0.0
    """Metres."""
    z: float = 0.0
    """Metres."""


@dataclass(frozen=True, slots=True)
class RecoveredMotion:
    """World-space motion of T frames (leading batch axes, if any, come first)."""

    joints: np.ndarray
    """(T, 22, 3) float64, metres."""
    velocities: np.ndarray
    """(T, 22, 3) float64, m/s towards the next frame, as the features claim."""
    heading_rad: np.ndarray
    """(T,) float64, unwrapped; 0 faces +z, positive is a turn to the left (towards +x)."""
    contacts: np.ndarray
    """(T, 4) bool: left ankle, left foot, right ankle, right foot."""


def recover(
    features: np.ndarray, state: RootState | None = None
) -> tuple[RecoveredMotion, RootState]:
    """Integrate the root and place the joints in the world.

    ``features`` is (T, 263) or (..., T, 263), T >= 1.  Without ``state`` the motion starts at the
    origin facing +z.  Returns the motion and the state from which the next frames go on (for a
    batch: that of its last row).  Chunk by chunk gives the same bits as the whole.
    """
    feats = _checked(features)
    start = state if state is not None else RootState()
    heading = _integrate(-2.0 * feats[..., ROOT_YAW], start.heading_rad)
    cos, sin = np.cos(heading), np.sin(heading)
    step_x, step_z = _turned(
        feats[..., ROOT_XZ.start], feats[..., ROOT_XZ.stop - 1], cos[..., 1:], sin[..., 1:]
    )
    xs, zs = _integrate(step_x, start.x), _integrate(step_z, start.z)
    now = (cos[..., :-1, None], sin[..., :-1, None])
    velocities = _turn(_as_joints(feats[..., VELOCITIES]), *now)
    velocities *= FRAME_RATE_HZ
    motion = RecoveredMotion(
        joints=_place_joints(feats, *now, xs[..., :-1], zs[..., :-1]),
        velocities=velocities,
        heading_rad=heading[..., :-1],
        contacts=feats[..., CONTACTS] > 0.5,
    )
    last = (heading.reshape(-1)[-1], xs.reshape(-1)[-1], zs.reshape(-1)[-1])
    return motion, RootState(*(float(value) for value in last))


def recover_joints(
    features: np.ndarray, state: RootState | None = None
) -> tuple[np.ndarray, RootState]:
    """Return world joint positions (T, 22, 3) float64 of (T, 263) features, and the next state."""
    motion, after = recover(features, state)
    return motion.joints, after


def _checked(features: np.ndarray) -> np.ndarray:
    feats = np.array(features, dtype=np.float64)  # a copy: callers reuse their buffers
    if feats.ndim < 2 or feats.shape[-1] != FEATURE_SIZE or feats.shape[-2] < 1:
        raise DataError(
            f"features have shape {feats.shape}; expected (..., frames, {FEATURE_SIZE}) "
            "with at least one frame"
        )
    return feats


def _integrate(steps: np.ndarray, start: float) -> np.ndarray:
    """Return the (..., T + 1) running sums of (..., T) steps that begin with ``start``."""
    sums = np.empty((*steps.shape[:-1], steps.shape[-1] + 1))
    sums[..., 0] = start
    sums[..., 1:] = steps
    return sums.cumsum(axis=-1, out=sums)


def _as_joints(flat: np.ndarray) -> np.ndarray:
    return flat.reshape(*flat.shape[:-1], -1, 3)


def _turned(
    x: np.ndarray, z: np.ndarray, cos: np.ndarray, sin: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rotate (x, z) about +y; a positive angle turns +z towards +x."""
    return cos * x + sin * z, cos * z - sin * x


def _turn(vectors: np.ndarray, cos: np.ndarray, sin: np.ndarray) -> np.ndarray:
    """Rotate (..., 3) vectors about +y into an array of their own."""
    turned = vectors.copy()
    turned[..., 0], turned[..., 2] = _turned(vectors[..., 0], vectors[..., 2], cos, sin)
    return turned


def _place_joints(
    feats: np.ndarray, cos: np.ndarray, sin: np.ndarray, xs: np.ndarray, zs: np.ndarray
) -> np.ndarray:
    joints = np.zeros((*feats.shape[:-1], NUM_JOINTS, 3))
    joints[..., 0, 1] = feats[..., HEIGHT]
    joints[..., 1:, :] = _turn(_as_joints(feats[..., POSITIONS]), cos, sin)
    joints[..., 0] += xs[..., None]
    joints[..., 2] += zs[..., None]
    return joints
