"""Who comes next when a machine is too slow for all: earliest deadline first, and the true rate.

Pure arithmetic: time is an argument. A character's deadline is the moment at which it would run out
of motion to play.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Share:
    """What a machine can give to a number of characters that all want the same."""

    together: int
    """Characters to step in one batch now."""
    rate: float
    """Part of real time that each character gets, at most 1."""


def earliest_first(deadlines_secs: Mapping[Name, float], room: int) -> list[Name]:
    """Return the ``room`` names whose deadlines come first, in their order; ties as given."""
    if room < 1:
        raise ValueError(f"room must be at least 1, not {room}")
    return sorted(deadlines_secs, key=lambda name: deadlines_secs[name])[:room]


def fair_share(characters: int, period_secs: float, cost_secs: Mapping[int, float]) -> Share:
    """Return the batch size that serves all characters fastest, and the rate that each then gets.

    Args:
        characters: How many want one latent each ``period_secs``.
        period_secs: Seconds that one latent plays.
        cost_secs: Measured seconds of one step for some batch sizes.

    Raises:
        ValueError: If a number is not positive or nothing was measured.
    """
    if characters < 1 or period_secs <= 0 or not cost_secs:
        raise ValueError("characters, period and measured costs must be positive")
    if min(cost_secs) < 1 or min(cost_secs.values()) <= 0:
        raise ValueError(f"costs must be of at least one character and positive: {cost_secs}")

    def whole_round(size: int) -> float:
        return -(-characters // size) * cost_secs[size]

    best = min(cost_secs, key=lambda size: (whole_round(size), size))
    return Share(min(best, characters), min(1.0, period_secs / whole_round(best)))
