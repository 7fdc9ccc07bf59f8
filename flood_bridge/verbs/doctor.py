"""``flood-bridge doctor``: its options and findings are the room :mod:`flood_bridge.doctor`."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flood_bridge.doctor import options
from flood_bridge.verbs.terminal import show


@dataclass(frozen=True)
class Doctor(options.Doctor):
    """Find out why a receiver shows nothing, or the wrong thing."""

    def perform(self) -> int:
        """Show the findings as they come; return the exit status."""
        for line in options.examine(self, time.monotonic, time.sleep):
            show(line)
        return 0
