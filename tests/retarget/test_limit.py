"""Whatever is wanted of a robot, what is published keeps to its limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.errors import ConfigError
from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import RobotFrame
from flood_bridge.retarget.limit import Limiter
from flood_bridge.retarget.limit_chain import OutputChain
from flood_bridge.retarget.limit_root import Anchor, blend, ease, yaw_of
from flood_bridge.retarget.limit_safe import SafePose, safe_pose
from flood_bridge.retarget.limit_table import MotionLimits, limits_of
from flood_bridge.retarget.limit_track import Motion, stopping_place
from flood_bridge.retarget.robot_model import load_robot

LIMITS = MotionLimits(
    lower=np.array([-1.0, -0.2, 0.0]),
    upper=np.array([1.0, 2.0, 0.3]),
    speed=np.array([10.0, 3.0, 1.0]),
    acceleration=np.array([200.0, 60.0, 5.0]),
    jerk=np.array([10000.0, 1000.0, 200.0]),
)
NAMES = ("a", "b", "c")
ROUNDING = 1.0 + 1e-9
Z = np.array([0.0, 0.0, 1.0])

anything = st.floats(allow_nan=True, allow_infinity=True, width=64) | st.floats(-3.0, 3.0)
triples = st.tuples(anything, anything, anything).map(np.array)
rates = st.sampled_from([20, 50, 60, 120, 200])


def frame(
    positions=(0.0, 0.0, 0.1), velocities=(0.0, 0.0, 0.0), root=(0.0, 0.0, 0.8), yaw=0.0
) -> RobotFrame:
    return RobotFrame(
        NAMES,
        np.array(positions, dtype=np.float64),
        np.array(velocities, dtype=np.float64),
        np.array(root, dtype=np.float64),
        rot.from_axis_angle(Z, yaw),
    )


def standing(place) -> Motion:
    return Motion(np.array(place, dtype=np.float64), np.zeros(3), np.zeros(3))


def assert_lawful(motions: list[Motion], limits: MotionLimits, period_secs: float) -> None:
    """Positions, speeds, accelerations as told, and those that the positions themselves have."""
    positions = np.array([each.positions for each in motions])
    velocities = np.array([each.velocities for each in motions])
    accelerations = np.array([each.accelerations for each in motions])
    assert (positions >= limits.lower).all()
    assert (positions <= limits.upper).all()
    pairs = (
        (velocities, limits.speed),
        (accelerations, limits.acceleration),
        (np.diff(positions, axis=0) / period_secs, limits.speed),
        (np.diff(velocities, axis=0) / period_secs, limits.acceleration),
        (np.diff(accelerations, axis=0) / period_secs, limits.jerk),
    )
    for values, limit in pairs:
        assert (np.abs(values) <= limit * ROUNDING + 1e-7).all()


@settings(max_examples=20, deadline=None)
@given(rates, triples, st.lists(st.tuples(triples, triples, triples), min_size=1, max_size=25))
def test_no_wish_leads_out_of_the_limits(rate_hz, start, wishes):
    limiter = Limiter(LIMITS, 1 / rate_hz)
    limiter.start(np.nan_to_num(start))
    motions = [limiter.now]
    with np.errstate(over="ignore", invalid="ignore"):
        for wanted, velocities, gained in wishes:
            limiter.follow(Motion(wanted, velocities, gained))
            motions.append(limiter.now)
    assert_lawful(motions, LIMITS, 1 / rate_hz)
    assert limiter.failures == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_wish_that_swings_about_a_limit_never_crosses_it(seed):
    random, limiter, motions = np.random.default_rng(seed), Limiter(LIMITS, 1 / 50), []
    size, rate = random.uniform(0.0, 0.3, 3), random.uniform(2.0, 40.0, 3)
    for tick in range(600):
        phase = rate * tick / 50
        wanted = LIMITS.upper + size * (np.sin(phase) - 0.5)
        limiter.follow(Motion(wanted, size * rate * np.cos(phase), -size * rate**2 * np.sin(phase)))
        motions.append(limiter.now)
    assert_lawful(motions, LIMITS, 1 / 50)


@settings(max_examples=15, deadline=None)
@given(rates, st.lists(triples, min_size=1, max_size=20))
def test_a_brake_comes_to_rest_for_good_and_in_the_shortest_time(rate_hz, wishes):
    limiter = Limiter(LIMITS, 1 / rate_hz)
    for wanted in wishes:
        limiter.follow(standing(wanted))
    motions, ramp = [limiter.now], LIMITS.acceleration / LIMITS.jerk
    longest_secs = (LIMITS.speed / LIMITS.acceleration + 2 * ramp).max()
    for _ in range(int(longest_secs * rate_hz) + 2):
        limiter.brake()
        motions.append(limiter.now)
    assert limiter.at_rest
    resting = limiter.now.positions
    limiter.brake()
    np.testing.assert_array_equal(limiter.now.positions, resting)
    assert_lawful(motions, LIMITS, 1 / rate_hz)


def test_a_wish_that_stands_is_reached_exactly():
    limiter = Limiter(LIMITS, 0.02)
    wanted = np.array([0.7, 1.9, 0.25])
    for _ in range(200):
        limiter.follow(standing(wanted))
    np.testing.assert_allclose(limiter.now.positions, wanted, atol=1e-9)
    assert limiter.at_rest


def swing(secs: float) -> Motion:
    """A motion well within the limits, and its derivatives."""
    size, phase, w = np.array([0.5, 0.2, 0.02]), 2.0 * np.pi * secs, 2.0 * np.pi
    middle = np.array([0.0, 0.5, 0.15])
    return Motion(
        middle + size * np.sin(phase),
        w * size * np.cos(phase),
        -(w**2) * size * np.sin(phase),
    )


@pytest.mark.parametrize("rate_hz", [50, 60, 200])
def test_a_motion_within_the_limits_is_followed_without_a_lag(rate_hz):
    limiter, errors = Limiter(LIMITS, 1 / rate_hz), []
    for tick in range(4 * rate_hz):
        limiter.follow(swing(tick / rate_hz))
        errors.append(limiter.now.positions - swing(tick / rate_hz).positions)
    assert np.abs(errors[rate_hz:]).max() < 0.005


@pytest.mark.parametrize("speed", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("rate_hz", [20, 60, 200])
def test_a_slow_motion_is_followed_without_stop_and_go(rate_hz, speed):
    limiter, speeds = Limiter(LIMITS, 1 / rate_hz), []
    for tick in range(rate_hz):
        place = np.array([-0.5 + speed * tick / rate_hz, 0.5, 0.1])
        limiter.follow(Motion(place, np.array([speed, 0.0, 0.0]), np.zeros(3)))
        speeds.append(limiter.now.velocities[0])
    np.testing.assert_allclose(speeds[rate_hz // 2 :], speed, rtol=0.02)


@given(
    st.floats(-1.0, 1.0),
    st.floats(-10.0, 10.0),
    st.floats(-200.0, 200.0),
)
@settings(max_examples=30, deadline=None)
def test_the_stopping_place_is_where_the_planner_stops(place, speed, acceleration):
    limits = MotionLimits(*(np.array([x]) for x in (-100.0, 100.0, 10.0, 200.0, 1e4)))
    motion = Motion(np.array([place]), np.array([speed]), np.array([acceleration]))
    limiter = Limiter(limits, 1e-3)
    limiter.now = motion
    for _ in range(300):
        limiter.brake()
    expected = stopping_place(motion, limits.acceleration, limits.jerk)
    np.testing.assert_allclose(limiter.now.positions, expected, atol=1e-6)


@pytest.mark.parametrize(
    "broken",
    [
        {"lower": np.array([1.0, -0.2, 0.0])},
        {"speed": np.array([0.0, 1.0, 1.0])},
        {"jerk": np.array([np.nan, 1.0, 1.0])},
        {"acceleration": np.array([1.0])},
    ],
)
def test_limits_that_cannot_be_are_refused(broken):
    with pytest.raises(ConfigError):
        replace(LIMITS, **broken)


@pytest.mark.parametrize("factor", [0.0, 1.5, float("nan")])
def test_limits_are_slowed_by_a_share_only(factor):
    with pytest.raises(ConfigError, match="slowed"):
        LIMITS.slowed(factor)


def test_a_robot_of_the_table_has_limits_for_every_joint():
    g1 = load_robot("unitree_g1")
    limits = limits_of(g1)
    assert len(limits.jerk) == len(g1.names)
    np.testing.assert_array_equal(limits.speed, g1.speed_limits)
    half = limits.slowed(0.5)
    np.testing.assert_allclose(half.jerk, limits.jerk / 8)


wild_frames = st.builds(
    frame,
    positions=st.tuples(anything, anything, anything),
    velocities=st.tuples(anything, anything, anything),
    root=st.tuples(anything, anything, anything),
    yaw=st.floats(-10.0, 10.0),
)


@settings(max_examples=20, deadline=None)
@given(rates, st.lists(wild_frames | st.none(), min_size=2, max_size=25))
def test_no_stream_of_frames_leads_joints_or_root_out_of_the_limits(rate_hz, wishes):
    chain = OutputChain(NAMES, LIMITS, 1 / rate_hz)
    out = [chain.begin(frame())]
    for wanted in wishes:
        out.append(chain.brake() if wanted is None else chain.follow(wanted))
    positions = np.array([each.positions for each in out])
    velocities = np.array([each.velocities for each in out])
    assert ((positions >= LIMITS.lower) & (positions <= LIMITS.upper)).all()
    assert (np.abs(velocities) <= LIMITS.speed * ROUNDING).all()
    assert (np.abs(np.diff(positions, axis=0)) * rate_hz <= LIMITS.speed * ROUNDING).all()
    steps = np.diff([each.root_position for each in out], axis=0) * rate_hz
    assert np.abs(steps).max() <= 5.0 * ROUNDING + 1e-6
    turns = np.array([each.root_rotation_wxyz for each in out])
    np.testing.assert_allclose(np.vecdot(turns, turns), 1.0, atol=1e-9)
    angles = rot.to_rotation_vector(rot.multiply(turns[1:], rot.conjugate(turns[:-1])))
    assert np.abs(angles).max() * rate_hz <= np.sqrt(3.0) * 10.0 * ROUNDING
    assert chain.failures == 0


def test_a_root_that_turns_over_is_followed_through_every_angle():
    chain = OutputChain(NAMES, LIMITS, 1 / 60)
    chain.begin(frame())
    wanted = [
        replace(frame(), root_rotation_wxyz=rot.from_axis_angle(np.eye(3)[1], 0.05 * n))
        for n in range(200)
    ]
    errors = []
    for each in wanted:
        out = chain.follow(each).root_rotation_wxyz
        off = rot.multiply(each.root_rotation_wxyz, rot.conjugate(out))
        errors.append(np.linalg.norm(rot.to_rotation_vector(off)))
    assert max(errors[20:]) < 0.02


def test_a_jump_moves_the_root_and_no_joint():
    chain = OutputChain(NAMES, LIMITS, 1 / 60)
    before = chain.begin(frame())
    chain.jump(frame(root=(5.0, -2.0, 0.8), yaw=2.0))
    after = chain.follow(frame(root=(5.0, -2.0, 0.8), yaw=2.0))
    np.testing.assert_allclose(after.root_position, (5.0, -2.0, 0.8))
    assert yaw_of(after.root_rotation_wxyz) == pytest.approx(2.0)
    np.testing.assert_array_equal(after.positions, before.positions)


def test_a_chain_begins_inside_the_limits_even_where_the_robot_is_not():
    out = OutputChain(NAMES, LIMITS, 1 / 60).begin(frame(positions=(5.0, -5.0, 0.1)))
    np.testing.assert_array_equal(out.positions, (1.0, -0.2, 0.1))


@given(*[st.floats(-9.0, 9.0)] * 4, st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_an_anchor_brings_a_path_to_where_the_robot_is(x, y, to_x, to_y, yaw, to_yaw):
    there = frame(root=(to_x, to_y, 0.5), yaw=to_yaw)
    here = frame(root=(x, y, 0.9), yaw=yaw)
    carried = Anchor.that_brings(here, there).carry(here)
    np.testing.assert_allclose(carried.root_position, (to_x, to_y, 0.9), atol=1e-9)
    off = rot.multiply(carried.root_rotation_wxyz, rot.conjugate(there.root_rotation_wxyz))
    np.testing.assert_allclose(rot.to_rotation_vector(off), 0.0, atol=1e-6)


def test_a_blend_goes_from_the_one_pose_to_the_other():
    start, end = frame(), frame(positions=(1.0, 1.0, 0.3), velocities=(1, 1, 1), root=(1, 1, 1))
    np.testing.assert_allclose(blend(start, end, 0.0).positions, start.positions)
    np.testing.assert_allclose(blend(start, end, 0.0).velocities, 0.0)
    np.testing.assert_allclose(blend(start, end, 1.0).root_position, end.root_position)
    assert (ease(-1.0), ease(0.0), ease(0.5), ease(1.0), ease(7.0)) == (0.0, 0.0, 0.5, 1.0, 1.0)


@pytest.mark.parametrize("rest", [rot.IDENTITY, rot.from_axis_angle(np.eye(3)[0], 1.5)])
def test_a_safe_pose_keeps_place_and_heading(rest):
    safe = SafePose(np.zeros(3), 0.8, rest)
    facing = rot.multiply(rot.from_axis_angle(Z, 1.0), rest)
    stood = safe.at(replace(frame(root=(1.0, 2.0, 0.3)), root_rotation_wxyz=facing))
    np.testing.assert_allclose(stood.root_position, (1.0, 2.0, 0.8))
    np.testing.assert_allclose(np.abs(np.vecdot(stood.root_rotation_wxyz, facing)), 1.0)


def test_a_safe_pose_stands_upright_whatever_the_lean():
    lean = rot.multiply(rot.from_axis_angle(Z, 1.0), rot.from_axis_angle(np.eye(3)[1], 0.5))
    stood = SafePose(np.zeros(3), 0.8).at(replace(frame(), root_rotation_wxyz=lean))
    np.testing.assert_allclose(rot.rotate(stood.root_rotation_wxyz, Z), Z, atol=1e-12)
    assert yaw_of(stood.root_rotation_wxyz) == pytest.approx(1.0, abs=0.1)


def test_a_humanoid_rests_on_its_soles_with_bent_knees():
    g1 = load_robot("unitree_g1")
    safe = safe_pose(g1)
    assert 0.6 < safe.height_m < g1.root_height
