"""However many characters a turn serves, each robot moves as it would alone."""

from __future__ import annotations

import numpy as np
import pytest

from flood_bridge.errors import RetargetError
from flood_bridge.live.crowd import retarget_robots
from flood_bridge.motion.frames import Pose
from flood_bridge.motion.skeleton import Skeleton

pytest.importorskip("mujoco")

BONES = np.array(
    [0, 0.1, 0.1, 0.12, 0.4, 0.4, 0.13, 0.42, 0.42, 0.06, 0.14, 0.14, 0.2, 0.15, 0.15, 0.1, 0.1,
     0.1, 0.27, 0.27, 0.25, 0.25],
)  # fmt: skip


def glide(speed_m_s: float, count: int = 4) -> list[Pose]:
    """Return a T-posed body that glides forward at 20 Hz."""
    rest = Skeleton.from_bone_lengths(BONES).rest_positions() + np.array([0.0, 0.95, 0.0])
    steps = [np.array([0.0, 0.0, speed_m_s * n / 20]) for n in range(count)]
    still = np.tile((0.0, 0.0, speed_m_s), (22, 1))
    return [Pose(rest + step, still, np.ones(4, dtype=bool), 0.0) for step in steps]


@pytest.mark.parametrize("names", [("unitree_g1",) * 4, ("unitree_g1", "unitree_h1", "unitree_g1")])
def test_robots_of_one_kind_and_of_several_move_as_each_alone(names: tuple[str, ...]) -> None:
    from flood_bridge.retarget.robot import RobotRetargeter
    from flood_bridge.retarget.robot_model import load_robot

    kinds = {name: load_robot(name) for name in names}
    motions = [glide(0.3 * n) for n in range(len(names))]
    alone = [RobotRetargeter(kinds[name], 0.05) for name in names]
    expected = [
        [each.retarget(pose) for pose in motion]
        for each, motion in zip(alone, motions, strict=True)
    ]
    sides = [RobotRetargeter(kinds[name], 0.05) for name in names]
    found = retarget_robots(list(zip(sides, motions, strict=True)))
    for mine, others in zip(found, expected, strict=True):
        for frame, other in zip(mine, others, strict=True):
            np.testing.assert_allclose(frame.positions, other.positions, atol=1e-9)
            np.testing.assert_allclose(frame.root_position, other.root_position, atol=1e-9)


def test_a_body_that_no_robot_can_follow_is_told_of_and_nobody_asks_for_nothing() -> None:
    from flood_bridge.retarget.robot import RobotRetargeter
    from flood_bridge.retarget.robot_model import load_robot

    g1 = load_robot("unitree_g1")
    good = glide(0.0, 1)
    broken = [Pose(np.full((22, 3), np.nan), good[0].velocities, good[0].contacts, 0.0)]
    asked = [(RobotRetargeter(g1, 0.05), each) for each in (good, broken, good)]
    with pytest.raises(RetargetError):
        retarget_robots(asked)
    assert retarget_robots([]) == []
