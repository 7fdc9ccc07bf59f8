"""Captions in other people's words: what they name, and what follows where they never name it."""

import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_engine.features import headings, joints_to_features
from flood_engine.humanml import PARENTS, REST_DIRECTIONS
from flood_engine.training.bvh_body import BONE_LENGTHS_M
from flood_engine.training.caption_words import plain, stands
from flood_engine.training.captions import swap_sides
from flood_engine.training.dataset_words import ACTIONS, action_of
from flood_engine.training.footwork import about_y
from flood_engine.training.gaps import gaps
from flood_engine.training.held_out import may_train
from flood_engine.training.mocap import Caption, Clip, make_clip, mirror_clip
from flood_engine.training.prepare import main as prepare
from flood_engine.training.streams import build_streams
from flood_engine.training.vocabulary import KINDS
from flood_engine.training.window_words import SOME_TURN, kind_of_caption
from flood_engine.training.windows import Window, find_windows
from flood_engine.training.world import build_world

STANDING = (
    "a person stands still",
    "the man stands still.",
    "Stand still",
    "stand still!",
    "a person is standing",
    "person standing",
    "she stands and waits",
    "they stand there",
    "A man is standing still with his arms at his sides.",
    "the stick figure remains motionless",
    "a young woman stood in place for a few seconds",
    "someone waits",
    "the person does not move",
    "a person stands upright, not moving",
    "she comes to a stop",
    "he stops",
)
OTHERWISE = (
    "a person stands on one leg",
    "a person stands with arms raised",
    "a person stands still with arms raised",
    "a person stands still on the left foot",
    "a person stands in a t-pose",
    "a person stands in place with the arms out to the sides",
    "a person stands and looks around",
    "she stands and speaks with her hands",
    "a person stands on tiptoes.",
    "a person moves the arms around while standing still",
    "a person stands tense, powering up",
)


def body(
    frames: int, turn_rad: float = 0.0, sinks_m: float = 0.0, speed: float = 0.0
) -> np.ndarray:
    """A stiff body that turns evenly, walks at ``speed`` m/s, or goes down in its first second."""
    rest = np.zeros((22, 3))
    for joint in range(1, 22):
        bone = REST_DIRECTIONS[joint] * BONE_LENGTHS_M[joint]
        if joint in (16, 17):
            bone = np.array([BONE_LENGTHS_M[joint] * (1 if joint == 16 else -1), 0, 0])
        rest[joint] = rest[PARENTS[joint]] + bone
    rest[:, 1] -= rest[:, 1].min()
    time = np.arange(frames) / 20
    joints = about_y(np.tile(rest, (frames, 1, 1)), (turn_rad * time / time[-1])[:, None])
    joints[..., 2] += speed * time[:, None]
    joints[:, [0, 3, 6, 9, 12, 15], 1] -= sinks_m * np.clip(time, 0, 1)[:, None]
    return joints


def clip_of(joints: np.ndarray, *texts: str, action: str = "") -> Clip:
    action = action or action_of(texts[0])
    return make_clip("own", joints, [Caption(0, len(joints) - 1, action, texts)])


def kinds_of(clip: Clip) -> list[str]:
    return [window.kind for window in find_windows([clip])]


# --- standing


@pytest.mark.parametrize("sentence", STANDING)
def test_ordinary_words_for_standing_are_known_as_standing(sentence):
    assert kinds_of(clip_of(body(60), sentence)) == ["stand"]


def test_of_standing_in_other_words_motion_is_made():
    clip = clip_of(body(120), "the man stands still.")
    world = build_world([clip], np.random.default_rng(0))
    assert "a person stands still" in world.texts
    assert {"turn_left", "crouch", "squat", "pick_up", "raise_arms"} <= set(world.kinds)


@pytest.mark.parametrize("sentence", OTHERWISE)
def test_whoever_stands_in_another_way_is_not_taken_for_standing_still(sentence):
    clip = clip_of(body(120), sentence, action="stand")
    assert kind_of_caption(clip, clip.captions[0]) == "stand_other"


def test_whoever_stands_up_or_waits_on_a_chair_does_not_stand():
    assert action_of("a person stands up") == "stand_up"
    seated = body(120)
    seated[:, 0, 1] = 0.5
    assert kinds_of(clip_of(seated, "a person waits")) == ["other"]
    assert kinds_of(clip_of(seated, "a person stands still")) == ["stand"], "a small body"


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("a person stands on top of a box", "stand"),
        ("a person stops and stands still", "stand"),
        ("a person stands still and listens", "stand"),
        ("a person crouches on top of a box", "crouch"),
        ("a person stands in a fighting stance", "fighting_stance"),
        ("a person stands holding up a torch", "stand_other"),
        ("a person stands still, then reaches out with one hand", "sequence"),
    ],
)
def test_the_sentences_of_the_bundled_models_data_keep_their_kinds(sentence, kind):
    clip = clip_of(body(60), sentence, action="stand")
    assert kind_of_caption(clip, clip.captions[0]) == kind


@given(st.sampled_from(STANDING + OTHERWISE), st.sampled_from(["", ".", "!", " ."]))
def test_case_blanks_and_the_last_stop_make_no_difference(sentence, stop):
    bare = plain(sentence)
    assert plain(f"  {sentence.rstrip('.!').upper()} {stop}") == bare
    assert plain(bare) == bare
    assert stands(bare) == (sentence in STANDING)


@given(st.text(max_size=1000))
def test_any_text_is_read_quickly_and_to_the_same_end(text):
    assert plain(plain(text)) == plain(text)
    stands(plain(text))


# --- other words


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("The man walks on the spot.", "walk_in_place"),
        ("she runs on the spot", "jog_in_place"),
        ("a man limps forward", "walk_styled"),
        ("a person walks around in a circle", "walk_forward"),
        ("a man jumps and turns to his left", "jump_turn_left"),
        ("the man is jumping up and down", "hop"),
        ("a man is sitting on a chair", "sit"),
        ("he ducks", "crouch"),
        ("the woman is crouching down", "crouch_down"),
        ("a person runs and ducks underneath an obstacle", "duck_run"),
        ("she squats down", "crouch_down"),
        ("a person walks down some stairs", "stairs_down"),
        ("he descends the staircase", "stairs_down"),
        ("a man is walking up the stairs", "stairs_up"),
        ("a person climbs up and down the stairs", "climb_stay"),
        ("she is climbing down a ladder", "climb_down"),
        ("a person climbs a ladder", "climb_up"),
        ("a man stretches his arms", "stretch"),
        ("he does push-ups on his knees", "exercise"),
        ("she lifts both arms up", "raise_arms"),
        ("he raises his hands above his head", "raise_arms"),
        ("a person throws a left hook", "punch_left"),
        ("the man waves with his right hand.", "wave_right"),
        ("a person turns to his left", "turn_left"),
        ("a person turns left, then right", "sequence"),
        ("a person turns left and right", SOME_TURN),
    ],
)
def test_a_caption_is_named_whoever_wrote_it(sentence, kind):
    joints = body(60)
    joints[:, 0, 1] -= 0.4 * ("sit" in sentence)
    action = "crouch" if "ducks" in sentence else ""
    clip = clip_of(joints, sentence, action=action)
    assert kind_of_caption(clip, clip.captions[0]) == kind


@pytest.mark.parametrize(
    ("sentence", "action"),
    [
        ("a person stops", "stand"),
        ("the person does not move", "stand"),
        ("remains motionless", "stand"),
        ("he stops dancing", "dance"),
        ("a person lifts both arms up", "gesture"),
        ("she raises arms", "gesture"),
        ("he lifts his left leg up", "other"),
        ("a person picks up an object with both hands", "pick_up"),
    ],
)
def test_stopping_is_standing_and_arms_are_not_picked_up(sentence, action):
    assert action_of(sentence) == action


def test_every_action_class_has_a_kind_that_streams_can_show():
    clip = clip_of(body(60, 1.6), "a person does something")
    found = {
        action: kind_of_caption(clip, Caption(0, 59, action, ("a person does something",)))
        for action in ACTIONS
    }
    assert set(found.values()) <= set(KINDS) | {SOME_TURN}
    assert {action for action, kind in found.items() if kind == "other"} == {"other", "stand_up"}


@pytest.mark.parametrize(
    ("degrees", "kind"),
    [(90, "turn_left"), (-90, "turn_right"), (180, "turn_around_left"), (-350, "spin")],
)
def test_a_turn_whose_side_is_not_named_is_named_by_the_motion(degrees, kind):
    clip = clip_of(body(60, np.deg2rad(degrees)), "the person turns around.")
    assert np.rad2deg(headings(clip.joints))[30] * degrees > 0
    (window,) = find_windows([clip])
    assert (window.kind, window.texts) == (kind, ()), "its sentence fits the mirror image too"
    mirrored = swap_sides(kind.replace("_", " ")).replace(" ", "_")
    assert kinds_of(mirror_clip(clip)) == [mirrored]


def test_whoever_sits_from_standing_on_sits_down():
    assert kinds_of(clip_of(body(60, sinks_m=0.45), "she sits on a chair")) == ["sit_down"]
    low = body(60)
    low[:, 0, 1] -= 0.45
    assert kinds_of(clip_of(low, "she sits on a chair")) == ["sit"]


# --- what the data lack


def test_data_without_standing_are_told_of_before_and_in_the_training(tmp_path, capsys, caplog):
    walk = body(130, speed=1.0)
    clip = clip_of(walk, "a person walks")
    (gap,) = gaps(find_windows([clip]))
    assert "no stream begins from standing" in gap and "docs/training.md" in gap
    with caplog.at_level(logging.WARNING):
        build_streams([clip], 1, 4, 0)
    assert gap in caplog.text
    for part in ("new_joint_vecs", "texts"):
        (tmp_path / part).mkdir()
    vectors = joints_to_features(walk, heading="humanml3d")
    for name, text in (("1", "a person walks"), ("2", "a man stands still.")):
        np.save(tmp_path / "new_joint_vecs" / f"{name}.npy", vectors)
        (tmp_path / "texts" / f"{name}.txt").write_text(f"{text}#x#0#0\n")
    (tmp_path / "train.txt").write_text("1\n")
    (tmp_path / "val.txt").write_text("2\n")
    assert prepare(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    assert f"warning: {gap}" in capsys.readouterr().out


def test_short_standing_is_told_of_and_long_standing_is_enough():
    (gap,) = gaps([Window(0, 0, 50, "stand", (), 0.0)])
    assert "2.5 s" in gap and "4.2 s" in gap
    assert gaps([Window(0, 0, 84, "stand", (), 0.0)]) == []


def test_a_caption_that_the_evaluation_keeps_for_itself_does_not_end_the_training():
    kept = "move backwards"
    assert not may_train(kept) and action_of(kept) == "other"
    clips = [clip_of(body(60), "she stands"), clip_of(body(60, speed=-0.8), kept)]
    world = build_world(clips, np.random.default_rng(0))
    assert kept not in world.texts
    assert all(len(world.kind_texts[kind]) or kind != "other" for kind in world.kinds)
