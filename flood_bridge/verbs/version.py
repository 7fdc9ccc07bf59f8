"""``flood-bridge version``."""

from __future__ import annotations

from dataclasses import dataclass

from flood_bridge import __version__
from flood_bridge.verbs.terminal import show


@dataclass(frozen=True)
class Version:
    """Print the version."""

    def perform(self) -> int:
        """Do it; return the exit status."""
        show(f"flood-bridge {__version__}")
        return 0
