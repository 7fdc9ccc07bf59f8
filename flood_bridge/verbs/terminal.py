"""What the verbs say on the terminal, and which mistakes are the user's."""

from __future__ import annotations

import sys
from collections.abc import Callable

from flood_bridge.errors import CommandError, ConfigError, MissingDependencyError
from flood_engine.errors import FloodEngineError

USER_ERRORS = (ConfigError, CommandError, MissingDependencyError, FloodEngineError)
"""What was asked for cannot be done as asked: exit status 2."""


def show(text: str) -> None:
    """Print a result."""
    print(text, flush=True)  # noqa: T201 - this is the command line


def note(text: str) -> None:
    """Print what is no result, on standard error."""
    print(text, file=sys.stderr)  # noqa: T201 - this is the command line


def complain(error: BaseException) -> None:
    """Print what went wrong, on standard error."""
    note(f"flood-bridge: {error}")


def progress(what: str) -> Callable[[int, int], None]:
    """Return a callback that shows a percentage, on terminals only."""
    if not sys.stderr.isatty():
        return lambda _done, _total: None

    def advance(done: int, total: int) -> None:
        end = "\n" if done >= total else ""
        print(f"\r{what} {100 * done // total} %", end=end, file=sys.stderr, flush=True)  # noqa: T201

    return advance
