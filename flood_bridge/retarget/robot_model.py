"""What is known of a robot: its joints, limits and the points that follow the human's joints.

Robots are described in one TOML file each (``retarget/robots``). Reading needs no simulator; the
MuJoCo model is made from the description by :mod:`.mjcf`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.rotations import from_axis_angle, multiply, rotate

REQUIRED_POINTS = (
    "pelvis", "chest", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle", "left_foot", "right_foot", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist",
)  # fmt: skip
"""The human joints (and the chest) for which a robot must name a point."""

MAX_SPEED_RAD_S = 10.0
"""Published joint speed at most, unless the robot's file says otherwise."""

_AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


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


@dataclass(frozen=True, slots=True)
class RobotModel:
    """A robot with a free root link and ``n`` hinges; arrays are (n,) in the order of ``names``."""

    name: str
    title: str
    root: str
    root_height: float
    """Of the zero pose on its soles, metres."""
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
    posture: np.ndarray
    """Where each joint rests when a pose does not say."""
    points: Mapping[str, Point]
    sole_points: np.ndarray
    """(k, 3) centres of one foot's contact spheres, in the ankle point's link."""
    sole_radius: float

    @property
    def names(self) -> tuple[str, ...]:
        """Joint names, in the order of every array."""
        return tuple(joint.name for joint in self.joints)

    def zero_frames(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return position (3,) and rotation wxyz (4,) of each link in the root, all angles zero."""
        frames = {self.root: (np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0]))}
        for joint in self.joints:
            position, rotation = frames[joint.parent]
            frames[joint.child] = (
                position + rotate(rotation, joint.offset),
                multiply(rotation, joint.rotation_wxyz),
            )
        return frames

    def zero_point(self, name: str) -> np.ndarray:
        """Return where the point ``name`` is in the root link's frame, all angles zero, (3,)."""
        point = self.points[name]
        position, rotation = self.zero_frames()[point.link]
        return position + rotate(rotation, point.offset)


def robot_names() -> tuple[str, ...]:
    """Return the names that :func:`load_robot` knows."""
    folder = resources.files("flood_bridge.retarget") / "robots"
    files = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml")))


def load_robot(name: str) -> RobotModel:
    """Read the description of the robot ``name``.

    Raises:
        ConfigError: If there is no such robot, or its file is not a robot.
    """
    if name not in robot_names():
        raise ConfigError(f"there is no robot {name!r}; known are {', '.join(robot_names())}")
    file = resources.files("flood_bridge.retarget") / "robots" / f"{name}.toml"
    return parse_robot(file.read_text(encoding="utf-8"), origin=f"{name}.toml")


def parse_robot(text: str, origin: str) -> RobotModel:
    """Return the robot that the TOML ``text`` describes; ``origin`` names it in messages.

    Raises:
        ConfigError: If the text is no TOML, a key is missing, or the numbers contradict themselves.
    """
    try:
        robot = _robot_from(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValueError, TypeError) as error:
        raise ConfigError(f"{origin} does not describe a robot: {error}") from error
    except KeyError as error:
        raise ConfigError(f"{origin} does not describe a robot: {error} is missing") from error
    problem = _problem_with(robot)
    if problem is not None:
        raise ConfigError(f"{origin} does not describe a robot: {problem}")
    return robot


def _robot_from(table: dict[str, Any]) -> RobotModel:
    joints = tuple(_joint_from(entry) for entry in table["joints"])
    limits = np.array([entry["limits"] for entry in table["joints"]], dtype=np.float64)
    natural = np.array([e.get("natural", e["limits"]) for e in table["joints"]], dtype=np.float64)
    velocity = np.array([entry["velocity"] for entry in table["joints"]], dtype=np.float64)
    posture = np.array([table["posture"].get(joint.name, 0.0) for joint in joints])
    return RobotModel(
        name=table["name"],
        title=table["title"],
        root=table["root"],
        root_height=float(table["root_height"]),
        joints=joints,
        lower=limits[:, 0],
        upper=limits[:, 1],
        natural_lower=natural[:, 0],
        natural_upper=natural[:, 1],
        velocity_limits=velocity,
        speed_limits=np.minimum(velocity, float(table.get("speed_limit", MAX_SPEED_RAD_S))),
        posture=np.clip(posture, natural[:, 0], natural[:, 1]),
        points={
            name: Point(link, np.array(offset, dtype=np.float64))
            for name, (link, *offset) in table["points"].items()
        },
        sole_points=np.array(table["sole"]["points"], dtype=np.float64).reshape(-1, 3),
        sole_radius=float(table["sole"]["radius"]),
    )


def _joint_from(entry: dict[str, Any]) -> Joint:
    return Joint(
        name=entry["name"],
        parent=entry["parent"],
        child=entry["child"],
        offset=np.array(entry["xyz"], dtype=np.float64).reshape(3),
        rotation_wxyz=_from_rpy(entry.get("rpy", (0.0, 0.0, 0.0))),
        axis=np.array(_AXES[entry["axis"]]),
    )


def _from_rpy(rpy: tuple[float, float, float]) -> np.ndarray:
    """Return the rotation by URDF's roll, pitch, yaw: about the fixed x, then y, then z axis."""
    roll, pitch, yaw = (
        from_axis_angle(np.array(_AXES[axis]), angle)
        for axis, angle in zip("xyz", rpy, strict=True)
    )
    return multiply(yaw, multiply(pitch, roll))


def _problem_with(robot: RobotModel) -> str | None:
    links = {robot.root}
    for joint in robot.joints:
        if joint.parent not in links:
            return f"{joint.name} hangs on {joint.parent!r}, which no joint before it carries"
        links.add(joint.child)
    for name, point in robot.points.items():
        if point.link not in links:
            return f"the point {name!r} is on {point.link!r}, which is no link"
    missing = [name for name in REQUIRED_POINTS if name not in robot.points]
    if missing:
        return f"the points {', '.join(missing)} are missing"
    return _limit_problem(robot)


def _limit_problem(robot: RobotModel) -> str | None:
    ordered = (
        (robot.lower <= robot.natural_lower)
        & (robot.natural_lower < robot.natural_upper)
        & (robot.natural_upper <= robot.upper)
        & (robot.speed_limits > 0.0)
    )
    if not ordered.all():
        name = robot.names[int(np.argmin(ordered))]
        return f"{name} needs lower < upper limits, natural ones within, and a positive velocity"
    return None
