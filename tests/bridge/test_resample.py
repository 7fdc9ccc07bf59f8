"""Resampling is exact where it can be, smooth where it must be, and never late."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.motion.frames import Pose
from flood_bridge.resample import Resampler, Sample, hermite

SOURCE_HZ = 20
RATES = st.integers(SOURCE_HZ, 120)
COEFFICIENTS = st.lists(st.floats(-5, 5), min_size=4, max_size=4)


def pose(x: float, v: float, contact: bool = True, heading: float = 0.0) -> Pose:
    return Pose(np.full((22, 3), x), np.full((22, 3), v), np.full(4, contact), heading)


def stream(rate_hz: int, poses: list[Pose]) -> list[Sample[int]]:
    resampler = Resampler[int](SOURCE_HZ, rate_hz)
    return [s for k, each in enumerate(poses) for s in resampler.push(each, k)]


def noisy(count: int, seed: int = 0) -> list[Pose]:
    random = np.random.default_rng(seed)
    joints = np.cumsum(random.normal(0, 0.02, (count, 22, 3)), axis=0)
    claimed = random.normal(0, 1, (count, 22, 3))
    return [
        Pose(j, v, np.ones(4, bool), 0.1 * k)
        for k, (j, v) in enumerate(zip(joints, claimed, strict=True))
    ]


@given(COEFFICIENTS, st.floats(0.01, 2), st.floats(0, 1))
def test_a_piece_is_exact_where_the_motion_is_a_cubic(
    c: list[float], period_secs: float, u: float
) -> None:
    motion = np.polynomial.Polynomial(c)
    speed = motion.deriv()
    ends = np.array(motion(0.0)), np.array(motion(period_secs))
    slopes = np.array(speed(0.0)), np.array(speed(period_secs))
    positions, velocities = hermite(ends, slopes, period_secs, np.array([u]))
    assert positions[0] == pytest.approx(motion(u * period_secs), abs=1e-9)
    assert velocities[0] == pytest.approx(speed(u * period_secs), abs=1e-8)


@given(RATES, st.floats(-3, 3), st.floats(-9, 9))
def test_evenly_accelerated_motion_is_exact_at_every_rate(rate_hz: int, v: float, a: float) -> None:
    times = np.arange(9) / SOURCE_HZ
    x = v * times + a * times**2 / 2
    steps = np.diff(x) * SOURCE_HZ  # what the model predicts: the step to the next frame
    samples = stream(rate_hz, [pose(*each) for each in zip(x[:-1], steps, strict=True)])
    first = int(np.ceil(rate_hz / SOURCE_HZ))  # before the second frame one slope is a guess
    for j, sample in enumerate(samples[first:], first):
        t = j / rate_hz
        assert sample.pose.joints[0, 0] == pytest.approx(v * t + a * t * t / 2, abs=1e-9)
        if rate_hz > SOURCE_HZ:
            assert sample.pose.velocities[0, 0] == pytest.approx(v + a * t, abs=1e-8)


@given(RATES, st.integers(1, 40))
def test_samples_come_at_the_stream_rate_and_none_is_held_back(rate_hz: int, count: int) -> None:
    resampler, total = Resampler[int](SOURCE_HZ, rate_hz), 0
    for k, each in enumerate(noisy(count)):
        total += len(resampler.push(each, k))
        assert total == k * rate_hz // SOURCE_HZ + 1  # all sample times up to this frame


@given(RATES)
def test_a_sample_at_a_model_frame_is_that_frame(rate_hz: int) -> None:
    poses = noisy(12)
    samples = stream(rate_hz, poses)
    for j, sample in enumerate(samples):
        at_frame = j * SOURCE_HZ % rate_hz == 0
        assert sample.interpolated == (not at_frame)
        assert sample.owner == -(-j * SOURCE_HZ // rate_hz)
        if at_frame:
            assert np.array_equal(sample.pose.joints, poses[sample.owner].joints)


def test_at_the_models_own_rate_poses_pass_untouched() -> None:
    poses = noisy(5)
    assert [sample.pose for sample in stream(SOURCE_HZ, poses)] == poses


def test_position_and_velocity_are_continuous_at_the_frames() -> None:
    rate_hz = 1000 * SOURCE_HZ
    samples = stream(rate_hz, noisy(6))
    joints = np.array([sample.pose.joints for sample in samples])
    velocities = np.array([sample.pose.velocities for sample in samples])
    assert np.abs(np.diff(joints, axis=0)).max() < 2 * np.abs(velocities).max() / rate_hz
    jumps = np.abs(np.diff(velocities, axis=0)).max(axis=(1, 2))
    inside = np.delete(jumps, np.arange(999, len(jumps), 1000))  # not into a frame
    assert jumps.max() <= 1.01 * inside.max()  # velocity changes no faster across a frame


def test_the_heading_goes_straight_through_pi_and_contacts_belong_to_their_frame() -> None:
    poses = [pose(0, 0, True, 3.1), pose(0, 0, False, 3.3), pose(0, 0, False, 3.5)]
    samples = stream(60, poses)
    headings = [sample.pose.heading_rad for sample in samples]
    assert headings == pytest.approx(np.linspace(3.1, 3.5, 7))
    assert [bool(sample.pose.contacts[0]) for sample in samples] == [True] * 3 + [False] * 4


def test_reset_begins_another_stream() -> None:
    resampler = Resampler[int](SOURCE_HZ, 60)
    resampler.push(pose(0, 0), 0)
    resampler.push(pose(1, 0), 1)
    resampler.reset()
    (sample,) = resampler.push(pose(50, 0), 2)
    assert sample.pose.joints[0, 0] == 50


@pytest.mark.parametrize("target_hz", [0, 10, 19])
def test_a_rate_below_the_models_is_refused(target_hz: int) -> None:
    with pytest.raises(ValueError, match="20"):
        Resampler(SOURCE_HZ, target_hz)
