"""The drawn figures as balls and bones: where each is, which way it points, how large it is.

A figure is two batches of one shape each, so that a frame is four short arrays for any number of
bones. Bones are spindles along +z of length 1 and radius 1, thick where they begin. Drawn in ROS
axes (x forward, y left, z up; :data:`flood_bridge.protocol.axes.ROS`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_bridge.motion.skeleton import JOINT_NAMES, PARENTS

CENTRE, LEFT, RIGHT = 0, 1, 2
"""Sides of a body, by which it is coloured."""

_SEGMENTS = 16
SPINDLE = ((0.0, 0.45), (0.1, 0.92), (0.22, 1.0), (0.6, 0.78), (1.0, 0.5))
"""(along, radius) of a bone."""
TUBE = ((0.0, 1.0), (1.0, 1.0))
"""Likewise of a capsule between its ends."""

_HEAD = JOINT_NAMES.index("head")
_BALLS = {"wrist": 0.036, "foot": 0.036, "spine": 0.052, "collar": 0.036, "head": 0.105,
          "neck": 0.04, "pelvis": 0.062}  # fmt: skip
_BONES = {"knee": 0.058, "ankle": 0.046, "foot": 0.036, "elbow": 0.044, "wrist": 0.036,
          "head": 0.034, "hip": 0.044, "shoulder": 0.04, "spine": 0.047, "neck": 0.042,
          "collar": 0.04}  # fmt: skip
_USUAL_RADIUS = 0.046


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind of figure is built; the lines are pairs of its points."""

    starts: np.ndarray
    """(b,) index of the point where each bone begins."""
    ends: np.ndarray
    """(b,) where it ends."""
    ball_radii: np.ndarray
    """(p,) metres."""
    bone_radii: np.ndarray
    """(b,) metres."""
    ball_sides: np.ndarray
    """(p,) of CENTRE, LEFT, RIGHT."""
    bone_sides: np.ndarray
    """(b,)"""


@dataclass(frozen=True, slots=True)
class Placed:
    """A figure in one pose, float32."""

    balls: np.ndarray
    """(p, 3) metres."""
    bones: np.ndarray
    """(b, 3) where bones begin."""
    turns_wxyz: np.ndarray
    """(b, 4) world from bone."""
    scales: np.ndarray
    """(b, 3) radius, radius, length."""


def human() -> Shape:
    """Return the shape of the 22 joints."""
    bones = [(parent, joint) for joint, parent in enumerate(PARENTS) if parent >= 0]
    names = [JOINT_NAMES[joint] for _, joint in bones]
    return Shape(
        np.array([parent for parent, _ in bones]),
        np.array([joint for _, joint in bones]),
        np.array([_radius(name, _BALLS) for name in JOINT_NAMES]),
        np.array([_radius(name, _BONES) for name in names]),
        np.array([_side(name) for name in JOINT_NAMES]),
        np.array([_side(name) for name in names]),
    )


def machine(radii: np.ndarray) -> Shape:
    """Return the shape of a robot of capsules with ``radii`` (c,): starts, then ends."""
    count = len(radii)
    return Shape(
        np.arange(count),
        np.arange(count) + count,
        np.tile(radii, 2),
        radii,
        np.zeros(2 * count, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
    )


def place(shape: Shape, points: np.ndarray) -> Placed:
    """Return the figure whose ``points`` (p, 3) are these, in ROS axes."""
    begin, end = points[shape.starts], points[shape.ends]
    along = end - begin
    lengths = np.linalg.norm(along, axis=1)
    turns = turn_z_to(along / np.maximum(lengths, 1e-6)[:, None])
    scales = np.column_stack([shape.bone_radii, shape.bone_radii, np.maximum(lengths, 1e-3)])
    return Placed(*(each.astype(np.float32) for each in (points, begin, turns, scales)))


def raised_head(joints: np.ndarray) -> np.ndarray:
    """Return ``joints`` (22, 3) with the head's ball at the skull, not at the joint below it."""
    raised = joints.copy()
    raised[_HEAD] += 0.55 * (joints[_HEAD] - joints[JOINT_NAMES.index("neck")])
    return raised


def turn_z_to(directions: np.ndarray) -> np.ndarray:
    """Return the shortest rotations wxyz (n, 4) from +z to unit ``directions`` (n, 3)."""
    x, y, z = directions.T
    turns = np.column_stack([1.0 + z, -y, x, np.zeros_like(z)])
    opposite = z < -1.0 + 1e-9
    turns[opposite] = (0.0, 1.0, 0.0, 0.0)
    return turns / np.linalg.norm(turns, axis=1, keepdims=True)


def turned(profile: tuple[tuple[float, float], ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the vertices (v, 3) and faces (f, 3) of a body of revolution about +z."""
    angles = np.linspace(0, 2 * np.pi, _SEGMENTS, endpoint=False)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    rings = [np.column_stack([r * circle, np.full(_SEGMENTS, at)]) for at, r in profile]
    faces = []
    for ring in range(len(profile) - 1):
        here = ring * _SEGMENTS + np.arange(_SEGMENTS)
        after = ring * _SEGMENTS + (np.arange(_SEGMENTS) + 1) % _SEGMENTS
        faces += [np.column_stack([here, after, after + _SEGMENTS])]
        faces += [np.column_stack([here, after + _SEGMENTS, here + _SEGMENTS])]
    return np.vstack(rings), np.vstack(faces)


def _radius(name: str, table: dict[str, float]) -> float:
    found = [radius for part, radius in table.items() if part in name]
    return found[0] if found else _USUAL_RADIUS


def _side(name: str) -> int:
    return LEFT if name.startswith("left") else RIGHT if name.startswith("right") else CENTRE
