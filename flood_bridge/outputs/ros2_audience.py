"""Who listens to a character's topics, asked of the middleware ten times a second, not every frame.

Asking costs a call into the middleware for every topic. Who comes waits a tenth of a second for the
first frame, while discovery has taken longer; for a while after somebody has gone, frames go to
nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flood_bridge.ros2_settings import Settings

if TYPE_CHECKING:
    from rclpy.publisher import Publisher

LOOK_SECS = 0.1


class Seat:
    """One topic and whether it is to be filled.

    Attributes:
        publisher: What the topic is offered with.
        taken: Whether somebody listens and the topic's switch is on.
    """

    __slots__ = ("publisher", "switch", "taken")

    def __init__(self, publisher: Publisher[Any], switch: str) -> None:
        self.publisher, self.switch = publisher, switch
        self.taken = False


class Audience:
    """The topics of one character.

    Args:
        settings: Where the switches are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seats: list[Seat] = []
        self._looked_secs = 0.0
        self._changes = -1

    @property
    def publishers(self) -> list[Publisher[Any]]:
        """All that is offered."""
        return [seat.publisher for seat in self._seats]

    def seat(self, publisher: Publisher[Any], switch: str) -> Seat:
        """Watch one more topic, which the parameter ``switch`` turns on and off."""
        self._seats.append(Seat(publisher, switch))
        self._look(self._seats[-1])
        return self._seats[-1]

    def look(self, now_secs: float) -> None:
        """Look around if it is time to, or a parameter has changed; once per frame."""
        changes = self._settings.changes
        if changes == self._changes and 0.0 <= now_secs - self._looked_secs < LOOK_SECS:
            return
        self._changes, self._looked_secs = changes, now_secs
        for seat in self._seats:
            self._look(seat)

    def _look(self, seat: Seat) -> None:
        wanted = bool(self._settings[seat.switch])
        seat.taken = wanted and seat.publisher.get_subscription_count() > 0
