"""Whether a motion holds still, so that no more of it need be made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TOLERANCE_M = 0.01
"""A joint that stays within this of where it was is still: about what breathing moves."""


@dataclass(frozen=True, slots=True)
class StillMemory:
    """How long a character has been where."""

    where: np.ndarray | None
    """(22, 3) joints from which it has not moved; None before the first frame."""
    held: int
    """Model frames since."""


class Stillness:
    """Watches one character's joints, latent by latent.

    Args:
        frames: Model frames without movement after which it is still; 0 means never.
    """

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._where: np.ndarray | None = None
        self._held = 0

    def reset(self) -> None:
        """Begin to watch anew."""
        self._where, self._held = None, 0

    def memory(self) -> StillMemory:
        """Return where the watch is."""
        return StillMemory(None if self._where is None else self._where.copy(), self._held)

    def recall(self, memory: StillMemory) -> None:
        """Go on watching from where :meth:`memory` was taken."""
        self._where, self._held = memory.where, memory.held

    def watch(self, joints: np.ndarray) -> bool:
        """Take the next ``joints`` (n, 22, 3); return whether it has been still long enough."""
        if self._where is not None and np.abs(joints - self._where).max() <= TOLERANCE_M:
            self._held += len(joints)
        else:
            self._where, self._held = joints[-1].copy(), 0
        return 0 < self._frames <= self._held
