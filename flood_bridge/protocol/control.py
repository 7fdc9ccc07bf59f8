"""OSC messages to commands: the addresses under ``/flood/`` that the daemon obeys.

What cannot be obeyed becomes :class:`~flood_bridge.events.Rejected` with a reason that says what
was given and what is valid; nothing that arrives raises.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from flood_bridge.commands import (
    MAX_CHARACTER,
    Command,
    Pause,
    Ping,
    QueuePrompt,
    Reset,
    Resume,
    SetPrompt,
    Stop,
)
from flood_bridge.errors import CommandError, ProtocolError
from flood_bridge.events import Rejected
from flood_bridge.protocol import osc
from flood_bridge.protocol.osc import Message

MAX_SEED = 0x7FFFFFFF


class Verb(NamedTuple):
    """One thing that may be asked for."""

    types: tuple[str, ...]
    """The valid type tags, the preferred ones first."""
    make: Callable[..., Command]
    """Builds the command from the character and the arguments."""
    names_request: bool = False
    """Whether the second argument, if there is one, is the request id."""


def _prompt(character: int, text: str, request_id: int = 0, blend_secs: float = 0.0) -> Command:
    if not (math.isfinite(blend_secs) and blend_secs >= 0):
        raise CommandError(f"the blend lasts 0 seconds or more, not {blend_secs!r}")
    # The model itself blends, over its window of latents; the wish has no further effect yet.
    return SetPrompt(character=character, request_id=request_id, text=text)


def _queue(character: int, text: str, duration_secs: float) -> Command:
    return QueuePrompt(character=character, text=text, duration_secs=duration_secs)


def reset(character: int, seed: int | None = None) -> Reset:
    """Return the command, its seed checked: generators of noise take no negative ones."""
    if seed is not None and not 0 <= seed <= MAX_SEED:
        raise CommandError(f"a seed is a whole number from 0 to {MAX_SEED}, not {seed}")
    return Reset(character=character, seed=seed)


CHARACTER_VERBS: dict[str, Verb] = {
    "prompt": Verb(("s", "si", "sif"), _prompt, names_request=True),
    "queue": Verb(("sf", "si"), _queue),
    "stop": Verb(("",), lambda character: Stop(character=character)),
    "reset": Verb(("", "i"), reset),
    "pause": Verb(("",), lambda character: Pause(character=character)),
    "resume": Verb(("",), lambda character: Resume(character=character)),
}
"""What may follow ``/flood/{id}/``."""

PING_ADDRESS = "/flood/ping"
_PING = Verb(("i",), lambda request_id: Ping(request_id=request_id))

_ADDRESS = re.compile(r"/flood/(\d{1,9})/(\w+)")

VALID_ADDRESSES = (
    *(f"/flood/{{0-{MAX_CHARACTER}}}/{verb}" for verb in CHARACTER_VERBS),
    PING_ADDRESS,
)


def read_datagram(datagram: bytes) -> list[Command | Rejected]:
    """Return what ``datagram`` asks for, in order; one refusal if it is not OSC at all."""
    try:
        messages = osc.parse(datagram)
    except ProtocolError as error:
        return [Rejected(0, f"not a valid OSC datagram: {error}")]
    return [read_message(message) for message in messages]


def read_message(message: Message) -> Command | Rejected:
    """Return the command that ``message`` stands for, or why there is none."""
    verb, leading = _find(message.address)
    if verb is None:
        return Rejected(
            0,
            f"unknown address {_shown(message.address)}; valid are {', '.join(VALID_ADDRESSES)}",
        )
    if message.types not in verb.types:
        return Rejected(0, _wrong_types(message, verb))
    try:
        return verb.make(*leading, *message.arguments)
    except CommandError as error:
        return Rejected(_request_id(message, verb), str(error))


def _find(address: str) -> tuple[Verb | None, tuple[Any, ...]]:
    if address == PING_ADDRESS:
        return _PING, ()
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
