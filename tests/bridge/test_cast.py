"""Characters begin and end at any time; the others do not notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flood_bridge.commands import Arm, Kill, Reset, SetPrompt, SetSeed, Spawn
from flood_bridge.config import MAX_CHARACTERS
from flood_bridge.errors import CommandError
from flood_bridge.events import PromptApplied, Rejected
from flood_bridge.motion.frames import FrameFlags
from flood_bridge.replay import make_again

MakeRig = Callable[..., Any]
KINDS = st.sampled_from([Spawn, Kill, SetPrompt, Reset])
STEPS = st.lists(st.tuples(KINDS, st.integers(0, 3), st.integers(0, 12)), max_size=14)


def of(rig: Any, number: int) -> list[Any]:
    return [frame for frame in rig.frames if frame.character == number]


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
@example(steps=[(Spawn, 1, 0), (Kill, 1, 0)])
def test_a_character_does_not_notice_who_comes_and_goes(make_rig: MakeRig, steps: Any) -> None:
    alone, crowded = make_rig(rate_hz=20), make_rig(rate_hz=20)
    request = 0
    for kind, number, ticks in steps:
        if number:
            request += 1
            text: dict[str, Any] = {"text": "runs"} if kind in (Spawn, SetPrompt) else {}
            crowded.ask(kind(character=number, request_id=request, **text))
        for rig in (alone, crowded):
            rig.play(ticks / 20)
    for one, other in zip(alone.frames, of(crowded, 0), strict=True):
        assert np.array_equal(one.pose.joints, other.pose.joints)
        assert (one.sequence, one.flags) == (other.sequence, other.flags)
    assert sorted(crowded.generation.characters) == crowded.stage.numbers()


def test_a_spawned_character_streams_from_the_origin_and_a_killed_one_falls_silent(
    make_rig: MakeRig,
) -> None:
    rig = make_rig(rate_hz=20)
    rig.play(1.0)
    rig.ask(Spawn(character=7, text="a person runs"))
    rig.play(1.0)
    begun = of(rig, 7)
    assert begun[0].pose.joints[0, 2] == 0
    assert [frame.sequence for frame in begun] == list(range(len(begun)))
    assert {frame.prompt for frame in begun} == {"a person runs"}
    assert not begun[0].flags & FrameFlags.JUMPED
    rig.ask(Kill(character=7))
    rig.play(1 / 20)
    told = len(of(rig, 7))
    rig.play(1.0)
    assert len(of(rig, 7)) == told
    rig.ask(Spawn(character=7, text=""))
    rig.play(1.0)
    again = of(rig, 7)[told:]
    assert [frame.sequence for frame in again] == list(range(told, told + len(again)))
    assert [bool(frame.flags & FrameFlags.JUMPED) for frame in again[:2]] == [True, False]
    assert again[0].pose.joints[0, 2] == 0
    assert again[-1].prompt == rig.config.prompt


def test_numbers_in_use_and_numbers_of_nobody_are_refused(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.ask(Spawn(character=0, text="x", request_id=1))
    rig.ask(Kill(character=9, request_id=2))
    rig.ask(SetPrompt(character=9, text="x", request_id=3))
    rig.play(0.2)
    reasons = {event.request_id: event.reason for event in rig.told(Rejected)}
    assert "moves already" in reasons[1]
    assert "character 9 does not exist" in reasons[2]
    assert "character 9 does not exist" in reasons[3]
    with pytest.raises(CommandError, match="does not exist"):
        rig.stage.pause(9, True)


def test_there_are_never_more_characters_than_the_most(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20, lead_secs=0.05)
    for number in range(MAX_CHARACTERS + 1):
        rig.ask(Spawn(character=number + 1, text="", request_id=number))
    rig.play(0.05)
    assert len(rig.stage.numbers()) == MAX_CHARACTERS
    assert len(rig.told(Rejected)) == 2


def test_a_prompt_that_a_killed_character_had_not_shown_is_refused(make_rig: MakeRig) -> None:
    rig = make_rig(characters=2)
    rig.ask(SetPrompt(character=1, text="x", request_id=4))
    rig.play(0.1)
    rig.ask(Kill(character=1))
    rig.play(3.0)
    assert [event.request_id for event in rig.told(Rejected)] == [4]
    assert not rig.told(PromptApplied)


def test_a_prompt_whose_first_frame_waited_when_its_character_was_killed_is_refused(
    make_rig: MakeRig,
) -> None:
    rig = make_rig(characters=2)
    rig.ask(SetPrompt(character=1, text="x", request_id=4))
    while not any(ready.starts for ready in rig.stage.waiting(1)):
        rig.play(1 / 60)
    assert not rig.told(PromptApplied)
    rig.ask(Kill(character=1))
    rig.play(3.0)
    assert [event.request_id for event in rig.told(Rejected)] == [4]
    assert not rig.told(PromptApplied)


def test_whoever_takes_an_ended_characters_number_at_once_has_to_arm_its_robot(
    make_swinging_rig: MakeRig,
) -> None:
    rig = make_swinging_rig(guarded=True, characters=2)
    rig.play(0.5)
    rig.robots.obey(Arm(character=1))
    rig.play(4.0)
    assert [report.state for report in rig.robots.reports()] == ["idle", "live"]
    rig.ask(Kill(character=1))
    rig.ask(Spawn(character=1, text="a person runs"))
    played = rig.play(1.0)
    assert any(frame.character == 1 for frame in played)
    assert {frame.robot for frame in played} == {None}


def test_who_came_and_went_is_replayed_as_it_was(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20)
    rig.play(0.5)
    rig.ask(Spawn(character=2, text="a"))
    rig.play(0.7)
    rig.ask(SetPrompt(character=2, text="runs", urgency="now"))
    rig.play(0.7)
    rig.ask(Kill(character=2))
    rig.play(0.3)
    rig.ask(Spawn(character=2, text="b"))
    rig.ask(SetSeed(character=2, seed=77))
    rig.play(0.6)
    rig.ask(Reset(character=2))
    rig.play(0.8)
    rig.generation.note_end()
    played = [frame for frame in of(rig, 2) if not frame.flags & FrameFlags.IDLE]
    again = make_again(rig.engine, rig.config, rig.obeyed, 2)
    assert [f.prompt for f in again] == [f.prompt for f in played]
    for one, other in zip(again, played, strict=True):
        assert np.array_equal(one.pose.joints, other.pose.joints)
    assert next(c for c in rig.characters if c.number == 2).state.seed == 77
