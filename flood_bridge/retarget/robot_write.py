"""A robot's description as TOML text, whole: what :func:`.robot_toml.parse` reads back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import numpy as np

from flood_bridge.retarget.robot_model import IDENTITY, SIDES, Joint, RobotModel

_AXES = {(1.0, 0.0, 0.0): "x", (0.0, 1.0, 0.0): "y", (0.0, 0.0, 1.0): "z"}
_NOTHING = 5e-4


def toml_text(robot: RobotModel) -> str:
    """Return the description of ``robot``; numbers keep six decimals."""
    return "\n".join(_lines(robot)) + "\n"


def _lines(robot: RobotModel) -> Iterator[str]:
    yield f"name = {_string(robot.name)}"
    yield f"title = {_string(robot.title)}"
    yield f"root = {_string(robot.root)}"
    yield f"base = {_string(robot.base)}"
    yield f"root_height = {_number(robot.root_height)}"
    if not np.allclose(robot.root_rotation_wxyz, IDENTITY, atol=1e-6):
        yield f"root_rotation = {_list(robot.root_rotation_wxyz)}"
    yield f"speed_limit = {_number(robot.speed_limits.max())}"
    if robot.has_legs:
        yield from ("", "[sole]", f"radius = {_number(robot.sole_radius)}")
        for side, sole in zip(SIDES, robot.soles, strict=True):
            yield f"{side} = [{', '.join(map(_list, sole))}]"
    yield from ("", "[points]")
    for name, point in robot.points.items():
        yield f"{name} = [{_string(point.link)}, {_list(point.offset)[1:]}"
    for title, angles in (("upright", robot.upright), ("posture", robot.posture)):
        yield from ("", f"[{title}]")
        for name, angle in zip(robot.names, angles, strict=True):
            if abs(angle) > _NOTHING:
                yield f"{_string(name)} = {_number(angle)}"
    if robot.thickness:
        yield from ("", "[thickness]")
        yield from (f"{name} = {_number(value)}" for name, value in robot.thickness.items())
    for index, joint in enumerate(robot.joints):
        yield from _joint_lines(robot, index, joint)


def _joint_lines(robot: RobotModel, index: int, joint: Joint) -> Iterator[str]:
    yield from ("", "[[joints]]")
    yield f"name = {_string(joint.name)}"
    yield f"parent = {_string(joint.parent)}"
    yield f"child = {_string(joint.child)}"
    yield f"xyz = {_list(joint.offset)}"
    if not np.allclose(joint.rotation_wxyz, IDENTITY, atol=1e-7):
        yield f"quat = {_list(joint.rotation_wxyz, 8)}"
    axis = _AXES.get(tuple(joint.axis.tolist()))
    yield f"axis = {_list(joint.axis, 8) if axis is None else _string(axis)}"
    limits = np.array([robot.lower[index], robot.upper[index]])
    natural = np.array([robot.natural_lower[index], robot.natural_upper[index]])
    yield f"limits = {_list(limits)}"
    if not np.array_equal(limits, natural):
        yield f"natural = {_list(natural)}"
    yield f"velocity = {_number(robot.velocity_limits[index])}"


def _string(text: str) -> str:
    return json.dumps(text)  # TOML's basic strings escape as JSON does


def _number(value: float, decimals: int = 6) -> str:
    return repr(float(round(float(value), decimals)) + 0.0)


def _list(values: Iterable[float], decimals: int = 6) -> str:
    return f"[{', '.join(_number(value, decimals) for value in values)}]"
