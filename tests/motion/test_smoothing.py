"""Smoothing calms a body, delays it by its time constant, and keeps its bones' lengths."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.motion.frames import Pose
from flood_bridge.motion.skeleton import PARENTS, Skeleton
from flood_bridge.motion.smoothing import MAX_SECS, BodyParts, Smoothing, SmoothingMemory

LENGTHS = np.array(
    [0, 0.1, 0.1, 0.12, 0.4, 0.4, 0.13, 0.42, 0.42, 0.06, 0.14, 0.14, 0.2, 0.15, 0.15, 0.1, 0.1,
     0.1, 0.27, 0.27, 0.25, 0.25],
)  # fmt: skip
SKELETON = Skeleton.from_bone_lengths(LENGTHS)
HZ = 20
SECS = st.floats(0.01, MAX_SECS)
FEET = [7, 8, 10, 11]


def body(seed: int) -> np.ndarray:
    """Return joints of a body whose bones point anywhere."""
    random = np.random.default_rng(seed)
    joints = np.zeros((22, 3))
    joints[0] = random.normal(size=3)
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            direction = random.normal(size=3)
            joints[joint] = joints[parent] + LENGTHS[joint] * direction / np.linalg.norm(direction)
    return joints


def bent(t: float, way: float = 1.2) -> np.ndarray:
    """Return joints of a body that walks forward and swings all its limbs once a second."""
    joints = SKELETON.rest_positions() + np.array([0, 0.95, way * t])
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            angle = 0.7 * np.sin(2 * np.pi * t + joint)
            turn = np.array(
                [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
            )
            joints[joint] = joints[parent] + turn @ SKELETON.offsets[joint]
    return joints


def poses(joints: list[np.ndarray], heading_rad: float = 0.0) -> list[Pose]:
    ahead = [*joints[1:], joints[-1]]
    pairs = zip(joints, ahead, strict=True)
    return [Pose(a, (b - a) * HZ, np.array([1, 0, 1, 0], bool), heading_rad) for a, b in pairs]


def glide(count: int) -> list[Pose]:
    return poses([SKELETON.rest_positions() + np.array([0, 1, 1.4 * n / HZ]) for n in range(count)])


def walk(secs: float = 4.0) -> list[Pose]:
    return poses([bent(n / HZ) for n in range(round(secs * HZ))])


def lengths(joints: np.ndarray) -> np.ndarray:
    return np.linalg.norm(joints[1:] - joints[list(PARENTS[1:])], axis=1)


def smoothed(motion: list[Pose], secs: float) -> list[Pose]:
    smoothing = Smoothing(1 / HZ)
    smoothing.secs = secs
    return [smoothing.smooth(pose) for pose in motion]


def test_off_every_pose_is_the_very_object_that_came() -> None:
    smoothing = Smoothing(1 / HZ)
    for pose in walk(0.5):
        assert smoothing.smooth(pose) is pose
    assert smoothing.memory() is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 999), min_size=2, max_size=12), SECS, st.floats(0.25, 4))
def test_bones_keep_their_lengths_whatever_the_motion(
    seeds: list[int], secs: float, speed: float
) -> None:
    smoothing = Smoothing(1 / HZ)
    smoothing.secs = secs
    for pose in poses([body(seed) for seed in seeds]):
        joints = smoothing.smooth(pose, speed).joints
        np.testing.assert_allclose(lengths(joints), LENGTHS[1:], atol=1e-9)


@given(st.integers(0, 999), SECS)
@settings(max_examples=25, deadline=None)
def test_a_body_that_holds_still_is_left_where_it_is(seed: int, secs: float) -> None:
    still = poses([body(seed)] * 8, heading_rad=0.7)
    for pose in smoothed(still, secs):
        np.testing.assert_allclose(pose.joints, still[0].joints, atol=1e-12)
        np.testing.assert_allclose(pose.velocities, 0, atol=1e-9)
        assert pose.heading_rad == pytest.approx(0.7)
        np.testing.assert_array_equal(pose.contacts, still[0].contacts)


@pytest.mark.parametrize("secs", [0.05, 0.2, 0.5])
def test_a_steady_motion_lags_by_the_time_constant_in_every_joint(secs: float) -> None:
    motion = glide(160)
    last, wanted = smoothed(motion, secs)[-2], motion[-2].joints - (0, 0, 1.4 * secs)
    np.testing.assert_allclose(last.joints, wanted, atol=1e-3)
    np.testing.assert_allclose(last.velocities, np.full((22, 3), (0, 0, 1.4)), atol=5e-3)


def test_at_another_speed_the_lag_is_as_long_to_whoever_watches() -> None:
    motion = glide(300)
    smoothing = Smoothing(1 / HZ)
    smoothing.secs = 0.2
    made = [smoothing.smooth(pose, speed=2.0) for pose in motion[:-1]]
    behind = motion[-2].joints[0, 2] - made[-1].joints[0, 2]
    assert behind == pytest.approx(2 * 1.4 * 0.2, abs=1e-3)


def jerk(motion: list[Pose]) -> float:
    return float(np.abs(np.diff([pose.joints for pose in motion[45:]], 3, axis=0)).mean())


def test_more_smoothing_is_calmer() -> None:
    random = np.random.default_rng(1)
    shaken = poses([bent(n / HZ) + random.normal(0, 0.003, (22, 3)) for n in range(100)])
    rough = [jerk(smoothed(shaken, secs)) for secs in (0.0, 0.05, 0.2, 0.5)]
    assert rough == sorted(rough, reverse=True)
    assert rough[-1] < rough[0] / 3


def test_velocities_lead_to_the_next_pose() -> None:
    """As the model's do: here they are exact, and so is the smoothed prediction."""
    made = smoothed(walk(), 0.1)[30:-1]
    for pose, after in pairwise(made):
        np.testing.assert_allclose(pose.joints + pose.velocities / HZ, after.joints, atol=1e-9)


@pytest.mark.parametrize("secs", [0.1, 0.3, 0.5])
def test_the_lowest_foot_stays_as_high_over_the_floor_on_the_whole(secs: float) -> None:
    """Without being raised the body would sink by 16, 37 and 43 mm."""
    motion = walk(8.0)
    low = [
        [pose.joints[FEET, 1].min() for pose in each[60:]]
        for each in (motion, smoothed(motion, secs))
    ]
    assert np.mean(low[1]) == pytest.approx(np.mean(low[0]), abs=0.002)


@pytest.mark.parametrize(("first", "then"), [(0.0, 0.5), (0.5, 0.0), (0.1, 0.4), (0.4, 0.1)])
def test_switching_never_makes_the_body_jump(first: float, then: float) -> None:
    smoothing, made = Smoothing(1 / HZ), []
    smoothing.secs = first
    for n, pose in enumerate(walk(8.0)):
        if n == 80:
            smoothing.secs = then
        made.append(smoothing.smooth(pose).joints[0, 2])
    steps = np.diff(made[40:]) * HZ
    assert steps.min() >= 0.75 * 1.2
    assert steps.max() <= 1.5 * 1.2


def test_switched_off_it_ends_on_the_untouched_motion() -> None:
    smoothing = Smoothing(1 / HZ)
    motion = walk(8.0)
    smoothing.secs = 0.5
    for pose in motion[:30]:
        smoothing.smooth(pose)
    smoothing.secs = 0.0
    for pose in motion[30:]:
        last = smoothing.smooth(pose)
        assert (last is pose) == (smoothing.memory() is None)
    assert smoothing.memory() is None


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 30), SECS, SECS)
def test_it_goes_on_from_its_memory_bit_for_bit(at: int, secs: float, other: float) -> None:
    motion, smoothing = walk(3.0), Smoothing(1 / HZ)
    smoothing.secs = secs
    for pose in motion[:at]:
        smoothing.smooth(pose)
    memory, twin = smoothing.memory(), Smoothing(1 / HZ)
    for pose in motion[at : at + 7]:
        smoothing.smooth(pose)
    for each in (smoothing, twin):
        each.recall(memory)
        each.secs = other
    for pose in motion[at:]:
        one, two = smoothing.smooth(pose), twin.smooth(pose)
        assert one.joints.tobytes() == two.joints.tobytes()
        assert one.velocities.tobytes() == two.velocities.tobytes()


def test_a_reset_begins_at_the_next_pose() -> None:
    motion, smoothing = walk(2.0), Smoothing(1 / HZ)
    smoothing.secs = 0.3
    for pose in motion:
        smoothing.smooth(pose)
    smoothing.reset()
    np.testing.assert_allclose(smoothing.smooth(motion[0]).joints, motion[0].joints, atol=1e-12)


def test_a_bone_that_turns_right_round_at_once_goes_over_to_its_new_direction() -> None:
    up = BodyParts.of(body(1), 0.0)
    down = BodyParts(up.plain, -up.directions)
    np.testing.assert_array_equal(up.toward(down, 0.5).directions, down.directions)


@pytest.mark.parametrize(
    ("plain", "directions", "secs"),
    [((27,), (22, 3), -0.1), ((27,), (22, 3), 0.6), ((26,), (22, 3), 0.1), ((27,), (21, 3), 0.1)],
)
def test_a_memory_that_cannot_be_is_refused(
    plain: tuple[int], directions: tuple[int, int], secs: float
) -> None:
    with pytest.raises(ValueError, match="smoothed body"):
        Smoothing(0.05).recall(
            SmoothingMemory(secs, BodyParts(np.zeros(plain), np.zeros(directions)))
        )


@pytest.mark.parametrize("lift_m", [0.3, float("nan")])
def test_a_memory_of_a_body_high_in_the_air_is_refused(lift_m: float) -> None:
    parts = BodyParts(np.zeros(27), np.zeros((22, 3)))
    with pytest.raises(ValueError, match="raised by"):
        Smoothing(0.05).recall(SmoothingMemory(0.1, parts, lift_m))


def test_a_memory_that_is_not_finite_is_refused() -> None:
    parts = BodyParts(np.full(27, np.nan), np.zeros((22, 3)))
    with pytest.raises(ValueError, match="not finite"):
        Smoothing(0.05).recall(SmoothingMemory(0.1, parts))
