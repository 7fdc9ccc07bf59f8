"""What receivers have asked of all streams: one thread writes it, the outputs read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Board:
    """Wishes that hold until they are changed. Reading and writing a field is atomic."""

    vmc_period: int = 1
    """One of so many VMC frames is sent."""
    resends: int = 0
    """Counts how often what seldom changes was asked for."""


class Repeats:
    """Says when what seldom changes is due again because a receiver has asked for it."""

    def __init__(self, board: Board | None) -> None:
        self._board = board or Board()
        self._seen = self._board.resends

    def due(self) -> bool:
        """Return whether there was a new wish since the last call."""
        due = self._board.resends != self._seen
        self._seen = self._board.resends
        return due
