"""The daemon streams, obeys, survives its outputs, ends quickly, and fails loudly."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from scripted import PATIENCE_SECS, Recorder, Script, run

from flood_bridge.commands import (
    Command,
    Pause,
    Ping,
    PlaceRoot,
    QueuePrompt,
    Reset,
    Resume,
    SetGuidance,
    SetHistory,
    SetPrompt,
    SetSpeed,
    Stop,
)
from flood_bridge.config import STAND, Config
from flood_bridge.daemon import Daemon, Wiring
from flood_bridge.errors import ConfigError, FloodBridgeError
from flood_bridge.events import Pong, PromptApplied, Rejected, Status
from flood_bridge.inputs import Reject, Submit
from flood_bridge.live.engine_port import Clock
from flood_bridge.motion.frames import Frame, FrameFlags
from flood_engine.errors import CheckpointError


def test_prompts_become_frames_and_receipts_and_the_end_is_quick_and_clean(engine: Any) -> None:
    out, ended = Recorder(), 0.0

    def steps(submit: Submit) -> None:
        nonlocal ended
        out.wait(lambda o: len(o.frames) > 3)
        submit(SetPrompt(text="a person waves", request_id=9))
        submit(Ping(request_id=4))
        out.wait(lambda o: bool(o.told(PromptApplied)))
        ended = time.monotonic()

    before = sys.getswitchinterval()
    daemon = run(engine, steps, [out], rate_hz=120, lead_secs=0.05)
    assert time.monotonic() - ended < 1.0
    assert daemon.stuck == []
    assert out.closed
    assert [frame.sequence for frame in out.frames] == sorted({f.sequence for f in out.frames})
    (receipt,) = out.told(PromptApplied)
    assert (receipt.request_id, receipt.text) == (9, "a person waves")
    assert 800 <= receipt.latency_ms < 5000
    assert out.told(Pong)[0].request_id == 4
    assert out.told(Status)[-1].state == "stopping"
    assert sys.getswitchinterval() == before


def test_frames_lie_on_a_grid_and_none_leaves_before_its_time(engine: Any) -> None:
    out = Recorder()
    run(
        engine,
        lambda _: out.wait(lambda o: len(o.frames) > 30),
        [out],
        rate_hz=100,
        lead_secs=0.05,
        characters=2,
    )
    assert min(out.late_secs[:-2]) >= 0.0  # the end sends what is left
    places = [100 * (f.play_time_secs - out.frames[0].play_time_secs) for f in out.frames]
    assert places == pytest.approx(np.round(places), abs=1e-6)


def test_commands_that_cannot_be_obeyed_are_rejected(engine: Any) -> None:
    out = Recorder()

    def steps(submit: Submit) -> None:
        out.wait(lambda o: len(o.frames) > 0)
        submit(SetPrompt(text="x", character=2, request_id=1))
        submit(SetPrompt(text="unreadable", request_id=2))
        submit(Command(request_id=3))
        out.wait(lambda o: len(o.told(Rejected)) == 3)

    run(engine, steps, [out], characters=2)
    reasons = {event.request_id: event.reason for event in out.told(Rejected)}
    assert reasons[1] == "character 2 does not exist; valid are 0, 1"
    assert reasons[2] == "the text cannot be read"
    assert "not a command" in reasons[3]


def test_speed_guidance_and_place_are_obeyed_by_their_character_only(engine: Any) -> None:
    out = Recorder()

    def steps(submit: Submit) -> None:
        out.wait(lambda o: len(o.frames) > 0)
        submit(SetSpeed(character=1, factor=2.0))
        submit(SetGuidance(character=1, scale=3.0))
        submit(PlaceRoot(character=1, x_m=7.0, z_m=0.0, heading_rad=0.0))
        out.wait(lambda o: any(f.pose.velocities[0, 2] > 7 for f in o.frames))

    run(engine, steps, [out], characters=2)
    assert out.told(Rejected) == []
    last = {frame.character: frame.pose for frame in out.frames}
    assert last[1].joints[0, 0] == pytest.approx(7.0)
    assert last[0].joints[0, 0] == pytest.approx(0.0, abs=1e-6)
    assert max(f.pose.velocities[0, 2] for f in out.frames if f.character == 0) < 1.3


def test_pause_resume_reset_queue_and_stop_reach_their_character_only(engine: Any) -> None:
    out = Recorder()

    def last(number: int) -> Frame:
        return next(frame for frame in reversed(out.frames) if frame.character == number)

    def steps(submit: Submit) -> None:
        out.wait(lambda o: {frame.character for frame in o.frames} == {0, 1})
        submit(Pause(character=1))
        out.wait(lambda _: last(1).flags == FrameFlags.IDLE)
        submit(Resume(character=1))
        out.wait(lambda _: last(1).flags != FrameFlags.IDLE)
        submit(Reset(character=1, seed=5))
        out.wait(lambda _: last(1).pose.joints[0, 2] < last(0).pose.joints[0, 2] - 0.1)
        submit(QueuePrompt(character=1, text="queued", duration_secs=60.0))
        out.wait(lambda _: last(1).prompt == "queued")
        submit(Stop(character=1, request_id=8))
        out.wait(lambda _: last(1).prompt == STAND)

    run(engine, steps, [out], prompt="base", characters=2, rate_hz=20)
    own = [frame for frame in out.frames if frame.character == 0]
    assert {frame.prompt for frame in own} == {"base"}
    assert (np.diff([frame.pose.joints[0, 2] for frame in own]) >= 0).all()  # never restarted
    assert 8 in [receipt.request_id for receipt in out.told(PromptApplied)]


def test_broken_and_hanging_outputs_do_not_touch_the_others(engine: Any) -> None:
    good, release = Recorder(), threading.Event()

    class Broken(Recorder):
        def send(self, frame: Frame) -> None:
            raise OSError("no route")

    class Hanging(Recorder):
        name = "hanging"

        def send(self, frame: Frame) -> None:
            release.wait(PATIENCE_SECS)

    def steps(_: Submit) -> None:
        good.wait(lambda o: len(o.frames) > 60)

    began = time.monotonic()
    daemon = run(engine, steps, [Broken(), Hanging(), good], rate_hz=120)
    release.set()
    assert time.monotonic() - began < 5
    assert daemon.stuck == ["output hanging"]
    gaps = np.diff([frame.sequence for frame in good.frames])
    assert np.median(gaps) == 1


def test_an_engine_that_fails_stops_the_stream_tells_the_outputs_and_is_raised(engine: Any) -> None:
    out = Recorder()

    def steps(submit: Submit) -> None:
        out.wait(lambda o: len(o.frames) > 0)
        submit(SetPrompt(text="break"))
        out.wait(lambda o: any(status.state == "stopping" for status in o.told(Status)))

    with pytest.raises(FloodBridgeError, match="not finite"):
        run(engine, steps, [out], rate_hz=60)
    assert any("not finite" in event.reason for event in out.told(Rejected))
    assert out.told(Status)[-1].state == "stopping"
    assert out.closed
    assert all(np.isfinite(frame.pose.joints).all() for frame in out.frames)


def test_a_model_that_cannot_be_loaded_ends_the_daemon_with_its_reason(engine: Any) -> None:
    def load() -> Any:
        raise CheckpointError("no such folder")

    def steps(_: Submit) -> None:
        done.wait(0.2)

    done = threading.Event()
    with pytest.raises(CheckpointError, match="no such folder"):
        run(engine, steps, [], load=load)


def test_outputs_that_cannot_be_opened_end_the_daemon(engine: Any) -> None:
    def refuse(*_: Any) -> Any:
        raise ConfigError("unknown host")

    wiring = Wiring(lambda *_: [], lambda: engine, refuse, lambda _: None)
    with pytest.raises(ConfigError, match="unknown host"):
        Daemon(Config(), wiring).run()


def test_a_model_that_fails_on_its_first_latent_leaves_no_output_open(engine: Any) -> None:
    out, done = Recorder(), threading.Event()

    def steps(_: Submit) -> None:
        done.wait(0.2)

    with pytest.raises(FloodBridgeError, match="not finite"):
        run(engine, steps, [out], prompt="break")
    assert out.closed
    assert not out.frames


def test_a_stop_while_the_model_loads_ends_at_once(engine: Any) -> None:
    loading, release, out = threading.Event(), threading.Event(), Recorder()

    def load() -> Any:
        loading.set()
        release.wait(PATIENCE_SECS)
        return engine

    def steps(_: Submit) -> None:
        loading.wait(PATIENCE_SECS)

    began = time.monotonic()
    daemon = run(engine, steps, [out], load=load)
    assert time.monotonic() - began < 2
    assert daemon.stuck == ["engine"]
    release.set()
    for thread in [t for t in threading.enumerate() if t.name == "engine"]:
        thread.join(PATIENCE_SECS)
    assert out.closed  # opened too late, so it was closed unused
    assert not out.frames


def test_commands_before_the_model_is_there_wait_or_are_refused(engine: Any) -> None:
    out, asked = Recorder(), threading.Event()

    def load() -> Any:
        asked.wait(PATIENCE_SECS)
        return engine

    def steps(submit: Submit) -> None:
        submit(SetPrompt(text="early", request_id=1))
        submit(Pause())
        submit(Reset())
        submit(SetSpeed(factor=4.0))
        submit(SetSpeed(factor=2.0))
        submit(SetHistory(latents=1000, request_id=2))
        asked.set()
        out.wait(lambda o: bool(o.told(PromptApplied)))
        out.wait(lambda o: o.frames[-1].pose.velocities[0, 2] > 2.0)

    run(engine, steps, [out], load=load, rate_hz=20)
    assert [receipt.request_id for receipt in out.told(PromptApplied)] == [1]
    assert [refusal.request_id for refusal in out.told(Rejected)] == [2]  # not for this model
    assert out.frames[-1].pose.joints[0, 2] > 0  # not paused
    assert max(frame.pose.velocities[0, 2] for frame in out.frames) < 2.5  # the latest of a kind


def test_an_input_that_fails_leaves_the_stream_alone(
    engine: Any, caplog: pytest.LogCaptureFixture
) -> None:
    out = Recorder()

    class Failing:
        name = "failing"

        def run(self, submit: Submit, reject: Reject) -> None:
            raise OSError("the cable is out")

        def close(self) -> None:
            raise OSError("and cannot be closed")

    def steps(_: Submit) -> None:
        out.wait(lambda o: len(o.frames) > 30)

    scripts: list[Any] = []

    def open_inputs(stop: Callable[[], None], _: Clock) -> Sequence[Any]:
        scripts[:] = [Failing(), Script(steps, stop)]
        return scripts

    wiring = Wiring(open_inputs, lambda: engine, lambda *_: [out], lambda _: None)
    Daemon(Config(), wiring).run()
    assert scripts[1].error is None
    assert "the cable is out" in caplog.text
    assert out.closed
