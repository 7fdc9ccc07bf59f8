"""What retargeting several characters at once gains, stage by stage and as a whole, side by side.

    python bench/retarget_stack.py [CHARACTERS ...]

Prints microseconds of processor time of one character: done one after the other, and together. The
bounded steps are done one by one in either case: NumPy, which knows no bounds, takes about as long
for the bare equations of all at once, which is the figure shown beside them.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from flood_bridge.motion.frames import Pose
from flood_bridge.motion.rotations import from_yaw, rotate
from flood_bridge.retarget.pose_admission import Checks
from flood_bridge.retarget.residuals import Costs, NormalEquations
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_crowd import retarget_together
from flood_bridge.retarget.robot_model import RobotModel, load_robot
from flood_bridge.retarget.robot_posture import pose_at_ease
from flood_bridge.retarget.solver import BoundedStep
from flood_bridge.retarget.targets import Aims

PERIOD_SECS, DOFS, ROUNDS, FRAMES = 0.05, 35, 9, 24
WALL = np.full(DOFS, 9.0)
Work = Callable[[], object]


def walking(seed: int) -> list[Pose]:
    """Return a body that glides along a circle and swings its arms and legs a little."""
    random = np.random.default_rng(seed)
    rest, poses = pose_at_ease().joints, []
    phases = random.uniform(0.0, 2.0 * np.pi, rest.shape)
    for frame in range(FRAMES + 1):
        turn = from_yaw(0.02 * frame + seed)
        limbs = rest + 0.02 * np.sin(phases + 0.3 * frame)
        joints = rotate(turn[None], limbs + np.array([1.0, 0.0, 0.0])) + random.normal(0, 1e-3, 3)
        poses.append(Pose(joints, np.zeros((22, 3)), np.zeros(4, dtype=bool), 0.0))
    return poses


def spent_us(work: Work, times: int) -> float:
    """Return the processor time of one call."""
    began = time.thread_time_ns()
    for _ in range(times):
        work()
    return (time.thread_time_ns() - began) / times / 1e3


def compared(one_by_one: Work, together: Work, times: int) -> tuple[float, float, float]:
    """Return the median times of both, and that of their ratios, taken in turns."""
    pairs = [(spent_us(one_by_one, times), spent_us(together, times)) for _ in range(ROUNDS)]
    alone, at_once = np.array(pairs).T
    return float(np.median(alone)), float(np.median(at_once)), float(np.median(alone / at_once))


def last_stages(retargeter: RobotRetargeter, poses: Sequence[Pose]) -> dict[type, Any]:
    """Retarget ``poses``, and return the last stage of each kind on the way."""
    seen, answer = {}, None
    for pose in poses:
        script = retargeter.script(pose)
        try:
            while True:
                stage = script.send(answer)
                seen[type(stage)], answer = stage, stage.alone()
        except StopIteration:
            answer = None
    return seen


def stages(robot: RobotModel, count: int) -> dict[str, tuple[Work, Work]]:
    """Return each stage of ``count`` characters, one after the other and together."""
    crowd = [RobotRetargeter(robot, PERIOD_SECS) for _ in range(count)]
    seen = [last_stages(each, walking(seed)[:8]) for seed, each in enumerate(crowd)]

    def both(kind: type) -> tuple[Work, Work]:
        asked = [each[kind] for each in seen]
        return lambda: [each.alone() for each in asked], lambda: kind.together(asked)

    made = NormalEquations.together([each[NormalEquations] for each in seen])
    steps = [(hessian + 0.01 * np.eye(DOFS), gradient) for hessian, gradient in made]
    hessians, gradients = (np.array(each) for each in zip(*steps, strict=True))
    box = BoundedStep(DOFS)
    return {
        "checks": both(Checks),
        "targets": both(Aims),
        "errors": both(Costs),
        "normal equations": both(NormalEquations),
        "steps; stacked: no bounds": (
            lambda: [box.step(h, g, -WALL, WALL) for h, g in steps],
            lambda: np.linalg.solve(hessians, gradients[..., None]),
        ),
    }


def one_by_one(asked: Sequence[tuple[RobotRetargeter, Pose]]) -> None:
    """Retarget each pose by itself."""
    for each, pose in asked:
        each.retarget(pose)


def whole(robot: RobotModel, count: int) -> tuple[float, float, float]:
    """Return the times of a frame of all, and their ratio."""
    alone = [RobotRetargeter(robot, PERIOD_SECS) for _ in range(count)]
    crowd = [RobotRetargeter(robot, PERIOD_SECS) for _ in range(count)]
    motions = [walking(seed) for seed in range(count)]
    pairs = []
    for poses in zip(*motions, strict=True):
        single = list(zip(alone, poses, strict=True))
        asked = [(each, [pose]) for each, pose in zip(crowd, poses, strict=True)]
        pairs.append((spent_us(partial(one_by_one, single), 1),
                      spent_us(partial(retarget_together, asked), 1)))  # fmt: skip
    # The first frame costs sixty steps, and comes once.
    single, at_once = np.array(pairs[1:]).T
    return float(np.median(single)), float(np.median(at_once)), float(np.median(single / at_once))


def main() -> None:
    """Print a table."""
    logging.disable(logging.WARNING)
    robot = load_robot("unitree_g1")
    print("microseconds per character; a frame does a stage together from so many characters on:")
    print(
        ", ".join(
            f"{kind.__name__} {kind.WORTH}" for kind in (Checks, Aims, Costs, NormalEquations)
        )
    )
    print(f"{'characters':>10s}  {'stage':28s}{'one by one':>11s}{'together':>10s}{'gain':>7s}")
    for count in [int(each) for each in sys.argv[1:]] or (3, 8, 32):
        rows = {name: compared(*works, max(1, 60 // count)) for name, works in
                stages(robot, count).items()}  # fmt: skip
        rows["a frame, all of it"] = whole(robot, count)
        for name, (single, at_once, gain) in rows.items():
            print(
                f"{count:10d}  {name:28s}{single / count:11.1f}{at_once / count:10.1f}{gain:7.2f}"
            )


if __name__ == "__main__":
    main()
