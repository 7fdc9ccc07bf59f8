"""The drawn body: which rounded limbs, how thick, of which side.

A lay figure over the 22 joints. Its extra points (hands, crown of the head, the flanks) are fixed
mixtures of joints, so that one matrix product gives all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_bridge.motion.skeleton import JOINT_NAMES, NUM_JOINTS
from flood_bridge.render.clip import facing

TORSO, LEFT, RIGHT = 0, 1, 2
"""Sides, by which limbs are coloured."""

_EXTRA: dict[str, dict[str, float]] = {
    "skull": {"head": 1.85, "neck": -0.85},
    "left_hand": {"left_wrist": 1.3, "left_elbow": -0.3},
    "right_hand": {"right_wrist": 1.3, "right_elbow": -0.3},
    "left_toes": {"left_foot": 1.35, "left_ankle": -0.35},
    "right_toes": {"right_foot": 1.35, "right_ankle": -0.35},
    "left_waist": {"left_hip": 0.45, "spine1": 0.45, "left_shoulder": 0.1},
    "right_waist": {"right_hip": 0.45, "spine1": 0.45, "right_shoulder": 0.1},
    "left_chest": {"left_shoulder": 0.5, "spine3": 0.5},
    "right_chest": {"right_shoulder": 0.5, "spine3": 0.5},
}

_POINTS = (*JOINT_NAMES, *_EXTRA)

# (from, to, radius there, radius here in metres), for a leg of 0.835 m.
_TORSO_LIMBS = (
    ("pelvis", "spine3", 0.098, 0.108),
    ("left_hip", "right_hip", 0.074, 0.074), ("left_waist", "right_waist", 0.078, 0.078),
    ("left_hip", "left_waist", 0.074, 0.078), ("right_hip", "right_waist", 0.074, 0.078),
    ("left_waist", "left_chest", 0.078, 0.09), ("right_waist", "right_chest", 0.078, 0.09),
    ("left_chest", "right_chest", 0.09, 0.09), ("spine3", "neck", 0.085, 0.055),
    ("neck", "left_shoulder", 0.052, 0.05), ("neck", "right_shoulder", 0.052, 0.05),
    ("neck", "skull", 0.05, 0.05),
)  # fmt: skip
_SIDE_LIMBS = (
    ("shoulder", "elbow", 0.064, 0.044), ("elbow", "wrist", 0.044, 0.032),
    ("wrist", "hand", 0.036, 0.03),
    ("hip", "knee", 0.09, 0.06), ("knee", "ankle", 0.06, 0.041), ("ankle", "toes", 0.045, 0.03),
)  # fmt: skip
_SKULL_RADIUS = 0.112
_NOSE_RADIUS = 0.026
_USUAL_LEG = 0.835


def _mixture() -> np.ndarray:
    rows = np.zeros((len(_POINTS), NUM_JOINTS))
    rows[:NUM_JOINTS] = np.eye(NUM_JOINTS)
    for row, parts in enumerate(_EXTRA.values(), start=NUM_JOINTS):
        for name, weight in parts.items():
            rows[row, JOINT_NAMES.index(name)] = weight
    return rows


def _limb_table() -> list[tuple[str, str, float, float, int]]:
    sides = [
        (f"{side}_{a}", f"{side}_{b}", ra, rb, number)
        for side, number in (("left", LEFT), ("right", RIGHT))
        for a, b, ra, rb in _SIDE_LIMBS
    ]
    return [(*limb, TORSO) for limb in _TORSO_LIMBS] + sides


_MIXTURE = _mixture()
_LIMBS = _limb_table()
_STARTS = np.array([_POINTS.index(limb[0]) for limb in _LIMBS])
_ENDS = np.array([_POINTS.index(limb[1]) for limb in _LIMBS])
_RADII = np.array([limb[2:4] for limb in _LIMBS])
_SIDES = np.array([limb[4] for limb in _LIMBS])
_SKULL, _HEAD, _NECK = (_POINTS.index(name) for name in ("skull", "head", "neck"))


@dataclass(frozen=True, slots=True)
class Limbs:
    """Rounded, tapered limbs in world space."""

    starts: np.ndarray
    """(n, 3) metres."""
    ends: np.ndarray
    """(n, 3) metres."""
    radii: np.ndarray
    """(n, 2) metres, at the start and at the end."""
    sides: np.ndarray
    """(n,) of TORSO, LEFT, RIGHT."""


def body_limbs(joints: np.ndarray) -> Limbs:
    """Return the limbs of a body (22, 3); the last two are the head and the nose."""
    points = _MIXTURE @ joints
    scale = _leg_length(joints) / _USUAL_LEG
    skull = points[_SKULL]
    nose = skull + _look(joints, points) * (_SKULL_RADIUS * scale)
    return Limbs(
        np.vstack([points[_STARTS], skull, nose]),
        np.vstack([points[_ENDS], skull, nose]),
        np.vstack([_RADII, np.full(2, _SKULL_RADIUS), np.full(2, _NOSE_RADIUS)]) * scale,
        np.append(_SIDES, [TORSO, TORSO]),
    )


def _leg_length(joints: np.ndarray) -> float:
    hip, knee, ankle = (
        joints[JOINT_NAMES.index(f"left_{name}")] for name in ("hip", "knee", "ankle")
    )
    length = np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee)
    return float(np.clip(length, 0.1, 3.0))


def _look(joints: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the unit vector out of the face: ahead, square to the neck."""
    ahead_x, ahead_z = facing(joints)
    ahead = np.array([ahead_x, 0.0, ahead_z])
    up = points[_HEAD] - points[_NECK]
    up = up / max(float(np.linalg.norm(up)), 1e-6)
    ahead = ahead - up * (ahead @ up)
    return ahead / max(float(np.linalg.norm(ahead)), 1e-6)
