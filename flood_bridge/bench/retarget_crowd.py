"""Several characters on robots at once: what a tick of all of them costs, beside one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from flood_bridge.bench.clips import PERIOD_SECS, HumanClip
from flood_bridge.live.engine_port import Clock
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_crowd import retarget_together
from flood_bridge.retarget.robot_model import RobotModel

TARGETS_MS = {16: 5.0}
"""What a tick of so many characters may take."""
TICKS = 20


def crowd_ticks(robot: RobotModel, clips: Sequence[HumanClip], clock: Clock) -> dict[str, Any]:
    """Return the figures of each size of :data:`TARGETS_MS`; the clips are dealt out in turn."""
    return {
        str(count): {**_tick(robot, clips, clock, count), "target_ms": target}
        for count, target in TARGETS_MS.items()
    }


def _tick(
    robot: RobotModel, clips: Sequence[HumanClip], clock: Clock, count: int
) -> dict[str, float]:
    alone, crowd = ([RobotRetargeter(robot, PERIOD_SECS) for _ in range(count)] for _ in range(2))
    spent: list[tuple[float, float]] = []
    for tick in range(TICKS + 1):
        poses = [
            clip.poses[(3 * number + tick) % len(clip.poses)]
            for number, clip in ((n, clips[n % len(clips)]) for n in range(count))
        ]
        began_secs = clock()
        for each, pose in zip(alone, poses, strict=True):
            each.retarget(pose)
        halfway_secs = clock()
        retarget_together([(each, [pose]) for each, pose in zip(crowd, poses, strict=True)])
        spent.append((halfway_secs - began_secs, clock() - halfway_secs))
    # The first frame costs sixty steps, and comes once.
    one_by_one, together = np.median(spent[1:], axis=0) * 1e3
    return {"ms_p50": round(float(together), 4), "ms_p50_one_by_one": round(float(one_by_one), 4)}
