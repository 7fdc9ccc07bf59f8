"""Fuzzes what is sent to a robot, and counts every number outside its limits. It has to be none.

    python bench/robot_limits.py                          # 20 000 frames, some seconds
    python bench/robot_limits.py --frames 1000000         # the million, some minutes
    python bench/robot_limits.py --frames 1000000 --solver   # with the retargeting before it

Wanted frames walk, jump, repeat, stop coming, and hold numbers that are none; the robot is armed,
held, stopped and reset in any order meanwhile. With ``--solver`` human poses are broken instead,
joint by joint, and go through the whole way of a daemon. The frames are run in shards of 20 000,
each with a seed and a robot of its own; after each a line says how it went, so that a run that is
cut short has shown something.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

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
SHARD = 20_000
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


def disturb(guard: RobotGuard, now_secs: float, asked: int) -> None:
    """Ask for something, if the number ``asked`` below 2000 means anything."""
    if asked >= 70:
        return
    machine = guard.machine
    try:
        if asked == 0:
            machine.stop("fuzz")
        elif asked in (1, 2):
            machine.disarm()
        elif asked in (3, 4):
            machine.clutch(asked == 3)
        elif asked < 60:
            machine.clutch(True)
            machine.arm(now_secs)
        else:
            machine.reset(now_secs)
    except CommandError:
        pass  # not possible now, which is an answer too


class Judge:
    """Holds every published frame against the limits, a run of frames at a time."""

    def __init__(self, robot: RobotModel, rate_hz: int) -> None:
        self._limits, self._rate_hz = limits_of(robot), rate_hz
        self._run: list[tuple[np.ndarray, np.ndarray]] = []
        self.worst: dict[str, float] = dict.fromkeys(KINDS, 0.0)
        self.violations: dict[str, int] = dict.fromkeys(KINDS, 0)
        self.published = 0

    def look(self, frame: RobotFrame | None) -> None:
        """Take one frame; None begins anew."""
        if frame is None:
            self.close()
            return
        self.published += 1
        self._run.append((frame.positions.copy(), frame.velocities.copy()))

    def close(self) -> None:
        """Judge the frames since the last gap."""
        if not self._run:
            return
        positions, velocities = (np.array(each) for each in zip(*self._run, strict=True))
        limits, rate = self._limits, self._rate_hz
        over = np.maximum(positions - limits.upper, limits.lower - positions)
        gained = np.diff(velocities, axis=0) * rate
        self._judge("position", 1.0 + over.max(axis=1))
        self._judge("speed", _shares(velocities, limits.speed))
        self._judge("step", _shares(np.diff(positions, axis=0) * rate, limits.speed))
        self._judge("acceleration", _shares(gained, limits.acceleration))
        # Mean accelerations of two steps differ by at most a jerk over two half-steps.
        self._judge("jerk", _shares(np.diff(gained, axis=0) * rate, limits.jerk))
        self._run.clear()

    def _judge(self, what: str, shares: np.ndarray) -> None:
        if shares.size:
            worst = float(np.where(np.isnan(shares), np.inf, shares).max())
            self.worst[what] = max(self.worst[what], worst)
            self.violations[what] += int((~(shares <= ROUNDING)).sum())


def _shares(values: np.ndarray, limit: np.ndarray) -> np.ndarray:
    return np.abs(values / limit).max(axis=1) if len(values) else np.zeros(0)


# Hasty: gentle blends would hide what the limits have to stand.
HASTY = SafetyOptions(
    needs_measurement=False,
    gate_rad=3.0,
    armed_secs=5.0,
    enter_blend_secs=0.1,
    resume_blend_secs=0.05,
    disarm_blend_secs=0.1,
)


def measure(frames: int, rate_hz: int, seed: int, solver: bool) -> dict[str, Any]:
    """Return what ``frames`` ticks of fuzzing one robot showed."""
    robot, random = load_robot("unitree_g1"), np.random.default_rng(seed)
    chain = OutputChain(robot.names, limits_of(robot), 1 / rate_hz)
    guard = RobotGuard(SafetyMachine(robot.names, HASTY), chain, safe_pose(robot), free=False)
    wanted = from_poses(robot, rate_hz, random) if solver else wild_frames(robot, random)
    judge, now_secs, silent, spent_secs = Judge(robot, rate_hz), 0.0, 0, 0.0
    asked = random.integers(2000, size=frames).tolist()
    gaps = (random.integers(500, size=frames) == 0) * random.integers(30, size=frames)
    lulls = ((random.integers(400, size=frames) == 0) * random.integers(90, size=frames)).tolist()
    jumps = (random.integers(300, size=frames) == 0).tolist()
    guard.machine.arm(0.0)
    last = next(wanted)
    for tick, gap in enumerate(gaps.tolist()):
        now_secs += (1 + gap) / rate_hz
        disturb(guard, now_secs, asked[tick])
        silent = silent - 1 if silent else lulls[tick]
        last = last if silent else next(wanted)
        began = time.perf_counter()
        sent = guard.publish(now_secs, last, fresh=not silent, jumped=jumps[tick])
        spent_secs += time.perf_counter() - began
        judge.look(sent)
    judge.close()
    return {
        "ticks": frames, "published": judge.published, "violations": judge.violations,
        "planner_failures": chain.failures, "worst_share_of_limit": judge.worst,
        "guard_secs": spent_secs,
    }  # fmt: skip


def together(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of all shards as one."""

    def added(name: str) -> int:
        return sum(part[name] for part in parts)

    ticks, secs = added("ticks"), sum(part["guard_secs"] for part in parts)
    return {
        "ticks": ticks,
        "published": added("published"),
        "violations": {kind: sum(part["violations"][kind] for part in parts) for kind in KINDS},
        "planner_failures": added("planner_failures"),
        "worst_share_of_limit": {
            kind: round(max(part["worst_share_of_limit"][kind] for part in parts), 6)
            for kind in KINDS
        },
        "guard_us": round(1e6 * secs / ticks, 1),
    }


def main() -> int:
    """Print the figures; the exit status is 1 if anything was outside its limits."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--frames", type=int, default=20_000)
    parser.add_argument("--rate-hz", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="of the first shard")
    parser.add_argument("--solver", action="store_true", help="break human poses instead")
    given = parser.parse_args()
    logging.getLogger("flood_bridge").setLevel(logging.ERROR)  # each held frame would say so
    parts: list[dict[str, Any]] = []
    for shard, done in enumerate(range(0, given.frames, SHARD)):
        size = min(SHARD, given.frames - done)
        parts.append(measure(size, given.rate_hz, given.seed + shard, given.solver))
        wrong = sum(sum(part["violations"].values()) for part in parts)
        print(f"{done + size} frames, {wrong} outside a limit", file=sys.stderr, flush=True)
    figures = {"rate_hz": given.rate_hz, "seed": given.seed, "solver": given.solver}
    figures |= together(parts)
    print(json.dumps(figures, indent=2))
    return int(any(figures["violations"].values()))


if __name__ == "__main__":
    raise SystemExit(main())
