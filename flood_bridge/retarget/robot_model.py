"""What is known of a robot: its joints, limits and the points that follow the human's joints.

A robot may lack limbs: arms alone on a fixed base, legs alone, both. What a limb's points are is
all or nothing (:data:`LEG_POINTS`, :data:`ARM_POINTS`). Descriptions are read by :mod:`.robot_toml`
and :mod:`.robot_guess`; the MuJoCo model is made from this one by :mod:`.mjcf`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from flood_bridge.motion.rotations import from_axis_angle, multiply, rotate

TRUNK_POINTS = ("pelvis", "chest")
LEG_POINTS = (
    "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
    "left_foot", "right_foot",
)  # fmt: skip
ARM_POINTS = (
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
)  # fmt: skip
"""The human joints for which a robot with these limbs must name a point."""

MAX_SPEED_RAD_S = 10.0
"""Published joint speed at most, unless the robot's file says otherwise."""

_DOWN = 0.7
"""Cosine of the angle from the vertical up to which a leg points down, ankle against hip."""

SIDES = ("left", "right")

Base = Literal["floating", "fixed"]
IDENTITY = (1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Joint:
    """A hinge, and the link that hangs on it (x forward, y left, z up; metres, radians)."""

    name: str
    parent: str
    """The link it is mounted on."""
    child: str
    """The link it carries; its frame is the joint's."""
    offset: np.ndarray
    """(3,) in the parent link's frame."""
    rotation_wxyz: np.ndarray
    """(4,) parent from child at angle zero."""
    axis: np.ndarray
    """(3,) unit vector in the child's frame."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on a link."""

    link: str
    offset: np.ndarray
    """(3,) metres, in the link's frame."""


@dataclass(frozen=True, slots=True, eq=False)
class RobotModel:
    """A robot with a root link and ``n`` hinges; arrays are (n,) in the order of ``names``.

    Two are equal only if they are the same one, so that what follows from one can be kept.
    """

    name: str
    title: str
    root: str
    base: Base
    """Whether the root follows the human or stands still."""
    root_height: float
    """Of the upright pose on its soles, metres; of a fixed base, its own."""
    root_rotation_wxyz: np.ndarray
    """(4,) of the root link when the robot stands upright and faces x."""
    joints: tuple[Joint, ...]
    lower: np.ndarray
    upper: np.ndarray
    natural_lower: np.ndarray
    """Where poses look human; inside the limits. Published positions keep to it."""
    natural_upper: np.ndarray
    velocity_limits: np.ndarray
    """The hardware's, rad/s."""
    speed_limits: np.ndarray
    """What is published at most, rad/s; never above ``velocity_limits``."""
    upright: np.ndarray
    """Angles at which it stands upright: legs straight, soles flat, facing as its chest does."""
    posture: np.ndarray
    """Where each joint rests when a pose does not say."""
    points: Mapping[str, Point]
    soles: tuple[np.ndarray, np.ndarray]
    """Left and right: (k, 3) centres of a foot's contact spheres, in the ankle point's link."""
    sole_radius: float
    thickness: Mapping[str, float]
    """Radius of the capsule around each part of :data:`flood_bridge.retarget.robot_shape.PARTS`,
    metres, where it is not the usual one."""

    @property
    def names(self) -> tuple[str, ...]:
        """Joint names, in the order of every array."""
        return tuple(joint.name for joint in self.joints)

    @property
    def has_legs(self) -> bool:
        """Whether it has two legs."""
        return "left_knee" in self.points

    @property
    def has_arms(self) -> bool:
        """Whether it has two arms."""
        return "left_elbow" in self.points

    def frames(self, angles: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return position (3,) and rotation wxyz (4,) of each link, the root at the origin.

        Args:
            angles: (n,) joint angles.
        """
        frames = {self.root: (np.zeros(3), np.asarray(self.root_rotation_wxyz))}
        waiting = list(zip(self.joints, angles, strict=True))
        while waiting:
            later = []
            for joint, angle in waiting:
                if joint.parent not in frames:
                    later.append((joint, angle))
                    continue
                position, rotation = frames[joint.parent]
                turn = multiply(joint.rotation_wxyz, from_axis_angle(joint.axis, angle))
                frames[joint.child] = (
                    position + rotate(rotation, joint.offset),
                    multiply(rotation, turn),
                )
            if len(later) == len(waiting):
                break
            waiting = later
        return frames

    def upright_frames(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return :meth:`frames` of the upright pose; they are shared, and not to be changed."""
        return _upright_frames(self)

    def upright_point(self, name: str) -> np.ndarray:
        """Return where the point ``name`` is from the root, upright, in the robot's axes, (3,)."""
        return self.upright_place(self.points[name])

    def upright_place(self, point: Point) -> np.ndarray:
        """Return where ``point`` is from the root, upright, in the robot's axes, (3,)."""
        position, rotation = self.upright_frames()[point.link]
        return position + rotate(rotation, point.offset)


@lru_cache(maxsize=16)
def _upright_frames(robot: RobotModel) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return robot.frames(robot.upright)


def problem_of(robot: RobotModel) -> str | None:
    """Return what contradicts itself in the description, or None."""
    names = robot.names
    if len(set(names)) < len(names):
        return "two joints have one name"
    links = set(robot.frames(robot.upright))
    for joint in robot.joints:
        if joint.child not in links:
            return f"{joint.name} hangs on {joint.parent!r}, which the root does not carry"
    if len(links) < len(names) + 1:
        return "two joints carry one link"
    for name, point in robot.points.items():
        if point.link not in links:
            return f"the point {name!r} is on {point.link!r}, which is no link"
    return (
        _missing_points(robot)
        or _limit_problem(robot)
        or _size_problem(robot)
        or _standing_problem(robot)
    )


def _missing_points(robot: RobotModel) -> str | None:
    wanted: list[str] = list(TRUNK_POINTS)
    for group in (LEG_POINTS, ARM_POINTS):
        if any(name in robot.points for name in group):
            wanted += group
    if len(wanted) == len(TRUNK_POINTS):
        return "it has neither legs nor arms"
    missing = [name for name in wanted if name not in robot.points]
    if missing:
        return f"the points {', '.join(missing)} are missing"
    if robot.has_legs and min(map(len, robot.soles)) == 0:
        return "it has legs and no sole"
    return None


def _limit_problem(robot: RobotModel) -> str | None:
    ordered = (
        (robot.lower <= robot.natural_lower)
        & (robot.natural_lower < robot.natural_upper)
        & (robot.natural_upper <= robot.upper)
        & (robot.speed_limits > 0.0)
        & np.isfinite(robot.upper - robot.lower)
    )
    if not ordered.all():
        name = robot.names[int(np.argmin(ordered))]
        return f"{name} needs lower < upper limits, natural ones within, and a positive velocity"
    return None


def _size_problem(robot: RobotModel) -> str | None:
    at = {name: robot.upright_point(name) for name in robot.points}
    bones = []
    if robot.has_legs:
        bones += [("hip", "knee"), ("knee", "ankle"), ("ankle", "foot")]
    if robot.has_arms:
        bones += [("shoulder", "elbow"), ("elbow", "wrist")]
    for start, end in bones:
        for side in SIDES:
            length = float(np.linalg.norm(at[f"{side}_{end}"] - at[f"{side}_{start}"]))
            if not 0.01 <= length <= 3.0:
                return f"{side} {start} and {end} are {length:.3g} m apart; valid are 0.01 to 3 m"
    return None


def _standing_problem(robot: RobotModel) -> str | None:
    """Return how it lies down or stands on its head; the root itself may be on the floor."""
    for side in SIDES if robot.has_legs else ():
        hip, ankle = robot.upright_point(f"{side}_hip"), robot.upright_point(f"{side}_ankle")
        apart = float(np.linalg.norm(ankle - hip))
        if hip[2] - ankle[2] < _DOWN * apart:
            return (
                f"upright, its {side} leg does not point down: from hip to ankle it goes"
                f" {ankle[2] - hip[2]:+.3g} m in height, of {apart:.3g} m"
            )
        height = float(robot.root_height + hip[2])
        if robot.base == "floating" and height <= 0.0:
            return f"upright, its {side} hip is {height:.3g} m over the floor; valid is above 0"
    return None


def robot_names() -> tuple[str, ...]:
    """Return the names that :func:`load_robot` knows."""
    from flood_bridge.retarget.robot_toml import shipped_names  # noqa: PLC0415 - it imports us

    return shipped_names()


def load_robot(robot: str) -> RobotModel:
    """Read the description of a robot by its name, or from its URDF, MJCF or TOML file.

    Raises:
        ConfigError: If there is no such robot, or its file is not a robot.
        MissingDependencyError: If a file needs MuJoCo, and it is not installed.
    """
    from flood_bridge.retarget.robot_guess import understand  # noqa: PLC0415 - it imports us

    return understand(robot).robot


def parse_robot(text: str, origin: str) -> RobotModel:
    """Return the robot that the TOML ``text`` describes whole; ``origin`` names it in messages.

    Raises:
        ConfigError: If the text is no TOML, a key is missing, or the numbers contradict themselves.
    """
    from flood_bridge.retarget.robot_toml import parse  # noqa: PLC0415 - it imports us

    return parse(text, origin)
