"""Fuzzes what is sent to a robot, and counts every number outside its limits. It has to be none.

    python bench/robot_limits.py                          # 20 000 frames, half a minute
    python bench/robot_limits.py --frames 1000000         # the million
    python bench/robot_limits.py --frames 1000000 --solver   # with the retargeting before it

Wanted frames walk, jump, repeat, stop coming, and hold numbers that are none; the robot is armed,
held, stopped and reset in any order meanwhile. With ``--solver`` human poses are broken instead,
joint by joint, and go through the whole way of a daemon.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator

import numpy as np

from flood_bridge.errors import CommandError, RetargetError
from flood_bridge.live.robot_guard import RobotGuard
from flood_bridge.motion.frames import Pose, RobotFrame
from flood_bridge.motion.rotations import IDENTITY, normalise
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.retarget.limit_chain import OutputChain
from flood_bridge.retarget.limit_safe import safe_pose
from flood_bridge.retarget.limit_table import limits_of
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_model import RobotModel, load_robot
from flood_bridge.safety.machine import SafetyMachine
from flood_bridge.safety.options import SafetyOptions

ROUNDING = 1.0 + 1e-6
KINDS = ("position", "speed", "step", "acceleration", "jerk")
BROKEN = (np.nan, np.inf, -np.inf, 1e308, -1e9)
BONES = np.array([
    0.0, 0.11, 0.11, 0.13, 0.39, 0.39, 0.14, 0.43, 0.43, 0.06, 0.15, 0.15, 0.22, 0.14, 0.14, 0.10,
    0.13, 0.13, 0.26, 0.26, 0.27, 0.27,
])  # fmt: skip


def wild_frames(robot: RobotModel, random: np.random.Generator) -> Iterator[RobotFrame]:
    """Yield wanted frames: smooth for a while, then anything."""
    count = len(robot.names)
    angles, speed = robot.posture.copy(), np.zeros(count)
    place, turn = np.array([0.0, 0.0, robot.root_height]), IDENTITY
    while True:
        kind = random.integers(20)
        if kind == 0:
            angles = random.uniform(robot.lower - 1.0, robot.upper + 1.0)
        elif kind == 1:
            place = random.uniform(-50.0, 50.0, 3)
            turn = normalise(random.normal(size=4))
        elif kind == 2:
            speed = random.normal(0.0, 15.0, count)
        for _ in range(random.integers(1, 60)):
            speed = 0.98 * speed + random.normal(0.0, 0.5, count)
            angles = np.clip(angles + speed / 60.0, robot.lower - 2.0, robot.upper + 2.0)
            sent, root = angles.copy(), place + random.normal(0.0, 0.01, 3)
            if kind == 3:
                sent[random.integers(count)] = random.choice(BROKEN)
            if kind == 4:
                root[random.integers(3)] = random.choice(BROKEN)
            yield RobotFrame(robot.names, sent, speed.copy(), root, turn)


def wild_poses(random: np.random.Generator) -> Iterator[Pose]:
    """Yield human poses: a swinging body, with joints that vanish, fly off or change length."""
    rest = Skeleton.from_bone_lengths(BONES).rest_positions() + np.array([0.0, 0.95, 0.0])
    phase, place = 0.0, np.zeros(3)
    while True:
        kind, size = random.integers(20), random.uniform(0.0, 0.4)
        if kind == 0:
            place = random.uniform(-30.0, 30.0, 3) * np.array([1.0, 0.0, 1.0])
        scale = random.uniform(0.5, 1.6) if kind == 1 else 1.0
        for _ in range(random.integers(1, 60)):
            phase += 0.1
            joints = rest * scale + place
            for joint in range(1, 22):
                joints[joint] += 0.3 * size * np.sin(phase + joint) * np.array([0.3, 0.5, 1.0])
            if kind == 2:
                joints[random.integers(22)] = random.choice(BROKEN)
            if kind == 3:
                joints[random.integers(22)] += random.normal(0.0, 3.0, 3)
            yield Pose(joints, np.zeros((22, 3)), np.zeros(4, dtype=bool), 0.0)


def from_poses(
    robot: RobotModel, rate_hz: int, random: np.random.Generator
) -> Iterator[RobotFrame]:
    """Yield the retargeted frames of wild poses."""
    retargeter = RobotRetargeter(robot, 1 / rate_hz, Skeleton.from_bone_lengths(BONES))
    for pose in wild_poses(random):
        try:
            with np.errstate(all="ignore"):
                yield retargeter.retarget(pose)
        except RetargetError:  # the very first pose was broken
            continue


def disturb(guard: RobotGuard, now_secs: float, random: np.random.Generator) -> None:
    """Ask for something, now and then."""
    machine = guard.machine
    asked = random.integers(2000)
    try:
        if asked == 0:
            machine.stop("fuzz")
        elif asked in (1, 2):
            machine.disarm()
        elif asked in (3, 4):
            machine.clutch(bool(asked == 3))
        elif asked < 60:
            machine.clutch(True)
            machine.arm(now_secs)
        elif asked < 70:
            machine.reset(now_secs)
    except CommandError:
        pass  # not possible now, which is an answer too


class Judge:
    """Holds every published frame against the limits."""

    def __init__(self, robot: RobotModel, rate_hz: int) -> None:
        self._limits, self._rate_hz = limits_of(robot), rate_hz
        self._before: list[RobotFrame] = []
        self.worst: dict[str, float] = dict.fromkeys(KINDS, 0.0)
        self.violations: dict[str, int] = dict.fromkeys(KINDS, 0)
        self.published = 0

    def look(self, frame: RobotFrame | None) -> None:
        """Judge one frame; None begins anew."""
        if frame is None:
            self._before = []
            return
        self.published += 1
        limits, rate = self._limits, self._rate_hz
        over = np.maximum(frame.positions - limits.upper, limits.lower - frame.positions)
        shares = {"position": 1.0 + over.max(), "speed": _share(frame.velocities, limits.speed)}
        if self._before:
            last = self._before[-1]
            step = (frame.positions - last.positions) * rate
            gained = (frame.velocities - last.velocities) * rate
            shares["step"] = _share(step, limits.speed)
            shares["acceleration"] = _share(gained, limits.acceleration)
            if len(self._before) > 1:
                first = self._before[-2]
                earlier = (last.velocities - first.velocities) * rate
                # Mean accelerations of two steps differ by at most a jerk over two half-steps.
                shares["jerk"] = _share((gained - earlier) * rate, limits.jerk)
        for what, share in shares.items():
            self.worst[what] = max(self.worst[what], float(share))
            self.violations[what] += not share <= ROUNDING
        self._before = [*self._before[-1:], frame]


def _share(values: np.ndarray, limit: np.ndarray) -> float:
    return float(np.abs(values / limit).max())


def measure(frames: int, rate_hz: int, seed: int, solver: bool) -> dict[str, object]:
    """Return what ``frames`` ticks of fuzzing showed."""
    robot, random = load_robot("unitree_g1"), np.random.default_rng(seed)
    # Hasty: gentle blends would hide what the limits have to stand.
    options = SafetyOptions(
        needs_measurement=False,
        gate_rad=3.0,
        armed_secs=5.0,
        enter_blend_secs=0.1,
        resume_blend_secs=0.05,
        disarm_blend_secs=0.1,
    )
    chain = OutputChain(robot.names, limits_of(robot), 1 / rate_hz)
    guard = RobotGuard(SafetyMachine(robot.names, options), chain, safe_pose(robot), free=False)
    wanted = from_poses(robot, rate_hz, random) if solver else wild_frames(robot, random)
    judge, now_secs, silent, spent_secs = Judge(robot, rate_hz), 0.0, 0, 0.0
    guard.machine.arm(0.0)
    last = next(wanted)
    for _ in range(frames):
        now_secs += (1 + (random.integers(500) == 0) * random.integers(30)) / rate_hz
        disturb(guard, now_secs, random)
        silent = silent - 1 if silent else (random.integers(400) == 0) * random.integers(90)
        last = last if silent else next(wanted)
        began = time.perf_counter()
        sent = guard.publish(now_secs, last, fresh=not silent, jumped=random.integers(300) == 0)
        spent_secs += time.perf_counter() - began
        judge.look(sent)
    return {
        "ticks": frames, "published": judge.published, "rate_hz": rate_hz, "seed": seed,
        "solver": solver, "violations": judge.violations, "planner_failures": chain.failures,
        "worst_share_of_limit": {k: round(v, 6) for k, v in judge.worst.items()},
        "guard_us": round(1e6 * spent_secs / frames, 1),
    }  # fmt: skip


def main() -> int:
    """Print the figures; the exit status is 1 if anything was outside its limits."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--frames", type=int, default=20_000)
    parser.add_argument("--rate-hz", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--solver", action="store_true", help="break human poses instead")
    given = parser.parse_args()
    figures = measure(given.frames, given.rate_hz, given.seed, given.solver)
    print(json.dumps(figures, indent=2))
    violations = figures["violations"]
    assert isinstance(violations, dict)
    return int(any(violations.values()))


if __name__ == "__main__":
    raise SystemExit(main())
