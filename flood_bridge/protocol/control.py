"""OSC messages to commands and wishes: the addresses that the daemon obeys.

What cannot be obeyed becomes :class:`~flood_bridge.events.Rejected` with a reason that says what
was given and what is valid; nothing that arrives raises. VMC messages that are not for us are
passed over in silence, as that protocol wants it: a tracking program may send thousands.
"""

from __future__ import annotations

import re
from typing import Any

from flood_bridge.commands import MAX_CHARACTER, Command
from flood_bridge.errors import CommandError, ProtocolError
from flood_bridge.events import Rejected
from flood_bridge.protocol import osc
from flood_bridge.protocol.osc import Message
from flood_bridge.protocol.verbs import CHARACTER_VERBS, GLOBAL_VERBS, Verb
from flood_bridge.protocol.wishes import Wish

_ADDRESS = re.compile(r"/flood/(\d{1,9})/(\w+(?:/\w+)?)")

VALID_ADDRESSES = (
    *(f"/flood/{{0-{MAX_CHARACTER}}}/{verb}" for verb in CHARACTER_VERBS),
    *GLOBAL_VERBS,
)


def read_datagram(datagram: bytes, sender: str = "") -> list[Command | Wish | Rejected]:
    """Return what ``datagram`` asks for, in order; one refusal if it is not OSC at all.

    Args:
        datagram: As it arrived.
        sender: Numeric address of whoever sent it; "" trusts it as this process itself.
    """
    try:
        messages = osc.parse(datagram)
    except ProtocolError as error:
        return [Rejected(0, f"not a valid OSC datagram: {error}")]
    return [read_message(message, sender) for message in messages if not _is_idle(message)]


def read_message(message: Message, sender: str = "") -> Command | Wish | Rejected:
    """Return what ``message`` asks for, or why it cannot be obeyed."""
    verb, leading = _find(message.address)
    if verb is None:
        return Rejected(
            0,
            f"unknown address {_shown(message.address)}; valid are {', '.join(VALID_ADDRESSES)}",
        )
    if message.types not in verb.types:
        return Rejected(0, _wrong_types(message, verb))
    try:
        return verb.make(*([sender] if verb.needs_sender else leading), *message.arguments)
    except CommandError as error:
        return Rejected(_request_id(message, verb), str(error))


def _is_idle(message: Message) -> bool:
    return message.address.startswith("/VMC/") and message.address not in GLOBAL_VERBS


def _find(address: str) -> tuple[Verb | None, tuple[Any, ...]]:
    verb = GLOBAL_VERBS.get(address)
    if verb is not None:
        return verb, ()
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return None, ()
    return CHARACTER_VERBS.get(match[2]), (int(match[1]),)


def _request_id(message: Message, verb: Verb) -> int:
    return message.arguments[1] if verb.names_request and "i" in message.types else 0


def _wrong_types(message: Message, verb: Verb) -> str:
    valid = " or ".join(_spelled(types) for types in verb.types)
    return f"{_shown(message.address)} takes {valid}, not {_spelled(message.types)}"


_TYPE_NAMES = {
    "i": "int",
    "f": "float",
    "s": "string",
    "b": "blob",
    "T": "true",
    "F": "false",
    "N": "nil",
    "I": "infinitum",
}


def _spelled(types: str) -> str:
    """Return for example ``(string, float)``."""
    names = [_TYPE_NAMES[tag] for tag in types[:8]]
    more = ["..."] if len(types) > len(names) else []
    return f"({', '.join(names + more)})"


def _shown(address: str) -> str:
    return repr(address if len(address) <= 64 else address[:61] + "...")
