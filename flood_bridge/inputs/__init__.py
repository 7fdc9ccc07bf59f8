"""Ways in: each turns what it hears into commands. Their shape is :class:`Input`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from flood_bridge.commands import Command
from flood_bridge.events import Rejected

Submit = Callable[[Command], None]
Reject = Callable[[Rejected], None]


class Input(Protocol):
    """One way in. The daemon gives it a thread of its own."""

    name: str

    def run(self, submit: Submit, reject: Reject) -> None:
        """Hand over every command and every refusal, until :meth:`close` or the source's end."""
        ...

    def close(self) -> None:
        """Make :meth:`run` return within 0.2 s; callable from any thread, and twice."""
        ...
