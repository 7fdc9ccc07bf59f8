"""Robots as TOML: what ships with this project, and what a user must choose about a file.

A description is whole (it lists the joints), or it names a URDF or MJCF with ``file = "..."``, and
then says only what is to differ from what :mod:`.robot_guess` makes of that.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.rotations import from_axis_angle, multiply
from flood_bridge.retarget.robot_model import (
    IDENTITY,
    MAX_SPEED_RAD_S,
    Joint,
    Point,
    RobotModel,
    problem_of,
)

FILES = (".urdf", ".xml", ".mjcf", ".toml")
"""How the name of a robot's file ends."""

_AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
_KEYS = {
    "name", "title", "root", "base", "root_height", "root_rotation", "speed_limit", "sole",
    "points", "upright", "posture", "thickness", "joints", "file", "limits", "natural", "velocity",
    "credit",
}  # fmt: skip


def shipped_names() -> tuple[str, ...]:
    """Return the names of the robots that ship with this project."""
    folder = resources.files("flood_bridge.retarget") / "robots"
    files = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml")))


def shipped(name: str) -> RobotModel:
    """Return the shipped robot ``name``."""
    file = resources.files("flood_bridge.retarget") / "robots" / f"{name}.toml"
    return parse(file.read_text(encoding="utf-8"), origin=f"{name}.toml")


def parse(text: str, origin: str) -> RobotModel:
    """Return the robot that the TOML ``text`` describes whole; ``origin`` names it in messages.

    Raises:
        ConfigError: If the text is no TOML, a key is missing, or the numbers contradict themselves.
    """
    return robot_of(read_table(text, origin), origin)


def read_table(text: str, origin: str) -> dict[str, Any]:
    """Return the keys and values of the TOML ``text``.

    Raises:
        ConfigError: If it is no TOML or has a key that says nothing of a robot.
    """
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{origin} does not describe a robot: {error}") from error
    unknown = sorted(table.keys() - _KEYS)
    if unknown:
        raise ConfigError(
            f"{origin} does not describe a robot: {unknown[0]!r} is no key of it;"
            f" valid are {', '.join(sorted(_KEYS))}"
        )
    return table


def robot_of(table: Mapping[str, Any], origin: str) -> RobotModel:
    """Return the robot of a whole ``table``; ``origin`` names it in messages.

    Raises:
        ConfigError: If a key is missing, or the numbers contradict themselves.
    """
    try:
        robot = _robot_from(table)
        problem = problem_of(robot)
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"{origin} does not describe a robot: {error}") from error
    except KeyError as error:
        raise ConfigError(f"{origin} does not describe a robot: {error} is missing") from error
    if problem is not None:
        raise ConfigError(f"{origin} does not describe a robot: {problem}")
    return robot


def _robot_from(table: Mapping[str, Any]) -> RobotModel:
    entries = table["joints"]
    joints = tuple(_joint_from(entry) for entry in entries)
    limits = _numbers([entry["limits"] for entry in entries], (-1, 2))
    natural = _numbers([e.get("natural", e["limits"]) for e in entries], (-1, 2))
    velocity = _numbers([entry["velocity"] for entry in entries], (-1,))
    ceiling = float(table.get("speed_limit", MAX_SPEED_RAD_S))
    return RobotModel(
        name=str(table["name"]),
        title=str(table["title"]),
        root=str(table["root"]),
        base=_base(table.get("base", "floating")),
        root_height=float(table["root_height"]),
        root_rotation_wxyz=unit_turn(table.get("root_rotation", IDENTITY)),
        joints=joints,
        lower=limits[:, 0],
        upper=limits[:, 1],
        natural_lower=natural[:, 0],
        natural_upper=natural[:, 1],
        velocity_limits=velocity,
        speed_limits=np.minimum(velocity, ceiling),
        upright=np.clip(_angles(table, "upright", joints), limits[:, 0], limits[:, 1]),
        posture=np.clip(_angles(table, "posture", joints), natural[:, 0], natural[:, 1]),
        points={
            name: Point(str(link), _numbers(offset, (3,)))
            for name, (link, *offset) in table["points"].items()
        },
        soles=_soles(table.get("sole", {})),
        sole_radius=float(table.get("sole", {}).get("radius", 0.0)),
        thickness={name: float(value) for name, value in table.get("thickness", {}).items()},
    )


def _base(base: str) -> Any:
    if base not in {"floating", "fixed"}:
        raise ValueError(f"the base is {base!r}; valid are 'floating' and 'fixed'")
    return base


def _angles(table: Mapping[str, Any], key: str, joints: tuple[Joint, ...]) -> np.ndarray:
    stated = table.get(key, {})
    unknown = stated.keys() - {joint.name for joint in joints}
    if unknown:
        raise ValueError(f"[{key}] names {sorted(unknown)[0]!r}, which is no joint")
    return _numbers([stated.get(joint.name, 0.0) for joint in joints], (-1,))


def _soles(sole: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return both soles; ``points`` stands for both where they are alike."""
    both = sole.get("points", [])
    left, right = sole.get("left", both), sole.get("right", both)
    return _numbers(left, (-1, 3)), _numbers(right, (-1, 3))


def _joint_from(entry: Mapping[str, Any]) -> Joint:
    axis = entry["axis"]
    vector = _numbers(_AXES[axis] if isinstance(axis, str) else axis, (3,))
    length = float(np.linalg.norm(vector))
    if not math.isfinite(length) or length < 1e-6:
        raise ValueError(f"the axis of {entry['name']} is {axis}, which has no direction")
    turn = entry.get("quat")
    return Joint(
        name=str(entry["name"]),
        parent=str(entry["parent"]),
        child=str(entry["child"]),
        offset=_numbers(entry["xyz"], (3,)),
        rotation_wxyz=from_rpy(entry.get("rpy", (0.0, 0.0, 0.0)))
        if turn is None
        else _numbers(turn, (4,)),
        axis=vector / length,
    )


def _numbers(values: Any, shape: tuple[int, ...]) -> np.ndarray:
    array = np.array(values, dtype=np.float64).reshape(shape)
    if not np.isfinite(array).all():
        raise ValueError(f"{values} is not finite")
    return array


def unit_turn(values: Any) -> np.ndarray:
    """Return a root_rotation w, x, y, z at length 1, (4,).

    Raises:
        ValueError: If it is not four finite numbers, or they are all 0.
    """
    turn = _numbers(values, (4,))
    length = float(np.linalg.norm(turn))
    if length < 1e-6:
        raise ValueError(f"root_rotation is {values}; valid are w, x, y, z that are not all 0")
    return turn / length


def from_rpy(rpy: tuple[float, float, float]) -> np.ndarray:
    """Return the rotation by URDF's roll, pitch, yaw: about the fixed x, then y, then z axis."""
    roll, pitch, yaw = (
        from_axis_angle(np.array(_AXES[axis]), angle)
        for axis, angle in zip("xyz", rpy, strict=True)
    )
    return multiply(yaw, multiply(pitch, roll))
