"""What was understood of a robot, as lines to read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from flood_bridge.motion.rotations import rotate
from flood_bridge.retarget.robot_guess import Understanding
from flood_bridge.retarget.robot_model import RobotModel

_HUMAN_LEG_M, _HUMAN_ARM_M = 0.82, 0.53
"""Of an adult, for comparison: hip to ankle, shoulder to wrist."""


def report(found: Understanding) -> Iterator[str]:
    """Yield the table of joints, the key points, the lengths, and what was guessed."""
    robot = found.robot
    legs, arms = ("two legs" if robot.has_legs else ""), ("two arms" if robot.has_arms else "")
    yield (
        f"{robot.title}: {len(robot.names)} joints,"
        f" {' and '.join(filter(None, (legs, arms)))}, {robot.base} base,"
        f" root link {robot.root}"
    )
    yield from _joint_lines(robot)
    yield from _point_lines(robot)
    yield from _length_lines(robot)
    yield from _warnings(robot)
    yield from (f"note: {note}" for note in found.notes)


def _joint_lines(robot: RobotModel) -> Iterator[str]:
    widest = max(map(len, robot.names), default=0)
    head = f"{'axis':>5s}  {'range rad':>16s}  {'rad/s':>6s}  {'rest':>6s}  moves"
    yield f"{'joint':{widest}s}  {head}"
    frames = robot.upright_frames()
    moved = _moved(robot)
    for n, joint in enumerate(robot.joints):
        rotation = frames[joint.child][1]
        limits = f"{robot.natural_lower[n]:7.2f} {robot.natural_upper[n]:7.2f}"
        yield (
            f"{joint.name:{widest}s}  {_axis(rotation, joint.axis):>5s}  {limits:>16s}"
            f"  {robot.speed_limits[n]:6.2f}  {robot.posture[n]:6.2f}  {moved[joint.name]}"
        )


def _axis(rotation: np.ndarray, axis: np.ndarray) -> str:
    """Return the letter of the world axis along which a hinge lies, upright, or "~" beside it."""
    world = rotate(rotation, axis)
    best = int(np.abs(world).argmax())
    sign = "-" if world[best] < 0.0 else ""
    return f"{'~' if abs(world[best]) < 0.95 else ''}{sign}{'xyz'[best]}"


def _moved(robot: RobotModel) -> dict[str, str]:
    """Return for each joint the first key point below it, or a dash."""
    carrier = {joint.child: joint for joint in robot.joints}
    order = [
        "left_knee", "right_knee", "left_ankle", "right_ankle", "chest", "left_elbow",
        "right_elbow", "left_wrist", "right_wrist", "head", "pelvis",
    ]  # fmt: skip
    moved = {joint.name: "-" for joint in robot.joints}
    for name in (each for each in order if each in robot.points):
        link = robot.points[name].link
        while link in carrier:
            if moved[carrier[link].name] == "-":
                moved[carrier[link].name] = name
            link = carrier[link].parent
    return moved


def _point_lines(robot: RobotModel) -> Iterator[str]:
    yield "key points, metres from the root when it stands upright (x forward, y left, z up):"
    for name, point in robot.points.items():
        x, y, z = robot.upright_point(name)
        yield f"  {name:15s} {x:7.3f} {y:7.3f} {z:7.3f}  on {point.link}"


def _length_lines(robot: RobotModel) -> Iterator[str]:
    if robot.has_legs:
        leg = _chain(robot, "hip", "knee", "ankle")
        soles = robot.root_height + robot.upright_point("left_ankle")[2]
        yield (
            f"legs {leg:.3f} m (path over the floor x {leg / _HUMAN_LEG_M:.2f} of an adult's),"
            f" ankles {soles:.3f} m over the floor, root {robot.root_height:.3f} m"
        )
    if robot.has_arms:
        arm = _chain(robot, "shoulder", "elbow", "wrist")
        yield f"arms {arm:.3f} m ({arm / _HUMAN_ARM_M:.2f} of an adult's)"


def _chain(robot: RobotModel, *names: str) -> float:
    at = [robot.upright_point(f"left_{name}") for name in names]
    return sum(float(np.linalg.norm(b - a)) for a, b in pairwise(at))


def _warnings(robot: RobotModel) -> Iterator[str]:
    """Yield what looks wrong for a human's robot."""
    for part, near in (("knee", "hip"), ("elbow", "shoulder"), ("wrist", "elbow")):
        if f"left_{part}" in robot.points:
            left, right = (
                np.linalg.norm(
                    robot.upright_point(f"{side}_{part}") - robot.upright_point(f"{side}_{near}")
                )
                for side in ("left", "right")
            )
            if abs(left - right) > 0.05 * max(left, right):
                yield f"warning: {near} to {part} is {left:.3f} m on the left, {right:.3f} m right"
    if robot.has_legs and robot.upright_point("left_hip")[1] < robot.upright_point("right_hip")[1]:
        yield "warning: its left hip is to the right of the other; it may face backwards"
    slow = [n for n, v in zip(robot.names, robot.speed_limits, strict=True) if v < 2.0]
    if slow:
        yield f"warning: slower than 2 rad/s, so lagging behind people: {', '.join(slow)}"
