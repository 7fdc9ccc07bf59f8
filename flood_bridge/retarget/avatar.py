"""Bone rotations for avatars, analytically from joint positions.

Pelvis and chest get full frames; between them the spine bends evenly. Every other bone is swung by
the shortest arc, in its parent's frame, from where it points in the T-pose: there the undefined
direction (opposite to the T-pose) lies inside the body and is never reached. Thighs and upper arms
are then rolled so that knees and elbows bend about their hinge (:mod:`.hinge_twist`), and no limb
bone rolls faster than :mod:`.roll_rate` lets it.

Forward kinematics of the result (:mod:`flood_bridge.motion.kinematics`) gives back the direction of
every limb and spine bone. Three compromises are made: hips, and the neck and collars, follow the
frame of pelvis and chest; the head tilts by at most 60 degrees against the chest. The roll of
feet, forearms and hands cannot be seen in 22 positions and stays at rest in the parent's frame.
"""

from __future__ import annotations

import math

import numpy as np

from flood_bridge.errors import RetargetError
from flood_bridge.motion.frames import AvatarFrame, Pose
from flood_bridge.motion.rotations import (
    IDENTITY,
    between,
    conjugate,
    continuous,
    from_axis_angle,
    from_matrix,
    multiply,
    normalise,
    rotate,
    slerp,
)
from flood_bridge.motion.skeleton import NUM_JOINTS, PARENTS, Skeleton
from flood_bridge.retarget.body_frames import torso_frames
from flood_bridge.retarget.hinge_twist import HingeTwist
from flood_bridge.retarget.pose_checks import problem_with
from flood_bridge.retarget.roll_rate import RollRate

_PELVIS, _NECK = 0, 12
_SPINE = np.array([3, 6, 9])
_SPINE_SHARES = np.array([1.0, 2.0]) / 3.0
_PARENTS = np.array(PARENTS)

# Rows whose rotation swings one bone, by level: each level needs its parents' rotations. The bone
# of row i ends at joint _BONE_END[i].
_GIRDLE = np.array([12, 13, 14])
_UPPER = np.array([1, 2, 16, 17])
_LOWER = np.array([4, 5, 18, 19])
_LIMBS = np.concatenate((_UPPER, _LOWER))
_BODIES = np.array([0, 0, 9, 9] * 2)  # what each of them hangs on
_FEET = np.array([7, 8])
_BONE_END = np.zeros(NUM_JOINTS, dtype=int)
_BONE_END[[3, 6, 12, 13, 14, 1, 2, 16, 17, 4, 5, 18, 19, 7, 8]] = [
    6, 9, 15, 16, 17, 4, 5, 18, 19, 7, 8, 20, 21, 10, 11,
]  # fmt: skip

# Knees bend the shank back about +x; elbows of a T-pose with palms down bring the forearm forward.
_HINGES = np.array([(1.0, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0)])
_ROLL_LIMITS_RAD = np.radians([60.0, 60.0, 120.0, 120.0])
_ROLL_RATE_RAD_S = np.radians(360.0)
_HEAD_LIMIT_RAD = np.radians(60.0)
_LIMB_ROLL_RATE_RAD_S = np.radians(480.0)  # 24 degrees a frame at 20 frames per second


class AvatarRetargeter:
    """Turns poses of one character into local bone rotations relative to the T-pose.

    Args:
        skeleton: The body whose T-pose the rotations refer to.
        period_secs: Time between two poses; it bounds how fast limbs may roll per frame.
    """

    def __init__(self, skeleton: Skeleton, period_secs: float = 0.05) -> None:
        problem = problem_with(skeleton.rest_positions())
        if problem is not None:
            raise RetargetError(f"the skeleton cannot be used: {problem}")
        self._rest = normalise(skeleton.offsets)
        self._roll = HingeTwist(_ROLL_LIMITS_RAD, period_secs, _ROLL_RATE_RAD_S)
        self._pace = RollRate(_LIMB_ROLL_RATE_RAD_S, period_secs)
        self._last: AvatarFrame | None = None

    def reset(self) -> None:
        """Forget the past; the next pose starts a new motion."""
        self._roll.reset()
        self._pace.reset()
        self._last = None

    def memory(self) -> dict[str, np.ndarray]:
        """Return all that the next frame depends on, as copies."""
        memory = {**self._roll.memory(), **self._pace.memory()}
        if self._last is None:
            return memory
        root, local = self._last.root_position, self._last.local_wxyz
        return {**memory, "root": root.copy(), "local": local.copy()}

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Go back to where :meth:`memory` was taken."""
        self._roll.recall(memory)
        self._pace.recall(memory)
        root, local = memory.get("root"), memory.get("local")
        if root is None or local is None:
            self._last = None
        else:
            self._last = AvatarFrame(root.copy(), local.copy())

    def retarget(self, pose: Pose) -> AvatarFrame:
        """Return the bone rotations of ``pose``.

        A pose with non-finite or coincident joints repeats the frame before it.

        Raises:
            RetargetError: If such a pose is the first one.
        """
        problem = problem_with(pose.joints)
        if problem is not None:
            if self._last is None:
                raise RetargetError(f"the first pose cannot be used: {problem}")
            return self._last
        local = self._local_rotations(pose.joints)
        if self._last is not None:
            local = continuous(local, self._last.local_wxyz)
        self._last = AvatarFrame(root_position=pose.joints[0].copy(), local_wxyz=local)
        return self._last

    def _local_rotations(self, joints: np.ndarray) -> np.ndarray:
        directions = normalise(joints - joints[_PARENTS])
        world = np.tile(IDENTITY, (NUM_JOINTS, 1))
        local = world.copy()
        self._turn_torso(joints, directions, world, local)
        self._swing(_GIRDLE, directions, world, local)
        local[_NECK] = _limited(local[_NECK], _HEAD_LIMIT_RAD)
        self._swing(_UPPER, directions, world, local)
        self._roll_limbs(directions, world, local)
        self._swing(_LOWER, directions, world, local)
        self._pace_limbs(directions, world, local)
        self._swing(_FEET, directions, world, local)
        return local

    def _turn_torso(
        self, joints: np.ndarray, directions: np.ndarray, world: np.ndarray, local: np.ndarray
    ) -> None:
        pelvis, chest = from_matrix(torso_frames(joints))
        bent = slerp(pelvis, chest, _SPINE_SHARES)
        ends = _BONE_END[_SPINE[:2]]
        swing = between(rotate(bent, self._rest[ends]), directions[ends])
        world[_PELVIS] = local[_PELVIS] = pelvis
        world[_SPINE[:2]] = multiply(swing, bent)
        world[_SPINE[2]] = chest
        local[_SPINE] = multiply(conjugate(world[_PARENTS[_SPINE]]), world[_SPINE])

    def _swing(
        self, rows: np.ndarray, directions: np.ndarray, world: np.ndarray, local: np.ndarray
    ) -> None:
        ends, parents = _BONE_END[rows], world[_PARENTS[rows]]
        local[rows] = between(self._rest[ends], rotate(conjugate(parents), directions[ends]))
        world[rows] = multiply(parents, local[rows])

    def _roll_limbs(self, directions: np.ndarray, world: np.ndarray, local: np.ndarray) -> None:
        ends = _BONE_END[_UPPER]
        hinges = rotate(world[_UPPER], _HINGES)
        angles = self._roll.follow(directions[ends], directions[_BONE_END[_LOWER]], hinges)
        roll = from_axis_angle(self._rest[ends], angles)
        local[_UPPER] = multiply(local[_UPPER], roll)
        world[_UPPER] = multiply(world[_UPPER], roll)

    def _pace_limbs(self, directions: np.ndarray, world: np.ndarray, local: np.ndarray) -> None:
        pointed, bodies = directions[_BONE_END[_LIMBS]], world[_BODIES]
        world[_LIMBS] = self._pace.follow(world[_LIMBS], pointed, bodies)
        local[_LIMBS] = multiply(conjugate(world[_PARENTS[_LIMBS]]), world[_LIMBS])


def _limited(q: np.ndarray, limit_rad: float) -> np.ndarray:
    """Return the rotation ``q`` (4,) with its angle cut to ``limit_rad``."""
    angle = 2.0 * math.acos(min(abs(float(q[0])), 1.0))
    return q if angle <= limit_rad else slerp(IDENTITY, q, limit_rad / angle)
