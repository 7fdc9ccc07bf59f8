"""A retargeter that recalls what another remembers goes on as that one does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from flood_bridge.motion.frames import AvatarFrame, Pose, RobotFrame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.retarget.avatar import AvatarRetargeter
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_model import load_robot


def numbers(frame: AvatarFrame | RobotFrame) -> np.ndarray:
    if isinstance(frame, AvatarFrame):
        return np.concatenate((frame.root_position, frame.local_wxyz.ravel()))
    return np.concatenate(
        (frame.positions, frame.velocities, frame.root_position, frame.root_rotation_wxyz)
    )


@pytest.mark.parametrize("kind", ["avatar", "robot", "measured robot"])
@pytest.mark.parametrize("at", [0, 1, 17])
def test_recalling_goes_on_exactly_in_another_retargeter_and_back_in_time(
    kind: str, at: int, walk: Callable[..., list[Pose]], skeleton: Skeleton
) -> None:
    if "robot" in kind:
        pytest.importorskip("mujoco")

    def make() -> Any:
        if kind == "avatar":
            return AvatarRetargeter(skeleton, 0.05)
        return RobotRetargeter(load_robot("unitree_g1"), 0.05, None if " " in kind else skeleton)

    poses = walk(26, yaw_rate=40.0)
    first = make()
    for pose in poses[:at]:
        first.retarget(pose)
    memory = first.memory()
    want = [numbers(first.retarget(pose)) for pose in poses[at:]]
    second = make()
    for each in (second, first):
        each.recall(memory)
        got = [numbers(each.retarget(pose)) for pose in poses[at:]]
        assert np.array_equal(got, want)
    assert all(isinstance(value, np.ndarray) for value in memory.values())
