"""How well a robot follows a human: the numbers of one clip, from configurations and targets.

All per second, so that they do not depend on the frame rate. A foot stands where the strict stance
of :mod:`flood_bridge.motion.contacts` holds in full in two frames running.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from flood_bridge.motion.contacts import Footing
from flood_bridge.retarget.capsule_distance import nearest
from flood_bridge.retarget.robot_body import ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.robot_shape import capsules, meeting_pairs
from flood_bridge.retarget.targets import FRAMES, POINTS, Targets

JUMP_RAD_S = 10.0
"""0.5 rad in 50 ms."""

_AT = {name: index for index, name in enumerate(POINTS)}
_BONES = [
    (_AT[f"{side}_{a}"], _AT[f"{side}_{b}"])
    for side in ("left", "right")
    for a, b in (("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))
]
_ANKLES = [_AT["left_ankle"], _AT["right_ankle"]]
# Shares of a body's mass at its key points (after Winter, "Biomechanics and Motor Control").
_MASSES = {
    "pelvis": 0.30, "left_shoulder": 0.16, "right_shoulder": 0.16, "left_knee": 0.115,
    "right_knee": 0.115, "left_ankle": 0.045, "right_ankle": 0.045, "left_elbow": 0.022,
    "right_elbow": 0.022, "left_wrist": 0.008, "right_wrist": 0.008,
}  # fmt: skip


@dataclass(slots=True)
class Track:
    """What was published for one clip, frame by frame."""

    qpos: list[np.ndarray] = field(default_factory=list)
    targets: list[Targets] = field(default_factory=list)
    footing: list[Footing] = field(default_factory=list)
    secs: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Samples:
    """Measurements of one clip, one value a frame (or a pair of frames) each."""

    keypoint_m: np.ndarray
    bone_deg: np.ndarray
    margin_rad: np.ndarray
    """Smallest distance of any joint to its limit; negative outside."""
    speed_share: np.ndarray
    """Largest joint speed over its limit."""
    speed: np.ndarray
    acceleration: np.ndarray
    jerk: np.ndarray
    slide: np.ndarray
    """Level speed of standing ankles, m/s."""
    under_m: np.ndarray
    """How far the lowest sole is under the floor."""
    over_m: np.ndarray
    """How far the lowest sole of a standing foot is over it."""
    gap_m: np.ndarray
    """Smallest distance between parts that must not meet."""
    outside: np.ndarray
    """Whether the centre of mass is beside the standing soles."""
    secs: np.ndarray


class Gauge:
    """Measures tracks of one robot."""

    def __init__(self, robot: RobotModel, period_secs: float) -> None:
        self._robot = robot
        self._period_secs = period_secs
        self._body = RobotBody(robot, POINTS, FRAMES)
        ranks = np.argsort(self._body.order)
        self._lower, self._upper = robot.natural_lower[ranks], robot.natural_upper[ranks]
        self._limits = robot.speed_limits[ranks]
        self._parts = capsules(robot)
        self._pairs = np.array(meeting_pairs(self._parts)).T
        self._radii = np.array([part.radius for part in self._parts])
        self._present = np.array([name in robot.points for name in POINTS])
        self._bones = [(a, b) for a, b in _BONES if self._present[a] and self._present[b]]

    def measure(self, track: Track, limited: bool = True) -> Samples:
        """Return the samples of a track; ``limited`` compares with the robot's own limits."""
        points, soles, gaps = self._places(track.qpos)
        asked = np.array([targets.points for targets in track.targets])
        joints = np.array(track.qpos)[:, ROOT_QPOS:]
        rates = [np.diff(joints, n, axis=0) / self._period_secs**n for n in (1, 2, 3)]
        away = np.linalg.norm((points - asked)[:, self._present], axis=2)
        stands = np.array([footing.stance >= 1.0 for footing in track.footing])
        steady = stands[1:] & stands[:-1]
        ankles = points[:, _ANKLES, :2]
        level = np.linalg.norm(np.diff(ankles, axis=0), axis=2) / self._period_secs
        lowest = soles[..., 2].min(axis=2) - self._robot.sole_radius
        return Samples(
            keypoint_m=away.mean(axis=1),
            bone_deg=self._bone_errors(points, asked),
            margin_rad=np.minimum(joints - self._lower, self._upper - joints).min(axis=1),
            speed_share=(np.abs(rates[0]) / self._limits).max(axis=1),
            speed=np.abs(rates[0]).max(axis=1),
            acceleration=np.abs(rates[1]).max(axis=1),
            jerk=np.abs(rates[2]).max(axis=1),
            slide=level[steady],
            under_m=np.maximum(-lowest.min(axis=1), 0.0),
            over_m=np.maximum(lowest, 0.0)[stands],
            gap_m=gaps,
            outside=self._outside(points, soles, stands),
            secs=np.array(track.secs),
        )

    def points(self, qpos: np.ndarray) -> np.ndarray:
        """Return the key points (13, 3) at a configuration."""
        self._body.place(qpos)
        return self._body.points().copy()

    def _places(
        self, configurations: Sequence[np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return key points (T, 13, 3), soles (T, 2, k, 3), smallest gaps (T,)."""
        points, soles, gaps = [], [], []
        for qpos in configurations:
            self._body.place(qpos)
            points.append(self._body.points().copy())
            soles.append(self._body.soles())
            gaps.append(self._gap())
        return np.array(points), np.array(soles), np.array(gaps)

    def _gap(self) -> float:
        starts, ends = self._body.parts()
        one, other = self._pairs
        s, t = nearest(starts[one], ends[one], starts[other], ends[other])
        here = starts[one] + s[:, None] * (ends[one] - starts[one])
        there = starts[other] + t[:, None] * (ends[other] - starts[other])
        apart = np.linalg.norm(here - there, axis=1) - self._radii[one] - self._radii[other]
        return float(apart.min())

    def _bone_errors(self, points: np.ndarray, asked: np.ndarray) -> np.ndarray:
        """Return the mean angle between bones and what they were asked to be, (T,) degrees."""
        angles = []
        for a, b in self._bones:
            one, other = points[:, b] - points[:, a], asked[:, b] - asked[:, a]
            cosine = np.vecdot(one, other) / np.maximum(
                np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1), 1e-9
            )
            angles.append(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
        return np.mean(angles, axis=0)

    def _outside(self, points: np.ndarray, soles: np.ndarray, stands: np.ndarray) -> np.ndarray:
        """Return for frames with a standing foot whether the centre of mass is not over soles."""
        shares = np.array([_MASSES.get(name, 0.0) for name in POINTS]) * self._present
        centres = (points * (shares / shares.sum())[:, None]).sum(axis=1)[:, :2]
        return np.array(
            [
                not _inside(centre, sole[feet].reshape(-1, 3)[:, :2])
                for centre, sole, feet in zip(centres, soles, stands, strict=True)
                if feet.any()
            ],
            dtype=bool,
        )


def _inside(point: np.ndarray, corners: np.ndarray) -> bool:
    """Return whether the ``point`` (2,) is in the convex hull of ``corners`` (n, 2).

    It is outside if some direction through it has all corners strictly on one side: the angles in
    which the corners are seen then leave a gap of more than half a turn.
    """
    offsets = corners - point
    angles = np.sort(np.arctan2(offsets[:, 1], offsets[:, 0]))
    gaps = np.diff(angles, append=angles[0] + 2.0 * np.pi)
    return bool(gaps.max() < np.pi)
