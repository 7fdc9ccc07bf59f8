"""Both forms of the node end on any signal and on impatient ones, and leave no shared memory.

Fast DDS makes segments in /dev/shm with the process; those that its end can free are gone after it.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

SHARED = Path("/dev/shm")
OWN = re.compile(r"fast(dds|rtps)_[0-9a-f]{16}")
HERE = Path(__file__).parent
PATIENCE_SECS = 60
INT, TERM = signal.SIGINT, signal.SIGTERM

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(find_spec("rclpy") is None, reason="rclpy is not installed"),
    pytest.mark.skipif(not SHARED.is_dir(), reason="there is no shared memory to look at"),
]


def segments(pid: int) -> set[str]:
    """Return the segments that a process has in use: its own, and those of whom it heard."""
    try:
        lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    except OSError:
        return set()
    mapped = {line.rpartition("/")[2].split()[0] for line in lines if f" {SHARED}/" in line}
    return {name for name in mapped if OWN.fullmatch(name)}


def forsaken(names: set[str]) -> set[str]:
    """Return those of ``names`` that are there and that no process has in use."""
    running = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    used = set().union(*map(segments, running))
    return {name for name in names - used if (SHARED / name).exists()}


def end(process: subprocess.Popen[bytes], signals: tuple[int, ...]) -> tuple[int, set[str]]:
    """Signal a process that has its segments; return its status and what nobody frees of them."""
    before = forsaken({entry.name for entry in SHARED.iterdir()})
    ends = time.monotonic() + PATIENCE_SECS
    used: set[str] = set()
    try:
        while not used and process.poll() is None and time.monotonic() < ends:
            time.sleep(0.05)
            used = segments(process.pid)
        time.sleep(1.0)  # in the middle of things
        used = segments(process.pid)
        for number in signals:
            process.send_signal(number)
            time.sleep(0.02)
        status = process.wait(PATIENCE_SECS)
    finally:
        process.kill()
        process.wait()
    assert used, "it had no shared memory at all"
    return status, forsaken(used) - before


@pytest.fixture
def start(ros_domain: None, tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    def begin(environ: dict[str, str], *command: str | Path) -> subprocess.Popen[bytes]:
        own = {**environ, "FASTDDS_BUILTIN_TRANSPORTS": "DEFAULT"}
        with (tmp_path / "log").open("w") as log:
            return subprocess.Popen(
                [sys.executable, *command],
                env=own,
                stdin=subprocess.DEVNULL,
                stderr=log,
            )

    return begin


@pytest.mark.parametrize("signals", [(INT, INT), (TERM, INT)], ids=["twice", "both"])
def test_the_daemon_ends_with_success(
    start: Callable[..., subprocess.Popen[bytes]], signals: tuple[int, ...]
):
    quiet = ["--control.no-enabled", "--vmc.no-enabled", "--osc.no-enabled"]
    process = start(dict(os.environ), HERE / "stand_in_daemon.py", "--ros", *quiet)
    assert end(process, signals) == (0, set())


@pytest.mark.parametrize("signals", [(INT,), (TERM, TERM)], ids=["once", "twice"])
def test_the_node_beside_a_daemon_ends_with_success(
    start: Callable[..., subprocess.Popen[bytes]],
    workspace: dict[str, str],
    signals: tuple[int, ...],
):
    process = start(workspace, "-m", "flood_motion.node")
    assert end(process, signals) == (0, set())
