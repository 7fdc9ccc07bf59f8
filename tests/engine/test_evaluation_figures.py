"""Jerk, jumps, feet, moments of change and retrieval are what their definitions say."""

import numpy as np
import pytest
import torch

from flood_engine.training.evaluation.encoders import FRAMES, Examples, cut_features, train_space
from flood_engine.training.evaluation.feet import foot_figures
from flood_engine.training.evaluation.jerk import centred, jerk_curve, jerk_figures, jumps
from flood_engine.training.evaluation.retrieval import frechet, r_precision
from flood_engine.training.evaluation.rule import Rule
from flood_engine.training.evaluation.signals import read_signals
from flood_engine.training.evaluation.transitions import moments, summary

RATE = 20


def statue(frames: int) -> np.ndarray:
    """Return a thin upright body with its toes 2 cm over the floor, (frames, 22, 3)."""
    joints = np.zeros((frames, 22, 3))
    joints[..., 1] = 0.9
    joints[:, [2, 17], 0], joints[:, [1, 16], 0] = -0.1, 0.1
    joints[:, [12, 15], 1] = 1.5
    joints[:, [7, 8, 10, 11], 1] = 0.02
    return joints


def carried(joints: np.ndarray, speed: float) -> np.ndarray:
    """Slide a body forward at a speed in m/s."""
    return joints + speed / RATE * np.arange(len(joints))[:, None, None] * np.array([0, 0, 1.0])


def test_jerk_is_the_third_difference_summed_over_axes_of_the_worst_joint():
    time = np.arange(12.0)
    joints = statue(12)
    joints[:, 5, 0] += time**2
    assert jerk_curve(joints) == pytest.approx(np.zeros(9), abs=1e-9)
    joints[:, 20, 0] += time**3
    joints[:, 20, 2] -= 2 * time**3
    assert jerk_curve(joints) == pytest.approx(np.full(9, 18.0))


def test_peak_and_area_are_of_the_mean_curve_against_recorded_motion():
    quick, still = statue(60), statue(60)
    quick[30:, 20, 0] += 1.0
    figures = jerk_figures([quick, still], real_mean=0.1)
    assert figures["peak"] == pytest.approx(0.5 * 2.0)  # differences 1, -2, 1
    assert figures["sample_peak_median"] == pytest.approx(0.5 * (0.0 + 2.0))
    assert figures["area"] == pytest.approx(54 * 0.1 + 2 * 0.4 + 0.9)


def test_a_window_is_centred_on_the_change_and_must_fit():
    joints = carried(statue(100), 1.0)
    assert (centred(joints, 50) == joints[20:80]).all()
    with pytest.raises(ValueError, match="frame 20 of 100"):
        centred(joints, 20)


def test_a_jump_is_the_distance_from_the_straight_continuation():
    joints = carried(statue(20), 2.0)
    assert max(part.max() for part in jumps(joints)) == pytest.approx(0.0, abs=1e-9)
    joints[10:, 20, 1] += 0.3
    root, worst = jumps(joints)
    assert worst[8] == pytest.approx(0.3)
    assert root.max() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("speed", "gmd", "kimodo"), [(0.0, 0, 0), (0.1, 0, 0), (0.3, 0, 1), (0.8, 1, 1)]
)
def test_feet_skate_by_each_definition_from_its_own_speed_on(speed, gmd, kimodo):
    figures = foot_figures(carried(statue(40), speed))
    assert (figures["skate_gmd"], figures["skate_kimodo"]) == (gmd, kimodo)
    assert figures["contact_speed_m_per_s"] == pytest.approx(speed)


def test_feet_in_the_air_do_not_skate_but_hover_and_feet_under_the_floor_sink():
    high, low = carried(statue(40), 2.0), statue(40)
    high[..., 1] += 0.2
    low[..., 1] -= 0.06
    assert foot_figures(high)["skate_gmd"] == 0 and foot_figures(high)["hovering"] == 1
    assert foot_figures(low)["sunk"] == 1
    assert foot_figures(low)["sunk_depth_m"] == pytest.approx(0.04)


def lifted_from(frame: int) -> np.ndarray:
    joints = statue(100)
    joints[frame:, :, 1] += 1.0
    return joints


@pytest.mark.parametrize("frame", [0, 7, 31])
def test_the_onset_of_what_lasts_is_the_first_window_that_shows_it(frame):
    rule = Rule(1.0, lambda s: bool((s.hips > 1.5).all()), held=0.5)
    found = moments(rule, read_signals(lifted_from(frame)))
    assert found == pytest.approx((frame / RATE, frame / RATE + 1.0))


def test_what_does_not_stay_has_not_begun():
    joints = lifted_from(10)
    joints[35:] = statue(65)
    assert (
        moments(Rule(1.0, lambda s: bool((s.hips > 1.5).all()), held=0.5), read_signals(joints))
        is None
    )


def test_the_onset_of_what_is_done_once_is_the_last_frame_that_still_shows_all_of_it():
    rule = Rule(2.0, lambda s: bool(s.hips[0] < 1.5 and s.hips[-1] > 1.5))
    found = moments(rule, read_signals(lifted_from(50)))
    shortest = 12  # frames: less than 0.6 s of motion is not judged
    assert found == pytest.approx(((51 - shortest) / RATE, 51 / RATE))


def change(onset, **other):
    return {
        "then": "run", "began": True, "already": False, "onset_secs": onset,
        "known_secs": None if onset is None else onset + 1, "root_jump_m": 0.0, "joint_jump_m": 0.0,
    } | other  # fmt: skip


def test_changes_that_never_come_count_as_the_latest():
    figures = summary([change(0.5), change(0.7), change(None)])
    assert (figures["came"], figures["counted"], figures["onset_median_secs"]) == (2, 3, 0.7)
    assert summary([change(0.5), change(None), change(None)])["onset_median_secs"] is None


def test_changes_that_cannot_be_seen_are_left_out_and_counted():
    figures = summary([change(0.5), change(0.0, already=True), change(0.1, began=False)])
    assert (figures["counted"], figures["already_shown"], figures["first_not_shown"]) == (1, 1, 1)
    assert figures["onset_median_secs"] == 0.5


def test_perfect_pairs_are_found_and_random_ones_by_chance():
    rng = np.random.default_rng(0)
    texts = torch.from_numpy(rng.standard_normal((400, 64)))
    groups = np.arange(400)
    assert r_precision(texts, texts, groups)["top1"] == 1.0
    others = torch.from_numpy(rng.standard_normal((400, 64)))
    assert r_precision(others, texts, groups)["top3"] == pytest.approx(3 / 32, abs=0.05)


def test_motions_that_all_look_alike_are_not_found():
    same = torch.ones(50, 8)
    assert r_precision(same, same, np.arange(50))["top3"] == 0.0


def test_the_distance_of_a_shifted_cloud_is_the_shift_squared():
    cloud = np.random.default_rng(0).standard_normal((500, 6))
    assert frechet(cloud, cloud) == pytest.approx(0.0, abs=1e-6)
    assert frechet(cloud + 2.0, cloud) == pytest.approx(6 * 4.0, rel=1e-6)
    assert frechet(2 * cloud, cloud) > 1.0


def test_short_motion_is_filled_with_its_last_frame():
    cut = cut_features(np.arange(10.0)[:, None] * np.ones(263))
    assert cut.shape == (FRAMES, 263)
    assert (cut[9:] == 9.0).all() and (cut[:10, 0] == np.arange(10)).all()


def test_the_evaluator_learns_which_text_belongs_to_which_motion():
    rng = np.random.default_rng(0)
    kinds = np.arange(24) % 4
    features = [
        (rng.standard_normal((80, 263)) * 0.3 + np.eye(4, 263)[kind] * 3).astype(np.float32)
        for kind in kinds
    ]
    table = torch.from_numpy(rng.standard_normal((4, 384))).float()
    examples = Examples(features, kinds, [[int(kind)] for kind in kinds], table)
    torch.set_num_threads(1)
    space = train_space(examples, 25, seed=1)
    with torch.inference_mode():
        motion = space.motion(torch.from_numpy(np.stack([cut_features(f) for f in features])))
        assert r_precision(motion, space.text(table[kinds]), kinds)["top1"] > 0.7
