"""A robot's configurations as limbs to draw: its capsules, in the axes of pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from flood_bridge.bench.clips import PERIOD_SECS, HumanClip
from flood_bridge.motion.frames import RobotFrame
from flood_bridge.motion.rotations import conjugate, multiply, rotate
from flood_bridge.render.body import LEFT, RIGHT, TORSO, Limbs
from flood_bridge.render.panels import Panel, panels
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_model import SIDES, Point, RobotModel
from flood_bridge.retarget.robot_shape import Capsule, capsules

_TO_PICTURE = [1, 2, 0]
_MOMENTS = 8
_JOINING = 0.6
"""Thickness of what joins torso, pelvis and shoulders, in shares of theirs."""


def robot_limbs(robot: RobotModel, frame: RobotFrame) -> Limbs:
    """Return the robot as it is in ``frame``, in the axes of pictures (y up, z forward)."""
    turn = multiply(frame.root_rotation_wxyz, conjugate(robot.root_rotation_wxyz))
    links = robot.frames(frame.positions)

    def place(point: Point) -> np.ndarray:
        position, rotation = links[point.link]
        return rotate(turn, position + rotate(rotation, point.offset)) + frame.root_position

    rows = [
        (place(part.start), place(part.end), part.radius, _side(part)) for part in capsules(robot)
    ]
    rows += _joining(robot, place)
    starts, ends, radii, sides = (np.array(column) for column in zip(*rows, strict=True))
    return Limbs(starts[:, _TO_PICTURE], ends[:, _TO_PICTURE], np.stack((radii, radii), 1), sides)


def standing(robot: RobotModel) -> RobotFrame:
    """Return the robot at ease, its lower sole on the floor."""
    none = np.zeros(len(robot.names))
    place = np.array([0.0, 0.0, robot.root_height])
    if robot.has_legs:
        links = robot.frames(robot.posture)
        heights = []
        for side, sole in zip(SIDES, robot.soles, strict=True):
            position, rotation = links[robot.points[f"{side}_ankle"].link]
            heights.append((position + rotate(rotation[None], sole))[:, 2].min())
        place[2] = robot.sole_radius - min(heights)
    return RobotFrame(robot.names, robot.posture, none, place, robot.root_rotation_wxyz)


def two_views(robot: RobotModel, frame: RobotFrame) -> list[Panel]:
    """Return the robot from its left front and from its right side."""
    limbs = robot_limbs(robot, frame)
    return [
        Panel(limbs, f"{robot.title}, from the front", np.deg2rad(20.0)),
        Panel(limbs, "from its left", np.deg2rad(90.0)),
    ]


def motion_sheet(robot: RobotModel, clips: Sequence[HumanClip]) -> Image.Image:
    """Return the robot in eight moments of each clip, row by row, seen from its left front."""
    retargeter, shown = RobotRetargeter(robot, PERIOD_SECS), []
    for clip in clips:
        retargeter.reset()
        frames = [retargeter.retarget(pose) for pose in clip.poses]
        first = len(frames) // 8
        for moment in np.linspace(first, len(frames) - 1, _MOMENTS).round().astype(int).tolist():
            words = f"{moment * PERIOD_SECS:.1f} s"
            if moment == first:
                words = clip.name.removeprefix("model: a person ")
            limbs = robot_limbs(robot, frames[moment])
            shown.append(Panel(limbs, words, np.deg2rad(35.0)))
    height = float(robot_limbs(robot, standing(robot)).ends[:, 1].max()) * 1.1
    return panels(shown, _MOMENTS, width=170, height=220, body_height=height)


def height_of(panels: Sequence[Panel]) -> float:
    """Return how high the tallest body is, metres."""
    return max(float((p.limbs.ends[:, 1] + p.limbs.radii[:, 1]).max()) for p in panels)


def _side(part: Capsule) -> int:
    if part.name.startswith("left_"):
        return LEFT
    return RIGHT if part.name.startswith("right_") else TORSO


def _joining(
    robot: RobotModel, place: Callable[[Point], np.ndarray]
) -> list[tuple[np.ndarray, np.ndarray, float, int]]:
    """Return what a body has between its parts: a waist, a neck, a line of shoulders."""
    parts = {part.name: part for part in capsules(robot)}
    rows = []
    if "torso" in parts:
        radius = _JOINING * parts["torso"].radius
        low = place(robot.points["pelvis"])
        if "pelvis" in parts:
            low = (place(parts["pelvis"].start) + place(parts["pelvis"].end)) / 2
        high = place(parts["torso"].end)
        rows.append((low, place(parts["torso"].start), radius, TORSO))
        rows.append((high, place(parts["head"].start), 0.7 * radius, TORSO))
        for side in ("left", "right"):
            rows.append((high, place(robot.points[f"{side}_shoulder"]), 0.7 * radius, TORSO))
    return rows
