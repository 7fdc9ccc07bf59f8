"""Ways out: each tells the world in its own language. Their shape is :class:`Output`."""

from __future__ import annotations

from typing import Protocol

from flood_bridge.events import Event
from flood_bridge.motion.frames import Frame


class Output(Protocol):
    """One way out. The daemon calls it from threads of its own and survives its errors."""

    name: str

    def send(self, frame: Frame) -> None:
        """Publish ``frame`` now."""
        ...

    def tell(self, event: Event) -> None:
        """Publish ``event`` now."""
        ...

    def close(self) -> None:
        """Let go of everything; callable twice."""
        ...
