"""The table of what may be asked over OSC: addresses, types, and what each becomes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from flood_bridge.commands import (
    MAX_SEED,
    Arm,
    ClearQueue,
    Clutch,
    Command,
    Deadman,
    Disarm,
    EStop,
    Kill,
    MeasuredJoints,
    Pause,
    Ping,
    PlaceRoot,
    QueuePrompt,
    Reset,
    ResetStop,
    Resume,
    SetGuidance,
    SetHistory,
    SetPrompt,
    SetSeed,
    SetSmoothing,
    SetSpeed,
    SetSteps,
    Spawn,
    Stop,
)
from flood_bridge.errors import CommandError
from flood_bridge.protocol.wishes import (
    MAX_SUBSCRIBER_RATE_HZ,
    Format,
    Resend,
    Subscribe,
    ThinVmc,
    Unsubscribe,
    Wish,
    may_send_to,
)


class Verb(NamedTuple):
    """One thing that may be asked for."""

    types: tuple[str, ...]
    """The valid type tags, the preferred ones first."""
    make: Callable[..., Command | Wish]
    """Builds the value from the character (or nothing, or the sender) and the arguments."""
    names_request: bool = False
    """Whether the second argument, if there is one, is the request id."""
    needs_sender: bool = False
    """Whether :attr:`make` wants the sender's address before the arguments."""


def _prompt(character: int, text: str, request_id: int = 0, blend_secs: float = 0.0) -> Command:
    if not (math.isfinite(blend_secs) and blend_secs >= 0):
        raise CommandError(f"the blend lasts 0 seconds or more, not {blend_secs!r}")
    # The model itself blends, over its window of latents; the wish has no further effect yet.
    return SetPrompt(character=character, request_id=request_id, text=text)


def _now(character: int, text: str, request_id: int = 0, depth: int | None = None) -> Command:
    return SetPrompt(
        character=character, request_id=request_id, text=text, urgency="now", depth=depth
    )


def _next(character: int, text: str, request_id: int = 0) -> Command:
    return SetPrompt(character=character, request_id=request_id, text=text, urgency="queue")


def _queue(character: int, text: str, duration_secs: float) -> Command:
    return QueuePrompt(character=character, text=text, duration_secs=duration_secs)


def reset(character: int, seed: int | None = None) -> Reset:
    """Return the command, its seed checked: generators of noise take no negative ones."""
    if seed is not None and not 0 <= seed <= MAX_SEED:
        raise CommandError(f"a seed is a whole number from 0 to {MAX_SEED}, not {seed}")
    return Reset(character=character, seed=seed)


def _place(character: int, x: float, _y: float, z: float, yaw_rad: float) -> Command:
    # From Unity's axes, where x is the other way and turns are positive to the right.
    return PlaceRoot(character=character, x_m=-x, z_m=z, heading_rad=-yaw_rad)


def _switch(what: str, value: int) -> bool:
    if value not in (0, 1):
        raise CommandError(f"the {what} is 1 or 0, not {value}")
    return bool(value)


def _clutch(character: int, engaged: int) -> Command:
    return Clutch(character=character, engaged=_switch("clutch", engaged))


def _deadman(character: int, held: int) -> Command:
    return Deadman(character=character, held=_switch("enabling switch", held))


def _measured(character: int, blob: bytes) -> Command:
    if not blob or len(blob) % 4:
        raise CommandError(f"measured joints are float32, 4 bytes each; {len(blob)} bytes came")
    positions = np.frombuffer(blob, dtype=">f4").astype(np.float64).tolist()
    return MeasuredJoints(character=character, positions=tuple(positions))


CHARACTER_VERBS: dict[str, Verb] = {
    "prompt": Verb(("s", "si", "sif"), _prompt, names_request=True),
    "prompt/now": Verb(("s", "si", "sii"), _now, names_request=True),
    "prompt/queue": Verb(("s", "si"), _next, names_request=True),
    "queue": Verb(("sf", "si"), _queue),
    "queue/clear": Verb(("",), lambda character: ClearQueue(character=character)),
    "stop": Verb(("",), lambda character: Stop(character=character)),
    "reset": Verb(("", "i"), reset),
    "pause": Verb(("",), lambda character: Pause(character=character)),
    "resume": Verb(("",), lambda character: Resume(character=character)),
    "seed": Verb(("i",), lambda character, seed: SetSeed(character=character, seed=seed)),
    "speed": Verb(("f",), lambda character, factor: SetSpeed(character=character, factor=factor)),
    "guidance": Verb(("f",), lambda character, n: SetGuidance(character=character, scale=n)),
    "history": Verb(("i",), lambda character, n: SetHistory(character=character, latents=n)),
    "steps": Verb(("i",), lambda character, n: SetSteps(character=character, steps=n)),
    "smoothing": Verb(("f",), lambda character, secs: SetSmoothing(character=character, secs=secs)),
    "root/set": Verb(("ffff",), _place),
    "arm": Verb(("",), lambda character: Arm(character=character)),
    "disarm": Verb(("",), lambda character: Disarm(character=character)),
    "clutch": Verb(("i",), _clutch),
    "deadman": Verb(("i",), _deadman),
    "measured": Verb(("b",), _measured),
}
"""What may follow ``/flood/{id}/``."""


def _subscribe(
    sender: str,
    host: str,
    port: int,
    form: Format,
    rate_hz: float = MAX_SUBSCRIBER_RATE_HZ,
    character: int = 0,
) -> Wish:
    wish = Subscribe(
        host=host or sender, port=port, format=form, rate_hz=rate_hz, character=character
    )
    if not may_send_to(wish.host, sender):
        raise CommandError(
            f"{sender} may have streams sent to itself, not to {wish.host}: leave the host empty"
        )
    return wish


def _unsubscribe(sender: str, host: str, port: int) -> Wish:
    wish = Unsubscribe(host=host or sender, port=port)
    if not may_send_to(wish.host, sender):
        raise CommandError(f"{sender} may end streams to itself, not to {wish.host}")
    return wish


def _period(_status: int, _root: int, bone: int, *_others: int) -> Wish:
    return ThinVmc(period=bone)


PING_ADDRESS = "/flood/ping"

GLOBAL_VERBS: dict[str, Verb] = {
    PING_ADDRESS: Verb(("i",), lambda request_id: Ping(request_id=request_id)),
    "/flood/spawn": Verb(("is", "i"), lambda n, text="": Spawn(character=n, text=text)),
    "/flood/kill": Verb(("i",), lambda character: Kill(character=character)),
    "/flood/estop": Verb(("", "s"), lambda reason="": EStop(reason=reason)),
    "/flood/estop/reset": Verb(("",), ResetStop),
    "/flood/subscribe": Verb(("sis", "sisf", "sisfi"), _subscribe, needs_sender=True),
    "/flood/unsubscribe": Verb(("si",), _unsubscribe, needs_sender=True),
    "/VMC/Ext/Set/Period": Verb(("iiiiii",), _period),
    "/VMC/Ext/Set/Req": Verb(("",), Resend),
    "/VMC/Thru/flood/prompt": Verb(("s",), lambda text: SetPrompt(text=text)),
}
"""What is asked of the daemon as a whole, by the full address."""
