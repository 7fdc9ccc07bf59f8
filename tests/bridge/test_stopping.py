"""Stopping the daemon: at any time, as often as one likes, and with what is to be kept saved."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from scripted import PATIENCE_SECS, Recorder, run

from flood_bridge import daemon as daemons
from flood_bridge.config import Config
from flood_bridge.daemon import Daemon, Wiring
from flood_bridge.inputs import Submit
from flood_bridge.live.obeyed import read_log
from flood_bridge.live.state_file import NAME


class SlowModel:
    """The stand-in for the engine, whose next latent can be made to wait."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.at_work = threading.Event()
        self.waits: threading.Event | None = None
        self.most_secs = PATIENCE_SECS

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def step(self, *asked: Any) -> Any:
        if self.waits is not None:
            self.at_work.set()
            self.waits.wait(self.most_secs)
        return self.engine.step(*asked)

    def stop_while_it_works(self, **settings: Any) -> tuple[Daemon, float]:
        """Run a daemon and end it in the middle of a latent; return it and the seconds it took."""
        out, asked_secs = Recorder(), 0.0

        def steps(_: Submit) -> None:
            nonlocal asked_secs
            out.wait(lambda o: len(o.frames) > 3)
            self.waits = threading.Event()
            assert self.at_work.wait(PATIENCE_SECS)
            asked_secs = time.monotonic()

        daemon = run(self, steps, [out], rate_hz=20, **settings)
        return daemon, time.monotonic() - asked_secs

    def go_on(self) -> None:
        """Let go of the latent, and wait until its thread has ended."""
        assert self.waits is not None
        self.waits.set()
        for thread in [t for t in threading.enumerate() if t.name == "engine"]:
            thread.join(PATIENCE_SECS)


def test_stopping_twice_and_before_the_start_is_harmless(engine: Any) -> None:
    wiring = Wiring(lambda *_: [], lambda: engine, lambda *_: [], lambda _: None)
    daemon = Daemon(Config(), wiring)
    daemon.stop()
    daemon.stop()
    daemon.run()


def test_a_latent_that_takes_longer_than_an_end_may_is_waited_for_if_the_run_is_kept(
    engine: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slow = SlowModel(engine)
    slow.most_secs = 1.2
    log = tmp_path / "run.log"
    daemon, _ = slow.stop_while_it_works(
        state_dir=str(tmp_path), state_secs=3600.0, record_commands=str(log)
    )
    assert daemon.stuck == []
    assert (tmp_path / NAME).exists()
    assert [each.kind for each in read_log(log)[1]] == ["end"]
    assert "not saved" not in caplog.text


def test_an_end_that_cannot_be_saved_is_told_and_bounded(
    engine: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemons, "SAVE_SECS", 0.8)
    slow = SlowModel(engine)
    daemon, secs = slow.stop_while_it_works(state_dir=str(tmp_path), state_secs=3600.0)
    slow.go_on()
    assert daemon.stuck == ["engine"]
    assert 0.8 <= secs < 5.0
    assert "not saved, what was saved before stands: engine did not end within 0.8 s" in caplog.text
    assert not (tmp_path / NAME).exists()


def test_nothing_is_waited_for_if_nothing_is_kept(
    engine: Any, caplog: pytest.LogCaptureFixture
) -> None:
    slow = SlowModel(engine)
    daemon, secs = slow.stop_while_it_works()
    slow.go_on()
    assert daemon.stuck == ["engine"]
    assert secs < daemons.SAVE_SECS
    assert "not saved" not in caplog.text
