"""Joining stretches of motion in feature space: where to enter, and how the seam fades out.

Positions are relative to the heading and the root is stored as steps, so two stretches join
without moving either in the world.  At a seam the difference of pose and of velocity is added to
the new stretch and fades to nothing on a cubic (inertialisation: Bollo, GDC 2018).
"""

from __future__ import annotations

import numpy as np

from flood_engine.features import (
    CONTACTS,
    HEIGHT,
    POSITIONS,
    ROOT_XZ,
    ROOT_YAW,
    ROT6D,
    VELOCITIES,
)
from flood_engine.features_encode import contacts_of_steps

_MATCH_JOINTS = (4, 5, 7, 8, 10, 11, 12, 15, 18, 19, 20, 21)
_STEP_WEIGHT = 6.0
"""One metre per second of difference counts like 0.3 metres."""
_HEIGHTS = np.arange(POSITIONS.start + 1, POSITIONS.stop, 3)


def match_vectors(features: np.ndarray) -> np.ndarray:
    """Return what (T, 263) frames are compared by: (T, M) poses and velocities, in metres."""
    feats = features.astype(np.float32)
    columns = [
        HEIGHT,
        *(POSITIONS.start + 3 * (j - 1) + a for j in _MATCH_JOINTS for a in range(3)),
    ]
    steps = [VELOCITIES.start + 3 * j + a for j in _MATCH_JOINTS for a in range(3)]
    return np.concatenate(
        [
            feats[:, columns],
            0.5 * _STEP_WEIGHT * feats[:, steps],
            2.0 * _STEP_WEIGHT * feats[:, ROOT_XZ],
            2.0 * _STEP_WEIGHT * feats[:, ROOT_YAW : ROOT_YAW + 1],
        ],
        axis=1,
    )


POSE_COLUMNS = slice(0, 1 + 3 * len(_MATCH_JOINTS))
"""Part of the match vectors that is pose and not velocity."""
_MATCH_HEIGHTS = np.array([0, *(2 + 3 * i for i in range(len(_MATCH_JOINTS)))])


def raised(matches: np.ndarray, ground_m: float) -> np.ndarray:
    """Return match vectors as if the body stood ``ground_m`` higher."""
    moved = matches.copy()
    moved[..., _MATCH_HEIGHTS] += ground_m
    return moved


def lower(features: np.ndarray, ground_m: float) -> None:
    """Take the height of a box or step out of (T, 263) features, in place."""
    if ground_m:
        features[:, HEIGHT] -= ground_m
        features[:, _HEIGHTS] -= ground_m


def fade_seam(block: np.ndarray, wanted: np.ndarray, before: np.ndarray) -> int:
    """Make (T, 263) ``block`` begin with the frame ``wanted``, coming from ``before``; in place.

    Returns how many frames were changed.
    """
    pose = slice(HEIGHT, POSITIONS.stop)
    gap = wanted - block[0]
    frames = _fade_frames(gap, len(block))
    if frames < 2:
        return 0
    s = (np.arange(frames) / frames).astype(np.float32)[:, None]
    whole = 1 - s * s * (3 - 2 * s)
    speed_gap = (wanted - before)[pose] - (block[1] - block[0])[pose]
    block[:frames, : ROT6D.stop] += whole * gap[: ROT6D.stop]
    block[:frames, pose] += frames * s * (1 - s) ** 2 * np.clip(speed_gap, -0.15, 0.15)
    return frames


def _fade_frames(gap: np.ndarray, available: int) -> int:
    """Return how long a seam fades: 8 frames, up to 20 for a wide gap of pose or of speed."""
    pose = float(np.abs(gap[HEIGHT : POSITIONS.stop]).max())
    speed = float(np.linalg.norm(gap[ROOT_XZ]))
    return min(available, int(np.clip(8 + 20 * pose + 60 * speed, 8, 20)))


def refresh_steps(features: np.ndarray) -> None:
    """Recompute joint velocities and contacts of (T, 263) features from pose and root, in place.

    The last frame keeps its velocities, as the frame after it is not known.
    """
    frames = len(features)
    local = np.zeros((frames, 22, 3), dtype=np.float32)
    local[:, 0, 1] = features[:, HEIGHT]
    local[:, 1:] = features[:, POSITIONS].reshape(frames, 21, 3)
    after = local[1:].copy()
    after[..., 0] += features[:-1, None, ROOT_XZ.start]
    after[..., 2] += features[:-1, None, ROOT_XZ.stop - 1]
    turn = -2.0 * features[:-1, ROOT_YAW, None]
    cos, sin = np.cos(turn), np.sin(turn)
    x, z = after[..., 0].copy(), after[..., 2].copy()
    after[..., 0] = cos * x + sin * z
    after[..., 2] = cos * z - sin * x
    steps = after - local[:-1]
    features[:-1, VELOCITIES] = steps.reshape(frames - 1, -1)
    features[:-1, CONTACTS] = contacts_of_steps(steps)
