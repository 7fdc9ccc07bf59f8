"""What receivers may ask of the streams themselves, as frozen values checked when they are made.

A :class:`~flood_bridge.commands.Command` changes what a character does; a wish changes what is
sent to whom. Wishes go from the input to the outputs without touching the stream.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from typing import Literal, get_args

from flood_bridge.commands import MAX_CHARACTER
from flood_bridge.errors import CommandError

LEASE_SECS = 10.0
"""A subscription ends so long after it was last asked for."""

MAX_SUBSCRIBER_RATE_HZ = 200.0
MAX_PERIOD = 600
"""VMC frames of which one is sent, at most."""

Format = Literal["frame", "root", "joints", "contact", "ue", "q", "all", "vmc", "vrchat", "robot"]
"""What a subscriber gets: one of the native messages, the compact blob, all native messages in
one bundle, VMC, VRChat's trackers, or the robot's joints."""
FORMATS: tuple[Format, ...] = get_args(Format)
SINGLE_CHARACTER_FORMATS = ("vmc", "vrchat")
"""Formats that have no place for a character's number: they carry one character only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """Send a stream to ``host`` and ``port`` for :data:`LEASE_SECS`, or go on with it."""

    host: str
    """A numeric address: names would have to be looked up, and the port must never wait."""
    port: int
    format: Format
    rate_hz: float = MAX_SUBSCRIBER_RATE_HZ
    character: int = 0
    """Whose frames, with the formats that carry one only."""

    def __post_init__(self) -> None:
        check_endpoint(self.host, self.port)
        if self.format not in FORMATS:
            raise CommandError(f"the format is {self.format!r}; valid are {', '.join(FORMATS)}")
        if not (math.isfinite(self.rate_hz) and 0 < self.rate_hz <= MAX_SUBSCRIBER_RATE_HZ):
            raise CommandError(
                f"the rate is {self.rate_hz!r} frames/s; valid are more than 0 to"
                f" {MAX_SUBSCRIBER_RATE_HZ:g}"
            )
        if not 0 <= self.character <= MAX_CHARACTER:
            raise CommandError(
                f"character {self.character} does not exist; valid are 0 to {MAX_CHARACTER}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe:
    """End every subscription of this address now."""

    host: str
    port: int

    def __post_init__(self) -> None:
        check_endpoint(self.host, self.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinVmc:
    """Send every ``period``-th VMC frame only."""

    period: int

    def __post_init__(self) -> None:
        if not 1 <= self.period <= MAX_PERIOD:
            raise CommandError(f"the bone period is {self.period}; valid are 1 to {MAX_PERIOD}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend:
    """Send now what is else repeated once per second: skeletons and prompts."""


Wish = Subscribe | Unsubscribe | ThinVmc | Resend


def check_endpoint(host: str, port: int) -> None:
    """Refuse what is no numeric address with a UDP port.

    Raises:
        CommandError: Saying what is valid.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise CommandError(
            f"{host[:64]!r} is not a numeric address such as 127.0.0.1; an empty host means the"
            " sender's"
        ) from None
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        raise CommandError(f"{host} is not the address of one receiver")
    if not 1 <= port <= 65535:
        raise CommandError(f"port {port} does not exist; valid are 1 to 65535")


def may_send_to(host: str, sender: str) -> bool:
    """Return whether ``sender`` may ask for a stream to ``host``.

    To itself always; to others only from this machine. A daemon that listens to a network could
    otherwise be made to flood any third machine with one small datagram.
    """
    if not sender:
        return True
    try:
        asking = ipaddress.ip_address(sender.partition("%")[0])
        return asking.is_loopback or ipaddress.ip_address(host) == asking
    except ValueError:
        return False
