"""A whole daemon saves its state, is ended, and another goes on with the very next frame."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flood_bridge.config import Config
from flood_bridge.daemon import Daemon, Wiring
from flood_bridge.errors import ConfigError
from flood_bridge.events import Event
from flood_bridge.inputs import Reject, Submit
from flood_bridge.live.engine_port import Clock
from flood_bridge.live.obeyed import read_log
from flood_bridge.live.state_file import NAME
from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.replay import make_again

ROOT = Path(__file__).parents[2]


class Watcher:
    """Output and input in one: keeps all frames and stops the daemon after some."""

    name = "watcher"

    def __init__(self, enough: Callable[[list[Frame]], bool]) -> None:
        self.frames: list[Frame] = []
        self._enough = enough
        self._done = threading.Event()
        self._stop: Callable[[], None] = lambda: None

    def open(self, stop: Callable[[], None], _: Clock) -> Sequence[Watcher]:
        self._stop = stop
        return [self]

    def run(self, submit: Submit, reject: Reject) -> None:
        self._done.wait(20)
        self._stop()

    def send(self, frame: Frame) -> None:
        self.frames.append(frame)
        if self._enough(self.frames):
            self._done.set()

    def tell(self, event: Event) -> None: ...

    def close(self) -> None: ...


def run(engine: Any, frames: int, **settings: Any) -> list[Frame]:
    watcher = Watcher(lambda seen: len(seen) >= frames)
    wiring = Wiring(watcher.open, lambda: engine, lambda *_: [watcher], lambda _: None)
    daemon = Daemon(Config(rate_hz=60, rest_secs=0, **settings), wiring)
    daemon.run()
    assert daemon.stuck == []
    return watcher.frames


def test_the_next_run_begins_with_the_next_frame(engine: Any, tmp_path: Path) -> None:
    before = run(engine, 40, state_dir=str(tmp_path), prompt="a person runs")
    after = run(engine, 20, state_dir=str(tmp_path), resume=True)
    assert after[0].sequence > before[-1].sequence
    assert after[0].prompt == "a person runs"
    both = [*before, *after]
    steps = np.diff([frame.pose.joints[0, 2] for frame in both])
    ticks = np.diff([frame.sequence for frame in both])
    # A busy machine may hold frames or lose them on the way to the output; none is cut out.
    assert (steps >= 0).all()
    assert (steps <= ticks * 3.0 / 60 + 1e-9).all()
    assert steps[len(before) - 1] > 0 or after[0].flags & FrameFlags.IDLE
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_damaged_state_ends_the_run_with_a_clear_word(engine: Any, tmp_path: Path) -> None:
    run(engine, 5, state_dir=str(tmp_path))
    content = bytearray((tmp_path / NAME).read_bytes())
    content[100] ^= 1
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(ConfigError, match=r"--resume .*state: it is damaged"):
        run(engine, 5, state_dir=str(tmp_path), resume=True)


def test_a_recorded_run_replays_to_the_frames_that_were_played(engine: Any, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    played = [f for f in run(engine, 50, record_commands=str(log)) if not f.flags & 4]
    config, obeyed = read_log(log)
    again = make_again(engine, config, obeyed)
    # What the output was too slow for may be missing; what it saw is the replay's.
    made = {frame.pose.joints[0, 2]: frame for frame in again}
    assert len(again) >= len(played)
    for frame in played:
        assert np.array_equal(made[frame.pose.joints[0, 2]].pose.joints, frame.pose.joints)


def test_a_start_that_fails_leaves_no_log_that_blocks_the_next(engine: Any, tmp_path: Path) -> None:
    log = tmp_path / "run.log"

    def taken(*_: Any) -> Any:
        raise ConfigError("the port is taken")

    config = Config(record_commands=str(log))
    for wiring in (
        Wiring(taken, lambda: engine, lambda *_: [], lambda _: None),
        Wiring(lambda *_: [], lambda: engine, taken, lambda _: None),
        Wiring(lambda *_: [], taken, lambda *_: [], lambda _: None),
    ):
        with pytest.raises(ConfigError, match="the port is taken"):
            Daemon(config, wiring).run()
        assert not log.exists()
    run(engine, 5, record_commands=str(log))
    assert len(log.read_text().splitlines()) == 2  # head and end
    with pytest.raises(ConfigError, match="exists already"):
        run(engine, 5, record_commands=str(log))


@pytest.mark.slow
def test_half_seconds_made_in_fresh_processes_are_one_motion() -> None:
    command = [sys.executable, ROOT / "examples" / "04_stateless.py", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "identical to one uninterrupted run" in done.stdout
