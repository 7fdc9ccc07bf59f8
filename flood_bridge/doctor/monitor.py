"""The monitor: says in plain words what arrives, whoever sent it."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from flood_bridge.errors import ProtocolError
from flood_bridge.protocol import osc

MAX_ADDRESSES = 1000
"""More different addresses than this are counted together."""
_SHOWN_ARGUMENTS = 12


def describe(datagram: bytes, sender: str) -> list[str]:
    """Return one line per message, or one that says what is wrong with the datagram."""
    try:
        messages = osc.parse(datagram)
    except ProtocolError as error:
        return [f"{sender}  {len(datagram)} bytes that are not OSC: {error}"]
    return [f"{sender}  {_message(message)}" for message in messages]


class Tally:
    """Counts what arrives, for a summary at the end.

    Attributes:
        datagrams: All that came.
        broken: Those that are not OSC.
        lost: Numbers missing in the sequences of native frames, also where a rate thins them.
        late: Native frames that came after a newer one.
    """

    def __init__(self) -> None:
        self.datagrams = self.broken = self.lost = self.late = 0
        self._messages: Counter[str] = Counter()
        self._sequences: dict[str, int] = {}

    def add(self, datagram: bytes) -> None:
        """Count one datagram and the messages in it."""
        self.datagrams += 1
        try:
            messages = osc.parse(datagram)
        except ProtocolError:
            self.broken += 1
            return
        for message in messages:
            is_known = message.address in self._messages or len(self._messages) < MAX_ADDRESSES
            self._messages[message.address if is_known else "others"] += 1
            if is_known and message.address.endswith(("/frame", "/ue")):
                self._follow(message)

    def summary(self, seconds: float) -> list[str]:
        """Return what came in ``seconds``, the most frequent address first."""
        rate = self.datagrams / seconds if seconds > 0 else 0.0
        lines = [
            f"{self.datagrams} datagrams in {seconds:.1f} s ({rate:.1f} per second),"
            f" {self.broken} of them not OSC"
        ]
        if self._sequences:
            lines.append(
                f"native frames: {self.lost} missing (lost, or thinned by a rate), {self.late} late"
            )
        return lines + [
            f"{count:8d}  {address}  ({count / max(seconds, 1e-9):.1f} per second)"
            for address, count in self._messages.most_common()
        ]

    def _follow(self, message: osc.Message) -> None:
        if message.types[:1] != "i":
            return
        sequence, last = message.arguments[0], self._sequences.get(message.address)
        if last is not None and sequence <= last:
            self.late += 1
            return
        self.lost += 0 if last is None else sequence - last - 1
        self._sequences[message.address] = sequence


def _message(message: osc.Message) -> str:
    shown = [_argument(value) for value in message.arguments[:_SHOWN_ARGUMENTS]]
    more = len(message.arguments) - len(shown)
    tags = message.types if len(message.types) <= 16 else f"{message.types[:12]}..."
    rest = [f"and {more} more"] if more else []
    return " ".join([message.address, f",{tags}", *shown, *rest])


def _argument(value: Any) -> str:
    match value:
        case float():
            return f"{value:.4g}" if math.isfinite(value) else str(value)
        case str():
            return repr(value if len(value) <= 64 else value[:61] + "...")
        case bytes():
            return f"<{len(value)} bytes>"
    return str(value)
