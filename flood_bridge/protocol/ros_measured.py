"""Measured joints of a real robot, made ready for the wire, which knows no names and no parts.

A driver may tell legs and arms in messages of their own, in any order and a thousand times a
second. What goes to the daemon is always whole, in the robot's order, and no more often than its
safety layer needs. Time is an argument.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from flood_bridge.commands import MeasuredJoints
from flood_bridge.commands.robots import check_angle
from flood_bridge.errors import CommandError
from flood_bridge.protocol.rates import Decimator

MEASURED_HZ = 50.0
"""Sent on per second, at most. What is held back is 20 ms newer than what was sent at most, which
is little beside the 0.3 s after which the safety layer misses it."""

_SHOWN_NAMES = 5


class MeasuredParts:
    """The latest word on every joint, until all of them may be sent.

    Nothing is sent before every joint was heard of anew: when one falls silent, the daemon hears
    nothing more, and holds the robot.

    Args:
        names: The robot's joints, in the order of the wire; empty if they are not known.
        fresh_secs: A joint that was not heard of for longer is not measured.
    """

    def __init__(self, names: Sequence[str], fresh_secs: float) -> None:
        self._names, self._fresh_secs = tuple(names), fresh_secs
        self._gate = Decimator(MEASURED_HZ)
        self._positions = dict.fromkeys(names, math.nan)
        self._heard_secs = dict.fromkeys(names, -math.inf)
        self._sent_secs = self._before_secs = -math.inf
        self._lacking_secs = math.inf
        """Since when a joint lacks while others are measured."""

    def add(self, now_secs: float, measured: MeasuredJoints) -> MeasuredJoints | None:
        """Note what is ``measured``; return all joints in their order if they are to be sent now.

        Raises:
            CommandError: If it cannot be used, or joints lack for longer than a part may take.
        """
        if not measured.names:
            self._check_count(measured)
            return measured if self._gate.passes(now_secs) else None
        self._note(now_secs, measured)
        if not self._is_whole(now_secs) or not self._gate.passes(now_secs):
            return None
        self._sent_secs = now_secs
        positions = tuple(self._positions[name] for name in self._names)
        return MeasuredJoints(character=measured.character, positions=positions)

    def _check_count(self, measured: MeasuredJoints) -> None:
        count = len(measured.positions)
        if self._names and count != len(self._names):
            raise CommandError(
                f"{count} joints are measured without names; this robot has {len(self._names)}"
            )

    def _note(self, now_secs: float, measured: MeasuredJoints) -> None:
        """Keep what is told of the robot's joints, all of it or, if one has no angle, nothing."""
        if not self._names:
            raise CommandError(
                "the measured joints have names, and the order that the daemon wants is not known:"
                " set the node's parameter robot to the daemon's robot"
            )
        told = {
            name: position
            for name, position in zip(measured.names, measured.positions, strict=True)
            if name in self._positions
        }
        for name, position in told.items():
            check_angle(f"measured angle of {name}", position)
        self._positions |= told
        self._heard_secs |= dict.fromkeys(told, now_secs)

    def _is_whole(self, now_secs: float) -> bool:
        """Return whether every joint is known, and anew since all were sent the last time."""
        oldest_secs = min(self._heard_secs.values())
        if now_secs - self._before_secs > self._fresh_secs:
            self._lacking_secs = math.inf  # nothing came at all: the other parts may follow yet
        self._before_secs = now_secs
        if now_secs - oldest_secs <= self._fresh_secs:
            self._lacking_secs = math.inf
            return oldest_secs > self._sent_secs
        self._lacking_secs = min(self._lacking_secs, now_secs)
        if now_secs - self._lacking_secs >= self._fresh_secs:
            raise CommandError(self._lacking(now_secs))
        return False

    def _lacking(self, now_secs: float) -> str:
        lacking = [n for n, t in self._heard_secs.items() if now_secs - t > self._fresh_secs]
        more = f" and {len(lacking) - _SHOWN_NAMES} more" if len(lacking) > _SHOWN_NAMES else ""
        return (
            f"the measured joint states lack {', '.join(lacking[:_SHOWN_NAMES])}{more}:"
            f" each joint of the robot is needed every {self._fresh_secs:g} s"
        )
