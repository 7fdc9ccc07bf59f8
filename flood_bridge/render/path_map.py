"""A small map of where the body went, seen from above, with its first heading upwards."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from flood_bridge.render.clip import Clip, facing
from flood_bridge.render.lettering import write
from flood_bridge.render.options import Theme

_SCALE = 3
"""Drawn this much larger and shrunk."""
_LEAST_SPAN = 2.4
"""The map shows at least this many metres across."""
_STEPS = tuple(digit * 10.0**power for power in range(-1, 7) for digit in (1, 2, 5))
"""Metres between grid lines, of which the finest that gives at most 8 lines is taken."""


def path_map(clip: Clip, moments: list[int], theme: Theme, side: int) -> Image.Image:
    """Return a square map, ``side`` pixels wide, with a dot and a tick of heading per moment."""
    on_map = _Projection(clip, side * _SCALE)
    picture = Image.new("RGB", (side * _SCALE, side * _SCALE), theme.floor)
    pen = ImageDraw.Draw(picture)
    _draw_grid(pen, on_map, theme)
    path = on_map.place(clip.joints[:, 0][:, [0, 2]])
    if len(path) > 1:
        pen.line([(x, y) for x, y in path.tolist()], theme.accent, 3 * _SCALE, joint="curve")
    for frame in moments:
        _draw_moment(pen, on_map, clip, frame, theme)
    picture = picture.reduce(_SCALE)
    _draw_scale(ImageDraw.Draw(picture), on_map.step_px / _SCALE, on_map.step, theme, side)
    return picture


class _Projection:
    """Ground metres to map pixels."""

    def __init__(self, clip: Clip, side: int) -> None:
        path = clip.joints[:, 0][:, [0, 2]]
        ahead = facing(clip.joints[0])
        # Rows: the picture's right (the body's first right) and down (behind it).
        self._axes = np.array([[-ahead[1], ahead[0]], -ahead])
        turned = path @ self._axes.T
        low, high = turned.min(axis=0), turned.max(axis=0)
        self._middle = (low + high) / 2
        span = max(float((high - low).max()) * 1.3, _LEAST_SPAN)
        self._px = side / span
        self.side = side
        self.step = next((step for step in _STEPS if span / step <= 8), _STEPS[-1])
        self.step_px = self.step * self._px

    def place(self, ground: np.ndarray) -> np.ndarray:
        """Return map pixels (..., 2) of ground points (..., 2) in x and z."""
        return (ground @ self._axes.T - self._middle) * self._px + self.side / 2

    def lines(self) -> list[tuple[int, float]]:
        """Return the grid's lines through the first step of the way: axis and pixel."""
        start = self.side / 2 - self._middle * self._px
        return [
            (axis, float(at))
            for axis in (0, 1)
            for at in np.arange(start[axis] % self.step_px, self.side, self.step_px)
        ]


def _draw_grid(pen: ImageDraw.ImageDraw, on_map: _Projection, theme: Theme) -> None:
    for axis, at in on_map.lines():
        ends = [(at, 0), (at, on_map.side)] if axis == 0 else [(0, at), (on_map.side, at)]
        pen.line(ends, theme.rule, _SCALE)


def _draw_moment(
    pen: ImageDraw.ImageDraw, on_map: _Projection, clip: Clip, frame: int, theme: Theme
) -> None:
    ground = clip.joints[frame, 0, [0, 2]]
    x, y = on_map.place(ground).tolist()
    tick = on_map.place(ground + facing(clip.joints[frame])) - (x, y)
    tick *= 12 * _SCALE / max(float(np.hypot(*tick)), 1e-6)
    pen.line([(x, y), (x + tick[0], y + tick[1])], theme.accent, 2 * _SCALE)
    reach = 4.5 * _SCALE
    fill = theme.accent if frame == 0 else theme.page
    pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill, theme.accent, 2 * _SCALE)


def _draw_scale(
    pen: ImageDraw.ImageDraw, length: float, metres: float, theme: Theme, side: int
) -> None:
    left, level = 14, side - 16
    pen.line([(left, level), (left + length, level)], theme.faint_ink, 2)
    for end in (left, left + length):
        pen.line([(end, level - 4), (end, level + 4)], theme.faint_ink, 2)
    write(pen, (left + length / 2, level - 7), f"{metres:g} m", 14, theme.faint_ink, "md")
