"""The robot's description is read whole, checked, and agrees with MuJoCo and with paper."""

from __future__ import annotations

from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from flood_bridge.errors import ConfigError, MissingDependencyError
from flood_bridge.motion import rotations as rot
from flood_bridge.retarget import robot_body
from flood_bridge.retarget.robot_body import ROOT_DOFS, ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel, load_robot, parse_robot, robot_names
from flood_bridge.retarget.targets import FRAMES, POINTS


@pytest.fixture(scope="module")
def g1() -> RobotModel:
    return load_robot("unitree_g1")


@pytest.fixture(scope="module")
def g1_text() -> str:
    file = resources.files("flood_bridge.retarget") / "robots" / "unitree_g1.toml"
    return file.read_text(encoding="utf-8")


def test_g1_has_unitrees_29_joints_in_motor_order(g1: RobotModel) -> None:
    assert len(g1.names) == 29
    assert g1.names[0] == "left_hip_pitch_joint"
    assert g1.names[9] == "right_knee_joint"
    assert g1.names[12:15] == ("waist_yaw_joint", "waist_roll_joint", "waist_pitch_joint")
    assert g1.names[22] == "right_shoulder_pitch_joint"
    assert g1.names[28] == "right_wrist_yaw_joint"


def test_published_limits_are_inside_the_hardwares(g1: RobotModel) -> None:
    assert (g1.lower <= g1.natural_lower).all()
    assert (g1.natural_upper <= g1.upper).all()
    assert (g1.speed_limits <= np.minimum(g1.velocity_limits, 10.0)).all()
    assert (g1.natural_lower <= g1.posture).all()
    assert (g1.posture <= g1.natural_upper).all()


def test_g1_left_and_right_are_mirror_images(g1: RobotModel) -> None:
    mirrored = {"roll", "yaw"}
    for index, name in enumerate(g1.names):
        if not name.startswith("left_"):
            continue
        other = g1.names.index("right_" + name.removeprefix("left_"))
        span = (g1.natural_lower[index], g1.natural_upper[index])
        if name.split("_")[-2] in mirrored:
            span = (-span[1], -span[0])
        assert span == (g1.natural_lower[other], g1.natural_upper[other]), name


def test_g1_zero_pose_by_hand(g1: RobotModel) -> None:
    # Heights along the leg: hip pitch, hip roll, thigh (its cant cancels), shank, ankle roll.
    leg = 0.1027 + 0.030465 + 0.306 + 0.30001 + 0.017558
    ankle = g1.upright_point("left_ankle")
    assert ankle[2] == pytest.approx(-leg, abs=5e-4)
    assert g1.root_height + ankle[2] == pytest.approx(0.036, abs=5e-4)
    assert ankle[0] == pytest.approx(0.0, abs=2e-3)
    soles = g1.root_height + ankle[2] + g1.soles[0][:, 2] - g1.sole_radius
    np.testing.assert_allclose(soles, 0.001, atol=5e-4)
    knee = g1.upright_point("left_knee")
    assert np.linalg.norm(knee - ankle) == pytest.approx(0.318, abs=1e-3)
    # Upper arms hang, forearms point forward.
    shoulder, elbow, wrist = (g1.upright_point(f"left_{n}") for n in ("shoulder", "elbow", "wrist"))
    assert np.linalg.norm(elbow - shoulder) == pytest.approx(0.185, abs=1e-3)
    assert np.linalg.norm(wrist - elbow) == pytest.approx(0.184, abs=1e-3)
    assert (elbow - shoulder)[2] < -0.18
    assert (wrist - elbow)[0] > 0.18


def test_names_known_and_unknown(g1: RobotModel) -> None:
    assert g1.name in robot_names()
    with pytest.raises(ConfigError, match=r"no robot 'unitree_g2'; known are .*unitree_g1"):
        load_robot("unitree_g2")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('root = "pelvis"', "", "'root' is missing"),
        ('parent = "pelvis"', 'parent = "left_knee_link"', "which the root does not carry"),
        ("limits = [-2.5307, 2.8798]", "limits = [2.8798, -2.5307]", "left_hip_pitch_joint needs"),
        ("velocity = 32.0", "velocity = 0.0", "positive velocity"),
        ('left_foot = ["left_ankle', 'left_foo = ["left_ankle', "points left_foot are missing"),
        ('["left_knee_link", 0.0', '["left_shin", 0.0', "'left_shin', which is no link"),
        ('axis = "y"', 'axis = "w"', "'w' is missing"),
        ('name = "unitree_g1"', 'name = "unitree_g1', "unitree.toml does not describe a robot"),
    ],
)
def test_a_wrong_description_is_refused_with_its_reason(
    g1_text: str, old: str, new: str, complaint: str
) -> None:
    assert old in g1_text
    with pytest.raises(ConfigError, match=complaint):
        parse_robot(g1_text.replace(old, new, 1), origin="unitree.toml")


def angles_of(g1: RobotModel, share: np.ndarray) -> np.ndarray:
    return g1.lower + share * (g1.upper - g1.lower)


def by_hand(g1: RobotModel, angles: np.ndarray) -> dict[str, np.ndarray]:
    """Forward kinematics of every point, written out with quaternions."""
    frames = {g1.root: (np.zeros(3), rot.IDENTITY)}
    for joint, angle in zip(g1.joints, angles, strict=True):
        position, rotation = frames[joint.parent]
        turned = rot.multiply(joint.rotation_wxyz, rot.from_axis_angle(joint.axis, angle))
        frames[joint.child] = (
            position + rot.rotate(rotation, joint.offset),
            rot.multiply(rotation, turned),
        )
    return {
        name: frames[point.link][0] + rot.rotate(frames[point.link][1], point.offset)
        for name, point in g1.points.items()
    }


def qpos_of(body: RobotBody, angles: np.ndarray) -> np.ndarray:
    qpos = np.zeros(ROOT_QPOS + len(angles))
    qpos[3] = 1.0
    qpos[ROOT_QPOS:][body.order] = angles
    return qpos


@given(share=arrays(np.float64, 29, elements=st.floats(0.0, 1.0)))
@settings(deadline=None, max_examples=30)
def test_mujoco_agrees_with_kinematics_by_hand(g1: RobotModel, share: np.ndarray) -> None:
    body = RobotBody(g1, POINTS, FRAMES)
    angles = angles_of(g1, share)
    body.place(qpos_of(body, angles))
    expected = by_hand(g1, angles)
    np.testing.assert_allclose(body.points(), [expected[name] for name in POINTS], atol=1e-9)


@given(share=arrays(np.float64, 29, elements=st.floats(0.05, 0.95)), dof=st.integers(0, 34))
@settings(deadline=None, max_examples=30)
def test_jacobian_agrees_with_finite_differences(
    g1: RobotModel, share: np.ndarray, dof: int
) -> None:
    body = RobotBody(g1, POINTS, FRAMES)
    qpos = qpos_of(body, angles_of(g1, share))
    qpos[3:7] = rot.normalise(np.array([0.8, 0.1, -0.5, 0.2]))
    body.place(qpos)
    points, frames = body.points(), body.frames()
    column = body.jacobian()[:, dof]
    step = np.zeros(body.dofs)
    step[dof] = 1e-6
    body.place(body.moved(qpos, step))
    turned = rot.to_rotation_vector(rot.multiply(body.frames(), rot.conjugate(frames)))
    numeric = np.concatenate(((body.points() - points).ravel(), turned.ravel())) / 1e-6
    np.testing.assert_allclose(column, numeric, atol=1e-5)


def test_order_maps_every_joint_once(g1: RobotModel) -> None:
    body = RobotBody(g1, POINTS, FRAMES)
    assert sorted(body.order) == list(range(29))
    assert body.dofs == ROOT_DOFS + 29


def test_without_mujoco_the_remedy_is_named(
    g1: RobotModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robot_body, "mujoco", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'flood-bridge\[robots\]'"):
        RobotBody(g1, POINTS, FRAMES)
