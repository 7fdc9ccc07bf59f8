"""The 3-D scene: what all browsers see alike, and how each of them looks at it.

The camera stands still and the world moves under it, so that following never fights with the
mouse: people orbit, zoom and shift around a point that the character keeps to. Figures are made
once for all; the world that they stand in is each browser's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import trimesh.creation
import viser

from flood_bridge.protocol.axes import ROS
from flood_bridge.render.options import THEMES
from flood_bridge.viewer import treadmill
from flood_bridge.viewer.figure import (
    SPINDLE,
    TUBE,
    Placed,
    Shape,
    human,
    machine,
    place,
    raised_head,
    turned,
)
from flood_bridge.viewer.messages import Glance, RobotSketch

WORLD = "/world"
LOOK_AT_M = (0.0, 0.0, 0.86)
CAMERA_M = (3.75, -1.75, 1.5)
ROBOT_BESIDE_M = (-0.25, -1.15, 0.0)
"""Where the robot stands, from the human it follows."""
LANE_M = 1.4
"""Between characters, which all begin at the origin."""

_LIT = 0.72
"""The page's light brightens what it falls on; by so much colours are darker before."""
_COLOURS = _LIT * np.array([THEMES["light"].torso, THEMES["light"].left, THEMES["light"].right])
_COLOURS = _COLOURS.astype(np.uint8)
_STEEL = np.array([[44, 50, 62]], dtype=np.uint8)
_TRAIL_POINTS = 64
_FEET = (7, 10, 8, 11)
"""Joint of each contact label."""
_HIDDEN = 1e-4


@dataclass(slots=True)
class _Drawn:
    """The nodes of one figure."""

    shape: Shape
    balls: Any
    bones: Any

    def move(self, placed: Placed) -> None:
        self.balls.batched_positions = placed.balls
        self.bones.batched_positions = placed.bones
        self.bones.batched_wxyzs = placed.turns_wxyz
        self.bones.batched_scales = placed.scales

    def remove(self) -> None:
        self.balls.remove()
        self.bones.remove()


class Cast:
    """All figures, for all browsers."""

    def __init__(self, server: viser.ViserServer, robot: RobotSketch | None) -> None:
        self._server = server
        self._robot = robot
        self._humans: dict[int, _Drawn] = {}
        self._marks: dict[int, Any] = {}
        self._machines: dict[int, tuple[_Drawn, Any]] = {}
        self._trail: Any = None

    def show(self, glance: Glance) -> np.ndarray:
        """Draw ``glance``; return where its root stands, (3,) in the scene's axes."""
        number = glance.character
        lane = np.array([0.0, LANE_M * number, 0.0])
        joints = ROS.position(glance.joints) + lane
        placed = place(self._human(number).shape, raised_head(joints))
        self._humans[number].move(placed)
        self._mark(number, joints, glance.contacts)
        root = joints[0] * (1, 1, 0)
        if glance.robot is not None and self._robot is not None:
            self._move_machine(number, glance.robot.points.astype(float), root)
        return root

    def trail(self, path: np.ndarray, character: int) -> None:
        """Draw the way (n, 3) that the root of ``character`` has come, in our axes."""
        points = np.zeros((_TRAIL_POINTS, 3))
        if len(path):
            way = ROS.position(path)
            chosen = np.linspace(0, len(way) - 1, _TRAIL_POINTS).round().astype(int)
            points = way[chosen] + (0.0, LANE_M * character, 0.0)
        points[:, 2] = 0.006
        pieces = np.stack([points[:-1], points[1:]], axis=1).astype(np.float32)
        if self._trail is None:
            self._trail = self._server.scene.add_line_segments(
                f"{WORLD}/trail",
                pieces,
                colors=THEMES["light"].accent,
                thickness=3.0,
                thickness_units="screen",
            )
        self._trail.points = pieces

    def forget(self, character: int) -> None:
        """Take a character that has gone off the scene."""
        for drawn in (self._humans.pop(character, None), self._marks.pop(character, None)):
            if drawn is not None:
                drawn.remove()
        if character in self._machines:
            figure, floor = self._machines.pop(character)
            figure.remove()
            floor.remove()

    def _human(self, number: int) -> _Drawn:
        if number not in self._humans:
            shape = human()
            colours = _COLOURS[shape.ball_sides], _COLOURS[shape.bone_sides]
            self._humans[number] = self._draw(f"{WORLD}/human{number}", shape, SPINDLE, *colours)
        return self._humans[number]

    def _draw(
        self,
        name: str,
        shape: Shape,
        profile: tuple[tuple[float, float], ...],
        balls: np.ndarray,
        bones: np.ndarray,
    ) -> _Drawn:
        scene, ball = self._server.scene, trimesh.creation.icosphere(subdivisions=2)
        vertices, faces = turned(profile)
        still = np.tile((1.0, 0.0, 0.0, 0.0), (max(len(balls), len(bones)), 1))
        return _Drawn(
            shape,
            scene.add_batched_meshes_simple(
                f"{name}/balls",
                ball.vertices,
                ball.faces,
                still[: len(balls)],
                np.zeros((len(balls), 3)),
                batched_scales=shape.ball_radii,
                batched_colors=balls,
                lod="off",
            ),
            scene.add_batched_meshes_simple(
                f"{name}/bones",
                vertices,
                faces,
                still[: len(bones)],
                np.zeros((len(bones), 3)),
                batched_scales=np.ones((len(bones), 3)),
                batched_colors=bones,
                lod="off",
            ),
        )

    def _mark(self, number: int, joints: np.ndarray, contacts: np.ndarray) -> None:
        """Lay a disc under each part of a foot that the model says is on the ground."""
        positions = joints[list(_FEET)].copy()
        positions[:, 2] = 0.004
        scales = np.where(contacts, 0.075, _HIDDEN).astype(np.float32)
        if number not in self._marks:
            disc = trimesh.creation.cylinder(radius=1.0, height=0.02, sections=24)
            self._marks[number] = self._server.scene.add_batched_meshes_simple(
                f"{WORLD}/contacts{number}",
                disc.vertices,
                disc.faces,
                np.tile((1.0, 0.0, 0.0, 0.0), (4, 1)),
                positions,
                batched_scales=scales,
                batched_colors=_COLOURS[[1, 1, 2, 2]],
                opacity=0.55,
                lod="off",
                cast_shadow=False,
            )
        self._marks[number].batched_positions = positions.astype(np.float32)
        self._marks[number].batched_scales = scales

    def _move_machine(self, number: int, points: np.ndarray, root: np.ndarray) -> None:
        """Put the robot beside its human, on a floor that passes under it as its own does.

        Its legs are shorter and so are its ways: it would fall behind. What it walks over is drawn
        as a treadmill, so its feet are seen to stand where they stand.
        """
        assert self._robot is not None
        own = (points[0] + points[len(points) // 2]) / 2 * (1, 1, 0)
        beside = root + ROBOT_BESIDE_M
        if number not in self._machines:
            shape = machine(self._robot.radii)
            name = f"{WORLD}/robot{number}"
            steel = np.tile(_STEEL, (len(points), 1)), np.tile(_STEEL, (len(shape.starts), 1))
            floor = self._server.scene.add_line_segments(
                f"{name}/floor",
                treadmill.floor(own),
                colors=(150, 158, 174),
                thickness=1.5,
                thickness_units="screen",
            )
            self._machines[number] = self._draw(name, shape, TUBE, *steel), floor
        figure, floor = self._machines[number]
        figure.move(place(figure.shape, points - own + beside))
        floor.points = treadmill.floor(own)
        floor.position = tuple(beside)
