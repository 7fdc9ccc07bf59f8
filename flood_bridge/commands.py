"""What the world may ask of the daemon: frozen values, checked when they are made.

Every input (OSC, ROS 2, standard input, web) turns its bytes into one of these; the daemon
knows no other way to be told something.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from flood_bridge.errors import CommandError

MAX_PROMPT_BYTES = 512
"""Longest prompt, in bytes of UTF-8."""

MAX_CHARACTER = 1023
"""Highest character number."""

MAX_QUEUE_SECS = 3600.0


def clean_text(text: str) -> str:
    """Return ``text`` without control characters and outer blanks, or refuse it.

    The empty string is valid: it is the model's unconditional prompt.

    Raises:
        CommandError: If the text is longer than :data:`MAX_PROMPT_BYTES`.
    """
    size = len(text.encode("utf-8", errors="surrogatepass"))
    if size > MAX_PROMPT_BYTES:
        raise CommandError(
            f"the prompt has {size} bytes of UTF-8; at most {MAX_PROMPT_BYTES} are accepted"
        )
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPrompt(Command):
    """Change what the character does, from the next latent that enters the window on."""

    text: str

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        object.__setattr__(self, "text", clean_text(self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePrompt(Command):
    """Append a prompt that holds for ``duration_secs`` once its turn has come."""

    text: str
    duration_secs: float

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        object.__setattr__(self, "text", clean_text(self.text))
        if not (math.isfinite(self.duration_secs) and 0 < self.duration_secs <= MAX_QUEUE_SECS):
            raise CommandError(
                f"a queued prompt lasts more than 0 and at most {MAX_QUEUE_SECS:g} s,"
                f" not {self.duration_secs!r}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Command):
    """Settle into a stand: the same as the prompt "a person stands still", queue emptied."""


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
class Ping(Command):
    """Ask for a pong; changes nothing."""
