"""End to end: ``flood-bridge run`` with the bundled model, heard by an independent OSC library."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.udp_client import SimpleUDPClient

from flood_bridge.motion.frames import FrameFlags

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PATIENCE_SECS = 120.0
"""For loading on a busy machine; nothing here waits that long on a free one."""
EXIT_SECS = 1.0


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


def messages_in(datagram: bytes) -> list[OscMessage]:
    if not OscBundle.dgram_is_bundle(datagram):
        return [OscMessage(datagram)]
    return [each for each in OscBundle(datagram) if isinstance(each, OscMessage)]


class Ear:
    """A UDP port and all OSC messages that came to it, by address."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(1.0)
        self.port = self._socket.getsockname()[1]
        self.heard: dict[str, list[list[Any]]] = {}

    def listen(self, until: Callable[[], bool]) -> None:
        end_secs = time.monotonic() + PATIENCE_SECS
        while not until():
            assert time.monotonic() < end_secs, f"heard only {list(self.heard)}"
            try:
                datagram = self._socket.recv(65535)
            except TimeoutError:
                continue
            for message in messages_in(datagram):
                self.heard.setdefault(message.address, []).append(list(message.params))

    def got(self, address: str) -> list[list[Any]]:
        return self.heard.get(address, [])

    def close(self) -> None:
        self._socket.close()


class Running:
    """A daemon in a process of its own."""

    def __init__(self, *options: str) -> None:
        self.native, self.vmc, self.control_port = Ear(), Ear(), free_port()
        ports = {"osc": self.native.port, "vmc": self.vmc.port, "control": self.control_port}
        arguments = [f"--{group}.port={port}" for group, port in ports.items()]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flood_bridge", "run", *arguments, *options],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.control = SimpleUDPClient("127.0.0.1", self.control_port)

    def end(self, *signals: signal.Signals) -> tuple[int, float]:
        """Send signals, a moment apart; return the exit status and the seconds it took."""
        began = time.monotonic()
        for number in signals:
            self.process.send_signal(number)
            time.sleep(0.02)
        return self.process.wait(PATIENCE_SECS), time.monotonic() - began

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()
        for each in (self.native, self.vmc, self.control):
            each.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def run(*options: str) -> Running:
        started.append(Running(*options))
        return started[-1]

    yield run
    for each in started:
        each.close()


def test_a_prompt_over_osc_becomes_motion_and_ctrl_c_ends_it(start: Callable[..., Running]) -> None:
    daemon = start("--rate-hz", "60")
    ear = daemon.native
    ear.listen(lambda: len(ear.got("/flood/0/frame")) > 60)
    daemon.control.send_message("/flood/0/prompt", ["a person waves", 42])
    ear.listen(lambda: bool(ear.got("/flood/0/prompt/applied")))
    ear.listen(lambda: len(ear.got("/flood/0/frame")) > 240 and bool(ear.got("/flood/status")))

    ((request_id, text, sequence, latency_ms),) = ear.got("/flood/0/prompt/applied")
    assert (request_id, text) == (42, "a person waves")
    assert latency_ms >= 800  # the model's window alone
    frames = ear.got("/flood/0/frame")
    (changed,) = [frame[0] for frame in frames if frame[2] & FrameFlags.PROMPT_CHANGED]
    assert sequence <= changed < sequence + 60  # later if that frame was replaced by a newer one
    numbers = np.array([frame[0] for frame in frames])
    assert (np.diff(numbers) > 0).all()
    assert np.isfinite(np.array([frame[3:] for frame in frames])).all()
    quaternions = np.array(frames[-1][6:]).reshape(22, 4)
    assert np.linalg.norm(quaternions, axis=1) == pytest.approx(1.0, abs=1e-5)

    daemon.vmc.listen(lambda: len(daemon.vmc.got("/VMC/Ext/Bone/Pos")) > 21)
    bones = {bone[0] for bone in daemon.vmc.got("/VMC/Ext/Bone/Pos")}
    assert {"Hips", "Spine", "Head", "LeftUpperArm", "RightFoot"} <= bones

    status, secs = daemon.end(signal.SIGINT)
    assert status == 0
    assert secs < EXIT_SECS


def test_sigterm_and_an_impatient_second_ctrl_c_end_it_cleanly(
    start: Callable[..., Running],
) -> None:
    for signals in ((signal.SIGTERM,), (signal.SIGINT, signal.SIGINT, signal.SIGINT)):
        daemon = start("--rate-hz", "20")
        daemon.native.listen(lambda ear=daemon.native: len(ear.got("/flood/0/frame")) > 5)
        status, secs = daemon.end(*signals)
        assert status == 0
        assert secs < EXIT_SECS
        assert daemon.process.stderr is not None
        assert "Traceback" not in daemon.process.stderr.read()


def test_ctrl_c_while_the_model_loads_ends_it_at_once(start: Callable[..., Running]) -> None:
    daemon = start()
    assert daemon.process.stderr is not None
    assert "loading" in daemon.process.stderr.readline()
    status, secs = daemon.end(signal.SIGINT)
    assert status == 0
    assert secs < EXIT_SECS + 0.5  # importing torch may keep the interpreter to itself for a while


def test_the_robot_and_several_characters_stream_together(start: Callable[..., Running]) -> None:
    pytest.importorskip("mujoco")
    daemon = start("--rate-hz", "20", "--robot", "unitree_g1", "--characters", "2")
    ear = daemon.native
    ear.listen(lambda: bool(ear.got("/flood/0/frame") and ear.got("/flood/1/frame")))
    daemon.control.send_message("/flood/1/prompt", ["a person walks forward", 7])
    ear.listen(lambda: bool(ear.got("/flood/1/prompt/applied")))
    assert not ear.got("/flood/0/prompt/applied")
    assert daemon.end(signal.SIGINT)[0] == 0


def test_the_hello_example_sees_its_prompt_applied(start: Callable[..., Running]) -> None:
    daemon = start("--rate-hz", "20")
    daemon.native.listen(lambda: bool(daemon.native.got("/flood/0/frame")))
    daemon.native.close()  # the example listens there now
    ports = [str(daemon.control_port), str(daemon.native.port)]
    command = [sys.executable, ROOT / "examples" / "01_hello_osc.py", "a person jumps", *ports]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert re.search(r'"a person jumps" is shown from frame \d+ on', result.stdout)
    assert re.search(r"frame +\d+ at .* pelvis", result.stdout)


def test_the_own_output_example_prints_a_table() -> None:
    command = [sys.executable, ROOT / "examples" / "03_own_output.py", "3"]
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_SECS, check=True
    )
    head, *rows = result.stdout.splitlines()
    assert head == "sequence,seconds,x,y,z,prompt"
    assert len(rows) >= 50
    assert "a person walks forward" in result.stderr
