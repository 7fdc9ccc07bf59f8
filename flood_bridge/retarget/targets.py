"""Where a robot's points should be for a human pose: bone directions on the robot's lengths.

No table of scales: limbs keep the human's directions and take the robot's segment lengths, the
trunk is the robot's own, turned as the human's, and the path over the floor is scaled by the ratio
of the leg lengths, so that feet which stand keep standing. Everything here is in the robot's axes
(x forward, y left, z up, floor at z = 0).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, TypeAlias

import numpy as np

from flood_bridge.motion.contacts import ANKLES, TOES, Footing
from flood_bridge.motion.rotations import normalise, rotate
from flood_bridge.retarget.arm_clearance import ArmClearance
from flood_bridge.retarget.body_frames import torso_frames
from flood_bridge.retarget.foot_lock import FootLock
from flood_bridge.retarget.human_lines import (
    FOOT_SINE,
    FOREARMS,
    HIPS,
    KNEES,
    THIGHS,
    UPPER_ARMS,
    frames_of,
    lines_of,
)
from flood_bridge.retarget.robot_body import mujoco
from flood_bridge.retarget.robot_model import SIDES, RobotModel

POINTS = (
    "pelvis", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_foot",
    "right_foot",
)  # fmt: skip
"""The key points, in the order of :attr:`Targets.points`."""

FRAMES = ("pelvis", "chest", "left_ankle", "right_ankle")
"""The points whose link's orientation is followed, in the order of :attr:`Targets.frames`."""

_TO_ROBOT_AXES = np.array([2, 0, 1])
_LEG_ENDS = np.array([*HIPS, *ANKLES])
_LEG_BONES = [*KNEES, *ANKLES]

_MIN_PELVIS_HEIGHT = 0.10
_MIN_LIMB_HEIGHT = 0.04
"""Lowest a pelvis and a knee, elbow or wrist is sent, metres: about their thickness."""
_STRAIGHT_KNEE = 0.05
_MIN_LEVEL = 0.1
"""Of the line of the hips, lying on the side, that still has a heading."""

Size: TypeAlias = tuple[float | np.ndarray, float | np.ndarray]
"""By what a human's lengths are multiplied, and by how much its ankles are lifted then."""
Lock: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Returns the shifts (..., 2, 3) of feet, told their places (..., 2, 3) and stance (..., 2)."""


def human_lengths(bones: np.ndarray) -> tuple[float, float]:
    """Return the lengths of a leg and of a foot to the toe joint, of offsets (22, 3) of bones."""
    lengths = np.sqrt(np.vecdot(bones, bones))
    return float(lengths[_LEG_BONES].sum()) / 2.0, float(lengths[TOES].mean())


@dataclass(frozen=True, slots=True)
class Targets:
    """What a robot is asked to reach in one frame."""

    points: np.ndarray
    """(13, 3) positions of :data:`POINTS`, metres."""
    frames: np.ndarray
    """(4, 4) world-from-link rotations wxyz of :data:`FRAMES`."""


class TargetMaker:
    """Puts human poses on the proportions of one robot.

    Args:
        robot: The robot.
        human_leg: Length of the human's thigh and shank together, metres.
        human_foot: Distance from the human's ankle to the toe joint, metres.
    """

    def __init__(self, robot: RobotModel, human_leg: float, human_foot: float) -> None:
        at = {name: robot.upright_point(name) for name in robot.points}
        turns = robot.upright_frames()

        def length(a: str, b: str) -> float:
            return float(
                np.mean([np.linalg.norm(at[f"{side}_{b}"] - at[f"{side}_{a}"]) for side in SIDES])
            )

        def sides(name: str, origin: str) -> np.ndarray:
            return np.array([at[f"{side}_{name}"] for side in SIDES]) - at[origin]

        self._legs, self._arms = robot.has_legs, robot.has_arms
        self._stands_still = at["pelvis"] + (0.0, 0.0, robot.root_height)
        self._floating = robot.base == "floating"
        names = [name if name in robot.points else "pelvis" for name in FRAMES]
        self._turns = np.array([turns[robot.points[name].link][1] for name in names])
        self._chest = at["chest"] - at["pelvis"]
        self.scale, self.ankle_height = 1.0, 0.0
        self.human_ankle_height = FOOT_SINE * human_foot
        if self._legs:
            self._hips = sides("hip", "pelvis")
            self._thigh, self._shank = length("hip", "knee"), length("knee", "ankle")
            self._shortest = abs(self._thigh - self._shank) + 1e-3
            self._toe = sides("foot", "pelvis") - sides("ankle", "pelvis")
            self._soles = _soles(robot)
            self._sole_radius = robot.sole_radius
            self.ankle_height = robot.sole_radius - float(self._soles[..., 2].min())
            self.scale = (self._thigh + self._shank) / human_leg
        if self._arms:
            self._shoulders = sides("shoulder", "chest")
            self._upper_arm = length("shoulder", "elbow")
            self._forearm = length("elbow", "wrist")
        both = self._arms and self._legs
        self.clearance = ArmClearance(robot) if both else None

    def targets(
        self, joints: np.ndarray, footing: Footing, lock: FootLock | None = None
    ) -> Targets:
        """Return the targets for human ``joints`` (22, 3), axes x left, y up, z forward.

        Args:
            joints: The human's pose.
            footing: How it stands.
            lock: Keeps standing feet in their place, if given.
        """
        return Aims(self, joints, footing, lock).alone()

    def aim(
        self, joints: np.ndarray, stance: np.ndarray, size: Size, lock: Lock | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return points (..., 13, 3) and frames (..., 4, 3, 3) of the targets of poses.

        Args:
            joints: (..., 22, 3)
            stance: (..., 2)
            size: Of the humans.
            lock: Keeps standing feet in their place, if given.
        """
        human = joints.take(_TO_ROBOT_AXES, axis=-1)
        lines = lines_of(human)
        units = normalise(lines)
        frames = frames_of(lines, units, stance)
        points = np.zeros((*joints.shape[:-2], len(POINTS), 3))
        points[..., 0, :] = self._stands_still
        if self._legs:
            self._place_legs(points, frames, human, units, stance, size, lock)
        else:
            frames[..., 2:, :, :] = np.eye(3)
        if self._arms:
            self._place_arms(points, frames, units)
        return points, frames

    def rotations(self, frames: np.ndarray) -> np.ndarray:
        """Return world from the links whose frames these (4, 3, 3) should be, wxyz (4, 4)."""
        rotations = np.empty((len(FRAMES), 4))
        for rotation, frame, turn in zip(
            rotations, frames.reshape(-1, 9), self._turns, strict=True
        ):
            mujoco.mju_mat2Quat(rotation, frame)
            mujoco.mju_mulQuat(rotation, rotation, turn)
        return rotations

    def size(self, footing: Footing) -> tuple[float, float]:
        """Return what a human's lengths are multiplied by, and what its ankles are lifted then."""
        return self.scale, (
            self.ankle_height - self.scale * (footing.floor + self.human_ankle_height)
        )

    def in_place(self, joints: np.ndarray) -> np.ndarray:
        """Return the ``joints`` (22, 3), of a robot that stands still without its path."""
        return joints if self._floating else _at_the_origin(joints)

    def _place_legs(
        self,
        points: np.ndarray,
        frames: np.ndarray,
        human: np.ndarray,
        units: np.ndarray,
        stance: np.ndarray,
        size: Size,
        lock: Lock | None,
    ) -> None:
        """Fill in the points of pelvis and legs, and turn the feet's ``frames`` as they stand."""
        scale, lift = size
        feet = frames[..., 2:, :, :]
        ends = human.take(_LEG_ENDS, axis=-2)
        ends *= scale
        ends[..., 2] += lift
        spread = self._hips @ frames[..., 0, :, :].swapaxes(-1, -2)
        if self._floating:
            points[..., 0, :] = 0.5 * (ends[..., :2, :] - spread).sum(axis=-2)
            height = points[..., 0, 2]
            points[..., 0, 2] = np.maximum(height, _MIN_PELVIS_HEIGHT)
        hips = points[..., :1, :] + spread
        ankles = hips + (ends[..., 2:, :] - ends[..., :2, :])
        ankles[..., 2] += stance * (self.ankle_height - ends[..., 2:, 2])
        if lock is not None:
            places = ankles.copy()
            np.arctan2(feet[..., 1, 0], feet[..., 0, 0], out=places[..., 2])
            shifts = lock(places, stance)
            ankles[..., :2] += shifts[..., :2]
            _turn(feet, shifts[..., 2])
        lowest = (self._soles @ feet[..., 2, :, None])[..., 0].min(axis=-1)
        ankles[..., 2] = np.maximum(ankles[..., 2], self._sole_radius - lowest)
        knees = points[..., 1:3, :]
        knees[...] = self._knees(hips, ankles, units[..., THIGHS, :], frames[..., :1, :, 0])
        points[..., 3:5, :] = ankles
        points[..., 11:13, :] = ankles + (feet @ self._toe[..., None])[..., 0]
        np.maximum(knees[..., 2], _MIN_LIMB_HEIGHT, out=knees[..., 2])

    def _knees(
        self, hips: np.ndarray, ankles: np.ndarray, thighs: np.ndarray, forward: np.ndarray
    ) -> np.ndarray:
        """Return knees (..., 2, 3) between hips and ankles, on the side to which thighs point.

        A straight leg has no such side; there the knees go forward.
        """
        line = ankles - hips
        distance = np.sqrt(np.vecdot(line, line))[..., None]
        line /= np.maximum(distance, 1e-6)
        reach = np.minimum(np.maximum(distance, self._shortest), self._thigh + self._shank)
        along = (self._thigh**2 - self._shank**2 + reach * reach) / (2.0 * reach)
        aside = np.sqrt(np.maximum(self._thigh**2 - along * along, 0.0))
        bend = thighs + _STRAIGHT_KNEE * forward
        bend = normalise(bend - np.vecdot(bend, line)[..., None] * line)
        return hips + along * line + aside * bend

    def _place_arms(self, points: np.ndarray, frames: np.ndarray, units: np.ndarray) -> None:
        chest = points[..., 0, :] + frames[..., 0, :, :] @ self._chest
        turned = self._shoulders @ frames[..., 1, :, :].swapaxes(-1, -2)
        shoulders = chest[..., None, :] + turned
        elbows = shoulders + self._upper_arm * units[..., UPPER_ARMS, :]
        points[..., 5:7, :], points[..., 7:9, :] = shoulders, elbows
        points[..., 9:11, :] = elbows + self._forearm * units[..., FOREARMS, :]
        limbs = points[..., 7:11, 2]
        np.maximum(limbs, _MIN_LIMB_HEIGHT, out=limbs)


@dataclass(slots=True)
class Aims:
    """A stage: the targets of one human's pose."""

    WORTH: ClassVar[int] = 2

    maker: TargetMaker
    joints: np.ndarray
    """(22, 3), axes x left, y up, z forward."""
    footing: Footing
    lock: FootLock | None = None

    def alone(self) -> Targets:
        """Return the answer."""
        maker, lock = self.maker, self.lock
        joints, size = maker.in_place(self.joints), maker.size(self.footing)
        follow = None if lock is None else lock.follow
        points, frames = maker.aim(joints, self.footing.stance, size, follow)
        if maker.clearance is not None:
            maker.clearance.clear(points, frames[:2])
        return Targets(points, maker.rotations(frames))

    @staticmethod
    def together(asked: Sequence[Aims]) -> list[Targets]:
        """Return the answers for robots of one kind; all have a lock, or none has."""
        makers = [each.maker for each in asked]
        joints = np.array([each.maker.in_place(each.joints) for each in asked])
        stance = np.array([each.footing.stance for each in asked])
        scale, lift = np.array([each.maker.size(each.footing) for each in asked]).T
        locks = [each.lock for each in asked if each.lock is not None]
        follow = partial(FootLock.follow_all, locks) if locks else None
        size = scale[:, None, None], lift[:, None]
        points, frames = makers[0].aim(joints, stance, size, follow)
        clearances = [each.clearance for each in makers if each.clearance is not None]
        if clearances:
            ArmClearance.clear_all(clearances, points, frames[:, :2])
        return [
            Targets(at, maker.rotations(turns))
            for maker, at, turns in zip(makers, points, frames, strict=True)
        ]


def _soles(robot: RobotModel) -> np.ndarray:
    """Return the soles from their ankles when the robot stands upright, (2, k, 3).

    The foot with fewer points repeats its last.
    """
    turns = robot.upright_frames()
    soles = []
    most = max(map(len, robot.soles))
    for side, sole in zip(SIDES, robot.soles, strict=True):
        ankle = robot.points[f"{side}_ankle"]
        padded = np.concatenate((sole, np.repeat(sole[-1:], most - len(sole), axis=0)))
        soles.append(rotate(turns[ankle.link][1][None], padded - ankle.offset))
    return np.array(soles)


def _turn(frames: np.ndarray, angles: np.ndarray) -> None:
    """Turn ``frames`` (..., 3, 3) by ``angles`` (...) about the vertical, in place."""
    cosine, sine = np.cos(angles)[..., None], np.sin(angles)[..., None]
    x, y = frames[..., 0, :], frames[..., 1, :]
    frames[..., 0, :], frames[..., 1, :] = cosine * x - sine * y, sine * x + cosine * y


def _at_the_origin(joints: np.ndarray) -> np.ndarray:
    """Return the ``joints`` (22, 3) with the pelvis over the origin, its heading taken out."""
    left = torso_frames(joints)[0, :, 0]
    level = np.hypot(left[0], left[2])
    if level < _MIN_LEVEL:
        return joints - joints[0] * (1.0, 0.0, 1.0)
    cosine, sine = left[0] / level, left[2] / level
    turn = np.array([(cosine, 0.0, sine), (0.0, 1.0, 0.0), (-sine, 0.0, cosine)])
    return (joints - joints[0] * (1.0, 0.0, 1.0)) @ turn.T
