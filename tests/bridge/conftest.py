"""A deterministic stand-in for the engine, and a whole daemon's plumbing on one thread and clock.

Only the plumbing is tested with these; the real engine has its own tests and one end-to-end run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import settings as hypothesis_settings

from flood_bridge.config import Config
from flood_bridge.events import Event, PromptApplied, Rejected
from flood_bridge.live.cast import Casting, make_stage, make_tempo
from flood_bridge.live.character import Character
from flood_bridge.live.generation import Generation
from flood_bridge.live.obeyed import Obeyed
from flood_bridge.live.playing import Playing
from flood_bridge.live.robot_guard import RobotGuard
from flood_bridge.live.robots import Robots
from flood_bridge.live.snapshot import take_up
from flood_bridge.live.stage import Request, Stage
from flood_bridge.motion.frames import AvatarFrame, Frame, Pose, RobotFrame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.retarget.limit_chain import OutputChain
from flood_bridge.retarget.limit_safe import SafePose
from flood_bridge.retarget.limit_table import MotionLimits
from flood_bridge.safety.machine import SafetyMachine
from flood_bridge.safety.options import SafetyOptions
from flood_engine.errors import PromptError

hypothesis_settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
hypothesis_settings.load_profile("unhurried")

BONES = np.array(
    [0, 0.1, 0.1, 0.12, 0.4, 0.4, 0.13, 0.42, 0.42, 0.06, 0.14, 0.14, 0.2, 0.15, 0.15, 0.1, 0.1,
     0.1, 0.27, 0.27, 0.25, 0.25],
)  # fmt: skip
SPEED, RUN_SPEED = 1.2, 3.0


@dataclass(frozen=True)
class StandInPrompt:
    text: str


@dataclass
class StandInState:
    seed: int
    bound: list[str] = field(default_factory=list)
    committed: int = 0
    frames: int = 0
    z: float = 0.0
    guidance: float | None = None
    """Makes the stand-in glide faster in proportion."""
    history: int | None = None
    steps: int | None = None
    """Both move it to the side."""
    undone: int = 0
    """Steps of how many latents an interrupt has undone and the next call makes up for."""

    def fork(self) -> StandInState:
        return replace(self, bound=list(self.bound))


@dataclass(frozen=True)
class StandInChunk:
    features: np.ndarray
    joints: np.ndarray
    velocities: np.ndarray
    contacts: np.ndarray
    heading_rad: np.ndarray
    text: str


class StandInEngine:
    """A T-posed body that glides forward, faster where it "runs", not at all where it is "frozen".

    Prompts bind to latents as FloodDiffusion's do.
    """

    frame_rate_hz = 20.0
    frames_per_latent = 4
    window_size = 5
    histories = range(6, 31)
    step_counts = (1, 2, 3, 4)
    bone_lengths = BONES

    def __init__(self) -> None:
        self.calls = 0
        self.encoded: list[str] = []
        self._rest = Skeleton.from_bone_lengths(BONES).rest_positions() + np.array([0, 0.95, 0])

    def encode(self, text: str) -> StandInPrompt:
        if text == "unreadable":
            raise PromptError("the text cannot be read")
        self.encoded.append(text)
        return StandInPrompt(text)

    def start(self, seed: int = 0) -> StandInState:
        return StandInState(seed)

    def to_bytes(self, state: StandInState) -> bytes:
        return json.dumps(asdict(state)).encode()

    def from_bytes(self, content: bytes) -> StandInState:
        return StandInState(**json.loads(content))

    def interrupt(self, state: StandInState, prompt: StandInPrompt, depth: int = 3) -> None:
        state.bound[state.committed :] = [prompt.text] * (len(state.bound) - state.committed)
        state.undone = depth

    def step(
        self, states: Sequence[StandInState], prompts: Sequence[StandInPrompt]
    ) -> list[StandInChunk]:
        self.calls += 1
        return [self._commit(s, p.text) for s, p in zip(states, prompts, strict=True)]

    def _commit(self, state: StandInState, text: str) -> StandInChunk:
        state.bound += [text] * (state.committed + self.window_size - len(state.bound))
        owner = state.bound[state.committed]
        n = 4 if state.committed else 1
        speed = RUN_SPEED if "runs" in owner else 0.0 if "frozen" in owner else SPEED
        speed *= 1.0 if state.guidance is None else state.guidance
        steps = np.arange(n + 1) * speed / self.frame_rate_hz
        joints = self._rest + np.array([0, 0, 1]) * (state.z + steps[:-1])[:, None, None]
        joints[..., 0] += 0.01 * (state.history or 0) + 0.001 * (state.steps or 0)
        state.z += steps[-1]
        state.committed += 1
        state.frames += n
        state.undone = 0
        return StandInChunk(
            features=np.full((n, 263), np.nan if owner == "break" else 0.5, np.float32),
            joints=joints,
            velocities=np.full((n, 22, 3), (0.0, 0.0, speed)),
            contacts=np.ones((n, 4), dtype=bool),
            heading_rad=np.zeros(n),
            text=owner,
        )


class FakeClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now_secs = 0.0
        self.end_secs = float("inf")

    def __call__(self) -> float:
        return self.now_secs

    def sleep(self, secs: float) -> bool:
        self.now_secs += secs
        return self.now_secs >= self.end_secs


class StillAvatar:
    """Keeps the time of retargeting out of the tests of plumbing."""

    def retarget(self, pose: Pose) -> AvatarFrame:
        return AvatarFrame(pose.joints[0], np.zeros((22, 4)))

    def reset(self) -> None: ...

    def memory(self) -> dict[str, np.ndarray]:
        return {}

    def recall(self, memory: dict[str, np.ndarray]) -> None: ...


class SwingingRobot:
    """A robot whose two joints swing with the way that the body has gone; it keeps no limits."""

    names = ("hip", "knee")
    limits = MotionLimits(
        lower=np.array([-2.0, 0.0]),
        upper=np.array([2.0, 2.5]),
        speed=np.array([10.0, 10.0]),
        acceleration=np.array([200.0, 200.0]),
        jerk=np.array([1e4, 1e4]),
    )
    safe = SafePose(np.array([0.0, 0.4]), 0.7)

    def retarget(self, pose: Pose) -> RobotFrame:
        x, y, z = pose.joints[0]
        swing = 0.5 * np.sin(9.0 * z)
        identity = np.array([1.0, 0.0, 0.0, 0.0])
        place = np.array([z, x, y])
        return RobotFrame(self.names, np.array([swing, 0.5 + swing]), np.zeros(2), place, identity)

    def memory(self) -> dict[str, np.ndarray]:
        return {}

    def recall(self, memory: dict[str, np.ndarray]) -> None: ...

    def relocate(self) -> None: ...


class RigCasting(Casting):
    """Casts characters with still avatars."""

    def __call__(self, *args: Any, **settings: Any) -> Character:
        character = super().__call__(*args, **settings)
        character._avatar = StillAvatar()
        return character


class Rig:
    """Generation and playing as the daemon connects them, but on one thread."""

    def __init__(
        self,
        snapshots: Any = None,
        engine: Any = None,
        make_robot: Callable[[Skeleton], Any] = lambda _: None,
        make_guard: Callable[[], Any] = lambda: None,
        guarded: bool = False,
        **settings: Any,
    ) -> None:
        self.config = Config(**settings)
        self.engine = engine or StandInEngine()
        self.clock = FakeClock()
        self.frames: list[Frame] = []
        self.events: list[Event] = []
        self.obeyed: list[Obeyed] = []
        self.stage: Stage = make_stage(self.config, self.engine)
        skeleton = Skeleton.from_bone_lengths(BONES)
        self.casting = RigCasting(self.config, self.engine, skeleton, make_robot)
        self.robots = Robots(make_guard, guarded, self.events.append, self.clock)
        self.generation = Generation(
            self.engine,
            self.casting,
            self.stage,
            self.events.append,
            self.clock,
            make_tempo(self.config),
            self.obeyed.append,
            robots=self.robots,
        )
        state = (self.casting, self.stage, self.robots)
        resumed = [] if snapshots is None else take_up(snapshots, *state)
        self.generation.begin(resumed or self.casting.all())
        self.generate_on_tick: Callable[[], bool] = lambda: True
        self.playing = Playing(
            self.stage,
            1 / self.config.rate_hz,
            self.frames.append,
            self.events.append,
            clock=self.clock,
            sleep=self._sleep,
            robots=self.robots,
        )
        self.generation.fill()

    @property
    def characters(self) -> list[Any]:
        return list(self.generation.characters.values())

    def play(self, secs: float) -> list[Frame]:
        """Run both loops for ``secs``; return the frames played meanwhile."""
        before = len(self.frames)
        self.clock.end_secs = self.clock.now_secs + secs
        self.playing.run()
        return self.frames[before:]

    def ask(self, command: Any) -> None:
        """Give the engine thread a command, its text encoded."""
        prompt = self.engine.encode(command.text) if hasattr(command, "text") else None
        self.stage.post(Request(command, prompt))

    def told(self, kind: type[PromptApplied] | type[Rejected]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def _sleep(self, secs: float) -> bool:
        if self.generate_on_tick():
            work = self.stage.work()
            assert work is not None
            self.generation.turn(work)
        return self.clock.sleep(secs)


def swinging_rig(
    snapshots: Any = None,
    *,
    guarded: bool = False,
    names: tuple[str, ...] = SwingingRobot.names,
    safety: dict[str, Any] | None = None,
    rate_hz: int = 60,
    **settings: Any,
) -> Rig:
    """Return a rig, fresh or resumed, with swinging robots, behind the safety layer if guarded."""
    options = {"enabled": guarded, "needs_measurement": False, **(safety or {})}

    def guard() -> RobotGuard:
        machine = SafetyMachine(names, SafetyOptions(**options))
        chain = OutputChain(names, SwingingRobot.limits, 1 / rate_hz)
        return RobotGuard(machine, chain, SwingingRobot.safe, free=not guarded)

    robots = {"make_robot": lambda _: SwingingRobot(), "make_guard": guard, "guarded": guarded}
    return Rig(snapshots, rate_hz=rate_hz, **robots, **settings)


@pytest.fixture(scope="session")
def make_rig() -> Callable[..., Rig]:
    return Rig


@pytest.fixture(scope="session")
def make_swinging_rig() -> Callable[..., Rig]:
    return swinging_rig


@pytest.fixture
def engine() -> StandInEngine:
    return StandInEngine()


@pytest.fixture
def make_engine() -> Callable[[], StandInEngine]:
    return StandInEngine
