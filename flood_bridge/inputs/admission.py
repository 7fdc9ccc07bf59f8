"""Who may send to an open port, and how much: an allow-list and limits per sender."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

from flood_bridge.errors import ConfigError
from flood_bridge.protocol.rates import TokenBuckets

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_BURST_SECS = 2.0


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


class Doorkeeper:
    """Decides about each datagram by its sender.

    Programs of this machine are told apart by their ports, other machines are one sender each:
    a machine has more ports than a table has rows.

    Args:
        allowed: Who may send besides this machine; empty lets all in.
        messages_per_sec: What one sender may send in the long run.
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
        self._per_sender = TokenBuckets(messages_per_sec, _BURST_SECS * messages_per_sec)
        self._total = TokenBuckets(total_per_sec, _BURST_SECS * total_per_sec, max_sources=1)
        self._now_secs = now_secs

    def knows(self, host: str) -> bool:
        """Return whether ``host``, a numeric address, may send at all."""
        if not self._allowed:
            return True
        address = plain_address(host)
        return address.is_loopback or any(
            address.version == network.version and address in network for network in self._allowed
        )

    def has_room(self, host: str, port: int, messages: int) -> bool:
        """Return whether so many messages of this sender are within the limits; counts them."""
        now_secs = self._now_secs()
        sender = (host, port) if plain_address(host).is_loopback else host
        return self._per_sender.take(sender, now_secs, messages) and self._total.take(
            None, now_secs, messages
        )


def plain_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address, as IPv4 if a port for both kinds shows it within IPv6."""
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped
