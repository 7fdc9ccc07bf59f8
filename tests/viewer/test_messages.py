"""Commands come up the pipe whole, and what is no command is refused by name."""

from __future__ import annotations

import pytest

from flood_bridge.commands import (
    ClearQueue,
    Command,
    EStop,
    Kill,
    PlaceRoot,
    QueuePrompt,
    Reset,
    SetGuidance,
    SetHistory,
    SetPrompt,
    SetSmoothing,
    SetSteps,
    Spawn,
)
from flood_bridge.errors import CommandError, ProtocolError
from flood_bridge.viewer.messages import MAX_LINE_BYTES, read_line, write_command, write_notice

ASKED = [
    SetPrompt(text='"a" person\n<b>wälks</b>', urgency="now", depth=2, request_id=7),
    QueuePrompt(text="x", duration_secs=2.5, character=3),
    ClearQueue(character=3),
    Reset(seed=None),
    SetGuidance(scale=4.0),
    SetHistory(latents=12),
    SetSteps(steps=1, character=2),
    SetSmoothing(secs=0.1),
    PlaceRoot(x_m=0.0, z_m=1.0, heading_rad=0.0),
    Spawn(character=1, text="stand"),
    Kill(),
    EStop(reason="a person pressed it"),
]


@pytest.mark.parametrize("command", ASKED, ids=lambda command: type(command).__name__)
def test_a_command_is_the_same_on_the_other_side(command: Command) -> None:
    assert read_line(write_command(command)) == command


def test_a_notice_is_no_command() -> None:
    assert read_line(write_notice(watchers=3)) == {"watchers": 3}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello", "not a line of JSON"),
        (b"\xff\xfe", "not a line of JSON"),
        (b"[1]", "a line holds list"),
        (b'{"command": "Popen", "with": {}}', "no command: 'Popen'"),
        (b'{"command": "Kill", "with": [1]}', "no command: 'Kill'"),
        (b'{"command": "SetPrompt", "with": {}}', "SetPrompt"),
        (b"x" * (MAX_LINE_BYTES + 1), "at most"),
    ],
)
def test_what_is_no_command_is_refused(line: bytes, reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        read_line(line)


def test_values_that_are_not_valid_are_refused_as_everywhere() -> None:
    with pytest.raises(CommandError, match="the guidance is 99"):
        read_line(b'{"command": "SetGuidance", "with": {"scale": 99}}')
