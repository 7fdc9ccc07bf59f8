"""The vocabulary of motions: which kinds there are, how often each is shown, how people say it.

A kind is finer than the action class of a caption: "walk" splits by direction, speed and turning.
Names with ``_left`` / ``_right`` are the body's sides, and turns to the body's own left or right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flood_engine.training.captions import swap_sides, wordings

Entry = Literal["any", "start", "continue"]
"""Where a stream may enter a window: anywhere, only at its start, or only from the clip itself."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of motion and its everyday words."""

    name: str
    weight: float
    """Relative share of segments; 0 means only when a clip continues into it."""
    phrases: tuple[str, ...]
    """Imperatives that are put into every mood and person."""
    extra: tuple[str, ...] = ()
    """Texts used as they are."""
    entry: Entry = "any"
    holds_with: str = ""
    """Kind that may go on under the same prompt when the window is over (sit down: stay seated)."""

    def texts(self) -> list[str]:
        """Return all everyday wordings of this kind, without doubles."""
        texts = [text for phrase in self.phrases for text in wordings(phrase)]
        return list(dict.fromkeys([*texts, *self.extra]))


def both_sides(kind: Kind) -> tuple[Kind, Kind]:
    """Return a ``_left`` kind and the same kind for the right."""

    def to_right(text: str) -> str:
        return swap_sides(text).replace("_left", "_right")

    right = Kind(
        to_right(kind.name),
        kind.weight,
        tuple(to_right(phrase) for phrase in kind.phrases),
        tuple(to_right(text) for text in kind.extra),
        kind.entry,
        to_right(kind.holds_with),
    )
    return kind, right
