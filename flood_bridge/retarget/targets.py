"""Where a robot's points should be for a human pose: bone directions on the robot's lengths.

No table of scales: limbs keep the human's directions and take the robot's segment lengths, the
trunk is the robot's own, turned as the human's, and the path over the floor is scaled by the ratio
of the leg lengths, so that feet which stand keep standing. Everything here is in the robot's axes
(x forward, y left, z up, floor at z = 0).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_bridge.motion.contacts import ANKLES, TOES, Footing
from flood_bridge.motion.rotations import cross, from_matrix, multiply, normalise, rotate
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.retarget.arm_clearance import ArmClearance
from flood_bridge.retarget.body_frames import torso_frames
from flood_bridge.retarget.foot_lock import FootLock
from flood_bridge.retarget.robot_model import SIDES, RobotModel

POINTS = (
    "pelvis", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_foot",
    "right_foot",
)  # fmt: skip
"""The key points, in the order of :attr:`Targets.points`."""

FRAMES = ("pelvis", "chest", "left_ankle", "right_ankle")
"""The points whose link's orientation is followed, in the order of :attr:`Targets.frames`."""

_TO_ROBOT_AXES = [2, 0, 1]
_HIPS, _KNEES, _SHOULDERS, _ELBOWS, _WRISTS = [1, 2], [4, 5], [16, 17], [18, 19], [20, 21]

_LEG_BONES = [*_KNEES, *ANKLES]

_UP = np.array([0.0, 0.0, 1.0])
_MIN_PELVIS_HEIGHT = 0.10
_MIN_LIMB_HEIGHT = 0.04
"""Lowest a pelvis and a knee, elbow or wrist is sent, metres: about their thickness."""
_STRAIGHT_KNEE = 0.05
_MIN_LEVEL = 0.1
"""Of the line of the hips, lying on the side, that still has a heading."""

# The unit T-pose: where a flat foot's ankle-toe line points tells the ankle's height.
_REST_FOOT = Skeleton.from_bone_lengths(np.ones(22)).offsets[TOES[0]]
_FOOT_SINE, _FOOT_COSINE = float(-_REST_FOOT[1]), float(_REST_FOOT[2])


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
        self.scale = 1.0
        self._human_ankle_height = _FOOT_SINE * human_foot
        if self._legs:
            self._hips = sides("hip", "pelvis")
            self._thigh, self._shank = length("hip", "knee"), length("knee", "ankle")
            self._toe = sides("foot", "pelvis") - sides("ankle", "pelvis")
            self._soles = _soles(robot)
            self._sole_radius = robot.sole_radius
            self._ankle_height = robot.sole_radius - float(self._soles[..., 2].min())
            self.scale = (self._thigh + self._shank) / human_leg
        if self._arms:
            self._shoulders = sides("shoulder", "chest")
            self._upper_arm = length("shoulder", "elbow")
            self._forearm = length("elbow", "wrist")
        both = self._arms and self._legs
        self._clearance = ArmClearance(robot) if both else None

    def targets(
        self, joints: np.ndarray, footing: Footing, lock: FootLock | None = None
    ) -> Targets:
        """Return the targets for human ``joints`` (22, 3), axes x left, y up, z forward.

        Args:
            joints: The human's pose.
            footing: How it stands.
            lock: Keeps standing feet in their place, if given.
        """
        if not self._floating:
            joints = _at_the_origin(joints)
        human = joints[:, _TO_ROBOT_AXES]
        torso = torso_frames(joints)[:, _TO_ROBOT_AXES][:, :, _TO_ROBOT_AXES]
        points = np.zeros((len(POINTS), 3))
        points[0] = self._stands_still
        feet = np.tile(np.eye(3), (2, 1, 1))
        if self._legs:
            feet = self._place_legs(points, human, torso[0], footing, lock)
        if self._arms:
            self._place_arms(points, human, torso)
            if self._clearance is not None:
                self._clearance.clear(points, torso)
        frames = from_matrix(np.concatenate((torso, feet)))
        return Targets(points, multiply(frames, self._turns))

    def _place_legs(
        self,
        points: np.ndarray,
        human: np.ndarray,
        pelvis: np.ndarray,
        footing: Footing,
        lock: FootLock | None,
    ) -> np.ndarray:
        """Fill in the points of pelvis and legs; return the feet's frames, (2, 3, 3)."""
        stance = footing.stance
        feet = foot_frames(human[TOES] - human[ANKLES], human[ANKLES] - human[_KNEES], stance)
        height = human[:, 2] - footing.floor - self._human_ankle_height
        scaled = np.column_stack((human[:, :2], height)) * self.scale
        scaled[:, 2] += self._ankle_height
        if self._floating:
            points[0] = scaled[_HIPS].mean(axis=0) - pelvis @ self._hips.mean(axis=0)
            points[0, 2] = max(points[0, 2], _MIN_PELVIS_HEIGHT)
        hips = points[0] + self._hips @ pelvis.T
        ankles = hips + scaled[ANKLES] - scaled[_HIPS]
        ankles[:, 2] += stance * (self._ankle_height - scaled[ANKLES, 2])
        if lock is not None:
            headings = np.arctan2(feet[:, 1, 0], feet[:, 0, 0])
            shifts = lock.follow(np.column_stack((ankles[:, :2], headings)), stance)
            ankles[:, :2] += shifts[:, :2]
            feet = _turned(feet, shifts[:, 2])
        heights = ankles[:, None, 2] + (self._soles @ feet[:, 2, :, None])[..., 0]
        ankles[:, 2] += np.maximum(self._sole_radius - heights.min(axis=1), 0.0)
        thighs = normalise(human[_KNEES] - human[_HIPS])
        points[1:3] = self._knees(hips, ankles, thighs, pelvis[:, 0])
        points[3:5] = ankles
        points[11:13] = ankles + (feet @ self._toe[..., None])[..., 0]
        np.maximum(points[1:3, 2], _MIN_LIMB_HEIGHT, out=points[1:3, 2])
        return feet

    def _knees(
        self, hips: np.ndarray, ankles: np.ndarray, thighs: np.ndarray, forward: np.ndarray
    ) -> np.ndarray:
        """Return the knees (2, 3) between hips and ankles, on the side to which the thighs point.

        A straight leg has no such side; there the knees go forward.
        """
        line = ankles - hips
        distance = np.sqrt((line * line).sum(axis=1, keepdims=True))
        line = line / np.maximum(distance, 1e-6)
        reach = np.clip(distance, abs(self._thigh - self._shank) + 1e-3, self._thigh + self._shank)
        along = (self._thigh**2 - self._shank**2 + reach**2) / (2.0 * reach)
        aside = np.sqrt(np.maximum(self._thigh**2 - along**2, 0.0))
        bend = thighs + _STRAIGHT_KNEE * forward
        bend = normalise(bend - (bend * line).sum(axis=1, keepdims=True) * line)
        return hips + along * line + aside * bend

    def _place_arms(self, points: np.ndarray, human: np.ndarray, torso: np.ndarray) -> None:
        chest = points[0] + torso[0] @ self._chest
        shoulders = chest + self._shoulders @ torso[1].T
        elbows = shoulders + self._upper_arm * normalise(human[_ELBOWS] - human[_SHOULDERS])
        wrists = elbows + self._forearm * normalise(human[_WRISTS] - human[_ELBOWS])
        points[5:7], points[7:9], points[9:11] = shoulders, elbows, wrists
        np.maximum(points[7:11, 2], _MIN_LIMB_HEIGHT, out=points[7:11, 2])


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


def _turned(frames: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Return the ``frames`` (2, 3, 3) turned by ``angles`` (2,) about the vertical."""
    cosine, sine = np.cos(angles)[:, None], np.sin(angles)[:, None]
    turned = frames.copy()
    turned[:, 0] = cosine * frames[:, 0] - sine * frames[:, 1]
    turned[:, 1] = sine * frames[:, 0] + cosine * frames[:, 1]
    return turned


def _at_the_origin(joints: np.ndarray) -> np.ndarray:
    """Return the ``joints`` (22, 3) with the pelvis over the origin, its heading taken out."""
    left = torso_frames(joints)[0, :, 0]
    level = np.hypot(left[0], left[2])
    if level < _MIN_LEVEL:
        return joints - joints[0] * (1.0, 0.0, 1.0)
    cosine, sine = left[0] / level, left[2] / level
    turn = np.array([(cosine, 0.0, sine), (0.0, 1.0, 0.0), (-sine, 0.0, cosine)])
    return (joints - joints[0] * (1.0, 0.0, 1.0)) @ turn.T


def foot_frames(toes: np.ndarray, shanks: np.ndarray, stance: np.ndarray) -> np.ndarray:
    """Return world-from-foot matrices (2, 3, 3), columns forward, left, up.

    The ankle is taken as a hinge across the shank, whichever way the leg is held; a foot that
    stands is laid flat.

    Args:
        toes: (2, 3) from ankle to toe joint; it points down a little in a flat foot.
        shanks: (2, 3) from knee to ankle.
        stance: (2,) share to which each foot is laid flat.
    """
    along = normalise(toes)
    left = normalise(cross(along, shanks))
    forward = _FOOT_COSINE * along + _FOOT_SINE * cross(along, left)
    share = stance[:, None]
    forward = normalise(forward * (1.0 - share * _UP))
    left = left * (1.0 - share * _UP)
    left = normalise(left - (left * forward).sum(axis=1, keepdims=True) * forward)
    return np.stack((forward, left, cross(forward, left)), axis=-1)
