"""Bones reach from joint to joint, whatever the pose."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from flood_bridge.motion.rotations import rotate
from flood_bridge.motion.skeleton import JOINT_NAMES, NUM_JOINTS
from flood_bridge.viewer import treadmill
from flood_bridge.viewer.figure import (
    LEFT,
    RIGHT,
    SPINDLE,
    human,
    machine,
    place,
    turn_z_to,
    turned,
)

POINTS = arrays(np.float64, (NUM_JOINTS, 3), elements=st.floats(-3, 3, width=32))
UP = np.array([0.0, 0.0, 1.0])


@given(POINTS)
def test_each_bone_ends_where_its_joint_is(points: np.ndarray) -> None:
    shape = human()
    placed = place(shape, points)
    ends = placed.bones + rotate(placed.turns_wxyz, UP * placed.scales[:, 2:])
    assert np.allclose(ends, points[shape.ends], atol=2e-3)
    assert np.allclose(np.linalg.norm(placed.turns_wxyz, axis=1), 1.0, atol=1e-5)


def test_straight_down_is_a_rotation_too() -> None:
    (turn,) = turn_z_to(np.array([[0.0, 0.0, -1.0]]))
    assert np.allclose(rotate(turn, UP), -UP)


def test_left_and_right_are_told_apart() -> None:
    sides = dict(zip(JOINT_NAMES, human().ball_sides.tolist(), strict=True))
    assert sides["left_wrist"] == LEFT
    assert sides["right_foot"] == RIGHT


def test_a_capsule_of_a_robot_has_a_ball_of_its_radius_at_either_end() -> None:
    shape = machine(np.array([0.05, 0.02]))
    placed = place(shape, np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1], [1, 2, 0]], dtype=float))
    assert shape.ball_radii.tolist() == [0.05, 0.02, 0.05, 0.02]
    assert placed.scales[:, 2].tolist() == [1.0, 2.0]


def test_a_bone_is_a_closed_ring_of_faces_around_its_axis() -> None:
    vertices, faces = turned(SPINDLE)
    assert faces.max() == len(vertices) - 1
    corners = vertices[faces]
    outward = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert ((outward * corners.mean(axis=1))[:, :2].sum(axis=1) > 0).all()


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_the_treadmill_stays_in_its_circle_and_repeats_with_its_cells(x: float, y: float) -> None:
    pieces = treadmill.floor(np.array([x, y, 0.0]))
    assert np.hypot(pieces[..., 0], pieces[..., 1]).max() <= treadmill.RADIUS_M + 1e-5
    assert pieces.shape == treadmill.floor(np.zeros(3)).shape
