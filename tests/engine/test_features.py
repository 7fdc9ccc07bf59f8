"""The 263 numbers: what they hold, and that joints survive the way there and back."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_engine.errors import DataError
from flood_engine.features import (
    CONTACTS,
    FEATURE_SIZE,
    HEIGHT,
    POSITIONS,
    ROOT_XZ,
    ROOT_YAW,
    ROT6D,
    VELOCITIES,
    RootState,
    headings,
    joints_to_features,
    recover,
    recover_joints,
)
from flood_engine.humanml import CHAINS, MIRROR, PARENTS, REST_DIRECTIONS

GOLDEN = Path(__file__).parents[1] / "golden" / "recover_a.npz"
LENGTHS = np.full(22, 0.25)
LENGTHS[[13, 14]] = 0.45  # shoulders wider than the hips, as on a human


def walker(
    frames: int = 60, turn_rad: float = 0.0, speed: float = 1.2, start_rad: float = 0.0
) -> np.ndarray:
    """A rigid stick body that swings its limbs, walks and turns evenly."""
    time = np.arange(frames) / 20
    local = np.zeros((frames, 22, 3))
    swing = 0.5 * np.sin(2 * np.pi * time)
    for joint in range(1, 22):
        bone = np.tile(REST_DIRECTIONS[joint] * LENGTHS[joint], (frames, 1))
        if joint in (4, 7, 10, 5, 8, 11, 18, 20, 19, 21):
            sign = 1.0 if joint in (4, 7, 10, 19, 21) else -1.0
            bone = _pitched(bone, sign * swing)
        local[:, joint] = local[:, PARENTS[joint]] + bone
    angle = start_rad + turn_rad * np.arange(frames) / max(frames - 1, 1)
    joints = _turned(local, angle[:, None])
    step = np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=-1) * speed / 20
    path = np.cumsum(step, axis=0) - step[0]
    path[:, 1] = 1.0
    return joints + path[:, None]


def _pitched(vectors: np.ndarray, angle: np.ndarray) -> np.ndarray:
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([x, cos * y - sin * z, sin * y + cos * z], axis=-1)


def _turned(vectors: np.ndarray, angle: np.ndarray | float) -> np.ndarray:
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1)


def state_of(joints: np.ndarray, heading_rad: float) -> RootState:
    return RootState(heading_rad, float(joints[0, 0, 0]), float(joints[0, 0, 2]))


def test_the_named_slices_cover_every_number_once():
    parts = [ROOT_YAW, *range(*ROOT_XZ.indices(FEATURE_SIZE)), HEIGHT]
    for part in (POSITIONS, ROT6D, VELOCITIES, CONTACTS):
        parts += range(*part.indices(FEATURE_SIZE))
    assert parts == list(range(FEATURE_SIZE))


def test_recovery_equals_the_reference_implementation():
    golden = np.load(GOLDEN)
    joints, _ = recover_joints(golden["features"])
    np.testing.assert_allclose(joints, golden["joints"], atol=1e-5)


@given(
    turn=st.floats(-2.5, 2.5),
    speed=st.floats(0.0, 4.0),
    frames=st.integers(2, 80),
    face=st.floats(),
)
@settings(max_examples=40, deadline=None)
def test_joints_survive_the_clean_features(turn, speed, frames, face):
    start = float(np.clip(np.nan_to_num(face), -3.0, 3.0))
    joints = walker(frames, turn, speed, start)
    feats = joints_to_features(joints, heading="clean")
    back, _ = recover_joints(feats, state_of(joints, headings(joints)[0]))
    assert feats.dtype == np.float32
    np.testing.assert_allclose(back, joints[:-1], atol=1e-4)


@given(turn=st.floats(-2.5, 2.5), speed=st.floats(0.0, 4.0), frames=st.integers(2, 80))
@settings(max_examples=40, deadline=None)
def test_joints_survive_the_humanml3d_features(turn, speed, frames):
    joints = walker(frames, turn, speed)
    back, _ = recover_joints(joints_to_features(joints, heading="humanml3d"))
    np.testing.assert_allclose(back, joints[:-1], atol=1e-4)


@given(cuts=st.lists(st.integers(1, 58), max_size=6))
@settings(max_examples=40, deadline=None)
def test_recovery_in_chunks_gives_the_same_bits_as_the_whole(cuts):
    feats = joints_to_features(walker(60, 3.0), heading="clean")
    whole, last = recover(feats, RootState(0.7, 3.0, -2.0))
    state, parts = RootState(0.7, 3.0, -2.0), []
    for chunk in np.split(feats, sorted(set(cuts))):
        part, state = recover(chunk, state)
        parts.append(part)
    assert state == last
    for name in ("joints", "velocities", "heading_rad", "contacts"):
        chunks = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(chunks, getattr(whole, name))


def test_a_batch_is_recovered_row_by_row():
    rows = np.stack([joints_to_features(walker(40, t), heading="clean") for t in (-2.0, 0.5)])
    batch, _ = recover(rows)
    for row, joints in zip(rows, batch.joints, strict=True):
        np.testing.assert_array_equal(recover_joints(row)[0], joints)


def test_a_turn_to_the_left_is_positive_and_ends_facing_plus_x():
    joints = walker(60, np.pi / 2)
    feats = joints_to_features(joints, heading="clean")
    motion, after = recover(feats)
    assert np.all(feats[5:-5, ROOT_YAW] < 0)
    assert motion.heading_rad[-1] > 1.3
    assert after.heading_rad == pytest.approx(np.pi / 2, abs=0.1)
    assert np.diff(motion.joints[-3:, 0, 0])[0] > 0.05  # walks towards +x at the end


@pytest.mark.parametrize("turn", [7.0, -7.0])
def test_a_clean_heading_keeps_its_sign_across_half_a_turn(turn):
    feats = joints_to_features(walker(120, turn), heading="clean")
    assert -2 * feats[:, ROOT_YAW].sum() == pytest.approx(turn, abs=0.2)
    assert len(np.unique(np.sign(feats[10:-10, ROOT_YAW]))) == 1


def test_velocities_are_world_displacements_per_second():
    joints = walker(50, -1.5, start_rad=0.8)
    feats = joints_to_features(joints, heading="clean")
    motion, _ = recover(feats, state_of(joints, headings(joints)[0]))
    np.testing.assert_allclose(motion.velocities, np.diff(joints, axis=0) * 20, atol=1e-4)


@given(angle=st.floats(-3.0, 3.0), shift=st.floats(-50.0, 50.0))
@settings(max_examples=30, deadline=None)
def test_clean_features_do_not_depend_on_where_the_body_is_and_faces(angle, shift):
    joints = walker(40, 1.0)
    moved = _turned(joints, angle) + np.array([shift, 0.0, -shift])
    np.testing.assert_allclose(
        joints_to_features(moved, heading="clean"),
        joints_to_features(joints, heading="clean"),
        atol=2e-5,
    )


def test_humanml3d_forces_the_first_frame_to_face_plus_z():
    joints = walker(40, 0.0, start_rad=np.pi / 2)
    feats = joints_to_features(joints, heading="humanml3d")
    relative = joints[0, 1:] - joints[0, 0] * np.array([1.0, 0.0, 1.0])
    np.testing.assert_allclose(feats[0, POSITIONS].reshape(21, 3), relative, atol=1e-6)
    assert abs(feats[0, ROOT_YAW]) > 0.5  # and jumps to its true heading one frame later


def test_humanml3d_takes_the_heading_from_the_difference_of_hip_and_shoulder_lines():
    joints = walker(100, 0.0, speed=0.0)
    twisted = joints.copy()
    upper = [12, 13, 14, 15, 16, 17, 18, 19, 20, 21]
    twisted[:, upper] = _turned(joints[:, upper], 0.4)
    hips, shoulders = 0.5, 0.9
    wrong = np.arctan2(shoulders * np.sin(0.4), shoulders * np.cos(0.4) - hips)
    right = np.arctan2(shoulders * np.sin(0.4), shoulders * np.cos(0.4) + hips)
    assert headings(twisted, "humanml3d")[50] == pytest.approx(wrong, abs=1e-6)
    assert headings(twisted, "clean")[50] == pytest.approx(right, abs=1e-6)


def test_the_rotation_block_rebuilds_the_body_along_its_chains():
    joints = walker(30, 1.0)
    feats = joints_to_features(joints, heading="clean")
    columns = feats[:, ROT6D].reshape(-1, 21, 2, 3).astype(np.float64)
    first, second = columns[:, :, 0], columns[:, :, 1]
    local = np.stack([first, second, np.cross(first, second)], axis=-1)
    rebuilt = np.zeros((len(feats), 22, 3))
    rebuilt[:, 0, 1] = feats[:, HEIGHT]
    for chain in CHAINS:
        turn = np.broadcast_to(np.eye(3), (len(feats), 3, 3))
        for parent, joint in pairwise(chain):
            turn = turn @ local[:, joint - 1]
            rebuilt[:, joint] = rebuilt[:, parent] + turn @ (
                REST_DIRECTIONS[joint] * LENGTHS[joint]
            )
    positions = feats[:, POSITIONS].reshape(-1, 21, 3)
    np.testing.assert_allclose(rebuilt[:, 1:], positions, atol=1e-5)


def test_a_raised_arm_opposite_to_its_rest_has_finite_rotations():
    joints = walker(30)
    joints[:, [18, 20]] = joints[:, [16]] + np.array([[0, 0.25, 0], [0, 0.5, 0]])
    for heading in ("clean", "humanml3d"):
        assert np.isfinite(joints_to_features(joints, heading=heading)).all()


def test_standing_feet_are_in_contact_and_swinging_feet_are_not():
    still = joints_to_features(walker(40, speed=0.0) * 0 + walker(2)[0], heading="clean")
    fast = joints_to_features(walker(40, speed=5.0), heading="clean")
    assert still[:, CONTACTS].all()
    assert not fast[:, CONTACTS].all()


def test_recovery_keeps_no_view_of_the_callers_buffer():
    feats = joints_to_features(walker(20), heading="clean")
    motion, state = recover(feats)
    before = motion.joints.copy(), motion.velocities.copy(), motion.contacts.copy(), state
    feats[:] = 7.0
    np.testing.assert_array_equal(motion.joints, before[0])
    np.testing.assert_array_equal(motion.velocities, before[1])
    np.testing.assert_array_equal(motion.contacts, before[2])


def test_far_from_the_origin_positions_stay_exact():
    feats = joints_to_features(walker(20), heading="clean")
    near, _ = recover_joints(feats)
    far, _ = recover_joints(feats, RootState(0.0, 1e5, -1e5))
    np.testing.assert_allclose(far - np.array([1e5, 0, -1e5]), near, atol=1e-9)


def test_mirrored_joints_are_pairs():
    np.testing.assert_array_equal(MIRROR[MIRROR], np.arange(22))


@pytest.mark.parametrize(
    "bad", [np.zeros((5, 262)), np.zeros(263), np.zeros((0, 263)), np.zeros((2, 0, 263))]
)
def test_features_of_another_shape_are_refused_with_the_shape(bad):
    with pytest.raises(DataError, match="shape"):
        recover(bad)


def test_joints_that_are_not_finite_are_refused():
    joints = walker(10)
    joints[3, 4, 1] = np.nan
    with pytest.raises(DataError, match="not finite"):
        joints_to_features(joints, heading="clean")


def test_a_single_frame_of_joints_is_refused():
    with pytest.raises(DataError, match="2 frames"):
        joints_to_features(walker(10)[:1], heading="clean")
