"""World joints to the 263 numbers of HumanML3D, in its own definition and in a clean variant.

"humanml3d" repeats HumanML3D's definition with what is odd about it, so that weights trained on
that data set fit: the heading comes from the DIFFERENCE of the hip and shoulder lines (the hips
are swapped in its inverse kinematics), is smoothed with a Gaussian of 20 frames, its first frame
is forced to face +z, and the first rotation of every chain is taken against the inverse heading.
"clean" takes the heading from the SUM of both lines, smooths over 3 frames, and measures every
rotation in the heading frame, so that equal motions have equal features wherever they face.
"""

from __future__ import annotations

import itertools
from typing import Literal

import numpy as np
from scipy.ndimage import gaussian_filter1d

from flood_engine.errors import DataError
from flood_engine.humanml import (
    CHAINS,
    FOOT_JOINTS,
    LEFT_HIP,
    LEFT_SHOULDER,
    NUM_JOINTS,
    REST_DIRECTIONS,
    RIGHT_HIP,
    RIGHT_SHOULDER,
)

FEATURE_SIZE = 263
ROOT_YAW = 0
"""Minus half the heading step to the next frame, radians."""
ROOT_XZ = slice(1, 3)
"""Root step to the next frame in the NEXT frame's heading, metres."""
HEIGHT = 3
"""Root height, metres."""
POSITIONS = slice(4, 67)
"""Joints 1..21: x and z from the root, y from the floor, in the heading frame, metres."""
ROT6D = slice(67, 193)
"""Joints 1..21: first two columns of the rotation of the bone that ends there."""
VELOCITIES = slice(193, 259)
"""Joints 0..21: step to the next frame in this frame's heading, metres."""
CONTACTS = slice(259, 263)
"""1.0 where left ankle, left foot, right ankle, right foot hardly move."""

HeadingRule = Literal["humanml3d", "clean"]

CONTACT_STEP_SQUARED = 0.002
"""A foot joint is in contact when it moves less than this, squared metres per frame."""

_SMOOTHING_FRAMES = {"humanml3d": 20.0, "clean": 3.0}
_TINY = 1e-8

_CHAIN_PARENT = {joint: parent for chain in CHAINS for parent, joint in itertools.pairwise(chain)}
_BONE_PARENTS = np.array([_CHAIN_PARENT[joint] for joint in range(1, NUM_JOINTS)])
_CHAIN_STARTS = {chain[1] for chain in CHAINS}
# rotation above each joint's: 0 stands for the chain's base, j for the arc of joint j
_ABOVE = np.array([0 if j in _CHAIN_STARTS else _CHAIN_PARENT[j] for j in range(1, NUM_JOINTS)])


def joints_to_features(joints: np.ndarray, *, heading: HeadingRule) -> np.ndarray:
    """Turn (T, 22, 3) world joints (metres, 20 fps, T >= 2) into (T - 1, 263) float32 features.

    The floor is y = 0.  With "humanml3d" the clip must face +z in its first frame, as all clips
    of that data set do; "clean" does not care.
    """
    world = _checked(joints)
    unheading = _inverse_heading_quaternions(world, heading)
    steps = np.diff(world, axis=0)
    relative = world - world[:, :1] * np.array([1.0, 0.0, 1.0])
    local = _rotate(unheading[:, None], relative)
    root_step = _rotate(unheading[1:], steps[:, 0])
    out = np.empty((len(world) - 1, FEATURE_SIZE), dtype=np.float32)
    out[:, ROOT_YAW] = np.arcsin(np.clip(_yaw_step_sine(unheading), -1.0, 1.0))
    out[:, ROOT_XZ] = root_step[:, [0, 2]]
    out[:, HEIGHT] = world[:-1, 0, 1]
    out[:, POSITIONS] = local[:-1, 1:].reshape(len(out), -1)
    arcs = _chain_arcs(world, unheading) if heading == "humanml3d" else clean_rotations(local)
    out[:, ROT6D] = arcs[:-1]
    out[:, VELOCITIES] = _rotate(unheading[:-1, None], steps).reshape(len(out), -1)
    out[:, CONTACTS] = contacts_of_steps(steps)
    return out


def contacts_of_steps(steps: np.ndarray) -> np.ndarray:
    """Return (..., 4) booleans of HumanML3D's contact test on (..., 22, 3) steps, metres."""
    feet = steps[..., list(FOOT_JOINTS), :]
    return np.einsum("...i,...i->...", feet, feet) < CONTACT_STEP_SQUARED


def headings(joints: np.ndarray, heading: HeadingRule = "clean") -> np.ndarray:
    """Return the (T,) unwrapped heading of (T, 22, 3) joints, radians; 0 faces +z, left is plus."""
    forward = _forward_vectors(np.asarray(joints, dtype=np.float64), heading)
    return np.unwrap(np.arctan2(forward[:, 0], forward[:, 2]))


def _checked(joints: np.ndarray) -> np.ndarray:
    world = np.asarray(joints, dtype=np.float64)
    if world.ndim != 3 or world.shape[1:] != (NUM_JOINTS, 3) or len(world) < 2:
        raise DataError(
            f"joints have shape {world.shape}; expected (frames, {NUM_JOINTS}, 3), 2 frames or more"
        )
    if not np.isfinite(world).all():
        raise DataError("joints hold values that are not finite")
    return world


def _forward_vectors(world: np.ndarray, heading: HeadingRule) -> np.ndarray:
    """Return smoothed horizontal unit vectors (T, 3) of the facing direction."""
    hips = world[:, RIGHT_HIP] - world[:, LEFT_HIP]
    shoulders = world[:, RIGHT_SHOULDER] - world[:, LEFT_SHOULDER]
    across = shoulders - hips if heading == "humanml3d" else shoulders + hips
    across /= np.linalg.norm(across, axis=1, keepdims=True) + _TINY
    forward = np.cross(np.array([0.0, 1.0, 0.0]), across)
    forward = gaussian_filter1d(forward, _SMOOTHING_FRAMES[heading], axis=0, mode="nearest")
    length = np.linalg.norm(forward, axis=1, keepdims=True)
    return np.where(length > _TINY, forward / (length + _TINY), np.array([0.0, 0.0, 1.0]))


def _inverse_heading_quaternions(world: np.ndarray, heading: HeadingRule) -> np.ndarray:
    """Return (T, 4) quaternions, wxyz, that turn each frame's facing direction to +z."""
    forward = _forward_vectors(world, heading)
    quats = _shortest_arcs(forward, np.broadcast_to([0.0, 0.0, 1.0], forward.shape))
    if heading == "humanml3d":
        quats[0] = (1.0, 0.0, 0.0, 0.0)
    else:  # one sheet of the double cover, so that steps across 180 degrees keep their sign
        angles = -np.unwrap(np.arctan2(forward[:, 0], forward[:, 2]))
        quats = np.stack([np.cos(angles / 2), 0 * angles, np.sin(angles / 2), 0 * angles], axis=-1)
    return quats


def _yaw_step_sine(unheading: np.ndarray) -> np.ndarray:
    """Return the y part of next * conjugate(this) for quaternions about y."""
    this, after = unheading[:-1], unheading[1:]
    return after[:, 2] * this[:, 0] - after[:, 0] * this[:, 2]


def clean_rotations(local: np.ndarray) -> np.ndarray:
    """Return the (T, 126) rotation numbers of (T, 22, 3) joints in the heading frame ("clean")."""
    return _chain_arcs(local, np.broadcast_to([1.0, 0.0, 0.0, 0.0], (len(local), 4)))


def _chain_arcs(positions: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Return (T, 126): 6D rotations of the shortest arcs along chains that begin at ``base``."""
    frames = len(positions)
    bones = positions[:, 1:] - positions[:, _BONE_PARENTS]
    rest = np.broadcast_to(REST_DIRECTIONS[1:], bones.shape)
    arcs = _shortest_arcs(rest.reshape(-1, 3), bones.reshape(-1, 3)).reshape(frames, -1, 4)
    above = np.concatenate([base[:, None], arcs], axis=1)[:, _ABOVE]
    return _six_numbers(_multiply(_conjugate(above), arcs)).reshape(frames, -1)


def _shortest_arcs(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return unit quaternions (N, 4), wxyz, of the shortest arcs between (N, 3) directions."""
    end = end / (np.linalg.norm(end, axis=1, keepdims=True) + _TINY)
    quats = np.empty((len(start), 4))
    quats[:, 0] = 1.0 + np.einsum("ij,ij->i", start, end)
    quats[:, 1:] = np.cross(start, end)
    length = np.linalg.norm(quats, axis=1, keepdims=True)
    opposite = length[:, 0] < 1e-6
    if opposite.any():  # half a turn about any axis square to the start
        axis = np.cross(start[opposite], np.array([0.3, 0.5, 0.8]))
        quats[opposite, 0] = 0.0
        quats[opposite, 1:] = axis
        length[opposite] = np.linalg.norm(axis, axis=1, keepdims=True)
    return quats / length


def _conjugate(quats: np.ndarray) -> np.ndarray:
    return quats * np.array([1.0, -1.0, -1.0, -1.0])


def _multiply(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    w1, x1, y1, z1 = (left[..., i] for i in range(4))
    w2, x2, y2, z2 = (right[..., i] for i in range(4))
    return np.stack(
        [
            w1 * w2 - x1 * x2 - y1 * y2 - z1 * z2,
            w1 * x2 + x1 * w2 + y1 * z2 - z1 * y2,
            w1 * y2 - x1 * z2 + y1 * w2 + z1 * x2,
            w1 * z2 + x1 * y2 - y1 * x2 + z1 * w2,
        ],
        axis=-1,
    )


def _rotate(quats: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Rotate (..., 3) vectors by unit quaternions about y, (..., 4), wxyz."""
    cos = quats[..., 0] ** 2 - quats[..., 2] ** 2
    sin = 2.0 * quats[..., 0] * quats[..., 2]
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.stack([cos * x + sin * z, y + 0 * sin, cos * z - sin * x], axis=-1)


def _six_numbers(quats: np.ndarray) -> np.ndarray:
    """Return (..., 6): first, then second column of the matrices of (..., 4) quaternions."""
    w, x, y, z = (quats[..., i] for i in range(4))
    return np.stack(
        [
            1 - 2 * (y * y + z * z),
            2 * (x * y + w * z),
            2 * (x * z - w * y),
            2 * (x * y - w * z),
            1 - 2 * (x * x + z * z),
            2 * (y * z + w * x),
        ],
        axis=-1,
    )
