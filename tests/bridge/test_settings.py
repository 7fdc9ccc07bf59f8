"""History, steps and smoothing: each character's own, live, and kept by all that keeps a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from flood_bridge.commands import (
    PlaceRoot,
    Reset,
    SetGuidance,
    SetHistory,
    SetPrompt,
    SetSmoothing,
    SetSpeed,
    SetSteps,
)
from flood_bridge.errors import CommandError
from flood_bridge.events import Rejected
from flood_bridge.live.adjusting import from_note, to_note
from flood_bridge.live.routing import Router
from flood_bridge.live.snapshot import take_snapshot
from flood_bridge.live.state_bytes import state_from_bytes, state_to_bytes
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import PARENTS

MakeRig = Callable[..., Any]
GLIDE_M_S = 1.2


def z(frame: Frame) -> float:
    return float(frame.pose.joints[0, 2])


def test_each_reaches_its_characters_stream_and_outlives_a_reset(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20, characters=2)
    rig.ask(SetHistory(character=1, latents=9))
    rig.ask(SetSteps(character=1, steps=4))
    rig.ask(SetSmoothing(character=1, secs=0.2))
    rig.play(0.5)
    rig.ask(Reset(character=1))
    rig.play(2.0)
    told = [(each.state.history, each.state.steps, each.smoothing_secs) for each in rig.characters]
    assert told == [(None, None, 0.0), (9, 4, 0.2)]
    assert rig.told(Rejected) == []


@pytest.mark.parametrize("latents", [5, 31])
def test_what_the_model_cannot_have_is_refused_and_not_recorded(
    make_rig: MakeRig, latents: int
) -> None:
    rig = make_rig(rate_hz=20)
    rig.ask(SetHistory(latents=latents, request_id=5))
    rig.play(0.5)
    reason = f"the history is {latents}; valid for this model are 6 to 30"
    assert rig.told(Rejected) == [Rejected(5, reason)]
    assert rig.obeyed == []
    assert rig.characters[0].state.history is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: SetHistory(latents=1),
        lambda: SetHistory(latents=12.0),  # type: ignore[arg-type]
        lambda: SetHistory(latents=True),
        lambda: SetSteps(steps=0),
        lambda: SetSteps(steps=5),
        lambda: SetSmoothing(secs=-0.1),
        lambda: SetSmoothing(secs=0.51),
        lambda: SetSmoothing(secs=float("nan")),
    ],
)
def test_what_nobody_can_have_is_no_command(make: Callable[[], Any]) -> None:
    with pytest.raises(CommandError, match="valid are"):
        make()


@pytest.mark.parametrize(
    "command",
    [
        SetSpeed(factor=1.5),
        SetGuidance(scale=3.0),
        SetHistory(latents=12),
        SetSteps(steps=3),
        SetSmoothing(secs=0.25),
        PlaceRoot(x_m=1.0, z_m=-2.0, heading_rad=0.5),
    ],
)
def test_a_note_is_the_command_again(command: Any) -> None:
    note = {"factor": 0.0, "place": ()} | to_note(command)
    assert from_note(**note) == command


def test_a_prompt_that_takes_frames_back_keeps_settings_asked_for_meanwhile(
    make_rig: MakeRig,
) -> None:
    rig = make_rig(rate_hz=60, lead_secs=0.8)
    rig.play(1.0)
    rig.ask(SetHistory(latents=8))
    rig.ask(SetSteps(steps=1))
    rig.ask(SetSmoothing(secs=0.5))
    rig.play(0.4)  # made, not yet shown
    rig.ask(SetPrompt(text="a person runs", urgency="now"))
    rig.play(0.1)
    (character,) = rig.characters
    assert (character.state.history, character.state.steps) == (8, 1)
    assert character.smoothing_secs == 0.5


def test_smoothing_off_is_the_stream_as_it_was_bit_for_bit(make_rig: MakeRig) -> None:
    rig, twin = (make_rig(rate_hz=60) for _ in range(2))
    rig.ask(SetSmoothing(secs=0.0))
    for frame, other in zip(rig.play(1.0), twin.play(1.0), strict=True):
        assert frame.pose.joints.tobytes() == other.pose.joints.tobytes()
        assert frame.pose.velocities.tobytes() == other.pose.velocities.tobytes()


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_a_smoothed_character_lags_by_its_time_constant_and_moves_as_fast(
    make_rig: MakeRig, speed: float
) -> None:
    rig, twin = (make_rig(rate_hz=60) for _ in range(2))
    for each in (rig, twin):
        each.ask(SetSpeed(factor=speed))
    rig.ask(SetSmoothing(secs=0.25))
    for each in (rig, twin):
        each.play(6.0)
    assert z(twin.frames[-1]) - z(rig.frames[-1]) == pytest.approx(
        0.25 * speed * GLIDE_M_S, abs=0.01
    )
    assert rig.frames[-1].pose.velocities[0, 2] == pytest.approx(speed * GLIDE_M_S, abs=0.01)


def test_an_interrupted_smoothed_motion_goes_on_without_a_jump(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=60, lead_secs=0.6)
    rig.ask(SetSmoothing(secs=0.3))
    rig.play(3.0)
    rig.ask(SetPrompt(text="a person runs", urgency="now"))
    rig.play(2.0)
    steps = np.diff([z(frame) for frame in rig.frames]) * 60
    assert steps.min() > 0.7 * GLIDE_M_S
    assert np.abs(np.diff(steps)).max() < 0.2  # from walk to run in 0.3 s, not in a frame
    assert steps[-1] == pytest.approx(3.0, abs=0.05)
    parents = list(PARENTS[1:])
    for frame in rig.frames[::20]:
        joints = frame.pose.joints
        bones = np.linalg.norm(joints[1:] - joints[parents], axis=1)
        np.testing.assert_allclose(bones, rig.engine.bone_lengths[1:], atol=1e-9)


def test_all_outputs_show_the_same_smoothed_body(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=60)
    rig.ask(SetSmoothing(secs=0.3))
    for frame in rig.play(2.0):
        np.testing.assert_array_equal(frame.avatar.root_position, frame.pose.joints[0])


def test_a_snapshot_holds_the_smoothed_body(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20)
    rig.ask(SetSmoothing(secs=0.3))
    rig.play(1.0)
    (snapshot,) = take_snapshot(rig.characters, rig.stage)
    (again,) = state_from_bytes(state_to_bytes([snapshot], rig.engine, 20), rig.engine, 20)
    assert again.smoothing_secs == 0.3
    assert again.mark.smoothing is not None
    assert snapshot.mark.smoothing is not None
    assert again.mark.smoothing.secs == snapshot.mark.smoothing.secs
    np.testing.assert_array_equal(
        again.mark.smoothing.body.plain, snapshot.mark.smoothing.body.plain
    )


def test_the_router_brings_every_setting_to_its_character(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20, characters=2)
    router = Router(2, rig.robots, rig.events.append, rig.clock)
    router.submit(SetSteps(character=1, steps=1, request_id=1))  # kept until the model is there
    router.open(rig.stage)
    router.submit(SetSteps(character=2, steps=1, request_id=2))
    for asked in (SetHistory(character=1, latents=12), SetSteps(character=1, steps=4)):
        router.submit(asked)
    router.submit(SetSmoothing(character=1, secs=0.1))
    rig.play(1.0)
    assert [event.request_id for event in rig.told(Rejected)] == [2]
    told = [(each.state.history, each.state.steps, each.smoothing_secs) for each in rig.characters]
    assert told == [(None, None, 0.0), (12, 4, 0.1)]
