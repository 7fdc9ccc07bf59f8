"""Contact sheets: a clip in a grid of moments, or several clips one row each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from flood_bridge.errors import ConfigError
from flood_bridge.render.clip import Clip
from flood_bridge.render.lettering import fit, wrap, write
from flood_bridge.render.options import RenderOptions, Theme
from flood_bridge.render.path_map import path_map
from flood_bridge.render.scene import Scene
from flood_bridge.render.timeline_bar import draw_timeline, prompt_colour

_MARGIN, _GAP = 44, 12
_CELL = (272, 330)
_TAB = 32
"""Height of the tab over each picture."""
_HEAD = 208
"""Height of title, facts and time bar above the grid."""
_ROW_CELL = (196, 248)
_ROW_HEAD, _ROW_GAP, _ROW_TITLE = 104, 26, 248
MAX_ROWS = 60
"""The most clips on one sheet."""


def sheet(clip: Clip, options: RenderOptions | None = None) -> Image.Image:
    """Return a contact sheet: moments in a grid, prompts on a bar of time, a map of the path.

    Args:
        clip: The motion.
        options: ``theme``, ``moments``, ``columns``, ``view_deg`` and ``title`` apply.
    """
    options = options or RenderOptions()
    theme = options.colours
    moments = clip.moments(options.moments)
    columns = min(options.columns, max(len(moments), 3))
    rows = -(-len(moments) // columns)
    grid_width = columns * (_CELL[0] + _GAP)
    side = _TAB + _CELL[1]
    width = 2 * _MARGIN + grid_width + side
    pitch = _TAB + _CELL[1] + _GAP
    height = _HEAD + max(rows * pitch - _GAP, side + 190) + _MARGIN
    page = Image.new("RGB", (width, height), theme.page)
    pen = ImageDraw.Draw(page)
    _write_head(pen, clip, options, width)
    draw_timeline(pen, (_MARGIN, 140, width - _MARGIN, 178), clip, moments, theme)
    scene = Scene(clip, options, *_CELL)
    for number, frame in enumerate(moments):
        corner = (
            _MARGIN + number % columns * (_CELL[0] + _GAP),
            _HEAD + number // columns * pitch,
        )
        before = moments[number - 1] if number else -1
        _draw_tab(pen, corner, clip, frame, before, theme)
        page.paste(scene.picture(frame), (corner[0], corner[1] + _TAB))
    corner = (_MARGIN + grid_width, _HEAD)
    page.paste(path_map(clip, moments, theme, side), corner)
    _write_legend(
        pen, (corner[0], corner[1] + side + 22), theme, contacts=clip.contacts is not None
    )
    return page


def _write_head(pen: ImageDraw.ImageDraw, clip: Clip, options: RenderOptions, width: int) -> None:
    theme = options.colours
    title = options.title or _usual_title(clip)
    write(pen, (_MARGIN, 34), fit(title, 36, width - 2 * _MARGIN), 36, theme.ink)
    write(pen, (_MARGIN, 84), facts(clip), 19, theme.faint_ink)


def _usual_title(clip: Clip) -> str:
    texts = [text for _, text in clip.prompts if text]
    if len(texts) > 1:
        return f"{len(texts)} prompts, one motion"
    return texts[0] if texts else "Motion"


def facts(clip: Clip) -> str:
    """Return duration, frames and the way the pelvis went, in words."""
    steps = np.diff(clip.joints[:, 0][:, [0, 2]], axis=0)
    way = float(np.linalg.norm(steps, axis=1).sum())
    return (
        f"{clip.duration_secs:.1f} s, {len(clip)} frames at {clip.rate_hz:g} Hz, "
        f"path of {way:.1f} m"
    )


def _draw_tab(
    pen: ImageDraw.ImageDraw,
    corner: tuple[int, int],
    clip: Clip,
    frame: int,
    frame_before: int,
    theme: Theme,
) -> None:
    """Draw the tab over a picture: its time, and the prompt where it is the first under it."""
    left, top = corner
    middle = top + _TAB / 2
    pen.rectangle(
        (left, top, left + _CELL[0] - 1, top + _TAB - 1), fill=prompt_colour(clip, frame, theme)
    )
    write(pen, (left + 10, middle), f"{frame / clip.rate_hz:.2f} s", 17, theme.ink, "lm")
    is_new = frame_before < 0 or clip.prompt_index(frame) != clip.prompt_index(frame_before)
    if is_new:
        text = fit(clip.prompt_at(frame), 16, _CELL[0] - 92)
        write(pen, (left + _CELL[0] - 10, middle), text, 16, theme.ink, "rm")


def _write_legend(
    pen: ImageDraw.ImageDraw, corner: tuple[int, int], theme: Theme, *, contacts: bool
) -> None:
    left, top = corner
    entries = [("left side of the body", theme.left), ("right side of the body", theme.right)]
    for number, (text, colour) in enumerate(entries):
        middle = top + 28 * number + 9
        pen.rectangle((left, middle - 8, left + 16, middle + 8), fill=colour)
        write(pen, (left + 28, middle), text, 17, theme.ink, "lm")
    notes = ["ring and arrow: where the body faces", "line: path of the pelvis, last 3 s"]
    if contacts:
        notes.append("soles: feet that stood, last 3 s")
    notes.append("small grid lines are 0.5 m apart")
    for number, text in enumerate(notes):
        write(pen, (left, top + 68 + 24 * number), text, 16, theme.faint_ink, "lm")


def sheet_of_clips(
    clips: Sequence[tuple[str, Clip]], options: RenderOptions | None = None
) -> Image.Image:
    """Return a sheet with one row per clip: title, moments, map of the path.

    Args:
        clips: Title and motion of each row; at most :data:`MAX_ROWS`.
        options: ``theme``, ``view_deg`` and ``title`` apply, and ``moments`` per row.

    Raises:
        ConfigError: If there are no clips or too many.
    """
    options = options or RenderOptions(moments=8)
    if not 0 < len(clips) <= MAX_ROWS:
        raise ConfigError(f"{len(clips)} clips for one sheet; valid is 1 to {MAX_ROWS}")
    theme = options.colours
    strip = options.moments * _ROW_CELL[0]
    width = 2 * _MARGIN + _ROW_TITLE + strip + _GAP + _ROW_CELL[1]
    head = _ROW_HEAD if options.title else _MARGIN
    height = head + len(clips) * (_ROW_CELL[1] + _ROW_GAP) - _ROW_GAP + _MARGIN
    page = Image.new("RGB", (width, height), theme.page)
    if options.title:
        write(ImageDraw.Draw(page), (_MARGIN, 36), options.title, 36, theme.ink)
    for number, (title, clip) in enumerate(clips):
        top = head + number * (_ROW_CELL[1] + _ROW_GAP)
        _draw_row(page, top, title, clip, options)
    return page


def _draw_row(page: Image.Image, top: int, title: str, clip: Clip, options: RenderOptions) -> None:
    theme = options.colours
    pen = ImageDraw.Draw(page)
    pen.rectangle((_MARGIN, top, _MARGIN + 4, top + _ROW_CELL[1] - 1), fill=theme.accent)
    for number, line in enumerate(wrap(title, 22, _ROW_TITLE - 44, 6)):
        write(pen, (_MARGIN + 20, top + 8 + 29 * number), line, 22, theme.ink)
    foot = top + _ROW_CELL[1] - 8
    write(pen, (_MARGIN + 20, foot), f"{clip.duration_secs:.1f} s", 17, theme.faint_ink, "ld")
    scene = Scene(clip, options, *_ROW_CELL)
    left = _MARGIN + _ROW_TITLE
    moments = clip.moments(options.moments)
    for number, frame in enumerate(moments):
        x = left + number * _ROW_CELL[0]
        page.paste(scene.picture(frame), (x, top))
        write(pen, (x + 10, top + 10), f"{frame / clip.rate_hz:.2f} s", 15, theme.faint_ink)
    right = left + options.moments * _ROW_CELL[0] + _GAP
    page.paste(path_map(clip, moments, theme, _ROW_CELL[1]), (right, top))
