"""What a turn of the engine costs, learnt while it runs, and how many characters to serve in one.

A turn for n characters takes about ``base + n * each``: batches are cheaper a head, but all of
them are ready only when the whole batch is. Served earliest deadline first (Liu and Layland 1973),
no more characters go into a turn than can be ready before the first of them runs dry. If even that
one is late already, nothing is gained by small batches, and all go.
"""

from __future__ import annotations

_MEMORY = 0.9
"""Share of the past in the running means: half of it is forgotten after seven turns."""


class TurnCost:
    """Running means of how long turns take."""

    def __init__(self) -> None:
        self._means = dict[int, float]()

    def record(self, characters: int, secs: float) -> None:
        """Learn that a turn for ``characters`` took ``secs``."""
        before = self._means.get(characters, secs)
        self._means[characters] = _MEMORY * before + (1 - _MEMORY) * secs

    def estimate(self, characters: int) -> float:
        """Return how long a turn for ``characters`` will take; 0 while nothing is known."""
        if not self._means:
            return 0.0
        if characters in self._means:
            return self._means[characters]
        nearest = min(self._means, key=lambda n: abs(n - characters))
        # Between no gain from batching and a free ride: from a smaller batch up in proportion,
        # from a larger one down not at all. Both err towards caution.
        return self._means[nearest] * max(1.0, characters / nearest)

    def batch(self, hungry: int, slack_secs: float) -> int:
        """Return how many of ``hungry`` characters to serve now.

        Args:
            hungry: How many want a latent, at least 1.
            slack_secs: Until the first of them runs dry.
        """
        if self.estimate(1) >= slack_secs:
            return hungry
        count = hungry
        while count > 1 and self.estimate(count) > slack_secs:
            count -= 1
        return count
