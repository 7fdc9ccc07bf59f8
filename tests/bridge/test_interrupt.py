"""A prompt that is to hold now shows within a quarter of a second, and the body never jumps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.commands import QueuePrompt, Reset, SetPrompt, SetSpeed
from flood_bridge.errors import CommandError
from flood_bridge.events import PromptApplied, Rejected
from flood_bridge.live.encoding import SUPERSEDED
from flood_bridge.motion.frames import Frame, FrameFlags

MakeRig = Callable[..., Any]
RUN = "a person runs"


def z(frame: Frame) -> float:
    return float(frame.pose.joints[0, 2])


def first_difference(frames: list[Frame], others: list[Frame]) -> int:
    return next(
        a.sequence
        for a, b in zip(frames, others, strict=True)
        if not np.array_equal(a.pose.joints, b.pose.joints)
    )


@pytest.mark.parametrize("rate_hz", [20, 50, 60, 120, 200])
@pytest.mark.parametrize("lead_secs", [0.1, 0.2])
@given(ticks=st.integers(0, 60), depth=st.sampled_from([None, 0, 2, 5]))
@settings(max_examples=12, deadline=None)
def test_now_shows_in_a_quarter_second_and_the_receipt_names_the_first_frame(
    make_rig: MakeRig, rate_hz: int, lead_secs: float, ticks: int, depth: int | None
) -> None:
    rig, twin = (make_rig(rate_hz=rate_hz, lead_secs=lead_secs) for _ in range(2))
    for each in (rig, twin):
        each.play(1.5 + ticks / rate_hz)
    asked_secs = rig.clock()
    rig.ask(SetPrompt(text=RUN, urgency="now", depth=depth, request_id=3, received_secs=asked_secs))
    for each in (rig, twin):
        each.play(1.0)
    (receipt,) = rig.told(PromptApplied)
    (first,) = [f for f in rig.frames if f.flags & FrameFlags.PROMPT_CHANGED]
    assert (receipt.request_id, receipt.sequence, first.prompt) == (3, first.sequence, RUN)
    # The first changed pose is a step after the first of the prompt: both begin at one place.
    changed = first_difference(rig.frames, twin.frames)
    assert 0 <= changed - receipt.sequence <= -(-rate_hz // 20)
    assert receipt.latency_ms <= 250
    assert rig.stage.underruns() == 0


@given(ticks=st.integers(0, 40))
@settings(max_examples=10, deadline=None)
def test_after_now_the_body_goes_on_from_what_was_played(make_rig: MakeRig, ticks: int) -> None:
    rig = make_rig(rate_hz=60)
    rig.play(1.0 + ticks / 60)
    rig.ask(SetPrompt(text=RUN, urgency="now"))
    rig.play(1.0)
    steps = np.diff([z(frame) for frame in rig.frames])
    assert steps.min() > 0
    assert steps.max() <= 3.2 / 60
    assert steps[-1] == pytest.approx(3.0 / 60)
    assert [frame.sequence for frame in rig.frames] == list(range(len(rig.frames)))


def test_now_keeps_what_is_played_while_the_new_motion_is_made(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=60, lead_secs=0.8, min_lead_secs=0.2)
    rig.play(2.0)
    waiting = rig.stage.lead_frames()
    rig.ask(SetPrompt(text=RUN, urgency="now"))
    rig.play(1 / 60)
    cut = waiting - rig.stage.lead_frames() + 12
    assert 12 <= rig.stage.lead_frames() <= 36
    assert cut > 12


def test_now_empties_the_queue_and_tells_all_that_it_superseded(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.play(1.0)
    rig.ask(SetPrompt(text="soft", request_id=1))
    rig.play(0.5)  # bound, not yet made
    rig.ask(QueuePrompt(text="later", duration_secs=1.0, request_id=2))
    rig.ask(SetPrompt(text=RUN, urgency="now", request_id=3))
    frames = rig.play(4.0)
    assert sorted(rig.told(Rejected), key=lambda r: r.request_id) == [
        Rejected(1, SUPERSEDED),
        Rejected(2, SUPERSEDED),
    ]
    assert [receipt.request_id for receipt in rig.told(PromptApplied)] == [3]
    assert {frame.prompt for frame in frames[20:]} == {RUN}


def test_a_prompt_with_the_urgency_queue_waits_for_what_is_queued(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20, prompt="base")
    rig.play(1.0)
    rig.ask(QueuePrompt(text="a", duration_secs=1.0, request_id=1))
    rig.ask(SetPrompt(text=RUN, urgency="queue", request_id=2))
    frames = rig.play(5.0)
    changed = [f.prompt for f in frames if f.flags & FrameFlags.PROMPT_CHANGED]
    assert changed == ["a", RUN]
    assert [frame.prompt for frame in frames].count("a") == 20
    assert [receipt.request_id for receipt in rig.told(PromptApplied)] == [1, 2]


def test_a_depth_beyond_the_models_window_is_refused_with_its_size(make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.ask(SetPrompt(text=RUN, urgency="now", depth=9, request_id=4))
    rig.play(1.0)
    (refusal,) = rig.told(Rejected)
    assert refusal.request_id == 4
    assert "9" in refusal.reason
    assert "5 latents" in refusal.reason


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"urgency": "later"}, "queue, soft, now"),
        ({"depth": 2}, "belongs to the urgency now"),
        ({"urgency": "now", "depth": -1}, "0 to 16"),
    ],
)
def test_a_wrong_urgency_or_depth_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        SetPrompt(text="x", **fields)


@settings(max_examples=40, deadline=None)
@given(
    asked=st.lists(
        st.tuples(st.sampled_from(["now", "soft", "queue", "append"]), st.integers(0, 25)),
        max_size=10,
    )
)
def test_every_request_gets_one_receipt_or_refusal_whatever_its_urgency(
    make_rig: MakeRig, asked: list[tuple[Any, int]]
) -> None:
    rig = make_rig(rate_hz=20)
    for n, (kind, ticks) in enumerate(asked, 1):
        if kind == "append":
            rig.ask(QueuePrompt(text="t", duration_secs=0.3, request_id=n))
        else:
            rig.ask(SetPrompt(text="t", urgency=kind, request_id=n))
        rig.play(ticks / 20)
    rig.play(8.0)
    told = [event.request_id for event in rig.told(PromptApplied) + rig.told(Rejected)]
    assert sorted(told) == list(range(1, len(asked) + 1))


def test_a_character_that_holds_still_costs_nothing_until_it_is_asked(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20, prompt="frozen", rest_secs=1.0)
    rig.play(3.0)
    calls = rig.engine.calls
    frames = rig.play(5.0)
    assert rig.engine.calls == calls
    assert len(frames) == pytest.approx(100, abs=1)
    assert rig.stage.underruns() == 0
    rig.ask(SetPrompt(text=RUN, urgency="now"))
    moving = rig.play(1.0)
    assert z(moving[-1]) > z(frames[-1])
    assert np.diff([z(f) for f in moving]).max() <= 3.0 / 20 + 1e-9


@pytest.mark.parametrize("rest_secs", [0.2, 1.0, 1.9])
def test_a_character_that_rests_before_its_lead_is_full_is_shown_all_the_same(
    make_rig: MakeRig, rest_secs: float
) -> None:
    rig = make_rig(rate_hz=20, prompt="frozen", rest_secs=rest_secs, lead_secs=2.0)
    frames = rig.play(5.0)
    assert len(frames) == pytest.approx(100, abs=1)
    rig.ask(SetPrompt(text=RUN, request_id=1))
    rig.play(8.0)
    assert [receipt.request_id for receipt in rig.told(PromptApplied)] == [1]


def test_a_reset_of_a_fast_character_at_rest_is_shown(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=60, prompt="frozen", lead_secs=1.0)
    rig.ask(SetSpeed(factor=4.0))
    rig.play(6.0)
    rig.ask(Reset())
    assert any(frame.flags & FrameFlags.JUMPED for frame in rig.play(6.0))


def test_the_character_that_runs_dry_first_is_served_first(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20, characters=3, lead_secs=0.4)
    rig.stage.pause(1, True)
    rig.generate_on_tick = lambda: False
    rig.play(0.3)
    work = rig.stage.work()
    assert set(work.hungry) == {0, 2}
    rig.stage.pause(0, True)
    rig.stage.pause(1, False)
    rig.play(0.2)
    work = rig.stage.work()
    assert work.hungry[0] == 2
    assert work.slack_frames == min(len(p) for p in rig.stage._playouts.values())
