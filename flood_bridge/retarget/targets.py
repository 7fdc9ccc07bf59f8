"""Where a robot's points should be for a human pose: bone directions on the robot's lengths.

No table of scales: limbs keep the human's directions and take the robot's segment lengths
(:mod:`.limb_targets`), the trunk is the robot's own, turned as the human's, and the path over the
floor is scaled by the ratio of the leg lengths, so that feet which stand keep standing. Everything
here is in the robot's axes (x forward, y left, z up, floor at z = 0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from flood_bridge.motion.contacts import ANKLES, TOES, Footing
from flood_bridge.motion.rotations import normalise
from flood_bridge.retarget.arm_clearance import ArmClearance
from flood_bridge.retarget.body_frames import torso_frames
from flood_bridge.retarget.foot_lock import FootLock
from flood_bridge.retarget.human_lines import FOOT_SINE, KNEES, frames_of, lines_of
from flood_bridge.retarget.limb_targets import Arms, Legs, Lock, Size
from flood_bridge.retarget.robot_body import mujoco
from flood_bridge.retarget.robot_model import RobotModel

POINTS = (
    "pelvis", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_foot",
    "right_foot",
)  # fmt: skip
"""The key points, in the order of :attr:`Targets.points`."""

FRAMES = ("pelvis", "chest", "left_ankle", "right_ankle")
"""The points whose link's orientation is followed, in the order of :attr:`Targets.frames`."""

_TO_ROBOT_AXES = np.array([2, 0, 1])
_LEG_BONES = [*KNEES, *ANKLES]

_MIN_LEVEL = 0.1
"""Of the line of the hips, lying on the side, that still has a heading."""


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
        turns = robot.upright_frames()
        names = [name if name in robot.points else "pelvis" for name in FRAMES]
        self._turns = np.array([turns[robot.points[name].link][1] for name in names])
        self._floating = robot.base == "floating"
        standing = np.array([0.0, 0.0, robot.root_height])
        self._stands_still = standing + robot.upright_point("pelvis")
        self._legs = Legs(robot) if robot.has_legs else None
        self._arms = Arms(robot) if robot.has_arms else None
        self.human_ankle_height = FOOT_SINE * human_foot
        self.scale, self.ankle_height = 1.0, 0.0
        if self._legs is not None:
            self.scale = self._legs.length / human_leg
            self.ankle_height = self._legs.ankle_height
        both = self._arms is not None and self._legs is not None
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
        if self._legs is not None:
            self._legs.place(points, frames, human, units, stance, size, lock)
        else:
            frames[..., 2:, :, :] = np.eye(3)
        if self._arms is not None:
            self._arms.place(points, frames, units)
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


def _at_the_origin(joints: np.ndarray) -> np.ndarray:
    """Return the ``joints`` (22, 3) with the pelvis over the origin, its heading taken out."""
    left = torso_frames(joints)[0, :, 0]
    level = np.hypot(left[0], left[2])
    if level < _MIN_LEVEL:
        return joints - joints[0] * (1.0, 0.0, 1.0)
    cosine, sine = left[0] / level, left[2] / level
    turn = np.array([(cosine, 0.0, sine), (0.0, 1.0, 0.0), (-sine, 0.0, cosine)])
    return (joints - joints[0] * (1.0, 0.0, 1.0)) @ turn.T
