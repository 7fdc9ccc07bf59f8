"""HumanML3D folders: both headings, published mirror images, texts and their times, refusals."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_engine.errors import DataError
from flood_engine.features import joints_to_features, recover_joints
from flood_engine.humanml import PARENTS, REST_DIRECTIONS
from flood_engine.training import prepare
from flood_engine.training.bvh_body import BONE_LENGTHS_M
from flood_engine.training.dataset import find_layout, load_dataset
from flood_engine.training.dataset_words import ACTIONS, action_of, agreed_action
from flood_engine.training.humanml3d_set import load_humanml3d, read_captions
from flood_engine.training.mocap import make_clip, mirror_joints

WALKS = "a person walks forward.#a/DET person/NOUN walk/VERB forward/ADV#0.0#0.0\n"
WAVES = "he waves with his left hand#he/PRON#1.0#2.5\n"


def walking(frames: int = 80) -> np.ndarray:
    """A body that walks a slight curve with swinging limbs, feet on the floor."""
    time = np.arange(frames) / 20
    joints = np.zeros((frames, 22, 3))
    for joint in range(1, 22):
        bone = np.tile(REST_DIRECTIONS[joint] * BONE_LENGTHS_M[joint], (frames, 1))
        if joint in (16, 17):
            bone[:] = [BONE_LENGTHS_M[joint] * (1 if joint == 16 else -1), 0, 0]
        if joint in (4, 7, 5, 8, 18, 20, 19, 21):
            angle = 0.4 * np.sin(2 * np.pi * time) * (1 if joint in (4, 7, 19, 21) else -1)
            bone[:, 2] = -np.sin(angle) * BONE_LENGTHS_M[joint]
            bone[:, 1] = -np.cos(angle) * BONE_LENGTHS_M[joint]
        joints[:, joint] = joints[:, PARENTS[joint]] + bone
    angle = 0.2 * time
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, z = joints[..., 0].copy(), joints[..., 2].copy()
    joints[..., 0], joints[..., 2] = cos * x + sin * z, cos * z - sin * x
    joints += np.cumsum([0.06 * np.sin(angle), 0 * angle, 0.06 * np.cos(angle)], axis=1).T[:, None]
    joints[..., 1] -= joints[..., 1].min()
    return joints


def add(folder: Path, name: str, split: str, *, text: str = WALKS, joints=None) -> np.ndarray:
    """Write one clip as the data set has it and return its vectors."""
    joints = walking() if joints is None else joints
    vectors = joints_to_features(joints, heading="humanml3d")
    for part in ("new_joint_vecs", "texts"):
        (folder / part).mkdir(exist_ok=True)
    np.save(folder / "new_joint_vecs" / f"{name}.npy", vectors)
    (folder / "texts" / f"{name}.txt").write_text(text)
    for each in ("train", "val"):
        with (folder / f"{each}.txt").open("a") as names:
            names.write(f"{name}\n" if each == split else "")
    return vectors


def test_joints_are_recovered_and_encoded_with_the_clean_heading(tmp_path):
    vectors = add(tmp_path, "000001", "train")
    clip, mirrored = load_dataset(tmp_path).clips
    joints, _ = recover_joints(vectors)
    wanted = make_clip("", joints, [])
    np.testing.assert_array_equal(clip.features, wanted.features)
    np.testing.assert_array_equal(clip.joints, wanted.joints)
    again, _ = recover_joints(clip.features)
    away = np.linalg.norm(np.diff(again, axis=1), axis=-1)
    np.testing.assert_allclose(
        away, np.linalg.norm(np.diff(joints[:-1], axis=1), axis=-1), atol=1e-4
    )
    assert clip.heading == "clean" and mirrored.mirrored


def test_the_published_heading_keeps_the_published_vectors(tmp_path):
    vectors = add(tmp_path, "000001", "train")
    clip, mirrored = load_dataset(tmp_path, heading="humanml3d").clips
    np.testing.assert_array_equal(clip.features, vectors[:-1])
    assert len(clip.joints) == len(vectors)
    wanted = joints_to_features(mirror_joints(clip.joints), heading="humanml3d")
    np.testing.assert_array_equal(mirrored.features, wanted)
    assert clip.heading == mirrored.heading == "humanml3d"


def test_published_mirror_images_are_not_mirrored_again(tmp_path):
    add(tmp_path, "000001", "train")
    add(tmp_path, "M000001", "train", joints=mirror_joints(walking()))
    add(tmp_path, "000002", "val")
    add(tmp_path, "M000003", "val")
    mocap = load_humanml3d(tmp_path)
    assert [(clip.name, clip.split, clip.mirrored) for clip in mocap.clips] == [
        ("000001", "train", False),
        ("M000001", "train", True),
        ("000002", "val", False),
        ("000002", "val", True),
        ("M000003", "val", True),
    ]
    bare = load_humanml3d(tmp_path, mirror=False)
    assert [clip.name for clip in bare.clips] == ["000001", "000002"]
    assert bare.refused == ()


def test_the_test_split_is_not_read(tmp_path):
    add(tmp_path, "000001", "train")
    (tmp_path / "test.txt").write_text("000009\n")
    mocap = load_humanml3d(tmp_path)
    assert {clip.name for clip in mocap.clips} == {"000001"}
    assert mocap.refused == ()


def test_sentences_about_one_stretch_make_one_caption(tmp_path):
    text = "someone is moving#x#0.0#0.0\n" + WALKS + "a man walks#x#nan#nan\n\n" + WAVES
    add(tmp_path, "000001", "train", text=text)
    clip, mirrored = load_humanml3d(tmp_path).clips
    whole, part = clip.captions
    assert (whole.start, whole.stop, whole.action) == (0, len(clip.features), "walk")
    assert whole.texts == ("a person walks forward.", "a man walks", "someone is moving")
    assert (part.start, part.stop, part.action) == (20, 50, "wave")
    assert mirrored.captions[1].texts == ("he waves with his right hand",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no sentence"),
        ("a person walks\n", "line 1: expected caption#tokens#start#end"),
        (WALKS + "#x#0#0\n", "line 2: expected caption#tokens#start#end"),
        (WALKS + "walks#x#a#1\n", "line 2: 'a' is no time"),
        (WALKS + "walks#x#2#1\n", "line 2: the end, 1.0 s, is not after the start, 2.0 s"),
        (WALKS + "walks#x#-1#1\n", "line 2: -1.0 s is not in 0 to"),
        (WALKS + "walks#x#inf#inf\n", "line 2: inf s is not in 0 to"),
        (WALKS * 100, "has 100 lines, more than 64"),
        ("walks" * 300 + "#x#0#0\n", "line 1: 1500 letters are more"),
    ],
)
def test_bad_texts_are_told_with_file_and_line(tmp_path, text, says):
    path = tmp_path / "000001.txt"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        read_captions(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_bad_clips_are_refused_by_name_and_the_others_are_read(tmp_path):
    vecs = tmp_path / "new_joint_vecs"
    for number in range(10):
        add(tmp_path, f"00000{number}", "train")
    np.save(vecs / "000001.npy", np.zeros((40, 251), dtype=np.float32))
    np.save(vecs / "000002.npy", np.full((40, 263), np.nan, dtype=np.float32))
    (vecs / "000003.npy").unlink()
    (vecs / "000004.npy").write_bytes(b"no array")
    np.save(vecs / "000005.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(vecs / "000006.npy", joints_to_features(walking(12), heading="humanml3d"))
    (tmp_path / "texts" / "000007.txt").write_text("walks#x#60#70\n")
    (tmp_path / "texts" / "000008.txt").write_bytes(b"\xff\xfe")
    whole = (vecs / "000009.npy").read_bytes()
    (vecs / "000009.npy").write_bytes(
        whole.replace(b"(79, 263), }" + 6 * b" ", b"(79000000, 263), }")
    )
    mocap = load_humanml3d(tmp_path, mirror=False)
    assert [clip.name for clip in mocap.clips] == ["000000"]
    reasons = {refusal.clip: refusal.reason for refusal in mocap.refused}
    said = {
        "000001": "KIT-ML",
        "000002": "not finite",
        "000003": "is missing",
        "000004": "no array that can be read",
        "000005": "no array that can be read",
        "000006": "fewer than",
        "000007": "a caption begins after the end",
        "000008": "not UTF-8",
        "000009": "no array that can be read",
    }
    assert {name for name in said if said[name] not in reasons[name]} == set()
    assert set(said) == set(reasons)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda folder: (folder / "val.txt").unlink(), "val.txt is missing"),
        (lambda folder: (folder / "val.txt").write_text("../secret\n"), "val.txt, line 1"),
        (lambda folder: (folder / "val.txt").write_text("000001\n"), "is in train.txt too"),
        (lambda folder: (folder / "train.txt").write_text("000007\n"), "1 were refused, the first"),
    ],
)
def test_folders_that_are_not_as_published_are_refused(tmp_path, spoil, says):
    add(tmp_path, "000001", "train")
    spoil(tmp_path)
    with pytest.raises(DataError, match=says):
        load_humanml3d(tmp_path)


def test_the_layout_of_a_folder_is_found_by_its_files(tmp_path):
    with pytest.raises(DataError, match="is no folder"):
        find_layout(tmp_path / "none")
    with pytest.raises(DataError, match=r"exactly one of smpl22\.npz"):
        find_layout(tmp_path)
    (tmp_path / "captions.csv").touch()
    assert find_layout(tmp_path) == "bvh"
    with pytest.raises(DataError, match="needs humanml3d"):
        load_dataset(tmp_path, heading="humanml3d")
    (tmp_path / "new_joint_vecs").mkdir()
    with pytest.raises(DataError, match=r"it has new_joint_vecs and captions.csv"):
        find_layout(tmp_path)


def test_the_command_reads_any_layout_and_lists_what_it_refused(tmp_path, capsys):
    add(tmp_path, "000001", "train")
    (tmp_path / "train.txt").write_text("000001\n000002\n")
    out = tmp_path / "out"
    given = ["--data", str(tmp_path), "--out", str(out), "--heading", "humanml3d"]
    assert prepare.main(given) == 0
    assert "layout humanml3d" in capsys.readouterr().out
    with np.load(out / "features.npz", allow_pickle=False) as stored:
        assert stored["features"].shape == (2 * 78, 263)
        assert stored["mirrored"].tolist() == [False, True]
    assert "000002," in (out / "refused.csv").read_text()


@pytest.mark.parametrize(
    ("sentence", "action"),
    [
        ("a person walks forward", "walk"),
        ("The man is jogging in a circle.", "run"),
        ("a person walks forward and turns left", "walk"),
        ("a person turns around", "turn"),
        ("someone stands still", "stand"),
        ("a person stands and waves", "wave"),
        ("he stands up from a chair", "stand_up"),
        ("she sits down", "sit"),
        ("a person throws a quick punch", "punch"),
        ("a person throws a ball", "throw"),
        ("the person does jumping jacks", "exercise"),
        ("a person walks up the stairs", "climb"),
        ("a man bends down and picks something up", "pick_up"),
        ("a person walks forward, then sits down", "sequence"),
        ("a person is breathing", "other"),
        ("", "other"),
    ],
)
def test_actions_are_derived_from_the_words(sentence, action):
    assert action_of(sentence) == action


@given(st.lists(st.sampled_from(["he runs", "he walks", "he waves and runs"]), min_size=1))
def test_the_action_of_most_sentences_wins_and_its_sentences_come_first(sentences):
    action, ordered = agreed_action(sentences)
    actions = [action_of(sentence) for sentence in sentences]
    assert actions.count(action) == max(map(actions.count, actions))
    assert action_of(ordered[0]) == action
    assert sorted(ordered) == sorted(sentences)


@given(st.text(max_size=80))
def test_every_sentence_has_a_known_action(sentence):
    assert action_of(sentence) in ACTIONS
