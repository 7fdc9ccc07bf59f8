"""The course of a character's life: it begins, rests, goes on, starts anew and ends."""

from __future__ import annotations

from dataclasses import dataclass

from flood_bridge.commands.command import Command
from flood_bridge.commands.prompts import clean_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Spawn(Command):
    """Begin character ``character``, with a first prompt."""

    text: str

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        object.__setattr__(self, "text", clean_text(self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Command):
    """Hold the current pose; generation waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Command):
    """Go on after :class:`Pause`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(Command):
    """Start the motion anew at the origin, same prompt."""

    seed: int | None = None
    """New seed of the noise; None keeps the old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill(Command):
    """End character ``character``; its number is free again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Command):
    """Ask for a pong; changes nothing."""
