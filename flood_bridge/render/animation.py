"""Moving pictures: frames with the prompt and the time written on them, as GIF or WebP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from flood_bridge.errors import ConfigError
from flood_bridge.render.clip import Clip
from flood_bridge.render.lettering import wrap, write
from flood_bridge.render.options import RenderOptions, Rgb
from flood_bridge.render.scene import Scene
from flood_bridge.render.timeline_bar import prompt_colour, stretches

Progress = Callable[[int, int], None]
"""Called with the frames done and the frames in all."""

MAX_GIF_PIXELS = 400_000_000
"""Frames times pixels of the longest GIF: Pillow holds all of its frames in memory."""
_COLOURS = 224
_SAMPLES = 12
"""Frames from which a GIF's colours are chosen."""
_FRESH_SECS = 0.8
"""A new prompt is written in the accent colour for this time."""


class FramePainter:
    """Draws the square frames of an animation; about 10 ms each at 480 pixels."""

    def __init__(self, clip: Clip, options: RenderOptions | None = None) -> None:
        self._clip = clip
        self._options = options or RenderOptions()
        size = self._options.size
        self._letters = max(12, size // 24)
        self._band = round(3.1 * self._letters) if self._options.captions else 0
        self._scene = Scene(clip, self._options, size, size - self._band)

    def __len__(self) -> int:
        return len(self._clip)

    def frame(self, index: int) -> np.ndarray:
        """Return frame ``index`` as (size, size, 3) uint8."""
        return np.asarray(self.picture(index))

    def picture(self, index: int) -> Image.Image:
        """Return frame ``index`` as an RGB picture."""
        scene = self._scene.picture(index)
        if not self._band:
            return scene
        size = self._options.size
        picture = Image.new("RGB", (size, size), self._options.colours.page)
        picture.paste(scene, (0, 0))
        self._write_captions(ImageDraw.Draw(picture), index)
        return picture

    def pictures(self, progress: Progress | None = None) -> Iterator[Image.Image]:
        """Yield all frames in order, telling ``progress`` after each."""
        for index in range(len(self)):
            yield self.picture(index)
            if progress:
                progress(index + 1, len(self))

    def _write_captions(self, pen: ImageDraw.ImageDraw, index: int) -> None:
        """Fill the band under the scene: a bar on which time runs, the prompt, the time."""
        theme, size, letters = self._options.colours, self._options.size, self._letters
        top, high, margin = size - self._band, max(4, size // 90), size // 30
        per_frame = size / len(self._clip)
        for first, after, _ in stretches(self._clip):
            box = (first * per_frame, top, after * per_frame, top + high - 1)
            pen.rectangle(box, fill=prompt_colour(self._clip, first, theme))
        pen.rectangle((0, top, (index + 1) * per_frame, top + high - 1), fill=theme.accent)
        seconds = f"{index / self._clip.rate_hz:.1f} s"
        text_top = top + high + letters * 0.2
        write(pen, (size - margin, text_top), seconds, letters * 4 // 5, theme.faint_ink, "ra")
        width = size - 2 * margin - 3.5 * letters
        for row, line in enumerate(wrap(self._clip.prompt_at(index), letters, width, 2)):
            write(pen, (margin, text_top + row * letters * 1.2), line, letters, self._ink(index))

    def _ink(self, index: int) -> Rgb:
        """Return the colour of the prompt: the accent while it is new."""
        number = self._clip.prompt_index(index)
        start = self._clip.prompts[number][0] if number >= 0 else 0
        is_fresh = start > 0 and index - start < _FRESH_SECS * self._clip.rate_hz
        return self._options.colours.accent if is_fresh else self._options.colours.ink


def write_gif(
    path: Path, clip: Clip, options: RenderOptions, progress: Progress | None = None
) -> None:
    """Write ``clip`` as a GIF that repeats, all frames on one palette.

    Raises:
        ConfigError: If it is longer than a GIF can well be.
    """
    pixels = len(clip) * options.size**2
    if pixels > MAX_GIF_PIXELS:
        most = int(MAX_GIF_PIXELS / options.size**2 / clip.rate_hz)
        raise ConfigError(
            f"{clip.duration_secs:.0f} s is too long for a GIF of {options.size} pixels; "
            f"valid is up to {most} s, a smaller size, or .webp or .mp4"
        )
    painter = FramePainter(clip, options)
    palette = _palette(painter, options)
    frames = (
        picture.quantize(palette=palette, dither=Image.Dither.NONE)
        for picture in painter.pictures(progress)
    )
    next(frames).save(
        path, format="GIF", save_all=True, append_images=frames, loop=0,
        duration=delays_ms(len(clip), clip.rate_hz, 10), disposal=1, optimize=False,
    )  # fmt: skip


def write_webp(
    path: Path, clip: Clip, options: RenderOptions, progress: Progress | None = None
) -> None:
    """Write ``clip`` as an animated WebP that repeats: all colours, a fraction of a GIF's size."""
    frames = FramePainter(clip, options).pictures(progress)
    next(frames).save(
        path, format="WEBP", save_all=True, append_images=frames, loop=0,
        duration=delays_ms(len(clip), clip.rate_hz, 1), quality=80, method=2,
    )  # fmt: skip


def delays_ms(count: int, rate_hz: float, step_ms: int) -> list[int]:
    """Return how long each frame is shown: multiples of ``step_ms`` that keep time over all.

    GIF counts in hundredths of a second, so 30 Hz becomes 30, 30, 40 ms.
    """
    ends = np.rint(np.arange(count + 1) * (1000.0 / rate_hz / step_ms)).astype(int)
    return (np.maximum(np.diff(ends), 1) * step_ms).tolist()


def _palette(painter: FramePainter, options: RenderOptions) -> Image.Image:
    """Return a palette picture with the colours that a spread of frames shares."""
    count = min(_SAMPLES, len(painter))
    spread = np.linspace(0, len(painter) - 1, count).astype(int).tolist()
    strips = [painter.frame(index)[::2, ::2] for index in spread]
    # Prompts' colours fill little of the picture: without swatches the palette would miss them.
    colours = options.colours
    swatches = np.array([colours.page, *colours.prompts], dtype=np.uint8).repeat(8, axis=0)[:, None]
    strips.append(np.broadcast_to(swatches, (len(swatches), strips[0].shape[1], 3)))
    return Image.fromarray(np.concatenate(strips)).quantize(
        _COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
    )
