"""All ways out of a running daemon: each gets every frame and event, and none waits."""

from __future__ import annotations

from collections.abc import Sequence

from flood_bridge.events import Event
from flood_bridge.live.delivery import Delivery
from flood_bridge.motion.frames import Frame


class Outlets:
    """The deliveries that have been opened, none at first; used from many threads.

    Attributes:
        deliveries: Replaced as a whole, once.
    """

    def __init__(self) -> None:
        self.deliveries: Sequence[Delivery] = ()

    def publish(self, frame: Frame) -> None:
        """Leave ``frame`` with every output."""
        for delivery in self.deliveries:
            delivery.offer(frame)

    def tell(self, event: Event) -> None:
        """Leave ``event`` with every output."""
        for delivery in self.deliveries:
            delivery.tell(event)
