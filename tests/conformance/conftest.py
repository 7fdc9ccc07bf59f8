"""Our stream, and programs of others that decode it.

What is missing here skips its test with the reason; `.ci/run` installs all of it.
"""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from flood_bridge.doctor.patterns import adult
from flood_bridge.events import Pong, PromptApplied, Rejected, Status
from flood_bridge.inputs.listening import Ear
from flood_bridge.motion.frames import AvatarFrame, Frame, Pose
from flood_bridge.motion.skeleton import NUM_JOINTS
from flood_bridge.outputs.udp import UdpTarget
from flood_bridge.protocol import native, osc, vmc
from flood_bridge.protocol.compact import CompactEncoder
from flood_bridge.protocol.receipts import event_message
from flood_bridge.protocol.trackers import TrackerEncoder

PROBE = "/conformance/probe"
END = "/conformance/end"
PATIENCE_SECS = 60.0

EVENTS = (
    PromptApplied(0, 7, "a person waves", 120, 350),
    Rejected(8, "unknown address '/x'"),
    Pong(9, 12.5),
    Status(3.0, 2, "a person walks", "running", 310.0, 60.0, 233.0, 1, 1042),
)


@dataclass(frozen=True)
class Stream:
    """Datagrams in the order to send, and the messages in them."""

    datagrams: tuple[bytes, ...]

    @property
    def messages(self) -> list[osc.Message]:
        return [message for datagram in self.datagrams for message in osc.parse(datagram)]

    def __add__(self, other: Stream) -> Stream:
        return Stream(self.datagrams + other.datagrams)


@pytest.fixture(scope="session")
def vmc_stream() -> Stream:
    """Four frames of VMC: 4 Root/Pos and 88 Bone/Pos."""
    encoder = vmc.VmcEncoder(adult())
    pairs = [encoder.encode(_frame(n)) for n in range(4)]
    return Stream((*(d for pair in pairs for d in pair), vmc.option_message("a person walks")))


@pytest.fixture(scope="session")
def native_stream() -> Stream:
    """Every address under /flood and of VRChat that is published."""
    frames, unreal = native.FrameEncoder(0), native.FrameEncoder(0, ["ue"])
    crowd, trackers = CompactEncoder(), TrackerEncoder(adult())
    datagrams = [native.skeleton_message(0, adult())]
    for number in range(3):
        frame = _frame(number)
        datagrams += [frames.encode(frame), unreal.encode(frame), trackers.encode(frame)]
        datagrams += crowd.encode([replace(frame, character=n) for n in range(7)])
    return Stream((*datagrams, *map(event_message, EVENTS)))


def _frame(number: int) -> Frame:
    """A body with a different number in every place."""
    rng = np.random.default_rng(number)
    turns = rng.normal(size=(NUM_JOINTS, 4))
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    joints = rng.uniform(-2, 2, (NUM_JOINTS, 3))
    pose = Pose(joints, rng.uniform(-3, 3, joints.shape), rng.random(4) < 0.5, 0.1 * number)
    return Frame(0, number, number / 60, pose, AvatarFrame(joints[0], turns), None, "walk")


class Decoder:
    """A program that prints what it hears on a UDP port, as lines on its output."""

    def __init__(self, command: Callable[[int], Sequence[str | Path]], folder: Path) -> None:
        probe = Ear("127.0.0.1", 0)
        self._port = probe.port
        probe.close()
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [str(word) for word in command(self._port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,  # Godot writes its logs wherever it runs
            text=True,
            errors="replace",
        )
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def decode(self, stream: Stream) -> list[str]:
        """Send ``stream`` and return the lines printed for it."""
        target = UdpTarget("127.0.0.1", self._port)
        try:
            self._await(PROBE, lambda: target.send(osc.message(PROBE, "i", 1)))
            for datagram in stream.datagrams:
                target.send(datagram)
            target.send(osc.message(END, "i", 1))
            return [line for line in self._await(END) if "conformance" not in line]
        finally:
            target.close()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()
        if self._process.stdout:
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))

    def _await(self, word: str, send: Callable[[], None] | None = None) -> list[str]:
        """Return the lines before the one that names ``word``, sending again until it comes."""
        words = word.strip("/").split("/")
        seen: list[str] = []
        deadline = time.monotonic() + PATIENCE_SECS
        while True:
            assert time.monotonic() < deadline, f"no {word} within {PATIENCE_SECS} s: {seen[-5:]}"
            if send:
                send()
            try:
                line = self._lines.get(timeout=0.2)
            except queue.Empty:
                continue
            if all(each in line for each in words):
                return seen
            seen.append(line)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Decoder]]:
    """Start a decoder; its command gets the port."""
    running: list[Decoder] = []

    def begin(command: Callable[[int], Sequence[str | Path]]) -> Decoder:
        running.append(Decoder(command, tmp_path))
        return running[-1]

    yield begin
    for each in running:
        each.close()
