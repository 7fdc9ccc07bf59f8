"""Who steers: one person at a time, first come, the others watch and may ask.

The owner hands over to whoever asked first. An owner who has gone, or who has not answered a
request nor steered for :data:`PATIENCE_SECS`, loses the lease. Time is an argument.
"""

from __future__ import annotations

PATIENCE_SECS = 20.0
"""How long a request waits for an owner who does nothing."""


class Lease:
    """Who owns the controls; people are numbers.

    Attributes:
        owner: Who steers, or None.
        waiting: Who has asked, first first.
        present: Everybody.
    """

    def __init__(self) -> None:
        self.owner: int | None = None
        self.waiting: list[int] = []
        self.present: set[int] = set()
        self._active_secs = 0.0

    def join(self, person: int, now_secs: float) -> None:
        """Let ``person`` in; the first one steers."""
        self.present.add(person)
        if self.owner is None:
            self._give(person, now_secs)

    def leave(self, person: int, now_secs: float) -> None:
        """Let ``person`` go; who waits longest takes over, else the lease is free."""
        self.present.discard(person)
        if person in self.waiting:
            self.waiting.remove(person)
        if self.owner == person:
            self.owner = None
            if self.waiting:
                self._give(self.waiting[0], now_secs)

    def ask(self, person: int, now_secs: float) -> None:
        """``person`` wants to steer: at once if nobody does, else when it is handed over."""
        if person not in self.present or person == self.owner:
            return
        if self.owner is None:
            self._give(person, now_secs)
        elif person not in self.waiting:
            if not self.waiting:
                self._active_secs = now_secs
            self.waiting.append(person)

    def hand_over(self, person: int, now_secs: float) -> None:
        """The owner ``person`` gives the lease to who waits, or frees it."""
        if person != self.owner:
            return
        self.owner = None
        if self.waiting:
            self._give(self.waiting[0], now_secs)

    def steers(self, person: int, now_secs: float) -> bool:
        """Return whether ``person`` may steer, and note that he does."""
        if person != self.owner:
            return False
        self._active_secs = now_secs
        return True

    def tick(self, now_secs: float) -> bool:
        """Take the lease from an owner who does not answer; return whether that happened."""
        if not self.waiting or now_secs - self._active_secs < PATIENCE_SECS:
            return False
        self._give(self.waiting[0], now_secs)
        return True

    def patience_left_secs(self, now_secs: float) -> float:
        """Return how long those who wait have to wait at most if the owner does nothing."""
        return max(0.0, PATIENCE_SECS - (now_secs - self._active_secs))

    def _give(self, person: int, now_secs: float) -> None:
        self.owner = person
        self._active_secs = now_secs
        if person in self.waiting:
            self.waiting.remove(person)
