"""Who listens to a character's topics, asked of the middleware ten times a second, not every frame.

Asking costs a call into the middleware for every topic. Who comes waits a tenth of a second for the
first frame, while discovery has taken longer; for a while after somebody has gone, frames go to
nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flood_bridge.ros2_settings import Settings

if TYPE_CHECKING:
    from rclpy.publisher import Publisher

LOOK_SECS = 0.1
_BODY = frozenset({"publish.skeleton", "publish.frame", "publish.markers"})
"""Switches of the topics that show the human body; the others are the robot's."""

Letter = tuple[Callable[[Any], None], Any]
"""How to send, and what: a message, or the bytes of one."""


class Seat:
    """One topic and whether it is to be filled.

    Args:
        offer: Makes its publisher; None if its package is not installed.
        switch: The parameter that turns it on and off.

    Attributes:
        publish: Sends a message, or the bytes of one, while the seat is taken.
        taken: Whether somebody listens and the topic's switch is on.
    """

    __slots__ = ("_offer", "publish", "publisher", "switch", "taken")

    def __init__(self, offer: Callable[[], Publisher[Any]] | None, switch: str) -> None:
        self._offer, self.switch = offer, switch
        self.publisher: Publisher[Any] | None = None
        self.publish: Callable[[Any], None] = _to_nobody
        self.taken = False

    def open(self) -> None:
        """Offer the topic, unless that is done."""
        if self.publisher is None and self._offer is not None:
            self.publisher = self._offer()
            self.publish = self.publisher.publish

    def look(self, on: bool) -> None:
        """See whether somebody listens; ``on`` is what the switch says."""
        if on:
            self.open()
        publisher = self.publisher if on else None
        self.taken = publisher is not None and publisher.get_subscription_count() > 0


class Audience:
    """The topics of one character.

    Args:
        settings: Where the switches are.

    Attributes:
        of_robot: Whether anybody listens to a topic of the robot.
        of_body: Whether anybody listens to a topic of the body.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seats: list[Seat] = []
        self._looked_secs = 0.0
        self._changes = -1
        self.of_robot = self.of_body = False

    @property
    def publishers(self) -> list[Publisher[Any]]:
        """All that is offered."""
        return [seat.publisher for seat in self._seats if seat.publisher is not None]

    def seat(
        self, offer: Callable[[], Publisher[Any]] | None, switch: str, *, late: bool = False
    ) -> Seat:
        """Watch one more topic; one that is ``late`` is offered when it is first switched on."""
        seat = Seat(offer, switch)
        if not late:
            seat.open()
        self._seats.append(seat)
        return seat

    def listens(self, now_secs: float) -> bool:
        """Return whether anybody does; once per frame.

        It looks around if it is time to, or if a parameter has changed.
        """
        changes = self._settings.changes
        if changes != self._changes or not 0.0 <= now_secs - self._looked_secs < LOOK_SECS:
            self._changes, self._looked_secs = changes, now_secs
            for seat in self._seats:
                seat.look(bool(self._settings[seat.switch]))
            taken = {seat.switch for seat in self._seats if seat.taken}
            self.of_robot, self.of_body = not taken <= _BODY, not taken.isdisjoint(_BODY)
        return self.of_robot or self.of_body


def _to_nobody(_: Any) -> None:
    """Stand for what is not offered yet."""
