"""A whole daemon with its page: it sleeps when nobody is there, and it wakes without a jump.

The engine is a stand-in that walks; daemon, sleep, page and browser are the real ones.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from flood_bridge.config import Config
from flood_bridge.daemon import Daemon, Wiring
from flood_bridge.events import Event, Status
from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.viewer.link import ViewerLink
from flood_bridge.viewer.messages import Setup

PATIENCE_SECS = 60.0
RATE_HZ = 20
BONES = np.full(22, 0.2)
REST = Skeleton.from_bone_lengths(BONES).rest_positions() + np.array([0.0, 0.9, 0.0])
SPEED, SWING_M = 1.0, 0.2
STEP_M = (SPEED + SWING_M * 2 * np.pi) / RATE_HZ
"""Most that a joint of the walker moves from frame to frame."""


@dataclass
class Walk:
    frames: int = 0
    latents: int = 0
    guidance: float | None = None
    history: int | None = None
    steps: int | None = None

    def fork(self) -> Walk:
        return replace(self)


@dataclass(frozen=True)
class Steps:
    features: np.ndarray
    joints: np.ndarray
    velocities: np.ndarray
    contacts: np.ndarray
    heading_rad: np.ndarray
    text: str = "walk"


class Walker:
    """Walks on, its arms and legs swinging once a second."""

    frame_rate_hz, frames_per_latent, window_size, bone_lengths = 20.0, 4, 5, BONES
    histories, step_counts = range(6, 31), (1, 2, 3, 4)

    def __init__(self) -> None:
        self.latents = 0

    def encode(self, text: str) -> str:
        return text

    def start(self, seed: int = 0) -> Walk:
        return Walk()

    def interrupt(self, state: Walk, prompt: str, depth: int = 3) -> None: ...

    def to_bytes(self, state: Walk) -> bytes:
        return b""

    def from_bytes(self, content: bytes) -> Walk:
        return Walk()

    def step(self, states: Sequence[Walk], prompts: Sequence[str]) -> list[Steps]:
        self.latents += len(states)
        return [self._walk(state) for state in states]

    def _walk(self, state: Walk) -> Steps:
        count = 4 if state.latents else 1
        secs = (state.frames + np.arange(count)) / RATE_HZ
        state.frames, state.latents = state.frames + count, state.latents + 1
        forward = SPEED * secs[:, None] + SWING_M * np.sin(2 * np.pi * secs[:, None]) * REST[:, 0]
        joints = REST + forward[..., None] * np.array([0.0, 0.0, 1.0])
        return Steps(
            np.zeros((count, 263), np.float32),
            joints,
            np.tile((0.0, 0.0, SPEED), (count, 22, 1)),
            np.ones((count, 4), dtype=bool),
            np.zeros(count),
        )


@dataclass
class Recorder:
    name: str = "recorder"
    frames: list[Frame] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def send(self, frame: Frame) -> None:
        self.frames.append(frame)

    def tell(self, event: Event) -> None:
        if isinstance(event, Status):
            self.states.append(event.state)

    def close(self) -> None: ...

    @property
    def asleep(self) -> bool:
        """Whether the last half second stood."""
        return all(frame.flags & FrameFlags.IDLE for frame in self.frames[-RATE_HZ // 2 :])


@dataclass
class House:
    """The daemon, its one output beside the page, and the page."""

    engine: Walker
    recorder: Recorder
    link: ViewerLink
    port: int = 0


def wait(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECS
    while not holds():
        assert time.monotonic() < deadline, f"this did not happen: {what}"
        time.sleep(0.02)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    house = House(
        Walker(), Recorder(), ViewerLink(Setup("127.0.0.1", 8360, ""), None, lambda: False)
    )
    obey = house.link._obey

    def heard(line: bytes, submit: Any) -> None:
        if b'"opened"' in line:
            house.port = int(line.split(b":")[1].strip(b" }\n"))
        obey(line, submit)

    monkeypatch.setattr(house.link, "_obey", heard)

    def open_outputs(skeleton: Skeleton, _: Any) -> list[Any]:
        house.link.begin(skeleton)
        return [house.link, house.recorder]

    wiring = Wiring(lambda *_: [house.link], lambda: house.engine, open_outputs, lambda _: None)  # type: ignore[arg-type]
    daemon = Daemon(Config(rate_hz=RATE_HZ, prompt="walk", rest_secs=0.0), wiring)
    thread = threading.Thread(target=daemon.run)
    thread.start()
    yield house
    daemon.stop()
    thread.join(PATIENCE_SECS)
    assert not thread.is_alive()


def test_alone_it_sleeps_and_it_wakes_without_a_jump(house: House, peer_at: Any) -> None:
    recorder = house.recorder

    def woke() -> bool:
        slept = [frame.flags & FrameFlags.IDLE > 0 for frame in list(recorder.frames)]
        return any(before and not after for before, after in pairwise(slept))

    wait(lambda: house.port > 0 and len(recorder.frames) > RATE_HZ, "it walks")
    wait(lambda: recorder.asleep, "it falls asleep")
    made = house.engine.latents
    peer = peer_at(house.port)
    try:
        wait(lambda: "running" in peer.text, "it is awake again, and the page says so")
        wait(woke, "a frame moves after one that was held")  # the page may be told sooner
        wait(lambda: house.engine.latents > made + 5, "motion is made again")
    finally:
        peer.leave()
    frames = list(recorder.frames)
    gaps = np.diff([frame.sequence for frame in frames])  # more than 1 where the recorder was late
    assert (gaps >= 1).all()
    joints = np.stack([frame.pose.joints for frame in frames])
    assert (np.abs(np.diff(joints, axis=0)).max(axis=(1, 2)) <= STEP_M * gaps + 1e-9).all()
    turns = np.stack([frame.avatar.local_wxyz for frame in frames])
    assert (np.abs(np.diff(turns, axis=0)).max(axis=(1, 2)) < 0.2 * gaps).all()
    secs = [frame.play_time_secs for frame in frames]
    assert (np.diff(secs) > 0).all()


def test_asleep_nothing_is_made_and_the_stream_goes_on(house: House) -> None:
    recorder = house.recorder
    wait(lambda: len(recorder.frames) > RATE_HZ, "it walks")
    wait(lambda: recorder.asleep and recorder.states[-1] == "paused", "it falls asleep")
    made, shown = house.engine.latents, len(recorder.frames)
    wait(lambda: len(recorder.frames) > shown + RATE_HZ, "frames come all the same")
    assert house.engine.latents == made
