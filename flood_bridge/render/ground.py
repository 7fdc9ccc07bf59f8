"""Paints the ground: a metric grid that fades far away, soft shadows, marks that lie on it.

Grid and shadow are computed where each pixel's ray meets y = 0, so perspective comes by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from flood_bridge.render.body import Limbs
from flood_bridge.render.camera import LOOK_HEIGHT, Camera, View
from flood_bridge.render.figure import blend, pixel_window
from flood_bridge.render.options import Rgb, Theme

_SUN = np.array([0.22, -1.0, -0.16])
"""Direction of the light that casts the shadow."""
_SHADOW_STRENGTH = 0.5
_SPACING = 0.5
"""Between the lines of the grid, metres."""
_HALF_METRE = 0.42
"""Strength of the lines between the whole metres."""
_CLEAR, _FADED = 1.5, 7.5
"""How far behind the body the ground begins to fade, and is gone, metres."""
_SCALE = 3
"""Marks are drawn this much larger and shrunk."""


class Ground:
    """The ground as one view sees it, ready to be drawn from any place of the camera."""

    def __init__(self, view: View, theme: Theme) -> None:
        self._theme = theme
        self._slopes = view.ground_slopes()
        usual_height = LOOK_HEIGHT - view.axes[2, 1] * view.distance
        ahead = view.axes[2, [0, 2]] / np.hypot(*view.axes[2, [0, 2]])
        beyond = np.tensordot(ahead, self._slopes, axes=1) * usual_height
        beyond -= np.hypot(*view.axes[2, [0, 2]]) * view.distance
        fade = np.clip((_FADED - beyond) / (_FADED - _CLEAR), 0.0, 1.0).astype(np.float32)
        page, floor = np.array([theme.page, theme.floor], dtype=np.float32)
        self._empty = (page + fade[..., None] * (floor - page) + 0.5).astype(np.uint8)
        per_slope = [1.0 / np.maximum(np.hypot(*np.gradient(axis)), 1e-9) for axis in self._slopes]
        self._px_per_slope = np.stack(per_slope).astype(np.float32)
        # Lines end where they would crowd: below 4 pixels apart, in full from 12.
        crowding = (self._px_per_slope * (_SPACING / usual_height) - 4.0) / 8.0
        self._strength = np.clip(crowding, 0.0, 1.0) * fade

    def paint(self, camera: Camera) -> np.ndarray:
        """Return a fresh canvas (H, W, 3) uint8 with the empty ground on it."""
        canvas = self._empty.copy()
        flat = canvas.reshape(-1, 3)
        pixels, alpha = self._lines(camera)
        flat[pixels] = blend(flat[pixels], self._theme.grid, alpha)
        return canvas

    def _lines(self, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
        """Return the pixels, counted row by row, that lines cover, and how much of each."""
        height = float(camera.position[1]) / _SPACING
        alpha = np.zeros(self._empty.shape[0] * self._empty.shape[1], dtype=np.float32)
        for axis, place in enumerate(camera.position[[0, 2]].tolist()):
            # Whole metres are even numbers of spacings; 2 keeps that and the precision.
            offset = self._slopes[axis] * height
            offset += place / _SPACING % 2.0
            number = np.rint(offset)
            offset -= number
            np.abs(offset, out=offset)
            offset *= self._px_per_slope[axis]
            pixels = np.flatnonzero(offset < 1.05 * height)
            line = np.minimum(1.05 - offset.ravel()[pixels] / height, 1.0)
            line *= np.where(number.ravel()[pixels] % 2.0 == 0.0, 1.0, _HALF_METRE)
            line *= self._strength[axis].ravel()[pixels]
            alpha[pixels] = np.maximum(alpha[pixels], line)
        pixels = np.flatnonzero(alpha)
        return pixels, alpha[pixels]

    def paint_shadow(self, canvas: np.ndarray, camera: Camera, limbs: Limbs) -> None:
        """Darken ``canvas`` (H, W, 3) uint8 where ``limbs`` stand between light and ground."""
        starts, ends = _cast(limbs.starts), _cast(limbs.ends)
        margin = 0.25 * camera.view.focal_px / camera.view.distance
        outline = camera.project(on_ground(np.concatenate([starts, ends])))[0]
        window = pixel_window(outline, margin, canvas.shape[:2])
        if window is None:
            return
        # Soft edges need few samples: every second pixel each way, then smooth enlargement.
        rows, columns = (slice(part.start, part.stop, 2) for part in window)
        place = self._slopes[:, rows, columns] * float(camera.position[1])
        # Both from below the camera: 32 bits then do, however far the body has walked.
        below = camera.position[[0, 2]]
        dark = Image.fromarray(_darkness(place, starts - below, ends - below, limbs))
        patch = canvas[window]
        alpha = np.asarray(dark.resize(patch.shape[1::-1], Image.Resampling.BILINEAR))
        patch[:] = blend(patch, self._theme.shadow, alpha)


def _darkness(place: np.ndarray, starts: np.ndarray, ends: np.ndarray, limbs: Limbs) -> np.ndarray:
    """Return how dark the ground is at ``place`` (2, H, W), 0 to 1, float32.

    Each limb's shadow is a capsule from ``starts`` to ``ends`` (n, 2) whose edge is the softer,
    and whose core the paler, the higher the limb.
    """
    heights = np.clip((limbs.starts[:, 1] + limbs.ends[:, 1]) / 2, 0.0, 3.0)
    soft = 0.025 + 0.07 * heights
    edge = limbs.radii.mean(axis=1) + soft
    gain = 1.0 / (1.0 + 0.45 * heights)
    dark = np.zeros(place.shape[1:], dtype=np.float32)
    for start, end, far, slope, top in zip(
        starts, ends, edge.tolist(), (gain / (2 * soft)).tolist(), gain.tolist(), strict=True
    ):
        reach = _distance(place[0], place[1], start, end)
        np.maximum(dark, np.minimum((far - reach) * slope, top), out=dark)
    return dark * dark * (3.0 - 2.0 * dark) * _SHADOW_STRENGTH


def on_ground(places: np.ndarray) -> np.ndarray:
    """Return places (n, 2) in x and z as points (n, 3) with y = 0."""
    return np.stack([places[:, 0], np.zeros(len(places)), places[:, 1]], axis=1)


def _cast(points: np.ndarray) -> np.ndarray:
    """Return where the shadows of points (n, 3) fall, (n, 2) in x and z."""
    return points[:, [0, 2]] - points[:, 1:2] / _SUN[1] * _SUN[[0, 2]]


def _distance(x: np.ndarray, z: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the distance of each place to the segment from ``start`` to ``end`` (2,), metres."""
    (start_x, start_z), (axis_x, axis_z) = start.tolist(), (end - start).tolist()
    x, z = x - start_x, z - start_z
    along = x * axis_x + z * axis_z
    along *= 1.0 / max(axis_x**2 + axis_z**2, 1e-6)
    np.clip(along, 0.0, 1.0, out=along)
    x -= along * axis_x
    z -= along * axis_z
    return np.sqrt(x * x + z * z)


def paint_marks(
    canvas: np.ndarray,
    camera: Camera,
    marks: Sequence[tuple[np.ndarray, float]],
    colour: Rgb,
) -> None:
    """Fill polygons that lie on the ground.

    Args:
        canvas: (H, W, 3) uint8, changed in place.
        camera: From where it is seen.
        marks: Corners (n, 2) in x and z, metres, and opacity 0 to 1; later ones replace earlier.
        colour: Of all of them.
    """
    if not marks:
        return
    outlines = [camera.project(on_ground(corners))[0] for corners, _ in marks]
    window = pixel_window(np.concatenate(outlines), 1.0, canvas.shape[:2])
    if window is None:
        return
    rows, columns = window
    size = ((columns.stop - columns.start) * _SCALE, (rows.stop - rows.start) * _SCALE)
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    for outline, (_, opacity) in zip(outlines, marks, strict=True):
        shifted = (outline - [columns.start, rows.start]) * _SCALE
        pen.polygon([(x, y) for x, y in shifted.tolist()], fill=round(255 * opacity))
    weight = np.asarray(mask.reduce(_SCALE), dtype=np.float32) * np.float32(1 / 255)
    patch = canvas[window]
    patch[:] = blend(patch, colour, weight)
