"""Lines of text to commands: what one types at the daemon's terminal, all for character 0.

A line is a prompt, unless it begins with ``/``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flood_bridge.commands import (
    Arm,
    ClearQueue,
    Clutch,
    Command,
    Disarm,
    EStop,
    Pause,
    QueuePrompt,
    ResetStop,
    Resume,
    SetPrompt,
    Stop,
)
from flood_bridge.errors import CommandError
from flood_bridge.protocol.verbs import reset

Number = TypeVar("Number", int, float)

QUIT = "/quit"

HELP = (
    "valid are /pause, /resume, /stop, /reset [SEED], /queue SECONDS TEXT, /queue clear, /quit"
    " and for robots /estop, /estop reset, /arm, /disarm, /hold, /follow; any other is a prompt"
)

_PLAIN: dict[str, Callable[[], Command]] = {
    "/pause": Pause,
    "/resume": Resume,
    "/stop": Stop,
    "/queue clear": ClearQueue,
    "/estop": EStop,
    "/estop reset": ResetStop,
    "/arm": Arm,
    "/disarm": Disarm,
    "/hold": lambda: Clutch(engaged=False),
    "/follow": lambda: Clutch(engaged=True),
}


def read_line(line: str) -> Command:
    """Return the command that ``line`` stands for (:data:`QUIT` is none: ask for it before).

    Raises:
        CommandError: If a line that begins with ``/`` is not one of the known.
    """
    if not line.startswith("/"):
        return SetPrompt(text=line)
    if line.strip() in _PLAIN:
        return _PLAIN[line.strip()]()
    verb, _, rest = line.partition(" ")
    rest = rest.strip()
    match verb:
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
