"""What the state machine keeps an eye on: each answers whether, and for how long, all is well."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from flood_bridge.commands.robots import check_angle
from flood_bridge.errors import CommandError

_SHOWN_NAME = 64


class Measurement:
    """Where the joints of the real robot are, by the latest word on each.

    Args:
        names: The robot's joints, in the order of every array.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._index = {name: index for index, name in enumerate(names)}
        self.positions = np.full(len(names), np.nan)
        """(n,) radians; NaN where nothing was ever measured."""
        self._heard_secs = np.full(len(names), -math.inf)

    def take(self, now_secs: float, names: Sequence[str], positions: Sequence[float]) -> None:
        """Note what was measured; joints that the robot does not have are passed over.

        Raises:
            CommandError: If no joint of it is the robot's, one that is has no angle, or they are
                not named and their number is not the robot's.
        """
        if not names:
            if len(positions) != len(self._names):
                raise CommandError(
                    f"{len(positions)} joints are measured without names; this robot has"
                    f" {len(self._names)}"
                )
            names = self._names
        rows = [(self._index[n], p) for n, p in zip(names, positions, strict=True) if n in self]
        if not rows:
            raise CommandError(
                f"the measured joints are none of the robot's: {names[0][:_SHOWN_NAME]!r} is not"
                f" among {', '.join(self._names[:3])} ..."
            )
        for index, position in rows:
            check_angle(f"measured angle of {self._names[index]}", position)
        for index, position in rows:
            self.positions[index] = position
            self._heard_secs[index] = now_secs

    def __contains__(self, name: str) -> bool:
        return name in self._index

    def oldest(self, now_secs: float) -> tuple[str, float]:
        """Return the joint that was not heard of for the longest time, and that time."""
        index = int(np.argmin(self._heard_secs))
        return self._names[index], now_secs - float(self._heard_secs[index])

    def farthest(self, positions: np.ndarray) -> tuple[str, float]:
        """Return the joint that is farthest from ``positions`` (n,), and how far, radians."""
        return farthest(self._names, self.positions, positions)


def farthest(names: Sequence[str], a: np.ndarray, b: np.ndarray) -> tuple[str, float]:
    """Return the joint at which ``a`` and ``b`` differ most, and how much; no number is far."""
    gaps = np.abs(a - b)
    gaps[~np.isfinite(gaps)] = math.inf
    index = int(np.argmax(gaps))
    return names[index], float(gaps[index])


class Persistence:
    """Whether something has been the case without a break for some time."""

    def __init__(self, secs: float) -> None:
        self._secs = secs
        self._since_secs: float | None = None

    def is_so(self, now_secs: float, holds: bool) -> bool:
        """Note whether it ``holds`` now; return whether it has for long enough."""
        if not holds:
            self._since_secs = None
            return False
        if self._since_secs is None:
            self._since_secs = now_secs
        return now_secs - self._since_secs >= self._secs


class Heartbeat:
    """A sign that has to be given again and again."""

    def __init__(self, secs: float) -> None:
        self._secs = secs
        self._heard_secs = -math.inf

    def beat(self, now_secs: float) -> None:
        """Give the sign."""
        self._heard_secs = now_secs

    def stop(self) -> None:
        """Take it back at once."""
        self._heard_secs = -math.inf

    def silent_secs(self, now_secs: float) -> float:
        """Return how long ago it was given; infinite if never."""
        return now_secs - self._heard_secs

    def is_given(self, now_secs: float) -> bool:
        """Return whether it was given lately."""
        return self.silent_secs(now_secs) < self._secs
