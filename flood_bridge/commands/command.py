"""What all commands have, and how their numbers are checked."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flood_bridge.errors import CommandError

MAX_CHARACTER = 1023
"""Highest character number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A request to one character."""

    character: int = 0
    request_id: int = 0
    """Chosen by the sender, named in the receipt; 0 when the sender does not care."""
    received_secs: float = 0.0
    """When it arrived, on the daemon's clock; stamped by the daemon."""

    def __post_init__(self) -> None:
        if not 0 <= self.character <= MAX_CHARACTER:
            raise CommandError(
                f"character {self.character} does not exist; valid are 0 to {MAX_CHARACTER}"
            )


def check_between(what: str, value: float, lowest: float, highest: float) -> None:
    """Refuse a ``value`` that is not finite, or not between its bounds.

    Raises:
        CommandError: Saying what is valid.
    """
    if not (math.isfinite(value) and lowest <= value <= highest):
        raise CommandError(f"the {what} is {value!r}; valid are {lowest:g} to {highest:g}")


def check_whole(what: str, value: int, lowest: int, highest: int) -> None:
    """Refuse a ``value`` that is no whole number, or not between its bounds.

    Raises:
        CommandError: Saying what is valid.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise CommandError(
            f"the {what} is {value!r}; valid are whole numbers from {lowest} to {highest}"
        )
