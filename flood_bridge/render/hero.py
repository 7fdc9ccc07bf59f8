"""The wide picture: one motion unrolled along a line of time, its prompts underneath.

The bodies are moved so that they stand side by side on one stretch of ground, in the direction in
which they were; what they did on the spot and what they did along a path read alike.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from flood_bridge.errors import ConfigError
from flood_bridge.render.body import body_limbs
from flood_bridge.render.camera import LOOK_HEIGHT, Camera, View
from flood_bridge.render.clip import Clip
from flood_bridge.render.figure import paint_figure
from flood_bridge.render.ground import Ground
from flood_bridge.render.lettering import fit, wrap, write
from flood_bridge.render.options import RenderOptions
from flood_bridge.render.scene import view_azimuth
from flood_bridge.render.timeline_bar import prompt_colour, stretches

_SHOWN_HEIGHT = 2.75
"""Height of the scene at the bodies, metres."""
_DISTANCE = 34.0
"""A long lens: bodies at the ends are seen from nearly the same side as those in the middle."""
_BAR = 116
"""Height of the strip with the prompts, pixels."""


def hero(
    clip: Clip,
    options: RenderOptions | None = None,
    *,
    width: int = 2400,
    height: int = 720,
    figures: int = 13,
) -> Image.Image:
    """Return a wide picture of ``clip`` with ``figures`` bodies side by side.

    Args:
        clip: The motion.
        options: ``theme``, ``view_deg`` and ``title`` apply; no title, no heading.
        width: Pixels across, 800 to 4000.
        height: Pixels down, 400 to 1200.
        figures: How many moments, 2 to 40.

    Raises:
        ConfigError: If a size or the number of figures is outside these bounds.
    """
    options = options or RenderOptions()
    if not (800 <= width <= 4000 and 400 <= height <= 1200 and 2 <= figures <= 40):
        raise ConfigError(
            f"hero of {width}x{height} pixels with {figures} figures; "
            "valid is 800..4000 x 400..1200 and 2..40"
        )
    moments = clip.moments(figures)
    canvas, places = _paint_line(clip, options, moments, width, height - _BAR)
    page = Image.new("RGB", (width, height), options.colours.page)
    page.paste(Image.fromarray(canvas), (0, 0))
    pen = ImageDraw.Draw(page)
    if options.title:
        write(pen, (48, 34), fit(options.title, 40, width - 96), 40, options.colours.ink)
    _draw_prompts(pen, clip, options, moments, places, height - _BAR)
    return page


def _paint_line(
    clip: Clip, options: RenderOptions, moments: list[int], width: int, height: int
) -> tuple[np.ndarray, list[float]]:
    """Return the scene (height, width, 3) uint8 and the pixel at which each body stands."""
    theme = options.colours
    view = View.three_quarter(
        width, height, azimuth_rad=view_azimuth(clip, options), elevation_rad=np.deg2rad(11.0),
        distance=_DISTANCE, shown_height=_SHOWN_HEIGHT,
    )  # fmt: skip
    camera = view.look_at(np.array([0.0, LOOK_HEIGHT + 0.13, 0.0]))
    ground = Ground(view, theme)
    canvas = ground.paint(camera)
    spots = _spots(view, len(moments))
    bodies = [
        body_limbs(_moved(clip.joints[frame], spot))
        for frame, spot in zip(moments, spots, strict=True)
    ]
    for limbs in bodies:
        ground.paint_shadow(canvas, camera, limbs)
    for limbs in bodies:
        paint_figure(canvas, camera, limbs, theme)
    return canvas, _pixels(camera, spots)


def _spots(view: View, count: int) -> np.ndarray:
    """Return where the bodies stand, (count, 3), evenly along the picture."""
    across = view.width * _SHOWN_HEIGHT / view.height
    steps = (np.arange(count) + 0.5) / count - 0.5
    return steps[:, None] * across * view.axes[0]


def _moved(joints: np.ndarray, spot: np.ndarray) -> np.ndarray:
    """Return the body (22, 3) with its pelvis over ``spot``, at its own height."""
    return joints - joints[0] * [1.0, 0.0, 1.0] + spot


def _pixels(camera: Camera, spots: np.ndarray) -> list[float]:
    return camera.project(spots)[0][:, 0].tolist()


def _draw_prompts(
    pen: ImageDraw.ImageDraw,
    clip: Clip,
    options: RenderOptions,
    moments: list[int],
    places: list[float],
    top: int,
) -> None:
    """Draw the strip of prompts, each under its bodies."""
    theme = options.colours
    half_step = places[0]
    for first, after, text in stretches(clip):
        # A prompt lies under the bodies that moved under it.
        under = [x for frame, x in zip(moments, places, strict=True) if first <= frame < after]
        if not under:
            continue
        x0, x1 = min(under) - half_step, max(under) + half_step
        end = x1 - 3 if after < len(clip) else x1
        pen.rectangle((x0, top, end, top + _BAR), fill=prompt_colour(clip, first, theme))
        for number, line in enumerate(wrap(text, 24, x1 - x0 - 36, 2)):
            write(pen, (x0 + 18, top + 42 + 29 * number), line, 24, theme.ink)
    for frame, x in zip(moments, places, strict=True):
        pen.line([(x, top), (x, top + 8)], theme.ink, 2)
        write(pen, (x, top + 12), f"{frame / clip.rate_hz:.1f} s", 16, theme.faint_ink, "ma")
