"""Who may send to an open port, and how much: an allow-list and limits per sender.

Three kinds of messages have limits of their own, for none may starve another that the same program
sends: what leads a robot to safety, where its joints are (hundreds a second), and all others.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from flood_bridge.commands import (
    Clutch,
    Command,
    Deadman,
    Disarm,
    EStop,
    MeasuredJoints,
    ResetStop,
)
from flood_bridge.errors import ConfigError
from flood_bridge.events import Rejected
from flood_bridge.protocol.rates import TokenBuckets
from flood_bridge.protocol.wishes import Wish

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Item = Command | Wish | Rejected

_BURST_SECS = 2.0
_OF_ROBOTS = 5.0
"""What is said of robots may come so many times as often as the rest: it is small and obeyed
without waiting, and one program may lead several."""
_APART = (Clutch, Deadman, Disarm, EStop, MeasuredJoints, ResetStop)
"""What does not count among the rest. The emergency stop has no limit: it is never too many."""


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Return the networks that ``texts`` name, each an address or one with a prefix length.

    Raises:
        ConfigError: If one is neither.
    """
    try:
        return tuple(ipaddress.ip_network(text, strict=False) for text in texts)
    except ValueError as error:
        raise ConfigError(
            f"{error}; valid are addresses such as 192.168.1.7 and networks such as 192.168.1.0/24"
        ) from None


class Admitted(NamedTuple):
    """What may come in of one datagram."""

    items: list[Item]
    """In order."""
    lost: int
    """How many were too many."""
    thinned: int
    """How many measurements were left out because newer ones follow at once."""


class Doorkeeper:
    """Decides about each datagram by its sender.

    Programs of this machine are told apart by their ports, other machines are one sender each:
    a machine has more ports than a table has rows.

    Args:
        allowed: Who may send besides this machine; empty lets all in.
        messages_per_sec: What one sender may send in the long run; measured joints of each robot,
            and what leads robots to safety, have limits of their own.
        total_per_sec: What all senders together may send in the long run.
        now_secs: The clock by which senders are measured.
    """

    def __init__(
        self,
        allowed: Sequence[Network],
        messages_per_sec: float,
        total_per_sec: float,
        now_secs: Callable[[], float],
    ) -> None:
        self._allowed = allowed
        self._ordinary = _Limit(messages_per_sec, total_per_sec)
        self._safety = _Limit(_OF_ROBOTS * messages_per_sec, _OF_ROBOTS * total_per_sec)
        self._measured = _Limit(_OF_ROBOTS * messages_per_sec, _OF_ROBOTS * total_per_sec)
        self._per_robot = TokenBuckets(messages_per_sec, _BURST_SECS * messages_per_sec)
        self._now_secs = now_secs

    def knows(self, host: str) -> bool:
        """Return whether ``host``, a numeric address, may send at all."""
        if not self._allowed:
            return True
        address = plain_address(host)
        return address.is_loopback or any(
            address.version == network.version and address in network for network in self._allowed
        )

    def admit(self, host: str, port: int, asked: Sequence[Item]) -> Admitted:
        """Return what is within this sender's limits of one datagram; counts it.

        Args:
            host: Numeric address of the sender.
            port: Its port.
            asked: All that the datagram asks for; one that asks for nothing counts as well.
        """
        sender = (host, port) if plain_address(host).is_loopback else host
        now_secs = self._now_secs()
        ordinary = sum(not isinstance(item, _APART) for item in asked) if asked else 1
        has_room = self._ordinary.take(sender, now_secs, ordinary)
        items: list[Item] = []
        thinned = lost = 0
        for item in asked:
            if self._passes(item, sender, now_secs, has_room):
                items.append(item)
            elif isinstance(item, MeasuredJoints):
                thinned += 1
            else:
                lost += 1
        return Admitted(items, lost if asked or has_room else 1, thinned)

    def _passes(self, item: Item, sender: Hashable, now_secs: float, has_room: bool) -> bool:
        match item:
            case EStop():
                return True
            case MeasuredJoints():
                robot = (sender, item.character)
                mine = self._per_robot.take(robot, now_secs)
                return mine and self._measured.take(sender, now_secs)
            case Clutch() | Deadman() | Disarm() | ResetStop():
                return self._safety.take((sender, type(item)), now_secs)
        return has_room


class _Limit:
    """For each source, and for all together."""

    def __init__(self, source_hz: float, total_hz: float) -> None:
        self._each = TokenBuckets(source_hz, _BURST_SECS * source_hz)
        self._total = TokenBuckets(total_hz, _BURST_SECS * total_hz, max_sources=1)

    def take(self, source: Hashable, now_secs: float, count: int = 1) -> bool:
        return self._each.take(source, now_secs, count) and self._total.take(None, now_secs, count)


def plain_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address, as IPv4 if a port for both kinds shows it within IPv6."""
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped
