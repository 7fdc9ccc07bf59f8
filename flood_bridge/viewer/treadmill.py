"""The round piece of floor that passes under a robot which is kept in its place."""

from __future__ import annotations

import numpy as np

RADIUS_M = 0.52
CELL_M = 0.2
_HEIGHT_M = 0.003
_LINES = 2 * int(RADIUS_M / CELL_M + 1) + 1
_SIDES = 48


def lines(where: np.ndarray) -> np.ndarray:
    """Return the grid around ``where`` (3,), cut to a circle about nought, (n, 2, 3) float32."""
    steps = CELL_M * (np.arange(_LINES) - _LINES // 2)
    pieces = []
    for axis in (0, 1):
        at = steps - where[axis] % CELL_M
        reach = np.sqrt(np.maximum(RADIUS_M**2 - at**2, 0.0))
        ends = np.zeros((_LINES, 2, 3))
        ends[:, :, axis] = np.clip(at, -RADIUS_M, RADIUS_M)[:, None]
        ends[:, 0, 1 - axis], ends[:, 1, 1 - axis] = -reach, reach
        ends[:, :, 2] = _HEIGHT_M
        pieces.append(ends)
    return np.concatenate(pieces).astype(np.float32)


def ring() -> np.ndarray:
    """Return the circle's rim, (n, 2, 3) float32."""
    angles = np.linspace(0, 2 * np.pi, _SIDES + 1)
    rim = np.column_stack([np.cos(angles), np.sin(angles), np.full(_SIDES + 1, _HEIGHT_M)])
    rim[:, :2] *= RADIUS_M
    return np.stack([rim[:-1], rim[1:]], axis=1).astype(np.float32)


def floor(where: np.ndarray) -> np.ndarray:
    """Return :func:`lines` and :func:`ring` as one, (n, 2, 3) float32."""
    return np.concatenate([lines(where), ring()])
