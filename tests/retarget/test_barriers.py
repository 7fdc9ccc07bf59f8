"""Robots do not go through themselves: distances are true, arms are asked beside the body."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import Pose
from flood_bridge.retarget.barriers import MARGIN_M, WEIGHT, Barriers
from flood_bridge.retarget.capsule_distance import nearest
from flood_bridge.retarget.capsule_pairs import CapsulePairs
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_body import ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel, load_robot
from flood_bridge.retarget.robot_shape import capsules, meeting_pairs
from flood_bridge.retarget.targets import FRAMES, POINTS

pytest.importorskip("mujoco")
SHARES = np.linspace(0.0, 1.0, 41)


@pytest.fixture(scope="module")
def g1() -> RobotModel:
    return load_robot("unitree_g1")


@pytest.fixture(scope="module")
def body(g1: RobotModel) -> RobotBody:
    return RobotBody(g1, POINTS, FRAMES)


@given(ends=arrays(np.float64, (4, 3), elements=st.floats(-2.0, 2.0)))
def test_no_two_points_of_two_lines_are_nearer_than_the_nearest(ends: np.ndarray) -> None:
    a, b, c, d = ends
    s, t = nearest(a, b, c, d)
    assert 0.0 <= s <= 1.0
    assert 0.0 <= t <= 1.0
    found = np.linalg.norm(a + s * (b - a) - c - t * (d - c))
    one, other = a + SHARES[:, None] * (b - a), c + SHARES[:, None] * (d - c)
    every = np.linalg.norm(one[:, None] - other[None], axis=2)
    assert found <= every.min() + 1e-6


@given(ends=arrays(np.float64, (4, 3), elements=st.floats(-1.0, 1.0)))
def test_capsules_are_as_far_apart_as_their_lines_say(ends: np.ndarray) -> None:
    radii, (a, b, c, d) = (0.1, 0.05), ends
    pairs = CapsulePairs(radii, [(0, 1)], 0.4)
    s, t = nearest(a, b, c, d)
    apart = np.linalg.norm(a + s * (b - a) - c - t * (d - c)) - sum(radii)
    found = pairs.find(np.array([a, c, b, d]))
    if abs(apart - 0.4) > 1e-6:
        assert len(found) > 0 if apart < 0.4 else len(found) == 0
    if len(found):
        assert found.min() == pytest.approx(apart, abs=1e-5)
        way, (one, other), (here, there) = pairs.meeting(int(found.argmin()))
        assert (one, other) == (0, 1)
        assert np.linalg.norm(way) == pytest.approx(1.0)
        gap = c + there * (d - c) - a - here * (b - a)
        assert np.linalg.norm(gap) - sum(radii) == pytest.approx(apart, abs=1e-5)


def standing(g1: RobotModel, body: RobotBody, **angles: float) -> np.ndarray:
    joints = g1.posture.copy()
    for name, angle in angles.items():
        joints[g1.names.index(f"{name}_joint")] = angle
    qpos = np.array([0.0, 0.0, 1.5, 1.0, 0.0, 0.0, 0.0, *np.zeros(len(joints))])
    qpos[ROOT_QPOS:][body.order] = joints
    return qpos


def test_a_robot_at_ease_is_clear_of_itself(g1: RobotModel, body: RobotBody) -> None:
    body.place(standing(g1, body))
    assert Barriers(body, g1).cost() == 0.0


def test_a_leg_through_the_other_has_a_cost_and_its_row_is_the_slope(
    g1: RobotModel, body: RobotBody
) -> None:
    barriers = Barriers(body, g1)
    qpos = standing(g1, body, left_hip_roll=-0.25, right_hip_roll=0.1)
    body.place(qpos)
    cost = barriers.cost()
    assert cost > (WEIGHT * MARGIN_M) ** 2
    body.jacobian()
    hessian, gradient = np.zeros((body.dofs, body.dofs)), np.zeros(body.dofs)
    barriers.add_to(hessian, gradient)
    for dof in (6, 7, 8, 12, 13):
        step = np.zeros(body.dofs)
        step[dof] = 1e-6
        body.place(body.moved(qpos, step))
        slope = (barriers.cost() - cost) / 1e-6
        assert slope == pytest.approx(-2.0 * gradient[dof], rel=1e-3, abs=1e-5)
    assert np.linalg.eigvalsh(hessian).min() > -1e-9


def gap(g1: RobotModel, body: RobotBody) -> float:
    parts = capsules(g1)
    one, other = np.array(meeting_pairs(parts)).T
    radii = np.array([part.radius for part in parts])
    starts, ends = body.parts()
    s, t = nearest(starts[one], ends[one], starts[other], ends[other])
    here = starts[one] + s[:, None] * (ends[one] - starts[one])
    there = starts[other] + t[:, None] * (ends[other] - starts[other])
    return float((np.linalg.norm(here - there, axis=1) - radii[one] - radii[other]).min())


@given(
    arms=st.floats(60.0, 100.0), bend=st.floats(0.0, 110.0), forward=st.floats(-20.0, 60.0),
    legs=st.floats(-8.0, 15.0),
)  # fmt: skip
@settings(deadline=None, max_examples=12)
def test_arms_through_hips_and_legs_through_legs_stay_outside_on_the_robot(
    g1: RobotModel, body: RobotBody, posed: Callable[..., Pose],
    arms: float, bend: float, forward: float, legs: float,
) -> None:  # fmt: skip
    x, y, z = np.eye(3)

    def turn(axis: np.ndarray, degrees: float) -> np.ndarray:
        return rot.from_axis_angle(axis, np.radians(degrees))

    pose = posed({
        1: turn(z, -legs), 2: turn(z, legs),
        16: rot.multiply(turn(x, -forward), turn(z, -arms)),
        17: rot.multiply(turn(x, -forward), turn(z, arms)),
        18: turn(y, -bend), 19: turn(y, bend),
    })  # fmt: skip
    retargeter = RobotRetargeter(g1, 0.05)
    frame = [retargeter.retarget(pose) for _ in range(6)][-1]
    qpos = np.array([*frame.root_position, *frame.root_rotation_wxyz, *np.zeros(29)])
    qpos[ROOT_QPOS:][body.order] = frame.positions
    body.place(qpos)
    assert gap(g1, body) > -0.004
