"""From motion capture to prompted streams: mirroring, refusals, kinds, synthetic motion, seams."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_engine.errors import DataError
from flood_engine.features import POSITIONS, ROOT_XZ, headings, recover
from flood_engine.humanml import PARENTS, REST_DIRECTIONS
from flood_engine.training import prepare
from flood_engine.training.limbs import bone_lengths, restore_bones
from flood_engine.training.mocap import (
    Caption,
    load_mocap,
    make_clip,
    mirror_clip,
    refusal_reason,
)
from flood_engine.training.stitching import fade_seam
from flood_engine.training.streams import build_streams
from flood_engine.training.support import ground_level
from flood_engine.training.synthetic import bend_path, make_synthetic
from flood_engine.training.vocabulary import KINDS
from flood_engine.training.windows import find_windows, heading_steps

LENGTHS = np.array(
    [
        *(0, 0.1, 0.1, 0.1, 0.42, 0.42, 0.12, 0.42, 0.42, 0.05, 0.12, 0.12, 0.18, 0.13, 0.13),
        *(0.1, 0.12, 0.12, 0.29, 0.29, 0.28, 0.28),
    ]
)
STAND = ("a person stands still", "stand still")
WALK = ("a person walks forward", "walk forward")


def body(frames: int, speed: float = 0.0, turn_rad: float = 0.0) -> np.ndarray:
    """A body that stands or walks with swinging limbs along an even arc, feet on the floor."""
    time = np.arange(frames) / 20
    local = np.zeros((frames, 22, 3))
    swing = (0.4 if abs(speed) > 0 else 0.01) * np.sin(2 * np.pi * time)
    for joint in range(1, 22):
        bone = np.tile(REST_DIRECTIONS[joint] * LENGTHS[joint], (frames, 1))
        if joint in (16, 17):  # shoulders beside the collars, not below
            bone = np.tile([LENGTHS[joint] * (1 if joint == 16 else -1), 0, 0], (frames, 1))
        if joint in (4, 7, 5, 8, 18, 20, 19, 21):
            angle = swing if joint in (4, 7, 19, 21) else -swing
            bone = np.stack(
                [
                    bone[:, 0],
                    np.cos(angle) * bone[:, 1] - np.sin(angle) * bone[:, 2],
                    np.sin(angle) * bone[:, 1] + np.cos(angle) * bone[:, 2],
                ],
                axis=-1,
            )
        local[:, joint] = local[:, PARENTS[joint]] + bone
    angle = turn_rad * np.arange(frames) / (frames - 1)
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    joints = local.copy()
    joints[..., 0] = cos * local[..., 0] + sin * local[..., 2]
    joints[..., 2] = cos * local[..., 2] - sin * local[..., 0]
    step = np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=-1) * speed / 20
    joints += (np.cumsum(step, axis=0) - step[0])[:, None]
    joints[..., 1] -= joints[:, [7, 8, 10, 11], 1].min()
    return joints


def clip_of(joints, action, texts, **more):
    return make_clip("made", joints, [Caption(0, len(joints) - 1, action, texts)], **more)


def small_set():
    clips = [
        clip_of(body(140), "stand", STAND),
        clip_of(body(120, 1.2), "walk", WALK),
        clip_of(body(120, 1.2, 1.6), "walk", WALK),
    ]
    return clips + [mirror_clip(clip) for clip in clips]


def kinds_of(clip):
    return [window.kind for window in find_windows([clip])]


# --- clips


def test_mirroring_a_clip_twice_gives_it_back():
    clip = clip_of(body(60, 1.0, 0.8), "walk", ("a person turns left",))
    once = mirror_clip(clip)
    twice = mirror_clip(once)
    assert once.captions[0].texts == ("a person turns right",)
    assert once.mirrored and not twice.mirrored
    assert twice.captions == clip.captions
    np.testing.assert_array_equal(twice.joints, clip.joints)
    np.testing.assert_allclose(twice.features, clip.features, atol=1e-6)


def test_a_left_turn_is_a_right_turn_in_the_mirror():
    clip = clip_of(body(60, 1.0, 0.8), "walk", WALK)
    assert heading_steps(clip.features).sum() == pytest.approx(0.8, abs=0.1)
    assert heading_steps(mirror_clip(clip).features).sum() == pytest.approx(-0.8, abs=0.1)


def _spoiled(what):
    joints = body(60, 1.0)
    if what == "not finite":
        joints[5, 3, 0] = np.inf
    elif what == "m/s":
        joints[30:, 20] += 2.0
    elif what == "below the floor":
        joints[10:50, 20, 1] -= np.sin(np.linspace(0, np.pi, 40)) * 1.5
    elif what == "fewer":
        joints = joints[:8]
    else:
        joints = joints[:, :21]
    return joints


def test_impossible_clips_are_refused_with_the_reason():
    assert refusal_reason(body(60, 1.0)) == ""
    for what in ("not finite", "m/s", "below the floor", "fewer", "shape"):
        assert what in refusal_reason(_spoiled(what))


def write_data(folder, clips):
    """Write named (T, 22, 3) joints as a motion capture folder."""
    offset = np.concatenate([[0], np.cumsum([len(joints) for joints in clips.values()])])
    joints = np.concatenate(list(clips.values()))
    np.savez(
        folder / "smpl22.npz",
        clip=np.array(list(clips)),
        offset=offset,
        uni_root=joints[:, 0].astype(np.float32),
        uni_pos=(joints - joints[:, :1]).astype(np.float16),
    )
    metas = [{"clip": name, "shard": "s", "split": "train", "flags": ["looped"]} for name in clips]
    captions = [
        {"clip": name, "start_s": 0.0, "end_s": 99.0, "action": "walk", "caption": text}
        for name in clips
        for text in WALK
    ]
    for name, lines in (("clips", metas), ("captions", captions)):
        (folder / f"{name}.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n")


def test_a_folder_is_read_and_the_refused_clip_is_listed(tmp_path):
    write_data(tmp_path, {"good": body(60, 1.2), "bad": _spoiled("m/s")})
    mocap = load_mocap(tmp_path)
    assert [(clip.name, clip.mirrored) for clip in mocap.clips] == [("good", False), ("good", True)]
    assert mocap.clips[0].flags == ("looped",)
    assert mocap.clips[0].captions[0].texts == WALK
    assert mocap.clips[0].captions[0].stop == 59
    assert [refusal.clip for refusal in mocap.refused] == ["bad"]
    assert mocap.split("val") == []


def test_a_folder_without_data_is_an_error_that_names_the_file(tmp_path):
    with pytest.raises(DataError, match=r"captions\.jsonl is missing"):
        load_mocap(tmp_path)


def test_the_command_tells_minutes_and_refusals_and_writes_features(tmp_path, capsys):
    write_data(tmp_path, {"good": body(130, 1.2), "bad": _spoiled("not finite")})
    assert prepare.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out
    assert "bad: holds values that are not finite" in told
    assert "walk_forward" in told
    with np.load(tmp_path / "out" / "features.npz", allow_pickle=False) as archive:
        assert archive["features"].shape == (258, 263)
        np.testing.assert_array_equal(archive["offset"], [0, 129, 258])
    assert prepare.main(["--data", str(tmp_path / "no"), "--out", str(tmp_path)]) == 2


# --- kinds


@pytest.mark.parametrize(
    ("speed", "turn", "kind"),
    [
        (1.2, 0.0, "walk_forward"),
        (0.6, 0.0, "walk_slowly"),
        (2.0, 0.0, "walk_quickly"),
        (-1.0, 0.0, "walk_backward"),
        (1.2, 2.2, "walk_turn_left"),
        (1.2, -2.2, "walk_turn_right"),
        (1.2, 0.6, "walk_other"),
        (0.1, 1.2, "turn_left"),
        (0.1, -2.8, "turn_around_right"),
    ],
)
def test_walks_are_named_by_what_the_body_does(speed, turn, kind):
    frames = 50 if kind.startswith("turn_") else 100
    assert kinds_of(clip_of(body(frames, speed, turn), "walk", WALK)) == [kind]


def test_a_walk_that_begins_to_turn_is_cut_there():
    straight, turning = body(100, 1.2), body(80, 1.2, 2.4)
    joints = np.concatenate([straight, turning[1:] + straight[-1, 0] * [1, 0, 1]])
    kinds = kinds_of(clip_of(joints, "walk", WALK))
    assert kinds[0] == "walk_forward"
    assert kinds[-1] == "walk_turn_left"


def test_standing_on_a_box_counts_as_standing_on_the_floor():
    joints = body(60)
    assert ground_level(joints) == 0.0
    assert ground_level(joints + np.array([0, 0.5, 0])) == pytest.approx(0.5, abs=0.05)


def test_a_jump_that_begins_in_the_air_is_left_out():
    joints = body(60)
    floating = joints.copy()
    floating[:30, :, 1] += 0.4 + 0.3 * np.sin(np.arange(30))[:, None]
    assert kinds_of(clip_of(joints, "jump", ("a person jumps up",))) == ["jump"]
    assert kinds_of(clip_of(floating, "jump", ("a person jumps up",))) == []


# --- synthetic motion


@given(turn=st.floats(-3.0, 3.0))
@settings(max_examples=20, deadline=None)
def test_a_bent_path_turns_by_the_angle_and_keeps_pace_and_bones(turn):
    straight = body(80, 1.2)
    bent = bend_path(straight, turn)
    gained = headings(bent)[-1] - headings(straight)[-1] - headings(bent)[0] + headings(straight)[0]
    assert gained == pytest.approx(turn, abs=0.15)
    np.testing.assert_allclose(bone_lengths(bent), bone_lengths(straight), atol=1e-5)
    pace = np.linalg.norm(np.diff(bent[:, 0], axis=0), axis=1)
    np.testing.assert_allclose(pace, 1.2 / 20, atol=1e-5)


def test_synthetic_motion_says_how_it_was_made_and_shows_its_kind():
    clips = small_set()
    made = make_synthetic(clips, find_windows(clips), np.random.default_rng(0))
    for synthetic in made:
        feats = synthetic.clip.features
        assert synthetic.clip.synthetic
        turn, forward = heading_steps(feats).sum(), feats[:, ROOT_XZ.stop - 1].mean()
        if synthetic.kind.startswith("walk_turn"):
            assert (turn > 0) == synthetic.kind.endswith("left")
        if synthetic.kind == "walk_backward":
            assert forward < -0.03
    kinds = {synthetic.kind for synthetic in made}
    assert "walk_backward" in kinds
    assert {kind.rsplit("_", 1)[0] for kind in kinds} >= {"walk_turn", "wave", "walk_wave"}


# --- seams and streams


def test_restoring_bones_changes_nothing_where_they_are_right():
    clip = small_set()[1]
    feats = clip.features.copy()
    restore_bones(feats, np.arange(len(feats)), bone_lengths(clip.joints))
    np.testing.assert_allclose(feats, clip.features, atol=5e-3)


@pytest.fixture(scope="module", name="streams")
def made_streams():
    return build_streams(small_set(), 48, 20, 3, dtype=np.float32)


def test_the_same_seed_gives_the_same_streams_and_another_does_not(streams):
    assert streams.features.shape == (48, 77, 263)
    assert streams.prompt_ids.shape == streams.kind_ids.shape == (48, 20)
    again = build_streams(small_set(), 48, 20, 3, dtype=np.float32)
    other = build_streams(small_set(), 48, 20, 4, dtype=np.float32)
    np.testing.assert_array_equal(again.features, streams.features)
    np.testing.assert_array_equal(again.prompt_ids, streams.prompt_ids)
    assert again.texts == streams.texts
    assert not np.array_equal(other.features, streams.features)


def test_prompts_name_what_the_body_does_under_them(streams):
    """Away from seams, standing prompts stand and walking prompts walk; the texts fit the kinds."""
    standing, walking = 0, 0
    for feats, prompts, kinds in zip(
        streams.features, streams.prompt_ids, streams.kind_ids, strict=True
    ):
        for latent in range(6, 20):
            kind = streams.kinds[kinds[latent]]
            held = [k for k in KINDS.values() if kind in (k.name, k.holds_with)]
            texts = {text for k in held for text in k.texts()}
            assert streams.texts[prompts[latent]] in {*texts, *STAND, *WALK}
            if len(set(kinds[latent - 6 : latent + 1])) > 1:
                continue
            speed = 20 * np.linalg.norm(feats[4 * latent - 3 : 4 * latent + 1, ROOT_XZ], axis=1)
            if kind == "stand":
                standing += 1
                assert speed.max() < 0.3
            elif kind == "walk_forward":
                walking += 1
                assert speed.min() > 0.8
    assert standing > 5 and walking > 5


def test_a_seam_begins_where_the_motion_was_and_fades_out():
    walk, stand = (clip.features for clip in small_set()[1::-1])
    block = stand[:40].copy()
    faded = fade_seam(block, walk[31], walk[30])
    np.testing.assert_allclose(block[0, :193], walk[31, :193], atol=1e-6)
    np.testing.assert_array_equal(block[faded:], stand[faded:40])
    assert 8 <= faded <= 20
    steps = np.diff(np.vstack([walk[30], block])[:, POSITIONS], axis=0)
    assert np.abs(steps[1] - steps[0]).max() < 0.03  # the speed goes on too


def test_stitched_bodies_keep_their_bones(streams):
    joints = recover(streams.features)[0].joints
    lengths = np.linalg.norm(joints - joints[:, :, np.maximum(PARENTS, 0)], axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(LENGTHS, lengths.shape), atol=5e-3)


def test_claimed_velocities_are_true_displacements(streams):
    motion, _ = recover(streams.features)
    moved = np.diff(motion.joints, axis=1) * 20
    np.testing.assert_allclose(motion.velocities[:, :-1], moved, atol=1e-3)


def test_robot_motion_keeps_to_its_share():
    shards = ("human", *["g1_made"] * 5)
    clips = [clip_of(body(140), "stand", STAND, shard=shard) for shard in shards]
    clips += [clip_of(body(120, 1.2), "walk", WALK, shard=shard) for shard in shards]
    streams = build_streams(clips, 60, 20, 0)
    seconds = streams.seconds_by_origin
    assert 0 < seconds["robot retarget"] < 0.35 * sum(seconds.values())


def test_impossible_sizes_and_clips_without_captions_are_refused():
    for count, latents in ((0, 20), (5, 1), (10**9, 56)):
        with pytest.raises(DataError, match="cannot build"):
            build_streams([], count, latents, 0)
    with pytest.raises(DataError, match="captioned window"):
        build_streams([make_clip("bare", body(60), [])], 1, 4, 0)
