"""The knobs show what holds: the model's own until somebody sets another that it can have."""

from __future__ import annotations

import pytest

from flood_bridge.commands import (
    Command,
    Pause,
    SetGuidance,
    SetHistory,
    SetSmoothing,
    SetSpeed,
    SetSteps,
)
from flood_bridge.viewer.messages import About
from flood_bridge.viewer.settings import Settings, allows

MODEL = About(3.5, 2, (1, 2, 4), range(6, 31), 0.2, 1.0, "eager, float32")


def test_a_character_begins_with_the_models_own() -> None:
    assert Settings().of(MODEL) == Settings(1.0, 3.5, 30, 2, 0.0)
    assert Settings().of(None) == Settings(1.0, None, None, None, 0.0)


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        (SetSpeed(factor=2.0), "speed", 2.0),
        (SetGuidance(scale=0.0), "guidance", 0.0),
        (SetHistory(latents=6), "history", 6),
        (SetSteps(steps=4), "steps", 4),
        (SetSmoothing(secs=0.3), "smoothing_secs", 0.3),
    ],
)
def test_what_is_set_holds_and_nothing_else_changes(
    command: Command, name: str, value: float
) -> None:
    before, after = Settings().of(MODEL), Settings().after(command).of(MODEL)
    assert getattr(after, name) == value
    others = {"speed", "guidance", "history", "steps", "smoothing_secs"} - {name}
    assert all(getattr(after, other) == getattr(before, other) for other in others)


def test_other_commands_set_nothing() -> None:
    assert Settings().after(Pause()) == Settings()


@pytest.mark.parametrize(
    ("command", "allowed"),
    [
        (SetHistory(latents=6), True),
        (SetHistory(latents=5), False),
        (SetHistory(latents=31), False),
        (SetSteps(steps=3), False),
        (SetSteps(steps=4), True),
        (Pause(), True),
    ],
)
def test_what_the_model_cannot_have_is_not_shown(command: Command, allowed: bool) -> None:
    assert allows(MODEL, command) is allowed
    assert allows(None, command)
