"""A bar of time on which each prompt owns a coloured stretch."""

from __future__ import annotations

from itertools import pairwise

from PIL import ImageDraw

from flood_bridge.render.clip import Clip
from flood_bridge.render.lettering import fit, text_width, write
from flood_bridge.render.options import Rgb, Theme


def prompt_colour(clip: Clip, frame: int, theme: Theme) -> Rgb:
    """Return the colour of the prompt that holds at ``frame``."""
    index = clip.prompt_index(frame)
    return theme.rule if index < 0 else theme.prompts[index % len(theme.prompts)]


def stretches(clip: Clip) -> list[tuple[int, int, str]]:
    """Return the first frame, the frame after the last, and the text of each prompt's stretch."""
    starts = [0, *(start for start, _ in clip.prompts if start > 0), len(clip)]
    return [(a, b, clip.prompt_at(a)) for a, b in pairwise(starts)]


def draw_timeline(
    pen: ImageDraw.ImageDraw,
    box: tuple[int, int, int, int],
    clip: Clip,
    moments: list[int],
    theme: Theme,
) -> None:
    """Draw the bar into ``box`` (left, top, right, bottom), prompts inside, moments as ticks."""
    left, top, right, bottom = box
    per_frame = (right - left) / len(clip)
    free_from = float(left)
    for first, after, text in stretches(clip):
        x0, x1 = left + first * per_frame, left + after * per_frame
        pen.rectangle((x0, top, x1 - 2, bottom), fill=prompt_colour(clip, first, theme))
        label = fit(text, 19, x1 - x0 - 20)
        write(pen, (x0 + 10, (top + bottom) / 2), label, 19, theme.ink, "lm")
        seconds = f"{first / clip.rate_hz:.2f} s"
        # Where changes crowd, the first of them is labelled.
        if first and x0 >= free_from and x0 + text_width(seconds, 15) <= right:
            write(pen, (x0, top - 5), seconds, 15, theme.faint_ink, "ld")
            free_from = x0 + text_width(seconds, 15) + 10
    for frame in moments:
        x = left + (frame + 0.5) * per_frame
        pen.line([(x, bottom + 3), (x, bottom + 9)], theme.accent, 2)
