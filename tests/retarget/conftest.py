"""A synthetic human: poses made by forward kinematics of our own skeleton, no recorded data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import AvatarFrame, Pose
from flood_bridge.motion.kinematics import forward_kinematics
from flood_bridge.motion.skeleton import Skeleton

PERIOD_SECS = 0.05
TOES = [10, 11]
AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}

Turns = Mapping[int, np.ndarray]


def turn(axis: str, degrees: float) -> np.ndarray:
    return rot.from_axis_angle(np.array(AXES[axis]), np.radians(degrees))


def at_ease() -> dict[int, np.ndarray]:
    """Arms hanging, elbows and knees a little bent."""
    return {
        1: turn("x", -8.0),
        2: turn("x", -8.0),
        4: turn("x", 15.0),
        5: turn("x", 15.0),
        7: turn("x", -7.0),
        8: turn("x", -7.0),
        16: turn("z", -80.0),
        17: turn("z", 80.0),
        18: turn("y", -20.0),
        19: turn("y", 20.0),
    }


@pytest.fixture(scope="session")
def skeleton() -> Skeleton:
    half = [0.12, 0.10, 0.40, 0.12, 0.42, 0.05, 0.13, 0.20, 0.14, 0.10, 0.13, 0.27, 0.26]
    hip, spine1, thigh, spine2, shank, spine3, foot, neck, collar, head, shoulder, upper, fore = (
        half
    )
    return Skeleton.from_bone_lengths(
        np.array(
            [
                0.0, hip, hip, spine1, thigh, thigh, spine2, shank, shank, spine3, foot, foot,
                neck, collar, collar, head, shoulder, shoulder, upper, upper, fore, fore,
            ]
        )
    )  # fmt: skip


@pytest.fixture(scope="session")
def posed(skeleton: Skeleton) -> Callable[..., Pose]:
    """Return ``posed(turns, ground=(x, z), yaw=degrees)``: a body whose lower toe is at 2 cm."""

    def make(
        turns: Turns, ground: Sequence[float] = (0.0, 0.0), yaw: float = 0.0, lift: float = 0.0
    ) -> Pose:
        local = np.tile(rot.IDENTITY, (22, 1))
        for row, q in turns.items():
            local[row] = q
        local[0] = rot.multiply(turn("y", yaw), local[0])
        root = np.array([ground[0], 0.0, ground[1]])
        joints = forward_kinematics(skeleton, AvatarFrame(root, local))
        joints[:, 1] += 0.02 + lift - joints[TOES, 1].min()
        return Pose(joints, np.zeros((22, 3)), np.zeros(4, dtype=bool), np.radians(yaw))

    return make


@pytest.fixture(scope="session")
def moving() -> Callable[[Sequence[Pose]], list[Pose]]:
    """Return a function that fills in the velocities towards the next pose."""

    def fill(poses: Sequence[Pose]) -> list[Pose]:
        after = [*poses[1:], poses[-1]]
        return [
            Pose(a.joints, (b.joints - a.joints) / PERIOD_SECS, a.contacts, a.heading_rad)
            for a, b in zip(poses, after, strict=True)
        ]

    return fill


@pytest.fixture(scope="session")
def walk(
    posed: Callable[..., Pose], moving: Callable[[Sequence[Pose]], list[Pose]]
) -> Callable[..., list[Pose]]:
    """Return ``walk(frames, speed, yaw_rate)``: a plain gait of 1 step per 0.5 s."""

    def make(frames: int, speed: float = 0.9, yaw_rate: float = 0.0) -> list[Pose]:
        poses, ground = [], np.zeros(2)
        for frame in range(frames):
            phase = 2.0 * np.pi * frame * PERIOD_SECS
            yaw = yaw_rate * frame * PERIOD_SECS
            poses.append(posed(_stride(phase), ground, yaw))
            heading = np.array([np.sin(np.radians(yaw)), np.cos(np.radians(yaw))])
            ground = ground + speed * PERIOD_SECS * heading
        return moving(poses)

    return make


def _stride(phase: float) -> dict[int, np.ndarray]:
    turns = at_ease()
    swing = np.sin(phase)
    for side, sign in ((0, 1.0), (1, -1.0)):
        thigh = -22.0 * sign * swing - 8.0
        knee = 15.0 + 35.0 * max(0.0, np.cos(phase) * sign)
        turns[1 + side] = turn("x", thigh)
        turns[4 + side] = turn("x", knee)
        turns[7 + side] = turn("x", -thigh - knee)
        arm = turns[16 + side]
        turns[16 + side] = rot.multiply(turn("x", 15.0 * sign * swing), arm)
    return turns
