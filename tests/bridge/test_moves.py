"""Speed and place: each character's own, rigid, exact, and kept by everything that keeps a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.commands import PlaceRoot, QueuePrompt, Reset, SetGuidance, SetPrompt, SetSpeed
from flood_bridge.live.obeyed import Obeyed
from flood_bridge.live.whereabouts import Ground, Place, WhereMemory
from flood_bridge.motion.frames import NEWS, AvatarFrame, Frame, FrameFlags, Pose, RobotFrame
from flood_bridge.motion.rotations import from_yaw, multiply, rotate, yaw_about_y
from flood_bridge.resample import Resampler

MakeRig = Callable[..., Any]
GLIDE_M_S = 1.2
FACTORS = st.floats(0.25, 4.0)


def z(frame: Frame) -> float:
    return float(frame.pose.joints[0, 2])


def jumped(frames: list[Frame]) -> list[Frame]:
    return [frame for frame in frames if frame.flags & FrameFlags.JUMPED]


def random_frame(seed: int = 0) -> Frame:
    random = np.random.default_rng(seed)
    turns = random.normal(size=(23, 4))
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    joints, velocities = random.normal(size=(2, 22, 3))
    return Frame(
        character=0,
        sequence=0,
        play_time_secs=0.0,
        pose=Pose(joints, velocities, np.ones(4, bool), 0.7),
        avatar=AvatarFrame(joints[0].copy(), turns[:22]),
        robot=RobotFrame(("a",), np.ones(1), np.ones(1), random.normal(size=3), turns[22]),
        prompt="",
    )


@given(FACTORS, st.sampled_from([20, 50, 60]), st.floats(-3, 3), st.floats(-9, 9))
def test_at_any_speed_a_sample_is_the_motion_at_its_own_time(
    factor: float, rate_hz: int, v: float, a: float
) -> None:
    resampler, samples = Resampler[int](20, rate_hz), []
    resampler.speed = factor
    for k in range(12):
        x, step = [v * t + a * t * t / 2 for t in (k / 20, (k + 1) / 20)]
        pose = Pose(np.full((22, 3), x), np.full((22, 3), (step - x) * 20), np.ones(4, bool), 0.0)
        samples += resampler.push(pose, k)
    assert len(samples) == math.floor(11 / 20 * rate_hz / resampler.speed + 1e-9) + 1
    for j, sample in enumerate(samples):
        t = j * resampler.speed / rate_hz
        if t > 0.05:  # before the second frame one slope is a guess
            assert sample.pose.joints[0, 0] == pytest.approx(v * t + a * t * t / 2, abs=1e-9)
            if sample.interpolated:
                speed = (v + a * t) * resampler.speed
                assert sample.pose.velocities[0, 0] == pytest.approx(speed, abs=1e-7)


@pytest.mark.parametrize("rate_hz", [20, 60])
@pytest.mark.parametrize("factor", [0.25, 0.5, 1.5, 2.0, 4.0])
def test_speed_scales_path_velocities_and_the_use_of_latents(
    make_rig: MakeRig, rate_hz: int, factor: float
) -> None:
    rig = make_rig(rate_hz=rate_hz)
    rig.ask(SetSpeed(factor=factor))
    rig.play(1.0)
    calls = rig.engine.calls
    frames = rig.play(8.0)
    assert rig.engine.calls - calls == pytest.approx(8.0 * factor * 5, abs=2)
    steps = np.diff([z(frame) for frame in frames])
    assert steps == pytest.approx(np.full(len(steps), factor * GLIDE_M_S / rate_hz))
    assert frames[-1].pose.velocities[0, 2] == pytest.approx(factor * GLIDE_M_S)
    assert rig.stage.underruns() == 0


@pytest.mark.parametrize("rate_hz", [20, 60])
def test_speed_one_is_the_stream_as_it_was_bit_for_bit(make_rig: MakeRig, rate_hz: int) -> None:
    rig, twin = (make_rig(rate_hz=rate_hz) for _ in range(2))
    rig.ask(SetSpeed(factor=1.0))
    for frame, other in zip(rig.play(3.0), twin.play(3.0), strict=True):
        assert frame.flags == other.flags
        assert frame.pose.joints.tobytes() == other.pose.joints.tobytes()
        assert frame.pose.velocities.tobytes() == other.pose.velocities.tobytes()


@given(st.lists(st.tuples(FACTORS, st.integers(1, 20)), max_size=5))
@settings(max_examples=15, deadline=None)
def test_changes_of_speed_never_make_the_body_jump(make_rig: MakeRig, asked: Any) -> None:
    rig = make_rig(rate_hz=60)
    for factor, ticks in asked:
        rig.ask(SetSpeed(factor=factor))
        rig.play(ticks / 60)
    rig.play(1.0)
    steps = np.diff([z(frame) for frame in rig.frames])
    fastest = max([1.0, *(factor for factor, _ in asked)])
    assert (steps > 0).all()
    assert steps.max() <= (fastest + 0.001) * GLIDE_M_S / 60  # in thousandths


def test_speed_is_each_characters_own_and_outlives_a_reset(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20, characters=2)
    rig.ask(SetSpeed(character=1, factor=3.0))
    rig.ask(Reset(character=1))
    rig.play(2.0)
    last = {frame.character: frame for frame in rig.frames}
    assert last[0].pose.velocities[0, 2] == pytest.approx(GLIDE_M_S)
    assert last[1].pose.velocities[0, 2] == pytest.approx(3 * GLIDE_M_S)


def test_guidance_reaches_its_characters_stream_and_outlives_a_reset(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20, characters=2)
    rig.ask(SetGuidance(character=1, scale=2.5))
    rig.ask(Reset(character=1))
    rig.play(2.0)
    assert [character.state.guidance for character in rig.characters] == [None, 2.5]


def test_a_queued_prompt_lasts_its_seconds_of_the_stream_at_any_speed(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20)
    rig.ask(SetSpeed(factor=2.0))
    rig.ask(QueuePrompt(text="wave", duration_secs=2.0))
    rig.play(5.0)
    assert [frame.prompt for frame in rig.frames].count("wave") == 40


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(-6, 6), st.integers(0, 30))
@settings(max_examples=12, deadline=None)
def test_a_place_is_one_rigid_motion_of_all_that_follows_the_flagged_frame(
    make_rig: MakeRig, x_m: float, z_m: float, heading_rad: float, ticks: int
) -> None:
    rig, twin = (make_rig(rate_hz=60) for _ in range(2))
    for each in (rig, twin):
        each.play(0.5 + ticks / 60)
    rig.ask(PlaceRoot(x_m=x_m, z_m=z_m, heading_rad=heading_rad))
    for each in (rig, twin):
        each.play(1.0)
    (first,) = jumped(rig.frames)
    root = first.pose.joints[0]
    assert (root[0], root[2]) == (pytest.approx(x_m), pytest.approx(z_m))
    assert first.pose.heading_rad == pytest.approx(heading_rad)
    turn, origin = from_yaw(heading_rad), twin.frames[first.sequence].pose.joints[0]
    for frame, other in zip(rig.frames, twin.frames, strict=True):
        if frame.sequence < first.sequence:
            assert np.array_equal(frame.pose.joints, other.pose.joints)
            continue
        moved = rotate(turn, other.pose.joints - origin) + root
        assert frame.pose.joints == pytest.approx(moved, abs=1e-9)
        assert frame.pose.velocities == pytest.approx(rotate(turn, other.pose.velocities))


def test_a_place_turns_avatar_and_robot_alike_and_touches_no_joint() -> None:
    frame, place = random_frame(), Place(3.0, -2.0, 1.9)
    moved = Ground.that_brings(frame, place).carry(frame)
    assert frame.robot is not None
    assert moved.robot is not None
    assert moved.avatar.root_position == pytest.approx(moved.pose.joints[0])
    assert np.array_equal(moved.avatar.local_wxyz[1:], frame.avatar.local_wxyz[1:])
    pelvis = multiply(from_yaw(1.2), frame.avatar.local_wxyz[0])
    assert moved.avatar.local_wxyz[0] == pytest.approx(pelvis)
    x, y, height = moved.robot.root_position
    assert (x, y, height) == pytest.approx((-2.0, 3.0, frame.robot.root_position[2]))
    assert moved.robot.positions is frame.robot.positions
    about_up = [replace(r, root_rotation_wxyz=r.root_rotation_wxyz[[0, 2, 3, 1]])
                for r in (frame.robot, moved.robot)]  # fmt: skip
    before, after = (float(yaw_about_y(r.root_rotation_wxyz)) for r in about_up)
    assert math.remainder(after - before - 1.2, math.tau) == pytest.approx(0.0, abs=1e-9)


def test_a_character_that_was_never_put_anywhere_is_passed_on_untouched() -> None:
    frame = random_frame()
    assert Ground().carry(frame) is frame


def test_a_prompt_that_takes_frames_back_keeps_place_speed_and_guidance(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=60, lead_secs=0.8)
    rig.play(1.0)
    rig.ask(PlaceRoot(x_m=40.0, z_m=0.0, heading_rad=0.0))
    rig.ask(SetSpeed(factor=2.0))
    rig.ask(SetGuidance(scale=1.5))
    rig.play(0.4)  # made, not yet shown
    assert not jumped(rig.frames)
    rig.ask(SetPrompt(text="a person runs", urgency="now"))
    rig.play(1.0)
    (first,) = jumped(rig.frames)
    assert first.pose.joints[0, 0] == pytest.approx(40.0)
    assert rig.frames[-1].pose.velocities[0, 2] == pytest.approx(1.5 * 6.0)


def test_a_reset_brings_back_to_the_origin_and_says_that_it_jumps(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20)
    rig.ask(PlaceRoot(x_m=5.0, z_m=5.0, heading_rad=1.0))
    rig.play(1.0)
    rig.ask(Reset())
    frames = rig.play(1.0)
    (first,) = jumped(frames)
    assert np.abs(first.pose.joints[0, [0, 2]]).max() < 0.1
    assert FrameFlags.JUMPED in NEWS


@pytest.mark.parametrize(
    "numbers",
    [
        {"ground": [0.0] * 5, "due": [math.nan, 0, 0], "jumps": [0]},
        {"ground": [0.0] * 6, "due": [], "jumps": [0]},
        {"ground": [0.0] * 5, "due": [1.0], "jumps": [0]},
    ],
)
def test_a_saved_place_that_is_none_is_refused(numbers: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        WhereMemory.from_numbers(numbers)


@pytest.mark.parametrize(
    "edit",
    [
        {"kind": "speed", "factor": 9},
        {"kind": "speed", "factor": "2"},
        {"kind": "speed", "factor": None},
        {"kind": "guidance", "factor": -1},
        {"kind": "history", "factor": 7.5},
        {"kind": "history", "factor": 1},
        {"kind": "steps", "factor": 5},
        {"kind": "steps", "factor": math.nan},
        {"kind": "smoothing", "factor": 0.6},
        {"kind": "place", "place": [1, 2]},
        {"kind": "place", "place": [1, 2, "3m"]},
        {"kind": "place", "place": [1e9, 2, 3]},
        {"kind": "place", "place": "123"},
    ],
)
def test_a_logged_setting_or_place_that_no_command_could_ask_for_is_refused(edit: Any) -> None:
    with pytest.raises(ValueError, match="wrong factor or place"):
        Obeyed.from_json({"character": 0, "latent": 0} | edit)


def test_a_scaled_avatar_comes_to_the_place_too() -> None:
    frame = random_frame()
    small = replace(frame.avatar, root_position=0.5 * frame.avatar.root_position)
    ground = Ground.that_brings(replace(frame, avatar=small), Place(2.0, -3.0, 1.0))
    moved = ground.carry(replace(frame, avatar=small))
    assert moved.avatar.root_position[[0, 2]] == pytest.approx((2.0, -3.0))
    assert moved.pose.joints[0, [0, 2]] == pytest.approx((2.0, -3.0))


def test_a_place_saved_before_avatars_had_sizes_is_read() -> None:
    old = {"ground": [0.5, 1.0, 2.0, 0.0, 0.0], "due": [], "jumps": [0.0]}
    ground = WhereMemory.from_numbers(old).ground
    assert (ground.avatar_x_m, ground.avatar_z_m) == (1.0, 2.0)
