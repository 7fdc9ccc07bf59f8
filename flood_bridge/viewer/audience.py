"""Who is here, who of them steers, and what they have asked for.

Time is an argument; whoever holds this keeps its callers apart.
"""

from __future__ import annotations

from flood_bridge.viewer.asking import Make
from flood_bridge.viewer.lease import Lease
from flood_bridge.viewer.panel import Panel

ASKED_MOST_PER_SEC = 12
MAX_ASKED = 1000
"""Requests whose askers are remembered; a receipt comes within seconds."""
FIRST_REQUEST = 0x40000000
"""Requests of the page are numbered from here, away from the small numbers that people choose."""


class Audience:
    """Everyone who has the page open; people are viser's numbers of browsers.

    Attributes:
        lease: Who steers.
        panels: What each of them has before him.
        names: The number by which each is known to the others.
    """

    def __init__(self) -> None:
        self.lease = Lease()
        self.panels: dict[int, Panel] = {}
        self.names: dict[int, int] = {}
        self._knobs: dict[str, tuple[int, Make]] = {}
        self._askers: dict[int, int] = {}
        self._asked_at: list[float] = []
        self._next_request = FIRST_REQUEST

    def __len__(self) -> int:
        return len(self.panels)

    def join(self, person: int, panel: Panel, now_secs: float) -> None:
        """Let ``person`` in, with the lowest name that is free."""
        taken = set(self.names.values())
        self.names[person] = next(n for n in range(1, len(taken) + 2) if n not in taken)
        self.panels[person] = panel
        self.lease.join(person, now_secs)

    def leave(self, person: int, now_secs: float) -> None:
        """Let ``person`` go, and all that was his own."""
        self.panels.pop(person, None)
        self.names.pop(person, None)
        self.lease.leave(person, now_secs)
        self._knobs = {knob: held for knob, held in self._knobs.items() if held[0] != person}
        self._askers = {number: who for number, who in self._askers.items() if who != person}

    def press_lease(self, person: int, now_secs: float) -> None:
        """Ask for the controls, or give them away."""
        if person == self.lease.owner:
            self.lease.hand_over(person, now_secs)
        else:
            self.lease.ask(person, now_secs)

    def has_leave(self, now_secs: float) -> bool:
        """Return whether one more may be asked for now, and count it if so."""
        self._asked_at = [at for at in self._asked_at if now_secs - at < 1.0]
        if len(self._asked_at) >= ASKED_MOST_PER_SEC:
            return False
        self._asked_at.append(now_secs)
        return True

    def number(self, person: int) -> int:
        """Return the number of the next request, which is that of ``person``."""
        number, self._next_request = self._next_request, self._next_request + 1
        self._askers[number] = person
        if len(self._askers) > MAX_ASKED:
            self._askers.pop(next(iter(self._askers)))
        return number

    def asker(self, number: int) -> int | None:
        """Return who asked for request ``number``, and forget it; None if nobody here did."""
        return self._askers.pop(number, None)

    def turn(self, person: int, knob: str, make: Make) -> None:
        """Note the latest position of ``knob``, to be asked for soon."""
        self._knobs[knob] = person, make

    def turned(self) -> list[tuple[int, Make]]:
        """Return what knobs have been turned to since this was last asked."""
        turned, self._knobs = list(self._knobs.values()), {}
        return turned
