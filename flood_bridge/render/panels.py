"""Bodies made of limbs, side by side on one sheet, each on its own patch of ground, with words.

What is drawn are :class:`~flood_bridge.render.body.Limbs`, so a robot is drawn as a person is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from flood_bridge.errors import ConfigError
from flood_bridge.render.body import Limbs
from flood_bridge.render.camera import View
from flood_bridge.render.figure import paint_figure
from flood_bridge.render.ground import Ground
from flood_bridge.render.lettering import fit, write
from flood_bridge.render.options import THEMES, Theme

MAX_PANELS = 48
_LETTERS = 15
_MARGIN = 8


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of the sheet."""

    limbs: Limbs
    words: str
    azimuth_rad: float
    """Where the camera stands, about +y; 0 is on +z."""


def panels(
    shown: Sequence[Panel],
    across: int,
    *,
    width: int = 240,
    height: int = 300,
    body_height: float = 1.8,
    theme: Theme = THEMES["light"],
) -> Image.Image:
    """Return a sheet of panels, row by row.

    Args:
        shown: At most 48.
        across: How many a row.
        width: Of a panel, pixels.
        height: Of a panel with its words, pixels.
        body_height: Of what is drawn, metres; the picture shows a quarter more.
        theme: Colours.

    Raises:
        ConfigError: If there is nothing to draw, or too much.
    """
    if not (0 < len(shown) <= MAX_PANELS and 0 < across <= MAX_PANELS):
        raise ConfigError(f"a sheet of {len(shown)} panels; valid are 1 to {MAX_PANELS}")
    rows = -(-len(shown) // across)
    page = Image.new("RGB", (across * width, rows * height), theme.page)
    pen = ImageDraw.Draw(page)
    for number, panel in enumerate(shown):
        left, top = (number % across) * width, (number // across) * height
        size = width - _MARGIN, height - 2 * _MARGIN - _LETTERS
        page.paste(Image.fromarray(_paint(panel, size, body_height, theme)), (left, top))
        words = fit(panel.words, _LETTERS, size[0])
        write(pen, (left + 4, top + size[1] + 4), words, _LETTERS, theme.ink)
    return page


def _paint(panel: Panel, size: tuple[int, int], body_height: float, theme: Theme) -> np.ndarray:
    view = View.three_quarter(
        *size, azimuth_rad=panel.azimuth_rad, elevation_rad=np.deg2rad(12.0),
        distance=4.0 * body_height, shown_height=1.25 * body_height,
    )  # fmt: skip
    limbs = panel.limbs
    middle = np.concatenate((limbs.starts, limbs.ends)).mean(axis=0)
    camera = view.look_at(np.array([middle[0], 0.5 * body_height, middle[2]]))
    ground = Ground(view, theme)
    canvas = ground.paint(camera)
    ground.paint_shadow(canvas, camera, limbs)
    paint_figure(canvas, camera, limbs, theme)
    return canvas
