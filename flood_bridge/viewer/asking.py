"""How controls ask: what is asked for, and of whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from flood_bridge.commands import Command, Spawn

STAND = "a person stands still"

Make = Callable[[int, int], Command]
"""Makes the command for a character, with a request number."""


class Asks(Protocol):
    """Who passes on what is asked for."""

    def ask(self, person: int, make: Make) -> None:
        """Ask the daemon at once, if ``person`` steers."""
        ...

    def turn(self, person: int, knob: str, make: Make) -> None:
        """Ask the daemon soon, with the latest position of a ``knob`` that is being turned."""
        ...

    def choose(self, person: int, character: int) -> None:
        """Steer and look at another character."""
        ...

    def spawn(self, person: int) -> None:
        """Begin another character."""
        ...


def maker(kind: type[Command], values: dict[str, Any]) -> Make:
    """Return what makes a command of ``kind`` with ``values``."""
    return lambda character, request_id: kind(character=character, request_id=request_id, **values)


def spawner(numbers: Sequence[int]) -> Make:
    """Return what begins a character with the lowest number that is free of ``numbers``."""
    free = next(number for number in range(len(numbers) + 1) if number not in numbers)
    return lambda _, request_id: Spawn(character=free, request_id=request_id, text=STAND)
