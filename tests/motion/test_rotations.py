"""The laws of the quaternion algebra, with SciPy's rotations as the independent oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from flood_bridge.motion import rotations as rot

finite = st.floats(-10, 10, allow_subnormal=False)
vectors = arrays(np.float64, (5, 3), elements=finite)


@st.composite
def directions(draw: st.DrawFn) -> np.ndarray:
    v = draw(vectors)
    assume((np.linalg.norm(v, axis=1) > 1e-3).all())
    return v / np.linalg.norm(v, axis=1, keepdims=True)


@st.composite
def quaternions(draw: st.DrawFn) -> np.ndarray:
    q = draw(arrays(np.float64, (5, 4), elements=finite))
    assume((np.linalg.norm(q, axis=1) > 1e-3).all())
    return q / np.linalg.norm(q, axis=1, keepdims=True)


def oracle(q: np.ndarray) -> Rotation:
    return Rotation.from_quat(q, scalar_first=True)


def assert_same_rotation(a: np.ndarray, b: np.ndarray, tolerance: float = 1e-9) -> None:
    assert np.abs(np.abs((a * b).sum(axis=-1)) - 1.0).max() < tolerance


@given(quaternions(), quaternions())
def test_product_composes_from_right_to_left_as_scipy(a: np.ndarray, b: np.ndarray) -> None:
    expected = (oracle(a) * oracle(b)).as_quat(scalar_first=True)
    assert_same_rotation(rot.multiply(a, b), expected)


@given(quaternions(), quaternions(), quaternions())
def test_product_is_associative(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    left = rot.multiply(rot.multiply(a, b), c)
    np.testing.assert_allclose(left, rot.multiply(a, rot.multiply(b, c)), atol=1e-12)


@given(quaternions())
def test_conjugate_undoes(q: np.ndarray) -> None:
    product = rot.multiply(q, rot.conjugate(q))
    np.testing.assert_allclose(product, np.tile(rot.IDENTITY, (5, 1)), atol=1e-12)


@given(quaternions(), vectors)
def test_rotate_agrees_with_scipy(q: np.ndarray, v: np.ndarray) -> None:
    np.testing.assert_allclose(rot.rotate(q, v), oracle(q).apply(v), atol=1e-11)


@given(vectors, vectors)
def test_cross_agrees_with_numpy(a: np.ndarray, b: np.ndarray) -> None:
    np.testing.assert_allclose(rot.cross(a, b), np.cross(a, b), atol=1e-12)


@given(quaternions())
def test_matrix_agrees_with_scipy_and_returns(q: np.ndarray) -> None:
    matrix = rot.to_matrix(q)
    np.testing.assert_allclose(matrix, oracle(q).as_matrix(), atol=1e-12)
    assert_same_rotation(rot.from_matrix(matrix), q)


@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.6, 0.0, -0.8)])
def test_half_turns_survive_the_matrix(axis: tuple[float, float, float]) -> None:
    q = rot.from_axis_angle(np.array(axis), np.pi)
    assert_same_rotation(rot.from_matrix(rot.to_matrix(q)), q)


@given(directions(), directions())
def test_between_takes_one_direction_to_the_other(a: np.ndarray, b: np.ndarray) -> None:
    q = rot.between(a, b)
    np.testing.assert_allclose(rot.rotate(q, a), b, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(q, axis=1), 1.0, atol=1e-12)


@given(directions(), directions())
def test_between_is_the_shortest_turn(a: np.ndarray, b: np.ndarray) -> None:
    angle = np.arctan2(np.linalg.norm(np.cross(a, b), axis=1), (a * b).sum(axis=1))
    turned = np.linalg.norm(rot.to_rotation_vector(rot.between(a, b)), axis=1)
    np.testing.assert_allclose(turned, angle, atol=1e-6)


@given(directions())
def test_between_opposite_directions_is_a_half_turn(a: np.ndarray) -> None:
    q = rot.between(a, -a)
    np.testing.assert_allclose(rot.rotate(q, a), -a, atol=1e-9)


@given(quaternions())
def test_rotation_vector_agrees_with_scipy(q: np.ndarray) -> None:
    vector = rot.to_rotation_vector(q)
    expected = oracle(q).as_rotvec()
    same = Rotation.from_rotvec(vector).as_quat(scalar_first=True)
    assert_same_rotation(same, q)
    np.testing.assert_allclose(
        np.linalg.norm(vector, axis=1), np.linalg.norm(expected, axis=1), atol=1e-9
    )


@given(st.floats(-3.1, 3.1))
def test_yaw_returns_and_turns_forward_to_the_left(yaw: float) -> None:
    q = rot.from_yaw(yaw)
    assert rot.yaw_about_y(q) == pytest.approx(yaw, abs=1e-12)
    assert rot.yaw_about_y(-q) == pytest.approx(yaw, abs=1e-12)
    forward = rot.rotate(q, np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(forward, (np.sin(yaw), 0.0, np.cos(yaw)), atol=1e-12)


@given(st.floats(-1.4, 1.4), st.floats(-3.0, 3.0), st.floats(0.0, 6.2))
def test_a_tilt_about_a_level_axis_adds_no_yaw(tilt: float, yaw: float, where: float) -> None:
    axis = np.array([np.cos(where), 0.0, np.sin(where)])
    q = rot.multiply(rot.from_axis_angle(axis, tilt), rot.from_yaw(yaw))
    assert rot.yaw_about_y(q) == pytest.approx(yaw, abs=1e-9)


@given(quaternions(), quaternions(), st.floats(0, 1))
def test_slerp_moves_in_proportion_along_the_shorter_arc(
    a: np.ndarray, b: np.ndarray, fraction: float
) -> None:
    middle = rot.slerp(a, b, fraction)
    whole = (oracle(a).inv() * oracle(b)).magnitude()
    assume((whole < np.pi - 1e-3).all())
    part = (oracle(a).inv() * oracle(middle)).magnitude()
    np.testing.assert_allclose(part, fraction * whole, atol=1e-6)


@given(quaternions(), quaternions())
def test_slerp_meets_its_ends(a: np.ndarray, b: np.ndarray) -> None:
    assert_same_rotation(rot.slerp(a, b, 0.0), a)
    assert_same_rotation(rot.slerp(a, b, 1.0), b)


@given(quaternions(), quaternions())
def test_continuous_keeps_the_rotation_and_never_points_away(
    q: np.ndarray, reference: np.ndarray
) -> None:
    result = rot.continuous(q, reference)
    assert ((result * reference).sum(axis=1) >= 0.0).all()
    assert np.array_equal(np.abs(result), np.abs(q))
