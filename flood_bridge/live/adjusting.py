"""What a character can be set to while it moves: the same for commands, logs and replays.

Every setting holds from the next latent on until it is set anew; neither a reset nor a prompt that
takes frames back changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias, get_args

from flood_bridge.commands import (
    PlaceRoot,
    SetGuidance,
    SetHistory,
    SetSmoothing,
    SetSpeed,
    SetSteps,
)
from flood_bridge.errors import CommandError
from flood_bridge.live.character import Character
from flood_bridge.live.engine_port import Engine
from flood_bridge.live.whereabouts import Place

Adjustment: TypeAlias = SetSpeed | SetGuidance | SetHistory | SetSteps | SetSmoothing | PlaceRoot

Setting = Literal["speed", "guidance", "history", "steps", "smoothing", "place"]
SETTINGS: tuple[Setting, ...] = get_args(Setting)


def adjust(character: Character, command: Adjustment, engine: Engine) -> None:
    """Set a character to what ``command`` says.

    Raises:
        CommandError: If the model cannot have it, with what it can have.
    """
    match command:
        case SetSpeed():
            character.speed = command.factor
        case SetSmoothing():
            character.smoothing_secs = command.secs
        case PlaceRoot():
            character.place(Place(command.x_m, command.z_m, command.heading_rad))
        case SetGuidance():
            character.settings = replace(character.settings, guidance=command.scale)
        case SetHistory():
            _check("history", command.latents, engine.histories)
            character.settings = replace(character.settings, history=command.latents)
        case SetSteps():
            _check("number of steps", command.steps, engine.step_counts)
            character.settings = replace(character.settings, steps=command.steps)


def _check(what: str, value: int, valid: Sequence[int]) -> None:
    if value not in valid:
        raise CommandError(
            f"the {what} is {value}; valid for this model are {valid[0]} to {valid[-1]}"
        )


def to_note(command: Adjustment) -> dict[str, Any]:
    """Return the fields of a log's line that say what was set."""
    match command:
        case SetSpeed():
            return {"kind": "speed", "factor": command.factor}
        case SetGuidance():
            return {"kind": "guidance", "factor": command.scale}
        case SetHistory():
            return {"kind": "history", "factor": command.latents}
        case SetSteps():
            return {"kind": "steps", "factor": command.steps}
        case SetSmoothing():
            return {"kind": "smoothing", "factor": command.secs}
        case PlaceRoot():
            return {"kind": "place", "place": (command.x_m, command.z_m, command.heading_rad)}


def from_note(kind: Setting, factor: float, place: Sequence[float]) -> Adjustment:
    """Return the command of which :func:`to_note` made the fields of a line.

    Raises:
        CommandError: If a value is out of range.
        ValueError: If a place has not three numbers.
    """
    match kind:
        case "speed":
            return SetSpeed(factor=factor)
        case "guidance":
            return SetGuidance(scale=factor)
        case "history":
            return SetHistory(latents=_whole(factor))
        case "steps":
            return SetSteps(steps=_whole(factor))
        case "smoothing":
            return SetSmoothing(secs=factor)
        case "place":
            x_m, z_m, heading_rad = place
            return PlaceRoot(x_m=x_m, z_m=z_m, heading_rad=heading_rad)


def _whole(number: float) -> int:
    if not float(number).is_integer():
        raise ValueError(f"{number} is not a whole number")
    return int(number)
