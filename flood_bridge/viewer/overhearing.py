"""What others ask of the daemon, so that the page's time line shows their prompts too."""

from __future__ import annotations

from collections.abc import Callable

from flood_bridge.commands import Command
from flood_bridge.inputs import Input, Reject, Submit


class Overheard:
    """An input whose commands somebody else hears of, just before the daemon does.

    Args:
        heard: The input.
        hear: Gets each command and the input's name; must not wait.
    """

    def __init__(self, heard: Input, hear: Callable[[Command, str], None]) -> None:
        self.name = heard.name
        self._heard = heard
        self._hear = hear

    def run(self, submit: Submit, reject: Reject) -> None:
        """Hand everything over as the input does."""

        def both(command: Command) -> None:
            self._hear(command, self.name)
            submit(command)

        self._heard.run(both, reject)

    def close(self) -> None:
        """Close the input."""
        self._heard.close()
