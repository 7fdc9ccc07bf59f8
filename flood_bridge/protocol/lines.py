"""Lines of text to commands: what one types at the daemon's terminal, all for character 0.

A line is a prompt, unless it begins with ``/``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flood_bridge.commands import Command, Pause, QueuePrompt, Resume, SetPrompt, Stop
from flood_bridge.errors import CommandError
from flood_bridge.protocol.verbs import reset

Number = TypeVar("Number", int, float)

QUIT = "/quit"

HELP = (
    "valid are /pause, /resume, /stop, /reset [SEED], /queue SECONDS TEXT, /quit;"
    " any other line is a prompt"
)


def read_line(line: str) -> Command:
    """Return the command that ``line`` stands for (:data:`QUIT` is none: ask for it before).

    Raises:
        CommandError: If a line that begins with ``/`` is not one of the known.
    """
    if not line.startswith("/"):
        return SetPrompt(text=line)
    verb, _, rest = line.partition(" ")
    rest = rest.strip()
    match verb:
        case "/pause" if not rest:
            return Pause()
        case "/resume" if not rest:
            return Resume()
        case "/stop" if not rest:
            return Stop()
        case "/reset":
            return reset(0, _number(int, rest, "/reset [SEED]") if rest else None)
        case "/queue":
            seconds, _, text = rest.partition(" ")
            duration_secs = _number(float, seconds, "/queue SECONDS TEXT")
            return QueuePrompt(text=text, duration_secs=duration_secs)
    raise CommandError(f"{line[:64]!r} is not a command; {HELP}")


def _number(kind: Callable[[str], Number], text: str, usage: str) -> Number:
    try:
        return kind(text)
    except ValueError:
        raise CommandError(f"{text[:64]!r} is not a number; the command is {usage}") from None
