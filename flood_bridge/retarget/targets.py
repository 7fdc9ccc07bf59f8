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
from flood_bridge.motion.rotations import cross, from_matrix, normalise
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.retarget.body_frames import torso_frames
from flood_bridge.retarget.robot_model import RobotModel

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

_UP = np.array([0.0, 0.0, 1.0])
_MIN_PELVIS_HEIGHT = 0.10
_MIN_LIMB_HEIGHT = 0.04
"""Lowest a pelvis and a knee, elbow or wrist is sent, metres: about their thickness."""
_STRAIGHT_KNEE = 0.05

# The unit T-pose: where a flat foot's ankle-toe line points tells the ankle's height.
_REST_FOOT = Skeleton.from_bone_lengths(np.ones(22)).offsets[TOES[0]]
_FOOT_SINE, _FOOT_COSINE = float(-_REST_FOOT[1]), float(_REST_FOOT[2])


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
        at = {name: robot.zero_point(name) for name in robot.points}

        def length(a: str, b: str) -> float:
            return float(np.linalg.norm(at[b] - at[a]))

        def sides(name: str, origin: str) -> np.ndarray:
            return np.array([at[f"left_{name}"], at[f"right_{name}"]]) - at[origin]

        self._hips = sides("hip", "pelvis")
        self._chest = at["chest"] - at["pelvis"]
        self._shoulders = sides("shoulder", "chest")
        self._thigh, self._shank = (
            length("left_hip", "left_knee"),
            length("left_knee", "left_ankle"),
        )
        self._upper_arm = length("left_shoulder", "left_elbow")
        self._forearm = length("left_elbow", "left_wrist")
        ankle = robot.points["left_ankle"].offset
        self._toe = robot.points["left_foot"].offset - ankle
        self._soles = robot.sole_points - ankle
        self._sole_radius = robot.sole_radius
        self._ankle_height = robot.sole_radius - float(self._soles[:, 2].min())
        self.scale = (self._thigh + self._shank) / human_leg
        self._human_ankle_height = _FOOT_SINE * human_foot

    def targets(self, joints: np.ndarray, footing: Footing) -> Targets:
        """Return the targets for human ``joints`` (22, 3), axes x left, y up, z forward."""
        human = joints[:, _TO_ROBOT_AXES]
        height = human[:, 2] - footing.floor - self._human_ankle_height
        scaled = np.column_stack((human[:, :2], height)) * self.scale
        scaled[:, 2] += self._ankle_height
        torso = torso_frames(joints)[:, _TO_ROBOT_AXES][:, :, _TO_ROBOT_AXES]
        shanks = human[ANKLES] - human[_KNEES]
        feet = foot_frames(human[TOES] - human[ANKLES], shanks, footing.stance)
        points = np.empty((len(POINTS), 3))
        self._place_legs(points, human, scaled, torso[0], feet, footing.stance)
        self._place_arms(points, human, torso)
        return Targets(points, from_matrix(np.concatenate((torso, feet))))

    def _place_legs(
        self,
        points: np.ndarray,
        human: np.ndarray,
        scaled: np.ndarray,
        pelvis: np.ndarray,
        feet: np.ndarray,
        stance: np.ndarray,
    ) -> None:
        points[0] = scaled[_HIPS].mean(axis=0) - pelvis @ self._hips.mean(axis=0)
        points[0, 2] = max(points[0, 2], _MIN_PELVIS_HEIGHT)
        hips = points[0] + self._hips @ pelvis.T
        ankles = hips + scaled[ANKLES] - scaled[_HIPS]
        ankles[:, 2] += stance * (self._ankle_height - scaled[ANKLES, 2])
        below = self._sole_radius - (ankles[:, None, 2] + feet[:, 2] @ self._soles.T).min(axis=1)
        ankles[:, 2] += np.maximum(below, 0.0)
        thighs = normalise(human[_KNEES] - human[_HIPS])
        points[1:3] = self._knees(hips, ankles, thighs, pelvis[:, 0])
        points[3:5] = ankles
        points[11:13] = ankles + feet @ self._toe
        np.maximum(points[1:3, 2], _MIN_LIMB_HEIGHT, out=points[1:3, 2])

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
