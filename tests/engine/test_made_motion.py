"""Made-up motion keeps the laws of real bodies: planted feet, whole bones, the angle asked for."""

import csv
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_engine.features import headings
from flood_engine.humanml import PARENTS, REST_DIRECTIONS
from flood_engine.training.bending import pick_up
from flood_engine.training.evaluation.judge import shows
from flood_engine.training.evaluation.signals import read_signals
from flood_engine.training.footwork import Lowering, lower_body, turn_on_the_spot
from flood_engine.training.held_out import held_out, may_train, normalised
from flood_engine.training.limbs import bone_lengths, two_bones
from flood_engine.training.mocap import Caption, make_clip
from flood_engine.training.paces import change_pace
from flood_engine.training.streams import build_streams
from flood_engine.training.strikes import cut_at_strikes
from flood_engine.training.waving import raise_arm, wave_arm
from flood_engine.training.windows import Window

LENGTHS = np.array(
    [
        *(0, 0.1, 0.1, 0.1, 0.42, 0.42, 0.12, 0.42, 0.42, 0.05, 0.12, 0.12, 0.18, 0.13, 0.13),
        *(0.1, 0.12, 0.12, 0.29, 0.29, 0.28, 0.28),
    ]
)
FEET = [7, 8, 10, 11]
ARMS = {"left": (16, 18, 20), "right": (17, 19, 21)}
REST = [j for j in range(22) if j not in (4, 5, *FEET)]


def standing(frames: int) -> np.ndarray:
    """A body that stands with knees a little bent and sways."""
    joints = np.zeros((frames, 22, 3))
    for joint in range(1, 22):
        bone = REST_DIRECTIONS[joint] * LENGTHS[joint]
        if joint in (16, 17):
            bone = np.array([LENGTHS[joint] * (1 if joint == 16 else -1), 0, 0])
        if joint in (4, 5, 7, 8):
            lean = 0.15 if joint in (4, 5) else -0.15
            bone = LENGTHS[joint] * np.array([0, -np.cos(lean), np.sin(lean)])
        joints[:, joint] = joints[:, PARENTS[joint]] + bone
    joints[..., 1] -= joints[:, FEET, 1].min()
    joints[:, REST] += 0.004 * np.sin(np.arange(frames) / 9)[:, None, None]
    return joints


@given(degrees=st.floats(40, 200), left=st.booleans(), rate=st.floats(50, 110))
@settings(max_examples=15, deadline=None)
def test_a_turn_on_the_spot_ends_where_asked_with_one_foot_on_the_floor_all_the_way(
    degrees, left, rate
):
    turn = np.deg2rad(degrees) * (1 if left else -1)
    joints = turn_on_the_spot(standing(110), turn, np.deg2rad(rate) / 20, LENGTHS)
    facing = headings(joints)
    assert abs(np.degrees(facing[-1] - facing[0] - turn)) < 2
    steps = np.linalg.norm(np.diff(joints[:, [7, 8]], axis=0), axis=-1)
    assert steps.min(axis=1).max() < 0.01
    assert np.linalg.norm((joints[:, 0] - joints[0, 0])[:, [0, 2]], axis=1).max() < 0.12
    np.testing.assert_allclose(bone_lengths(joints)[[4, 5, 7, 8]], LENGTHS[[4, 5, 7, 8]], atol=1e-3)


@given(drop=st.floats(0.1, 0.5))
@settings(max_examples=15, deadline=None)
def test_a_lowered_body_keeps_its_feet_and_its_legs_lengths(drop):
    before = standing(30)
    amount = np.linspace(0, 1, 30)
    after = lower_body(before, amount, Lowering(drop, drop, 0.2 * drop), LENGTHS)
    np.testing.assert_allclose(after[:, FEET], before[:, FEET], atol=1e-6)
    np.testing.assert_allclose(before[-1, 0, 1] - after[-1, 0, 1], drop, atol=1e-6)
    for end in (4, 5, 7, 8):
        lengths = np.linalg.norm(after[:, end] - after[:, PARENTS[end]], axis=-1)
        np.testing.assert_allclose(lengths, LENGTHS[end], atol=1e-5)
    assert (after[-1, [4, 5], 2] > before[-1, [4, 5], 2]).all()  # knees go forward


@pytest.mark.parametrize("sides", [("left",), ("right",), ("left", "right")])
def test_picking_up_takes_the_named_hands_to_the_floor_and_keeps_bones_and_feet(sides):
    before = standing(75)
    after = pick_up(before, sides, LENGTHS, np.random.default_rng(7))
    assert shows("pick_up", read_signals(after))
    lowest = after[:, [20, 21], 1].min(axis=0)
    for wrist, side in enumerate(("left", "right")):
        assert side not in sides or lowest[wrist] < 0.3
    np.testing.assert_allclose(after[:, FEET], before[:, FEET], atol=1e-5)
    np.testing.assert_allclose(bone_lengths(after)[1:], LENGTHS[1:], atol=2e-3)


def boxing(beats: list[tuple[int, str]], frames: int) -> np.ndarray:
    """A standing body whose fists wait at the chin and shoot forward at the given frames."""
    joints = standing(frames)
    for side, arm in ARMS.items():
        shoulder, elbow, wrist = arm
        out = np.zeros(frames)
        for frame in (frame for frame, name in beats if name == side):
            out += np.clip(1 - np.abs(np.arange(frames) - frame) / 4, 0, 1)
        guard = joints[:, shoulder] + np.array([0.0, 0.0, 0.22])
        straight = joints[:, shoulder] + np.array([0.0, 0.0, 0.56])
        target = guard + out[:, None] * (straight - guard)
        bones = LENGTHS[elbow], LENGTHS[wrist]
        down = np.broadcast_to([0.0, -1.0, 0.0], (frames, 3))
        joints[:, elbow], joints[:, wrist] = two_bones(joints[:, shoulder], target, bones, down)
    return joints


def test_boxing_is_cut_at_its_punches_and_each_piece_is_named_after_its_fist():
    beats = [(25, "left"), (70, "right"), (90, "right"), (130, "left"), (138, "right")]
    joints = boxing(beats, 180)
    caption = Caption(0, 179, "punch", ("a person boxes",))
    clip = make_clip("box", joints.astype(np.float32), [caption])
    pieces = cut_at_strikes([clip], [Window(0, 0, 179, "punch", caption.texts, 0.0)])
    assert [piece.kind for piece in pieces] == ["punch_left", "punch_right", "punch"]
    for piece, (first, last) in zip(pieces, ((25, 25), (70, 90), (130, 138)), strict=True):
        assert piece.start <= first - 10 and last + 10 <= piece.stop
    assert [piece.texts for piece in pieces] == [(), (), caption.texts]


def test_boxing_without_a_punch_is_a_stance():
    clip = make_clip("box", boxing([], 60).astype(np.float32), [])
    (piece,) = cut_at_strikes([clip], [Window(0, 0, 59, "punch", ("he boxes",), 0.0)])
    assert (piece.kind, piece.texts, piece.frames) == ("fighting_stance", (), 59)


@given(pace=st.floats(0.5, 1.6))
def test_another_pace_changes_the_speed_by_that_factor(pace):
    walk = standing(60) + np.arange(60)[:, None, None] * np.array([0, 0, 0.05])
    changed = change_pace(walk, pace)
    steps = np.linalg.norm(np.diff(changed[:, 0], axis=0), axis=-1)
    np.testing.assert_allclose(steps.mean(), 0.05 * pace, rtol=0.02)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_waving_hand_is_above_its_elbow_and_the_rest_of_the_body_untouched(side):
    joints = standing(80).astype(np.float32)
    waved = wave_arm(joints, side, np.random.default_rng(0))
    elbow, wrist = (18, 20) if side == "left" else (19, 21)
    others = [joint for joint in range(22) if joint not in (elbow, wrist)]
    np.testing.assert_array_equal(waved[:, others], joints[:, others])
    assert np.all(waved[20:60, wrist, 1] > waved[20:60, elbow, 1] + 0.1)
    np.testing.assert_allclose(waved[[0, -1]], joints[[0, -1]], atol=1e-6)
    np.testing.assert_allclose(bone_lengths(waved), bone_lengths(joints), atol=1e-5)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_raised_arm_is_up_in_the_middle_and_where_it_was_at_the_ends(side):
    before = standing(60)
    after = raise_arm(before, side, (0.2, 1.0, 0.1))
    wrist, shoulder, other = (20, 16, 21) if side == "left" else (21, 17, 20)
    assert after[30, wrist, 1] > after[30, shoulder, 1] + 0.4
    np.testing.assert_allclose(after[[0, -1]], before[[0, -1]], atol=1e-5)
    np.testing.assert_allclose(after[:, other], before[:, other], atol=1e-5)


def test_sentences_of_the_evaluation_are_no_training_texts_however_they_are_written():
    source = files("flood_engine.training") / "evaluation" / "prompts.csv"
    with source.open(encoding="utf-8") as lines:
        sentences = [row["prompt"] for row in csv.DictReader(lines)]
    assert len(sentences) >= 150
    for sentence in sentences:
        assert not may_train(sentence)
        assert not may_train(f"  {sentence.upper()} !")
    assert may_train("walk forward")


def test_streams_carry_no_sentence_of_the_evaluation():
    asked = min(held_out())
    still = [Caption(0, 99, "stand", (asked, "a person stands still"))]
    clips = [make_clip("made", standing(101), still)]
    streams = build_streams(clips, count=2, latents=8, seed=0)
    assert "a person stands still" in streams.texts
    assert not {normalised(text) for text in streams.texts} & held_out()
