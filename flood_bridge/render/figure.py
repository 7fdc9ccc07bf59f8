"""Paints limbs: each pixel's distance to a tapered capsule, with a depth per pixel.

No supersampling: coverage follows from the exact distance to the outline, which is both smoother
and several times faster than drawing large and shrinking. For two circles of radii r0, r1 a
distance L apart, the outline is their convex hull; the point of the axis that decides about pixel p
minimises |p - c(t)| - r(t), whose derivative is zero where the ray from the axis leans by
asin((r0 - r1) / L).
"""

from __future__ import annotations

import math

import numpy as np

from flood_bridge.render.body import LEFT, RIGHT, TORSO, Limbs
from flood_bridge.render.camera import Camera
from flood_bridge.render.options import Rgb, Theme

_LIGHT = (-0.09, -0.14, 0.39)
"""Gain of brightness where the surface looks right, down and out of the picture."""
_AMBIENT = 0.66
_SOFT_DEPTH = 0.012
"""Limbs that pass through each other blend over this depth, metres."""
_FUSE_DEPTH = 0.06
"""The parts of the torso melt into each other over this depth, metres."""


def paint_figure(canvas: np.ndarray, camera: Camera, limbs: Limbs, theme: Theme) -> None:
    """Draw ``limbs`` over ``canvas`` (H, W, 3) uint8, in place."""
    starts, start_depths = camera.project(limbs.starts)
    ends, end_depths = camera.project(limbs.ends)
    depths = np.stack([start_depths, end_depths], axis=1)
    radii_px = limbs.radii * camera.view.focal_px / depths
    brush = _Brush(canvas)
    palette = _palette(theme)
    for i in np.argsort(-depths.mean(axis=1), kind="stable").tolist():
        side = int(limbs.sides[i])
        brush.paint_limb(
            np.stack([starts[i], ends[i]]), radii_px[i], depths[i].tolist(), side, palette[side],
            float(depths[i].mean()) / camera.view.focal_px,
        )  # fmt: skip


def _palette(theme: Theme) -> np.ndarray:
    colours = np.zeros((3, 3), dtype=np.float32)
    colours[TORSO], colours[LEFT], colours[RIGHT] = theme.torso, theme.left, theme.right
    return colours


class _Brush:
    """A canvas with, for each pixel, how far the nearest surface is and whether it is torso."""

    def __init__(self, canvas: np.ndarray) -> None:
        self._height, self._width = canvas.shape[:2]
        self._canvas = canvas.reshape(-1, 3)
        self._nearest = np.full(len(self._canvas), np.inf, dtype=np.float32)
        self._fusing = np.zeros(len(self._canvas), dtype=bool)

    def paint_limb(
        self,
        ends: np.ndarray,
        radii: np.ndarray,
        depths: list[float],
        side: int,
        colour: np.ndarray,
        metres_per_px: float,
    ) -> None:
        """Draw one limb; ``ends`` (2, 2) and ``radii`` (2,) are in pixels, ``depths`` metres."""
        window = pixel_window(ends, float(radii.max()) + 1.5, (self._height, self._width))
        if window is None:
            return
        # Only covered pixels are shaded: a slanting limb fills a third of its box.
        *shape, cover = _capsule(window, ends, radii)
        inside = np.flatnonzero(cover)
        along, off_x, off_y, radius, cover = (part.ravel()[inside] for part in (*shape, cover))
        normal_x, normal_y = off_x / radius, off_y / radius
        normal_z = np.sqrt(np.maximum(1.0 - normal_x * normal_x - normal_y * normal_y, 0.0))
        depth = depths[0] + along * (depths[1] - depths[0]) - radius * normal_z * metres_per_px
        shade = _AMBIENT + _LIGHT[0] * normal_x + _LIGHT[1] * normal_y + _LIGHT[2] * normal_z
        paint = np.minimum(shade[:, None] * colour, 255.0)
        rows, columns = window
        row, column = np.divmod(inside, columns.stop - columns.start)
        pixels = (row + rows.start) * self._width + (column + columns.start)
        self._blend(pixels, paint, depth, cover, side == TORSO)

    def _blend(
        self,
        pixels: np.ndarray,
        paint: np.ndarray,
        depth: np.ndarray,
        cover: np.ndarray,
        fuses: bool,
    ) -> None:
        """Lay ``paint`` (n, 3) where it is nearer than what is there, softly where they meet."""
        here, fusing = self._nearest[pixels], self._fusing[pixels]
        sharp = np.where(fusing, 1 / _FUSE_DEPTH, 1 / _SOFT_DEPTH) if fuses else 1 / _SOFT_DEPTH
        cover = cover * np.clip((here - depth) * sharp + 0.5, 0.0, 1.0)
        self._canvas[pixels] = blend(self._canvas[pixels], paint, cover)
        wins = cover > 0.5
        self._nearest[pixels] = np.where(wins, np.minimum(depth, here), here)
        self._fusing[pixels] = np.where(wins, fuses, fusing)


def blend(under: np.ndarray, paint: np.ndarray | Rgb, weight: np.ndarray) -> np.ndarray:
    """Return ``weight`` (...) of ``paint`` over ``under`` (..., 3) uint8, rounded to uint8."""
    mixed = under + weight[..., None] * (np.asarray(paint, dtype=np.float32) - under)
    mixed += np.float32(0.5)
    return mixed.astype(np.uint8)


def pixel_window(
    points: np.ndarray, margin: float, shape: tuple[int, int]
) -> tuple[slice, slice] | None:
    """Return the rows and columns of the box around ``points`` (n, 2); None if out of sight."""
    low = np.floor(points.min(axis=0) - margin)
    high = np.ceil(points.max(axis=0) + margin)
    left, top = (int(np.clip(value, 0, 1 << 20)) for value in low)
    right, bottom = (int(np.clip(high[i], 0, shape[1 - i])) for i in (0, 1))
    if left >= right or top >= bottom:
        return None
    return slice(top, bottom), slice(left, right)


def _capsule(
    window: tuple[slice, slice], ends: np.ndarray, radii: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return, for each pixel, what a tapered capsule is to it.

    The deciding place on the axis (0 to 1), the offset from it in x and y, the radius there (all
    in pixels), and how much of the pixel is covered (0 to 1).
    """
    rows, columns = window
    (x0, y0), (x1, y1) = ends.tolist()
    r0, r1 = radii.tolist()
    x = (np.arange(columns.start, columns.stop, dtype=np.float32) + (0.5 - x0))[None, :]
    y = (np.arange(rows.start, rows.stop, dtype=np.float32) + (0.5 - y0))[:, None]
    across, down = x1 - x0, y1 - y0
    length = max(math.hypot(across, down), 1e-3)
    lean = min(max((r0 - r1) / length, -0.99), 0.99)
    ux, uy = across / length**2, down / length**2
    along = x * ux + y * uy
    along -= np.abs(x * uy - y * ux) * (lean / math.sqrt(1.0 - lean * lean))
    np.clip(along, 0.0, 1.0, out=along)
    radius = r0 + along * (r1 - r0)
    off_x, off_y = x - along * across, y - along * down
    cover = np.clip(radius - np.sqrt(off_x * off_x + off_y * off_y) + 0.5, 0.0, 1.0)
    return along, off_x, off_y, radius, cover
