"""What the fields of a configuration may be: written beside each, checked when one is made.

A ``config.json`` comes from anywhere. A value that nobody foresaw is refused by name when the model
is loaded; it must not show as a strange error, or as strange motion, minutes later.
"""

from __future__ import annotations

import reprlib
from dataclasses import dataclass, field, fields
from typing import Any

from flood_engine.errors import CheckpointError

_VALID = "valid"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers from ``low`` to ``high``, both included."""

    low: float
    high: float
    whole: bool = False
    """Whether a number must be an integer, in its type too."""

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        return self.low <= value <= self.high  # false for what is not a number

    def __str__(self) -> str:
        kind = "whole numbers" if self.whole else "numbers"
        return f"{kind} from {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class Names:
    """One of a few names."""

    names: tuple[str, ...]

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and value in self.names

    def __str__(self) -> str:
        return " and ".join(map(repr, self.names))


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of at most so many characters."""

    most: int

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and len(value) <= self.most

    def __str__(self) -> str:
        return f"texts of up to {self.most} characters"


def whole(default: int, low: int, high: int) -> Any:
    """Return a dataclass field: an integer from ``low`` to ``high``."""
    return _field(default, Numbers(low, high, whole=True))


def number(default: float, low: float, high: float) -> Any:
    """Return a dataclass field: a finite number from ``low`` to ``high``."""
    return _field(default, Numbers(low, high))


def one_of(*names: str) -> Any:
    """Return a dataclass field: one of ``names``, the first unless told otherwise."""
    return _field(names[0], Names(names))


def string(default: str, most: int) -> Any:
    """Return a dataclass field: a text of at most ``most`` characters."""
    return _field(default, Texts(most))


def check_fields(section: Any, name: str) -> None:
    """Check a dataclass's fields that one of the functions above has made.

    Raises:
        CheckpointError: Saying which field is what, and what is valid.
    """
    for each in fields(section):
        valid, value = each.metadata.get(_VALID), getattr(section, each.name)
        if valid is not None and value not in valid:
            raise CheckpointError(f"{name}.{each.name} is {shown(value)}; valid are {valid}")


def shown(value: object) -> str:
    """Return a value of unknown size as an error may quote it."""
    return reprlib.repr(value)


def _field(default: object, valid: Numbers | Names | Texts) -> Any:
    return field(default=default, metadata={_VALID: valid})
