"""What the body leaves on the ground: footprints, the path of the pelvis, where it faces."""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.skeleton import JOINT_NAMES
from flood_bridge.render.clip import Clip, facing

Mark = tuple[np.ndarray, float]
"""Corners on the ground (n, 2) in x and z, metres, and opacity 0 to 1."""

_PRINT_SECS = 3.0
"""Footprints fade over this time."""
_PATH_SECS = 3.0
_PATH_HALF_WIDTH = 0.011
_FEET = tuple(
    (JOINT_NAMES.index(f"{side}_ankle"), JOINT_NAMES.index(f"{side}_foot"), 2 * number)
    for number, side in enumerate(("left", "right"))
)
"""Ankle, toe joint, and column of the ankle's contact label, left then right."""


class Footprints:
    """Where each foot stood, found once for the whole clip from its contact labels."""

    def __init__(self, clip: Clip) -> None:
        self._fade_frames = max(1.0, _PRINT_SECS * clip.rate_hz)
        self._prints: list[list[tuple[int, int, np.ndarray]]] = [[], []]
        if clip.contacts is None:
            return
        for side, (ankle, toe, column) in enumerate(_FEET):
            # A sole is drawn where heel and toe both stood.
            down = clip.contacts[:, column] & clip.contacts[:, column + 1]
            for first, last in _runs(down, least=max(2, round(0.1 * clip.rate_hz))):
                middle = (first + last) // 2
                outline = _sole(clip.joints[middle, ankle], clip.joints[middle, toe])
                self._prints[side].append((first, last, outline))

    def at(self, frame: int, side: int) -> list[Mark]:
        """Return the prints of one side (0 left, 1 right) seen at ``frame``, the newest last."""
        marks = []
        for first, last, outline in self._prints[side]:
            age = max(0, frame - last) / self._fade_frames
            if first <= frame and age < 1.0:
                marks.append((outline, 0.75 if frame <= last else 0.5 * (1.0 - age)))
        return marks


def _runs(flags: np.ndarray, least: int) -> list[tuple[int, int]]:
    """Return the first and last index of each stretch of at least ``least`` true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    stretches = edges.reshape(-1, 2) - [0, 1]
    return [(int(a), int(b)) for a, b in stretches if b - a + 1 >= least]


def _sole(ankle: np.ndarray, toe: np.ndarray) -> np.ndarray:
    """Return the outline of a sole under an ankle and a toe joint (3,)."""
    heel, tip = ankle[[0, 2]], toe[[0, 2]]
    length = max(float(np.linalg.norm(tip - heel)), 1e-3)
    ahead = (tip - heel) / length
    aside = np.array([ahead[1], -ahead[0]])
    turn = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
    along = length / 2 + 0.025 + (length / 2 + 0.075) * np.cos(turn)
    across = (0.046 + 0.008 * np.cos(turn)) * np.sin(turn)
    return heel + along[:, None] * ahead + across[:, None] * aside


def path_marks(clip: Clip, frame: int) -> list[Mark]:
    """Return the ribbon along which the pelvis came, fading into the past."""
    past = max(0, frame - round(_PATH_SECS * clip.rate_hz))
    path = clip.joints[past : frame + 1, 0][:, [0, 2]]
    if len(path) < 2 or np.ptp(path, axis=0).max() < 0.15:
        return []
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    aside = np.stack([along[:, 1], -along[:, 0]], axis=1) * _PATH_HALF_WIDTH
    edges = np.stack([path + aside, path - aside], axis=1)
    return [
        (edges[[i, i + 1, i + 1, i], [0, 0, 1, 1]], 0.6 * (i + 1) / len(path))
        for i in range(len(path) - 1)
    ]


def facing_ring(joints: np.ndarray) -> list[Mark]:
    """Return a thin ring on the ground around the body (22, 3), pointed where the body faces."""
    ahead = facing(joints)
    aside = np.array([ahead[1], -ahead[0]])
    middle = joints[0, [0, 2]]
    turn = np.linspace(0.0, 2 * np.pi, 48, endpoint=False)[:, None]
    circle = np.cos(turn) * ahead + np.sin(turn) * aside
    tip = np.array([(0.62, 0.0), (0.455, 0.125), (0.455, -0.125)])
    arrow = tip[:, :1] * ahead + tip[:, 1:] * aside
    return [
        (middle + 0.43 * circle, 0.5),
        (middle + 0.405 * circle, 0.0),
        (middle + arrow, 0.95),
    ]
