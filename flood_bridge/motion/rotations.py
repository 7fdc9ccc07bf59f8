"""Rotations as unit quaternions ``wxyz``, vectorised over every leading axis.

A quaternion ``(w, x, y, z)`` acts on a vector by ``q v q*``; products compose from right to left,
so ``multiply(world_from_a, a_from_b)`` is ``world_from_b``. Products are bilinear, hence they are
written here as one matrix product with a constant table: for the 22 joints of a body that is
several times faster than slicing out components.

Reference: J. Sola, "Quaternion kinematics for the error-state Kalman filter" (2017), sections 1-2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

IDENTITY = np.array([1.0, 0.0, 0.0, 0.0])
"""The rotation that does nothing."""

# _PRODUCT[4 i + j] is e_i e_j for the basis (1, i, j, k).
_PRODUCT = np.array(
    [
        (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1),
        (0, 1, 0, 0), (-1, 0, 0, 0), (0, 0, 0, 1), (0, 0, -1, 0),
        (0, 0, 1, 0), (0, 0, 0, -1), (-1, 0, 0, 0), (0, 1, 0, 0),
        (0, 0, 0, 1), (0, 0, 1, 0), (0, -1, 0, 0), (-1, 0, 0, 0),
    ],
    dtype=np.float64,
)  # fmt: skip

# _CROSS[3 i + j] is e_i x e_j.
_CROSS = np.array(
    [
        (0, 0, 0), (0, 0, 1), (0, -1, 0),
        (0, 0, -1), (0, 0, 0), (1, 0, 0),
        (0, 1, 0), (-1, 0, 0), (0, 0, 0),
    ],
    dtype=np.float64,
)  # fmt: skip

# _MATRIX[4 i + j] is what q_i q_j adds to the entries of the rotation matrix, read row by row
# (its diagonal is w^2 + x^2 - y^2 - z^2 and so on).
_MATRIX = np.array(
    [
        (1, 0, 0, 0, 1, 0, 0, 0, 1), (0, 0, 0, 0, 0, -1, 0, 1, 0),
        (0, 0, 1, 0, 0, 0, -1, 0, 0), (0, -1, 0, 1, 0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0, -1, 0, 1, 0), (1, 0, 0, 0, -1, 0, 0, 0, -1),
        (0, 1, 0, 1, 0, 0, 0, 0, 0), (0, 0, 1, 0, 0, 0, 1, 0, 0),
        (0, 0, 1, 0, 0, 0, -1, 0, 0), (0, 1, 0, 1, 0, 0, 0, 0, 0),
        (-1, 0, 0, 0, 1, 0, 0, 0, -1), (0, 0, 0, 0, 0, 1, 0, 1, 0),
        (0, -1, 0, 1, 0, 0, 0, 0, 0), (0, 0, 1, 0, 0, 0, 1, 0, 0),
        (0, 0, 0, 0, 0, 1, 0, 1, 0), (-1, 0, 0, 0, -1, 0, 0, 0, 1),
    ],
    dtype=np.float64,
)  # fmt: skip

# The way back is linear too: the transposed table gives 4 q_i q_j, except for the part of the
# diagonal that the length 1 of q fixes.
_PIVOTS = _MATRIX.T.copy()
_PIVOTS_AT_ZERO = np.eye(4).reshape(16)

_CONJUGATE = np.array([1.0, -1.0, -1.0, -1.0])
_TINY = 1e-12


def _bilinear(a: np.ndarray, b: np.ndarray, table: np.ndarray) -> np.ndarray:
    outer = a[..., :, None] * b[..., None, :]
    return outer.reshape(*outer.shape[:-2], table.shape[0]) @ table


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the vector product of ``a`` and ``b``, (..., 3); for few rows faster than NumPy's."""
    return _bilinear(a, b, _CROSS)


def normalise(v: np.ndarray) -> np.ndarray:
    """Return ``v`` at unit length over the last axis; vectors shorter than 1e-12 become zero."""
    length = np.sqrt(np.vecdot(v, v))
    return v / np.maximum(length, _TINY)[..., None]


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the product ``a b``, (..., 4): first ``b``, then ``a``."""
    return _bilinear(a, b, _PRODUCT)


def conjugate(q: np.ndarray) -> np.ndarray:
    """Return the inverse of the unit quaternions ``q``, (..., 4)."""
    return q * _CONJUGATE


def rotate(q: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return the vectors ``v`` (..., 3) turned by the unit quaternions ``q`` (..., 4)."""
    return (to_matrix(q) @ v[..., None])[..., 0]


def between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the shortest turn that takes direction ``a`` to direction ``b``, (..., 4).

    Both are unit vectors (..., 3). For opposite vectors the axis is not defined; one
    perpendicular to ``a`` is taken.
    """
    axis = cross(a, b)
    q = np.empty((*axis.shape[:-1], 4))
    q[..., 0] = 1.0 + np.vecdot(a, b)
    q[..., 1:] = axis
    opposite = q[..., 0] < 1e-13
    if opposite.any():
        q[opposite] = _half_turn(np.broadcast_to(a, axis.shape)[opposite])
    return normalise(q)


def _half_turn(a: np.ndarray) -> np.ndarray:
    """Return a turn by pi about some axis perpendicular to each row of ``a`` (n, 3)."""
    least = np.eye(3)[np.argmin(np.abs(a), axis=-1)]
    q = np.zeros((len(a), 4))
    q[:, 1:] = cross(a, least)
    return q


def from_axis_angle(axis: np.ndarray, angle_rad: ArrayLike) -> np.ndarray:
    """Return the turn by ``angle_rad`` (...) about the unit vector ``axis`` (..., 3)."""
    half = 0.5 * np.asarray(angle_rad, dtype=np.float64)[..., None]
    vector = np.sin(half) * axis
    scalar = np.broadcast_to(np.cos(half), (*vector.shape[:-1], 1))
    return np.concatenate((scalar, vector), axis=-1)


def from_yaw(yaw_rad: ArrayLike) -> np.ndarray:
    """Return the turn by ``yaw_rad`` (...) about +y; positive turns +z towards +x (to the left)."""
    return from_axis_angle(np.array([0.0, 1.0, 0.0]), yaw_rad)


def yaw_about_y(q: np.ndarray) -> np.ndarray:
    """Return the part of ``q`` (..., 4) that turns about +y, in (-pi, pi].

    This is the twist of the swing-twist split; it is undefined, and 0, for half turns about a
    level axis.
    """
    sign = np.where(q[..., 0] < 0.0, -1.0, 1.0)
    return 2.0 * np.arctan2(sign * q[..., 2], sign * q[..., 0])


def to_rotation_vector(q: np.ndarray) -> np.ndarray:
    """Return axis times angle (..., 3), radians, the angle in [0, pi]."""
    q = np.where(q[..., :1] < 0.0, -q, q)
    sine = np.sqrt(np.vecdot(q[..., 1:], q[..., 1:]))[..., None]
    angle = 2.0 * np.arctan2(sine, q[..., :1])
    return q[..., 1:] * np.where(sine > _TINY, angle / np.maximum(sine, _TINY), 2.0)


def to_matrix(q: np.ndarray) -> np.ndarray:
    """Return the matrices (..., 3, 3) of the unit quaternions ``q`` (..., 4)."""
    return _bilinear(q, q, _MATRIX).reshape(*q.shape[:-1], 3, 3)


def from_matrix(matrix: np.ndarray) -> np.ndarray:
    """Return the unit quaternions (..., 4), w >= 0, of the rotation matrices (..., 3, 3).

    Of the four ways to read a quaternion off a matrix, each matrix takes the one with the largest
    pivot (Shepperd 1978), so that none divides by a small number.
    """
    rows = matrix.reshape(-1, 9) @ _PIVOTS + _PIVOTS_AT_ZERO
    pivot = np.argmax(rows[:, ::5], axis=-1)
    q = normalise(rows.reshape(-1, 4, 4)[np.arange(len(rows)), pivot])
    return np.where(q[:, :1] < 0.0, -q, q).reshape(*matrix.shape[:-2], 4)


def continuous(q: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return ``q`` (..., 4) with each sign chosen nearest to ``reference``.

    ``q`` and ``-q`` are the same rotation; receivers that interpolate component-wise need one that
    does not flip from frame to frame.
    """
    return np.where(np.vecdot(q, reference)[..., None] < 0.0, -q, q)


def slerp(a: np.ndarray, b: np.ndarray, fraction: ArrayLike) -> np.ndarray:
    """Return the point at ``fraction`` of the shorter great arc from ``a`` to ``b``, (..., 4)."""
    b = continuous(b, a)
    t = np.asarray(fraction, dtype=np.float64)[..., None]
    # The angle from the chords |b - a| and |b + a| keeps its precision near 0, where arccos fails.
    difference, total = b - a, b + a
    chords = np.sqrt(np.vecdot(difference, difference)), np.sqrt(np.vecdot(total, total))
    angle = 2.0 * np.arctan2(*chords)[..., None]
    sine = np.maximum(np.sin(angle), _TINY)
    near = angle < 1e-6
    weight_a = np.where(near, 1.0 - t, np.sin((1.0 - t) * angle) / sine)
    weight_b = np.where(near, t, np.sin(t * angle) / sine)
    return normalise(weight_a * a + weight_b * b)
