"""What the tests of the safety layer share: a machine and a guard, each with a clock."""

from __future__ import annotations

import numpy as np

from flood_bridge.live.robot_guard import RobotGuard
from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import RobotFrame
from flood_bridge.retarget.limit_chain import OutputChain
from flood_bridge.retarget.limit_safe import SafePose
from flood_bridge.retarget.limit_table import MotionLimits
from flood_bridge.safety.decision import Decision, Sight, State
from flood_bridge.safety.machine import SafetyMachine
from flood_bridge.safety.options import SafetyOptions

NAMES = ("hip", "knee")
RATE_HZ = 60
LIMITS = MotionLimits(
    lower=np.array([-2.0, 0.0]),
    upper=np.array([2.0, 2.5]),
    speed=np.array([10.0, 8.0]),
    acceleration=np.array([200.0, 160.0]),
    jerk=np.array([1e4, 8e3]),
)
SAFE = SafePose(np.array([-0.3, 0.6]), 0.75)
Z = np.array([0.0, 0.0, 1.0])
ROUNDING = 1.0 + 1e-9


def frame(hip=0.0, knee=0.5, x=0.0, y=0.0, z=0.8, yaw=0.0) -> RobotFrame:
    rotation = rot.from_axis_angle(Z, yaw)
    place = np.array([x, y, z], dtype=np.float64)
    return RobotFrame(NAMES, np.array([hip, knee]), np.zeros(2), place, rotation)


def make_guard(**options) -> RobotGuard:
    chosen = SafetyOptions(**{"needs_measurement": False, **options})
    chain = OutputChain(NAMES, LIMITS, 1 / RATE_HZ)
    return RobotGuard(SafetyMachine(NAMES, chosen), chain, SAFE, free=not chosen.enabled)


class Run:
    """A guard at its rate, and all that it published."""

    def __init__(self, **options) -> None:
        self.guard = make_guard(**options)
        self.now = 0.0
        self.published: list[RobotFrame] = []
        self.motion, self.fresh, self.jumped = frame(), True, False

    def tick(self) -> RobotFrame | None:
        self.now += 1 / RATE_HZ
        out = self.guard.publish(self.now, self.motion, fresh=self.fresh, jumped=self.jumped)
        self.jumped = False
        if out is None:
            self.published = []
        else:
            self.published.append(out)
        return out

    def run(self, secs: float) -> RobotFrame | None:
        out = None
        for _ in range(round(secs * RATE_HZ)):
            out = self.tick()
        return out

    @property
    def state(self) -> State:
        return self.guard.machine.state

    def lead(self) -> None:
        self.guard.machine.arm(self.now)
        self.run(self.guard.machine._options.enter_blend_secs + 0.2)
        assert self.state is State.LIVE

    def steps(self) -> np.ndarray:
        return np.abs(np.diff([each.positions for each in self.published], axis=0)) * RATE_HZ


TICK_SECS = 1 / 60
REST = np.zeros(2)


class Bench:
    """A machine, a clock and a robot that does what it is told."""

    def __init__(self, **options) -> None:
        self.options = SafetyOptions(**{"needs_measurement": False, **options})
        self.machine = SafetyMachine(NAMES, self.options)
        self.now = 10.0
        self.wanted, self.sent = REST.copy(), None
        self.fresh = True
        self.measured: tuple[float, ...] | None = None
        self.held: bool | None = None
        self.safe = False

    def tick(self) -> Decision:
        self.now += TICK_SECS
        if self.measured is not None:
            self.machine.measure(self.now, NAMES, self.measured)
        if self.held is not None:
            self.machine.deadman(self.now, self.held)
        decision = self.machine.tick(self.now, Sight(self.fresh, self.wanted, self.sent, self.safe))
        if decision.state is State.IDLE:
            self.sent = None
        elif self.sent is None:
            self.sent = REST.copy()
        return decision

    def run(self, secs: float) -> list[Decision]:
        return [self.tick() for _ in range(round(secs / TICK_SECS))]

    def arm(self) -> None:
        self.machine.arm(self.now)

    def lead(self) -> None:
        self.arm()
        self.run(self.options.enter_blend_secs + 0.1)
        assert self.machine.state is State.LIVE


def states(decisions: list[Decision]) -> list[State]:
    shown = [each.state for each in decisions]
    return [s for n, s in enumerate(shown) if n == 0 or s is not shown[n - 1]]
