"""How thick a robot is: a capsule around each part, and which parts must not meet.

Files without their meshes do not say, so the usual radii are shares of the leg's (or arm's) length,
between those of published collision models; a robot's TOML can state them under [thickness].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from flood_bridge.motion.rotations import conjugate, rotate

if TYPE_CHECKING:
    from flood_bridge.retarget.robot_model import Point, RobotModel

PARTS = {
    "pelvis": 0.10, "torso": 0.13, "head": 0.11, "thigh": 0.085, "shank": 0.065, "foot": 0.04,
    "upper_arm": 0.06, "forearm": 0.055,
}  # fmt: skip
"""Radius of each part in shares of the leg's length."""

_ARM_PER_LEG = 0.62
_HIPS_SHARE = 0.75
_PAIRS = (
    ("left_forearm", "torso"), ("left_forearm", "pelvis"), ("left_forearm", "head"),
    ("left_forearm", "left_thigh"), ("left_forearm", "right_thigh"),
    ("left_forearm", "right_upper_arm"),
    ("right_forearm", "torso"), ("right_forearm", "pelvis"), ("right_forearm", "head"),
    ("right_forearm", "left_thigh"), ("right_forearm", "right_thigh"),
    ("right_forearm", "left_upper_arm"), ("left_forearm", "right_forearm"),
    ("left_thigh", "right_thigh"), ("left_shank", "right_shank"), ("left_foot", "right_foot"),
    ("left_thigh", "right_shank"), ("left_shank", "right_thigh"), ("left_shank", "right_foot"),
    ("left_foot", "right_shank"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Capsule:
    """All within ``radius`` of the line between two places on links."""

    name: str
    start: Point
    end: Point
    radius: float


@lru_cache(maxsize=16)
def capsules(robot: RobotModel) -> tuple[Capsule, ...]:
    """Return the parts that the robot has."""
    points, unit = robot.points, leg_length(robot)

    def part(name: str, start: Point, end: Point) -> Capsule:
        kind = name.removeprefix("left_").removeprefix("right_")
        return Capsule(name, start, end, robot.thickness.get(kind, PARTS[kind] * unit))

    made = []
    if robot.has_legs:
        made.append(part("pelvis", *_hips(robot)))
        for side in ("left", "right"):
            hip, knee, ankle, foot = (
                points[f"{side}_{name}"] for name in ("hip", "knee", "ankle", "foot")
            )
            made += [part(f"{side}_thigh", hip, knee), part(f"{side}_shank", knee, ankle)]
            made.append(part(f"{side}_foot", _heel(robot, side), foot))
    if robot.has_arms:
        made.append(part("torso", *_spine(robot)))
        made.append(part("head", *_skull(robot)))
        for side in ("left", "right"):
            shoulder, elbow, wrist = (
                points[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist")
            )
            made += [part(f"{side}_upper_arm", shoulder, elbow)]
            made.append(part(f"{side}_forearm", elbow, wrist))
    return tuple(made)


def meeting_pairs(parts: tuple[Capsule, ...]) -> tuple[tuple[int, int], ...]:
    """Return the index pairs of ``parts`` that must keep apart."""
    index = {part.name: number for number, part in enumerate(parts)}
    return tuple((index[a], index[b]) for a, b in _PAIRS if a in index and b in index)


def leg_length(robot: RobotModel) -> float:
    """Return the length of a leg from hip to ankle; without legs, of one that fits the arms."""
    names = ("hip", "knee", "ankle") if robot.has_legs else ("shoulder", "elbow", "wrist")
    at = [robot.upright_point(f"left_{name}") for name in names]
    length = float(np.linalg.norm(at[1] - at[0]) + np.linalg.norm(at[2] - at[1]))
    return length if robot.has_legs else length / _ARM_PER_LEG


def _on(robot: RobotModel, link: str, place: np.ndarray) -> Point:
    """Return the upright ``place`` (3,) as a point on ``link``."""
    position, rotation = robot.upright_frames()[link]
    from flood_bridge.retarget.robot_model import Point  # noqa: PLC0415 - types alone need it above

    return Point(link, rotate(conjugate(rotation), place - position))


def _hips(robot: RobotModel) -> tuple[Point, Point]:
    """Return the line between the hips, without the ends that the thighs are."""
    left, right = robot.upright_point("left_hip"), robot.upright_point("right_hip")
    link, middle = robot.points["left_hip"].link, (left + right) / 2
    return (
        _on(robot, link, middle + _HIPS_SHARE * (left - middle)),
        _on(robot, link, middle + _HIPS_SHARE * (right - middle)),
    )


def _spine(robot: RobotModel) -> tuple[Point, Point]:
    """Return the line in the chest from above the pelvis to below the shoulders' height."""
    shoulders = (robot.upright_point("left_shoulder") + robot.upright_point("right_shoulder")) / 2
    low = robot.upright_point("chest")
    if robot.has_legs:
        low = (robot.upright_point("left_hip") + robot.upright_point("right_hip")) / 2
    low = np.array([shoulders[0], shoulders[1], low[2]])
    link = robot.points["chest"].link
    return (
        _on(robot, link, low + 0.35 * (shoulders - low)),
        _on(robot, link, low + 0.85 * (shoulders - low)),
    )


def _skull(robot: RobotModel) -> tuple[Point, Point]:
    """Return the line of the head, on the chest: a head of its own turns about it."""
    shoulders = (robot.upright_point("left_shoulder") + robot.upright_point("right_shoulder")) / 2
    unit = leg_length(robot)
    link = robot.points["chest"].link
    low, high = (shoulders + np.array([0.0, 0.0, share * unit]) for share in (0.2, 0.28))
    return _on(robot, link, low), _on(robot, link, high)


def _heel(robot: RobotModel, side: str) -> Point:
    """Return the place above the rear end of the sole, as high as the foot point."""
    link = robot.points[f"{side}_ankle"].link
    position, rotation = robot.upright_frames()[link]
    sole = position + rotate(rotation[None], robot.soles[0 if side == "left" else 1])
    foot = robot.upright_point(f"{side}_foot")
    rear = sole[sole[:, 0].argmin()]
    return _on(robot, link, np.array([rear[0], foot[1], foot[2]]))
