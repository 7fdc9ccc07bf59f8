"""The judge tells motions apart by what the body does: which way, which side, how far, how high."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_engine.training.evaluation.judge import RULES, obeys, shows
from flood_engine.training.evaluation.obedience import judge_after
from flood_engine.training.evaluation.signals import Signals, read_signals
from flood_engine.training.mocap import mirror_joints

RATE = 20
LEFT_ARM, RIGHT_ARM = [18, 20], [19, 21]
LEGS = ([4, 7, 10], [5, 8, 11])


def body(frames: int) -> np.ndarray:
    """Return an upright body at rest, arms hanging, (frames, 22, 3)."""
    heights = dict(enumerate([0.95, 0.87, 0.87, 1.05, 0.47, 0.47, 1.17, 0.07, 0.07, 1.22]))
    heights |= {10: 0.02, 11: 0.02, 12: 1.45, 13: 1.42, 14: 1.42, 15: 1.55, 16: 1.42, 17: 1.42}
    heights |= {18: 1.14, 19: 1.14, 20: 0.88, 21: 0.88}
    aside = {1: 0.1, 4: 0.1, 7: 0.1, 10: 0.1, 13: 0.08, 16: 0.18, 18: 0.2, 20: 0.2}
    joints = np.zeros((22, 3))
    joints[:, 1] = [heights[joint] for joint in range(22)]
    for left, x in aside.items():
        joints[left, 0], joints[left + 1, 0] = x, -x
    joints[[10, 11], 2] = 0.12
    return np.repeat(joints[None], frames, axis=0)


def moved(joints: np.ndarray, way: np.ndarray, heading_rad: np.ndarray) -> np.ndarray:
    """Turn a body to the heading of each frame and carry it along a way (T, 2) of x and z."""
    cos, sin = np.cos(heading_rad)[:, None], np.sin(heading_rad)[:, None]
    out = joints.copy()
    out[..., 0] = cos * joints[..., 0] + sin * joints[..., 2] + way[:, :1]
    out[..., 2] = cos * joints[..., 2] - sin * joints[..., 0] + way[:, 1:]
    return out


def stepping(frames: int, half_stride: float, lift: float = 0.08) -> np.ndarray:
    """Return a body whose feet pass each other and rise in turn, on the spot."""
    joints = body(frames)
    swing = np.sin(2 * np.pi * np.arange(frames) / 18)
    for side, sign in ((0, 1), (1, -1)):
        joints[:, LEGS[side], 2] += sign * half_stride * swing[:, None]
        joints[:, LEGS[side], 1] += lift * np.clip(-sign * np.gradient(swing) * 3, 0, 1)[:, None]
    return joints


def going(frames: int, speed: float, half_stride: float = 0.25, deg_per_s: float = 0.0):
    """Return a body that steps along its heading while the heading turns."""
    heading = np.radians(deg_per_s) * np.arange(frames) / RATE
    step = speed / RATE * np.stack([np.sin(heading), np.cos(heading)], axis=1)
    return moved(stepping(frames, half_stride), np.cumsum(step, axis=0), heading)


def waving(arms: list[list[int]], frames: int = 60) -> np.ndarray:
    """Return a body that waves with the given arms."""
    joints = body(frames)
    for elbow, wrist in arms:
        side = np.sign(joints[0, wrist, 0])
        joints[:, elbow, 1] = 1.4
        joints[:, wrist, 1] = 1.65
        joints[:, wrist, 0] = side * (0.35 + 0.1 * np.sin(np.arange(frames)))
    return joints


def punching(arm: list[int], frames: int = 60) -> np.ndarray:
    """Return a body whose fist shoots forward at the height of the shoulder, again and again."""
    joints = body(frames)
    out = np.clip(np.sin(2 * np.pi * np.arange(frames) / 16), 0, 1) ** 0.5
    joints[:, arm[1], 1] = 1.3
    joints[:, arm[1], 2] = 0.15 + 0.38 * out
    return joints


def kicking(leg: list[int], frames: int = 60) -> np.ndarray:
    """Return a body that kicks forward with one leg."""
    joints = body(frames)
    up = np.clip(np.sin(2 * np.pi * np.arange(frames) / 30), 0, 1)[:, None]
    joints[:, leg, 1] += 0.6 * up
    joints[:, leg, 2] += 0.7 * up
    return joints


def lowered(joints: np.ndarray, hips: np.ndarray, feet_ahead: np.ndarray) -> np.ndarray:
    """Bring the hips to a height for each frame, the feet on the floor and ahead of them."""
    out = joints.copy()
    upper = [j for j in range(22) if j not in {7, 8, 10, 11}]
    out[:, upper, 1] += (hips - 0.95)[:, None]
    out[:, [7, 8, 10, 11], 2] += feet_ahead[:, None]
    return out


def sitting_down(frames: int = 60) -> np.ndarray:
    down = np.clip((np.arange(frames) - 15) / 20, 0, 1)
    return lowered(body(frames), 0.95 - 0.45 * down, 0.4 * down)


def jumping(frames: int = 60) -> np.ndarray:
    up = np.clip(np.sin(np.pi * (np.arange(frames) - 20) / 10), 0, 1) * (np.arange(frames) < 31)
    joints = body(frames)
    joints[..., 1] += 0.3 * (up * (np.arange(frames) > 20))[:, None]
    return joints


def seen(joints: np.ndarray) -> Signals:
    return read_signals(joints)


def test_one_way_of_going_is_not_taken_for_another():
    motions = {
        "stand": body(60),
        "walk_forward": going(60, 1.1),
        "walk_backward": going(60, -0.7),
        "run": going(60, 3.5, 0.4)
        + 0.08 * np.abs(np.sin(np.arange(60) / 3))[:, None, None] * np.array([0, 1, 0]),
        "walk_turn_left": going(60, 0.9, deg_per_s=50),
        "walk_turn_right": going(60, 0.9, deg_per_s=-50),
    }
    for action in motions:
        assert [name for name, m in motions.items() if shows(action, seen(m))] == [action]


@pytest.mark.parametrize(
    ("speed", "wanted"),
    [(0.45, {"walk_slowly", "walk_forward"}), (1.1, {"walk_forward"}), (1.7, {"walk_quickly"})],
)
def test_a_walk_is_slow_or_quick_by_its_speed(speed, wanted):
    shown = {
        a
        for a in ("walk_slowly", "walk_forward", "walk_quickly")
        if shows(a, seen(going(60, speed)))
    }
    assert wanted <= shown
    assert not {"walk_slowly", "walk_quickly"} <= shown


def test_gliding_without_steps_is_no_walk():
    glide = moved(body(60), np.stack([np.zeros(60), np.arange(60) * 0.055], 1), np.zeros(60))
    assert not shows("walk_forward", seen(glide))


@pytest.mark.parametrize(("degrees", "wanted"), [(90, "turn_left"), (-90, "turn_right")])
def test_a_turn_on_the_spot_goes_to_the_side_that_was_named(degrees, wanted):
    angle = np.radians(degrees) * np.clip((np.arange(100) - 20) / 30, 0, 1)
    turn = seen(moved(stepping(100, 0.05), np.zeros((100, 2)), angle))
    assert obeys(wanted, turn).passed
    assert not any(
        obeys(a, turn).passed for a in {"turn_left", "turn_right", "turn_around"} - {wanted}
    )


def test_turning_on_and_on_is_neither_a_turn_nor_an_about_face():
    angle = np.radians(80) * np.arange(140) / RATE
    spin = seen(moved(stepping(140, 0.05), np.zeros((140, 2)), angle))
    assert not any(obeys(a, spin).passed for a in ("turn_left", "turn_right", "turn_around"))


def test_a_tumbling_turn_is_refused():
    turn = going(140, 0.8, deg_per_s=45)
    assert obeys("walk_turn_left", seen(turn)).passed
    tumbling = turn.copy()
    tumbling[60:, [12, 15], 0] += 1.2
    assert not obeys("walk_turn_left", seen(tumbling)).passed


def test_the_hand_that_was_named_must_wave_alone():
    assert shows("wave_left", seen(waving([LEFT_ARM])))
    assert not shows("wave_right", seen(waving([LEFT_ARM])))
    assert not shows("wave_left", seen(waving([LEFT_ARM, RIGHT_ARM])))


def test_a_raised_hand_that_does_not_move_is_no_wave():
    raised = waving([LEFT_ARM])
    assert not shows("wave_left", seen(np.repeat(raised[:1], 60, axis=0)))


SIDED = [
    (waving([LEFT_ARM]), "wave_left"),
    (punching(LEFT_ARM), "punch_left"),
    (kicking(LEGS[0]), "kick_left"),
    (going(60, 0.9, deg_per_s=50), "walk_turn_left"),
]


@pytest.mark.parametrize(("joints", "action"), SIDED, ids=[action for _, action in SIDED])
def test_a_mirrored_motion_shows_the_other_side(joints, action):
    other = action.replace("left", "right")
    mirrored = mirror_joints(joints)
    assert shows(action, seen(joints)) and not shows(other, seen(joints))
    assert shows(other, seen(mirrored)) and not shows(action, seen(mirrored))


def test_sitting_down_and_standing_up_need_both_their_ends():
    down = sitting_down()
    up = down[::-1].copy()
    assert shows("sit_down", seen(down)) and not shows("stand_up", seen(down))
    assert shows("stand_up", seen(up)) and not shows("sit_down", seen(up))
    seated, standing = np.repeat(down[-1:], 60, axis=0), body(60)
    assert not any(shows(a, seen(m)) for a in ("sit_down", "stand_up") for m in (seated, standing))


def test_who_sits_down_and_gets_up_again_has_not_sat_down():
    assert obeys("sit_down", seen(sitting_down(100))).passed
    both = np.concatenate([sitting_down(60), sitting_down(60)[::-1]])
    assert obeys("sit_down", seen(both)).reason == "does not end in its pose"


def test_a_jump_leaves_the_floor_and_lands():
    assert shows("jump", seen(jumping()))
    assert not shows("jump", seen(jumping()[:26]))
    assert not shows("jump", seen(body(60)))


def test_what_lasts_must_be_kept_up():
    walk, stand = going(90, 1.1), body(90)
    stand = stand + walk[-1, 0] * np.array([1, 0, 1])
    assert obeys("walk_forward", seen(going(140, 1.1))).passed
    assert obeys("walk_forward", seen(np.concatenate([walk, stand]))).reason == "not kept up"


def test_a_straight_walk_may_not_drift_round():
    assert obeys("walk_forward", seen(going(140, 1.1, deg_per_s=5))).passed
    drifting = obeys("walk_forward", seen(going(140, 1.1, deg_per_s=20)))
    assert drifting.reason == "something else beside it"


def test_motion_that_is_not_finite_never_passes():
    broken = body(140)
    broken[70] = np.nan
    assert judge_after("stand", body(140), 0).passed
    assert judge_after("stand", broken, 0).reason == "not finite"


@settings(max_examples=15, deadline=None)
@given(
    st.floats(-3, 3), st.floats(-50, 50), st.floats(-50, 50),
    st.sampled_from([body(60), going(60, 1.1), waving([LEFT_ARM]), sitting_down()]),
)  # fmt: skip
def test_verdicts_do_not_depend_on_place_and_heading(angle, x, z, joints):
    away = moved(joints, np.tile([x, z], (60, 1)), np.full(60, angle))
    for action in ("stand", "walk_forward", "wave_left", "sit_down", "crouch", "turn_left"):
        assert shows(action, seen(joints)) == shows(action, seen(away))


def test_motion_shorter_than_a_lasting_rule_is_not_judged():
    assert RULES["stand"].lasting
    assert not shows("stand", seen(body(10)))


def test_wrong_shapes_are_named():
    with pytest.raises(ValueError, match=r"\(5, 3\)"):
        read_signals(np.zeros((5, 3)))
