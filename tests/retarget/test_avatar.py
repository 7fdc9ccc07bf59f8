"""Bone rotations from positions: they give the bones back, and they do not twist or flip."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from flood_bridge.errors import RetargetError
from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import AvatarFrame, Pose
from flood_bridge.motion.kinematics import forward_frames, forward_kinematics
from flood_bridge.motion.skeleton import PARENTS, Skeleton
from flood_bridge.retarget.avatar import AvatarRetargeter

LIMB_AND_SPINE_ENDS = [4, 5, 7, 8, 10, 11, 16, 17, 18, 19, 20, 21, 6, 9]
X, Y, Z = np.eye(3)
PERIOD_SECS = 0.05


def turn(axis: np.ndarray, degrees: float) -> np.ndarray:
    return rot.from_axis_angle(axis, np.radians(degrees))


def as_pose(joints: np.ndarray) -> Pose:
    return Pose(joints, np.zeros((22, 3)), np.zeros(4, dtype=bool), 0.0)


def directions(joints: np.ndarray) -> np.ndarray:
    return rot.normalise(joints - joints[list(PARENTS)])


def world_rotations(skeleton: Skeleton, frame: AvatarFrame) -> np.ndarray:
    return rot.from_matrix(forward_frames(skeleton, frame)[1])


def angles(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Degrees between the rotations a and b, (..., 4)."""
    vectors = rot.to_rotation_vector(rot.multiply(rot.conjugate(a), b))
    return np.degrees(np.linalg.norm(vectors, axis=-1))


@st.composite
def bodies(draw: st.DrawFn) -> np.ndarray:
    """Local rotations (22, 4) within a human's reach, the body turned and leaning anyhow."""

    def vector(limit: float) -> np.ndarray:
        return draw(arrays(np.float64, 3, elements=st.floats(-limit, limit)))

    limits = {0: 1.5, 3: 0.3, 6: 0.3, 9: 0.3, 12: 0.4, 13: 0.2, 14: 0.2, 7: 0.4, 8: 0.4}
    limits |= {1: 1.0, 2: 1.0, 16: 1.0, 17: 1.0}
    local = np.tile(rot.IDENTITY, (22, 1))
    for row, limit in limits.items():
        v = vector(limit)
        local[row] = rot.from_axis_angle(rot.normalise(v), np.linalg.norm(v))
    for row, axis in ((4, X), (5, X), (18, -Y), (19, Y)):
        local[row] = rot.from_axis_angle(axis, draw(st.floats(0.0, 2.4)))
    return local


def test_a_t_pose_has_no_rotation(skeleton: Skeleton) -> None:
    frame = AvatarRetargeter(skeleton).retarget(as_pose(skeleton.rest_positions()))
    np.testing.assert_allclose(frame.local_wxyz, np.tile(rot.IDENTITY, (22, 1)), atol=1e-9)


@given(local=bodies())
@settings(deadline=None)
def test_kinematics_give_every_limb_and_spine_bone_back(
    skeleton: Skeleton, local: np.ndarray
) -> None:
    joints = forward_kinematics(skeleton, AvatarFrame(np.array([1.0, 2.0, 3.0]), local))
    frame = AvatarRetargeter(skeleton).retarget(as_pose(joints))
    back = forward_kinematics(skeleton, frame)
    ends = LIMB_AND_SPINE_ENDS
    cosine = (directions(back)[ends] * directions(joints)[ends]).sum(axis=1)
    assert np.degrees(np.arccos(np.minimum(cosine, 1.0))).max() < 0.01
    assert np.array_equal(back[0], joints[0])


@given(local=bodies(), yaw=st.floats(-180.0, 180.0))
@settings(deadline=None, max_examples=40)
def test_turning_the_body_turns_only_the_pelvis(
    skeleton: Skeleton, local: np.ndarray, yaw: float
) -> None:
    joints = forward_kinematics(skeleton, AvatarFrame(np.zeros(3), local))
    spin = turn(Y, yaw)
    still = AvatarRetargeter(skeleton).retarget(as_pose(joints)).local_wxyz
    turned = AvatarRetargeter(skeleton).retarget(as_pose(rot.rotate(spin, joints))).local_wxyz
    assert angles(turned[0], rot.multiply(spin, still[0])) < 1e-4
    assert angles(turned[1:], still[1:]).max() < 1e-3


@pytest.mark.parametrize(("row", "hinge"), [(18, -Y), (19, Y), (4, X), (5, X)])
@pytest.mark.parametrize("roll", [-50.0, 0.0, 40.0])
def test_knees_and_elbows_bend_about_their_hinge_however_the_limb_is_rolled(
    skeleton: Skeleton, posed: Callable[..., Pose], row: int, hinge: np.ndarray, roll: float
) -> None:
    upper, bone = PARENTS[row], rot.normalise(skeleton.offsets[row])
    pose = posed({upper: turn(bone, roll), row: turn(hinge, 80.0)})
    local = AvatarRetargeter(skeleton).retarget(pose).local_wxyz
    assert angles(local[upper], turn(bone, roll)) < 0.1
    assert angles(local[row], turn(hinge, 80.0)) < 0.1


def test_raising_the_left_arm_turns_the_left_shoulder_only(
    skeleton: Skeleton, posed: Callable[..., Pose]
) -> None:
    local = AvatarRetargeter(skeleton).retarget(posed({16: turn(Z, 70.0)})).local_wxyz
    assert angles(local[16], turn(Z, 70.0)) < 0.1
    others = np.delete(np.arange(22), 16)
    assert angles(local[others], rot.IDENTITY).max() < 0.1


@pytest.mark.parametrize("plane", [0.0, 30.0, 60.0, 90.0])
@pytest.mark.parametrize("bend", [0.0, 10.0, 90.0])
def test_an_arm_swung_through_its_whole_range_never_twists_suddenly(
    skeleton: Skeleton, posed: Callable[..., Pose], plane: float, bend: float
) -> None:
    # From hanging, up in the given vertical plane (0: sideways, 90: forwards) to overhead.
    retargeter = AvatarRetargeter(skeleton, PERIOD_SECS)
    before, worst = None, 0.0
    for lift in np.arange(-85.0, 86.0, 5.0):
        raised = rot.multiply(turn(Y, -plane), turn(Z, lift))
        frame = retargeter.retarget(posed({16: raised, 18: turn(-Y, bend)}))
        now = world_rotations(skeleton, frame)
        if before is not None:
            worst = max(worst, float(angles(before[16], now[16])))
        before = now
    assert worst < 5.0 + 18.0 + 0.1  # the swing and the bounded roll of one frame


@given(bent=st.lists(st.tuples(st.floats(-110, 110), st.floats(-20, 120)), min_size=4, max_size=20))
@settings(deadline=None, max_examples=30)
def test_the_roll_of_a_limb_is_bounded_whatever_its_plane_does(
    skeleton: Skeleton, posed: Callable[..., Pose], bent: list[tuple[float, float]]
) -> None:
    # An arm held out to the side whose forearm points somewhere else in every frame.
    retargeter = AvatarRetargeter(skeleton, PERIOD_SECS)
    poses = [posed({16: turn(X, roll), 18: turn(-Y, bend)}) for roll, bend in bent]
    rolls = np.array([retargeter.retarget(pose).local_wxyz[16] for pose in poses])
    assert angles(rolls[1:], rolls[:-1]).max() <= 18.0 + 1e-6


def test_a_roll_reaches_a_new_plane_at_its_bounded_rate(
    skeleton: Skeleton, posed: Callable[..., Pose]
) -> None:
    retargeter = AvatarRetargeter(skeleton, PERIOD_SECS)
    retargeter.retarget(posed({18: turn(-Y, 90.0)}))
    turned = posed({16: turn(X, 90.0), 18: turn(-Y, 90.0)})
    rolls = np.array([retargeter.retarget(turned).local_wxyz[16] for _ in range(6)])
    assert angles(rolls, rot.IDENTITY) == pytest.approx([18, 36, 54, 72, 90, 90], abs=1e-6)


@pytest.mark.parametrize(("row", "hinge"), [(18, -Y), (19, Y), (4, X), (5, X)])
def test_a_limb_bent_slightly_the_wrong_way_is_not_turned_around(
    skeleton: Skeleton, posed: Callable[..., Pose], row: int, hinge: np.ndarray
) -> None:
    retargeter = AvatarRetargeter(skeleton, PERIOD_SECS)
    frames = [retargeter.retarget(posed({row: turn(hinge, -20.0)})) for _ in range(20)]
    assert angles(frames[-1].local_wxyz[PARENTS[row]], rot.IDENTITY) < 1.0


def test_signs_are_continuous_while_the_body_spins_twice(
    skeleton: Skeleton, posed: Callable[..., Pose]
) -> None:
    retargeter = AvatarRetargeter(skeleton)
    frames = [retargeter.retarget(posed({}, yaw=float(yaw))) for yaw in range(0, 721, 15)]
    local = np.array([frame.local_wxyz for frame in frames])
    assert (local[1:] * local[:-1]).sum(axis=-1).min() > 0.9
    np.testing.assert_allclose(local[24, 0], -local[0, 0], atol=1e-9)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e9])
def test_an_unusable_pose_repeats_the_last_frame_but_cannot_be_the_first(
    skeleton: Skeleton, posed: Callable[..., Pose], bad: float
) -> None:
    pose = posed({})
    broken = as_pose(pose.joints.copy())
    broken.joints[7, 1] = bad
    retargeter = AvatarRetargeter(skeleton)
    with pytest.raises(RetargetError, match="first pose"):
        retargeter.retarget(broken)
    frame = retargeter.retarget(pose)
    assert retargeter.retarget(broken) is frame


def test_coincident_joints_and_wrong_shapes_are_named(
    skeleton: Skeleton, posed: Callable[..., Pose]
) -> None:
    joints = posed({}).joints.copy()
    joints[18] = joints[16]
    with pytest.raises(RetargetError, match="left_elbow coincides with left_shoulder"):
        AvatarRetargeter(skeleton).retarget(as_pose(joints))
    with pytest.raises(RetargetError, match=r"\(21, 3\).*\(22, 3\)"):
        AvatarRetargeter(skeleton).retarget(as_pose(joints[:21]))


def test_a_skeleton_without_bones_is_refused() -> None:
    with pytest.raises(RetargetError, match="skeleton"):
        AvatarRetargeter(Skeleton.from_bone_lengths(np.zeros(22)))


def test_reset_forgets_the_past(skeleton: Skeleton, posed: Callable[..., Pose]) -> None:
    retargeter = AvatarRetargeter(skeleton)
    fresh = retargeter.retarget(posed({})).local_wxyz
    for bend in (0.0, 60.0, 120.0):
        retargeter.retarget(posed({16: turn(X, 70.0), 18: turn(-Y, bend)}))
    retargeter.reset()
    np.testing.assert_array_equal(retargeter.retarget(posed({})).local_wxyz, fresh)


@given(joints=arrays(np.float64, (22, 3), elements=st.floats(-3, 3)))
@settings(deadline=None)
def test_any_finite_input_gives_unit_rotations_or_a_named_error(
    skeleton: Skeleton, joints: np.ndarray
) -> None:
    retargeter = AvatarRetargeter(skeleton)
    retargeter.retarget(as_pose(skeleton.rest_positions()))
    local = retargeter.retarget(as_pose(joints)).local_wxyz
    np.testing.assert_allclose(np.linalg.norm(local, axis=1), 1.0, atol=1e-9)
