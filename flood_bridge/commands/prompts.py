"""What a character is told to do: texts, and how soon they hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from flood_bridge.commands.command import Command
from flood_bridge.errors import CommandError

MAX_PROMPT_BYTES = 512
"""Longest prompt, in bytes of UTF-8."""

MAX_QUEUE_SECS = 3600.0

MAX_DEPTH = 16
"""Deepest rewind of an interrupt, in latents; models have windows of about 5."""

Urgency = Literal["queue", "soft", "now"]
"""How a prompt replaces the one before it.

* ``queue``: at the next boundary, when the prompts queued before it have played.
* ``soft``: from the next latent that enters the window on, FloodDiffusion's own way; about 1 s.
* ``now``: at once. What is not played yet is made again under the new prompt.
"""

URGENCIES: tuple[Urgency, ...] = get_args(Urgency)


def check_urgency(urgency: str, depth: int | None) -> None:
    """Refuse an unknown urgency, and a depth where it has no meaning.

    Raises:
        CommandError: Saying what is valid.
    """
    if urgency not in URGENCIES:
        raise CommandError(f"the urgency is {urgency!r}; valid are {', '.join(URGENCIES)}")
    if depth is None:
        return
    if urgency != "now":
        raise CommandError(f"a depth belongs to the urgency now, not to {urgency}")
    if not 0 <= depth <= MAX_DEPTH:
        raise CommandError(f"the depth is {depth}; valid are 0 to {MAX_DEPTH} latents")


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
class SetPrompt(Command):
    """Change what the character does."""

    text: str
    urgency: Urgency = "soft"
    """How soon: see :data:`Urgency`."""
    depth: int | None = None
    """With ``now``: how many latents of the window are taken back towards noise, 0 to
    :data:`MAX_DEPTH`; more turns sharper, fewer keeps more of the motion. None is the default."""

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        object.__setattr__(self, "text", clean_text(self.text))
        check_urgency(self.urgency, self.depth)


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
class ClearQueue(Command):
    """Forget the queued prompts that have not begun; the one that plays ends when its time is up.

    A prompt set with the urgency ``queue`` is none of them: it is what the queue returns to.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Command):
    """Settle into a stand: the same as the prompt "a person stands still", queue emptied."""
