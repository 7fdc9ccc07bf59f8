"""Text on pictures, in the font that comes with Pillow, so that nothing need be installed."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PIL import ImageDraw, ImageFont

from flood_bridge.render.options import Rgb

_INSTEAD = {"\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{RIGHT SINGLE QUOTATION MARK}": "'"}


def plain(text: str) -> str:
    """Return ``text`` in letters that the bundled font has: accents dropped, others as ``?``."""
    folded = unicodedata.normalize("NFKD", "".join(_INSTEAD.get(letter, letter) for letter in text))
    kept = (letter for letter in folded if not unicodedata.combining(letter))
    return "".join(letter if " " <= letter <= "~" else "?" for letter in kept)


@lru_cache(maxsize=32)
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the bundled font, ``size`` pixels high."""
    return ImageFont.load_default(size=size)


def text_width(text: str, size: int) -> float:
    """Return how wide ``text`` comes out, pixels."""
    return font(size).getlength(plain(text))


def fit(text: str, size: int, width: float) -> str:
    """Return ``text``, cut at the end and marked with dots if it is wider than ``width`` pixels."""
    if text_width(text, size) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(text[:middle].rstrip() + "...", size) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip() + "..." if low else ""


def wrap(text: str, size: int, width: float, lines: int) -> list[str]:
    """Return ``text`` in at most ``lines`` lines of at most ``width`` pixels, the last one cut."""
    rows: list[str] = []
    words = text.split()
    while words and len(rows) < lines - 1:
        count = 1
        while count < len(words) and text_width(" ".join(words[: count + 1]), size) <= width:
            count += 1
        rows.append(fit(" ".join(words[:count]), size, width))
        words = words[count:]
    return [*rows, fit(" ".join(words), size, width)] if words else rows


def write(
    pen: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    size: int,
    colour: Rgb,
    anchor: str = "la",
) -> None:
    """Write ``text`` with its ``anchor`` (as Pillow names them) at ``place``, pixels."""
    pen.text(place, plain(text), fill=colour, font=font(size), anchor=anchor)
