"""Characters retargeted at once move as each would alone: whoever else takes part, in any order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.errors import ConfigError, RetargetError
from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import Pose, RobotFrame
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_crowd import CROWD, retarget_together
from flood_bridge.retarget.robot_model import load_robot

pytest.importorskip("mujoco")

PERIOD_SECS = 0.05
TOLERANCE = 1e-9
"""Here they are equal to the last bit; another machine's BLAS may round stacks differently."""
MOST = 5

Pool = list[tuple[RobotRetargeter, RobotRetargeter]]


@pytest.fixture(scope="module")
def pool() -> Pool:
    """Pairs of retargeters of one robot: the one goes alone, the other with the rest."""
    g1 = load_robot("unitree_g1")
    return [
        (RobotRetargeter(g1, PERIOD_SECS), RobotRetargeter(g1, PERIOD_SECS)) for _ in range(MOST)
    ]


@pytest.fixture(scope="module")
def motions(walk: Callable[..., list[Pose]], posed: Callable[..., Pose]) -> list[list[Pose]]:
    """Gaits, a body thrown about (each pose twice, or the guard refuses it), arms through hips."""
    rng = np.random.default_rng(0)
    thrown = []
    for _ in range(12):
        turns = {row: rot.normalise(rng.normal(size=4)) for row in (0, 1, 2, 4, 5, 9, 16, 17, 18)}
        thrown += [posed(turns)] * 2
    z = np.array([0.0, 0.0, 1.0])
    arms = [
        posed({16: rot.from_axis_angle(z, -1.5 - 0.01 * n), 17: rot.from_axis_angle(z, 1.6)})
        for n in range(24)
    ]
    return [walk(24, 0.9), walk(24, 2.0, 80.0), walk(24, 0.3, -150.0), thrown, arms]


def broken(pose: Pose, deed: str) -> Pose:
    joints = pose.joints.copy()
    if deed == "nan":
        joints[9, 1] = np.nan
    elif deed == "teleport":
        joints += np.array([30.0, 0.0, -7.0])
    elif deed == "leap":
        joints[20] += 2.0
    return Pose(joints, pose.velocities, pose.contacts, pose.heading_rad)


# What a character gets in a turn: how many poses, of which the first has something done to it, and
# whether it begins anew. Nothing at all is not to take part.
DEEDS = st.sampled_from(["none", "none", "none", "nan", "teleport", "leap"])
TURN = st.tuples(st.integers(0, 3), DEEDS, st.integers(0, 9))
PLAYS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 20), st.lists(TURN, min_size=4, max_size=4)),
    min_size=CROWD,
    max_size=MOST,
)


def numbers(frames: list[RobotFrame]) -> np.ndarray:
    return np.array([
        np.concatenate((f.positions, f.velocities, f.root_position, f.root_rotation_wxyz))
        for f in frames
    ])  # fmt: skip


@given(plays=PLAYS, order=st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=15)
def test_each_moves_as_it_would_alone(pool, motions, plays, order) -> None:
    for pair in pool:
        for each in pair:
            each.reset()
    ends = [start for _, start, _ in plays]
    for turn in range(4):
        asked = []
        for who, (motion, _, turns) in enumerate(plays):
            count, deed, anew = turns[turn]
            poses = [motions[motion][(ends[who] + n) % 24] for n in range(count)]
            ends[who] += count
            if poses:
                poses[0] = broken(poses[0], deed)
                if anew == 0:
                    [each.reset() for each in pool[who]]
                asked.append((who, poses))
        order.shuffle(asked)
        together = retarget_together([(pool[who][1], poses) for who, poses in asked])
        for (who, poses), got in zip(asked, together, strict=True):
            alone, other = pool[who]
            try:
                want = [alone.retarget(pose) for pose in poses]
            except RetargetError as error:
                assert isinstance(got, RetargetError)
                assert str(got) == str(error)
                continue
            assert isinstance(got, list)
            np.testing.assert_allclose(numbers(got), numbers(want), rtol=0.0, atol=TOLERANCE)
            kept, memory = alone.memory(), other.memory()
            assert kept.keys() == memory.keys()
            for name, value in kept.items():
                np.testing.assert_allclose(memory[name], value, rtol=0.0, atol=TOLERANCE)


def test_one_that_cannot_begin_leaves_the_others_alone(pool, motions) -> None:
    for pair in pool:
        pair[1].reset()
    asked = [(pair[1], motions[0][:2]) for pair in pool]
    asked[1] = asked[1][0], [broken(motions[0][0], "nan")]
    results = retarget_together(asked)
    assert isinstance(results[1], RetargetError)
    assert [len(each) for each in results if isinstance(each, list)] == [2] * (MOST - 1)
    assert asked[1][0].memory() == {}


def test_nobody_is_no_work() -> None:
    assert retarget_together([]) == []


def test_the_same_character_twice_and_robots_of_two_kinds_are_refused(pool, motions) -> None:
    one = pool[0][1]
    with pytest.raises(ConfigError, match="twice"):
        retarget_together([(one, motions[0][:1]), (one, motions[0][1:2])])
    other = RobotRetargeter(load_robot("booster_t1"), PERIOD_SECS)
    with pytest.raises(ConfigError, match="several kinds"):
        retarget_together([(one, motions[0][:1]), (other, motions[0][:1])])


@pytest.mark.parametrize("robot", ["unitree_h1", "booster_t1"])
def test_other_robots_too(robot: str, motions) -> None:
    model = load_robot(robot)
    crowd = [RobotRetargeter(model, PERIOD_SECS) for _ in range(4)]
    together = retarget_together([(each, motions[n][:8]) for n, each in enumerate(crowd)])
    alone = RobotRetargeter(model, PERIOD_SECS)
    for motion, got in zip(motions, together, strict=False):
        alone.reset()
        want = [alone.retarget(pose) for pose in motion[:8]]
        assert isinstance(got, list)
        np.testing.assert_allclose(numbers(got), numbers(want), rtol=0.0, atol=TOLERANCE)
