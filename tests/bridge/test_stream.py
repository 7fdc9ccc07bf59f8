"""From prompt to frame: one frame per tick, sequence without gaps, receipts for every request.

Generation and playing run as the daemon connects them, on a fake clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.commands import ClearQueue, QueuePrompt, Reset, SetPrompt
from flood_bridge.errors import ConfigError, FloodBridgeError
from flood_bridge.events import PromptApplied, Rejected
from flood_bridge.live.encoding import CLEARED, SUPERSEDED
from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.timeline import MAX_QUEUED

MakeRig = Callable[..., Any]
LATENT = 0.2
WINDOW_SECS = 4 * LATENT


def z(frame: Frame) -> float:
    return float(frame.pose.joints[0, 2])


def first_with(frames: list[Frame], text: str) -> Frame:
    return next(frame for frame in frames if frame.prompt == text)


@pytest.mark.parametrize("rate_hz", [20, 50, 60, 120])
@pytest.mark.parametrize("characters", [1, 3])
def test_every_tick_publishes_one_frame_per_character_in_sequence_and_on_the_grid(
    make_rig: MakeRig, rate_hz: int, characters: int
) -> None:
    rig = make_rig(rate_hz=rate_hz, characters=characters)
    frames = rig.play(4.0)
    assert len(frames) == pytest.approx(4 * rate_hz * characters, abs=characters)
    for number in range(characters):
        own = [frame for frame in frames if frame.character == number]
        assert [frame.sequence for frame in own] == list(range(len(own)))
        times = np.array([frame.play_time_secs for frame in own])
        assert np.allclose(np.diff(times), 1 / rate_hz)
        assert np.allclose([z(frame) for frame in own], 1.2 * times, atol=1e-9)
    assert not any(frame.flags & (FrameFlags.IDLE | FrameFlags.PROMPT_CHANGED) for frame in frames)
    assert rig.stage.underruns() == 0


def test_generation_runs_no_further_ahead_than_the_lead_asks(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=60, lead_secs=0.3)
    longest = 0

    def generate() -> bool:
        nonlocal longest
        longest = max(longest, rig.stage.lead_frames())
        return True

    rig.generate_on_tick = generate
    rig.play(5.0)
    assert longest <= 0.3 * 60 - 1 + 12
    assert rig.engine.calls <= 5.0 / LATENT + 4


def test_a_prompt_owns_frames_after_the_window_and_the_lead_and_its_receipt_names_the_first(
    make_rig: MakeRig,
) -> None:
    rig = make_rig(rate_hz=60)
    frames = rig.play(2.0)
    asked_secs = rig.clock()
    rig.ask(SetPrompt(text="a person waves", request_id=7, received_secs=asked_secs))
    frames += rig.play(2.0)
    (receipt,) = rig.told(PromptApplied)
    first = first_with(frames, "a person waves")
    assert (receipt.request_id, receipt.text) == (7, "a person waves")
    assert receipt.sequence == first.sequence
    assert first.flags & FrameFlags.PROMPT_CHANGED
    assert receipt.latency_ms == pytest.approx(1000 * (first.play_time_secs - asked_secs), abs=1)
    assert WINDOW_SECS <= receipt.latency_ms / 1000 <= WINDOW_SECS + LATENT + 0.2 + 0.02
    changed = [frame for frame in frames if frame.flags & FrameFlags.PROMPT_CHANGED]
    assert changed == [first]


def test_frames_name_the_prompt_that_the_engine_bound_their_latent_to(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20)
    texts = {}
    step = rig.engine.step

    def recorded(states: Any, prompts: Any) -> Any:
        chunks = step(states, prompts)
        for chunk in chunks:
            texts.update(dict.fromkeys(np.round(chunk.joints[:, 0, 2], 6).tolist(), chunk.text))
        return chunks

    rig.engine.step = recorded
    frames = []
    for n in range(6):
        rig.ask(SetPrompt(text=f"prompt {n}"))
        frames += rig.play(0.4 * n)
    assert len({frame.prompt for frame in frames}) > 3
    for frame in frames:
        assert frame.prompt == texts.get(round(z(frame), 6), frame.prompt)


def test_a_prompt_that_is_replaced_before_it_owns_a_latent_is_rejected(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.play(1.0)
    rig.ask(SetPrompt(text="first", request_id=1))
    rig.ask(SetPrompt(text="second", request_id=2))
    frames = rig.play(3.0)
    assert rig.told(Rejected) == [Rejected(1, SUPERSEDED)]
    assert [receipt.request_id for receipt in rig.told(PromptApplied)] == [2]
    assert "first" not in {frame.prompt for frame in frames}


def test_queued_prompts_play_for_their_time_and_the_base_returns(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20, prompt="base")
    rig.play(1.0)
    rig.ask(QueuePrompt(text="a", duration_secs=0.6, request_id=1))
    rig.ask(QueuePrompt(text="b", duration_secs=1.0, request_id=2))
    frames = rig.play(6.0)
    texts = [frame.prompt for frame in frames]
    assert texts.count("a") == 12
    assert texts.count("b") == 20
    assert texts == sorted(texts, key=["base", "a", "b"].index) or texts[-1] == "base"
    assert [receipt.request_id for receipt in rig.told(PromptApplied)] == [1, 2]
    changed = [f.prompt for f in frames if f.flags & FrameFlags.PROMPT_CHANGED]
    assert changed == ["a", "b", "base"]


def test_a_cleared_queue_ends_with_what_plays_and_every_prompt_is_answered(
    make_rig: MakeRig,
) -> None:
    rig = make_rig(rate_hz=20, prompt="base")
    for number, text in enumerate("abc", 1):
        rig.ask(QueuePrompt(text=text, duration_secs=2.0, request_id=number))
    frames = rig.play(2.0)
    rig.ask(ClearQueue())
    frames += rig.play(4.0)
    texts = [frame.prompt for frame in frames]
    assert texts.count("a") == 40
    assert set(texts) == {"base", "a"}
    assert texts[-1] == "base"
    assert [receipt.request_id for receipt in rig.told(PromptApplied)] == [1]
    assert rig.told(Rejected) == [Rejected(2, CLEARED), Rejected(3, CLEARED)]


def test_a_full_queue_rejects_and_says_why(make_rig: MakeRig) -> None:
    rig = make_rig()
    for n in range(MAX_QUEUED + 3):
        rig.ask(QueuePrompt(text="x", duration_secs=1.0, request_id=n))
    rig.play(0.5)
    rejected = rig.told(Rejected)
    # One leaves the queue with each latent that is made, none before the first.
    assert [event.request_id for event in rejected] == [64, 65, 66]
    assert "64" in rejected[0].reason


def test_pause_holds_the_pose_at_rest_without_gaps_and_resume_goes_on_where_it_was(
    make_rig: MakeRig,
) -> None:
    rig = make_rig(rate_hz=60)
    before = rig.play(1.0)
    rig.stage.pause(0, True)
    calls = rig.engine.calls
    held = rig.play(1.0)
    assert rig.engine.calls <= calls + 1
    rig.stage.pause(0, False)
    after = rig.play(1.0)
    assert all(frame.flags == FrameFlags.IDLE for frame in held)
    assert all(not frame.pose.velocities.any() for frame in held)
    assert {z(frame) for frame in held} == {z(before[-1])}
    assert z(after[0]) == pytest.approx(z(before[-1]) + 1.2 / 60)
    sequence = [frame.sequence for frame in before + held + after]
    assert sequence == list(range(len(sequence)))
    assert rig.stage.underruns() == 0


def test_a_slow_engine_shows_held_idle_frames_and_counts_them(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=60)
    rig.play(1.0)
    rig.generate_on_tick = lambda: False
    frames = rig.play(1.0)
    idle = [frame for frame in frames if frame.flags == FrameFlags.IDLE]
    assert rig.stage.underruns() == len(idle) > 30
    rig.generate_on_tick = lambda: True
    after = rig.play(1.0)
    assert not any(frame.flags & FrameFlags.IDLE for frame in after)
    assert z(after[0]) - z(idle[-1]) == pytest.approx(1.2 / 60)  # delayed, nothing cut out


def test_a_late_playout_thread_skips_ticks_and_loses_no_motion(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=60)
    frames = rig.play(1.0)
    naps = iter([0.0, 6.3 / 60])
    publish = rig.frames.append

    def slow(frame: Frame) -> None:
        publish(frame)
        rig.clock.now_secs += next(naps, 0.0)

    rig.playing._publish = slow
    late = rig.play(0.5)
    steps = np.diff([frame.play_time_secs for frame in late])
    assert rig.playing.missed == 5
    assert sorted(steps)[-2:] == pytest.approx([1 / 60, 6 / 60])
    assert np.allclose(np.diff([z(frame) for frame in frames + late]), 1.2 / 60)


def test_reset_starts_at_the_origin_under_the_same_prompt_and_goes_on_in_sequence(
    make_rig: MakeRig,
) -> None:
    rig = make_rig(rate_hz=60, prompt="a person walks", seed=3)
    before = rig.play(3.0)
    rig.ask(Reset(seed=11))
    after = rig.play(2.0)
    new = [frame for frame in after if not frame.flags & FrameFlags.IDLE]
    assert z(before[-1]) > 3
    assert z(new[0]) == pytest.approx(0.0)
    assert {frame.prompt for frame in after} == {"a person walks"}
    assert rig.characters[0].state.seed == 11
    assert [frame.sequence for frame in before + after] == list(range(len(before + after)))
    assert rig.stage.underruns() == 0
    rig.ask(Reset())
    rig.play(1.0)
    assert rig.characters[0].state.seed == 11


def test_a_prompt_on_its_way_survives_a_reset_and_gets_its_receipt(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.play(1.0)
    rig.ask(SetPrompt(text="new", request_id=5))
    rig.play(0.9)  # bound, made in part, not yet shown
    assert not rig.told(PromptApplied)
    rig.ask(Reset())
    frames = rig.play(2.0)
    (receipt,) = rig.told(PromptApplied)
    assert receipt.sequence == first_with(frames, "new").sequence


@settings(max_examples=40, deadline=None)
@given(
    asked=st.lists(
        st.tuples(st.sampled_from(["set", "queue", "reset"]), st.integers(0, 25)), max_size=12
    )
)
def test_every_request_gets_exactly_one_receipt_or_refusal(
    make_rig: MakeRig, asked: list[tuple[str, int]]
) -> None:
    rig, wanted = make_rig(rate_hz=20), []
    for n, (kind, ticks) in enumerate(asked, 1):
        match kind:
            case "set":
                rig.ask(SetPrompt(text="t", request_id=n))
            case "queue":
                rig.ask(QueuePrompt(text="t", duration_secs=0.3, request_id=n))
            case "reset":
                rig.ask(Reset())
        wanted += [n] if kind != "reset" else []
        rig.play(ticks / 20)
    rig.play(8.0)
    told = [event.request_id for event in rig.told(PromptApplied) + rig.told(Rejected)]
    assert sorted(told) == wanted


def test_numbers_that_are_not_finite_stop_the_stream(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.ask(SetPrompt(text="break"))
    with pytest.raises(FloodBridgeError, match="not finite"):
        rig.play(3.0)
    assert all(np.isfinite(frame.pose.joints).all() for frame in rig.frames)


def test_a_stream_slower_than_the_model_is_refused(make_rig: MakeRig, engine: Any) -> None:
    type(engine).frame_rate_hz = 30.0
    try:
        with pytest.raises(ConfigError, match="30"):
            make_rig(rate_hz=25)
    finally:
        type(engine).frame_rate_hz = 20.0
