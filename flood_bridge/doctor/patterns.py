"""Test patterns: poses that look wrong at once if a receiver has axes or bones mixed up."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from flood_bridge.motion.frames import AvatarFrame, Frame, Pose
from flood_bridge.motion.kinematics import forward_kinematics
from flood_bridge.motion.rotations import from_axis_angle, from_yaw
from flood_bridge.motion.skeleton import JOINT_NAMES, NUM_JOINTS, Skeleton

SWING_SECS = 1.0
"""How long a pattern takes to its full extent; then it is held."""
STEP_M = 1.0

ADULT_BONES_M = (
    0, 0.12, 0.12, 0.11, 0.38, 0.38, 0.14, 0.41, 0.41, 0.05, 0.14, 0.14, 0.22, 0.15, 0.15, 0.11,
    0.13, 0.13, 0.26, 0.26, 0.25, 0.25,
)  # fmt: skip
"""Lengths of an adult's bones, each from its parent, metres."""


@dataclass(frozen=True)
class Pattern:
    """One test pattern."""

    shows: str
    """What a right receiver shows."""
    move: Callable[[AvatarFrame, float], tuple[AvatarFrame, float]]
    """From the T-pose and the extent (0 to 1) to the body and its heading [rad]."""


def _t_pose(body: AvatarFrame, _extent: float) -> tuple[AvatarFrame, float]:
    return body, 0.0


def _left_arm_up(body: AvatarFrame, extent: float) -> tuple[AvatarFrame, float]:
    # About +z (forward), from +x (left) towards +y (up).
    turn = from_axis_angle(np.array([0.0, 0.0, 1.0]), 0.5 * math.pi * extent)
    return _turned(body, "left_shoulder", turn), 0.0


def _step_forward(body: AvatarFrame, extent: float) -> tuple[AvatarFrame, float]:
    position = body.root_position + np.array([0.0, 0.0, STEP_M * extent])
    return AvatarFrame(position, body.local_wxyz), 0.0


def _turn_left(body: AvatarFrame, extent: float) -> tuple[AvatarFrame, float]:
    heading_rad = 0.5 * math.pi * extent
    return _turned(body, "pelvis", from_yaw(heading_rad)), heading_rad


PATTERNS: dict[str, Pattern] = {
    "t-pose": Pattern(
        "a T-pose at the origin: arms straight out to both sides, feet on the ground, facing"
        " forward (Unity +Z, Unreal's mesh +Y). Arms hanging or crushed limbs: bone positions or"
        " rest pose are wrong",
        _t_pose,
    ),
    "left-arm-up": Pattern(
        "the avatar's own LEFT arm goes up to straight overhead within one second, the right arm"
        " stays out. Right arm: mirrored. Down or forward: axes are wrong",
        _left_arm_up,
    ),
    "step-forward": Pattern(
        f"the whole body glides {STEP_M:g} m FORWARD, the way it faces, and stays there."
        " Sideways or backward: axes are wrong. 100 times too far or none: units, or Root is"
        " ignored (use root=hips)",
        _step_forward,
    ),
    "turn-left": Pattern(
        "the body turns 90 degrees to its own LEFT (anticlockwise seen from above). To the right:"
        " mirrored. Tips over: up is the wrong axis",
        _turn_left,
    ),
}


def adult() -> Skeleton:
    """Return the body that the patterns move."""
    return Skeleton.from_bone_lengths(np.array(ADULT_BONES_M))


def pattern_frame(
    pattern: Pattern, skeleton: Skeleton, sequence: int, play_time_secs: float, extent: float
) -> Frame:
    """Return frame ``sequence`` of ``pattern``, at ``extent`` (0 to 1) of its way."""
    identity = np.zeros((NUM_JOINTS, 4))
    identity[:, 0] = 1.0
    standing = AvatarFrame(np.array([0.0, skeleton.hips_height, 0.0]), identity)
    body, heading_rad = pattern.move(standing, extent)
    joints = forward_kinematics(skeleton, body)
    pose = Pose(joints, np.zeros((NUM_JOINTS, 3)), np.ones(4, dtype=bool), heading_rad)
    return Frame(0, sequence, play_time_secs, pose, body, None, "test pattern")


def _turned(body: AvatarFrame, joint: str, turn_wxyz: np.ndarray) -> AvatarFrame:
    rotations = body.local_wxyz.copy()
    rotations[JOINT_NAMES.index(joint)] = turn_wxyz
    return AvatarFrame(body.root_position, rotations)
