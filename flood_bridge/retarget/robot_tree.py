"""A robot's file as links and hinges: what MuJoCo makes of a URDF or an MJCF, without its meshes.

MuJoCo resolves defaults, units and orientations of both formats. A body that does not move against
its parent becomes a place on the parent's link; sliding, ball and mimicking joints, and hinges
outside the robot, are taken as locked. The root's frame is its body's own; how that is turned in
the file is kept beside it. Shapes other than meshes are kept: they tell where soles and hands are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.rotations import IDENTITY, from_axis_angle, multiply, rotate
from flood_bridge.retarget.robot_compiled import STATED_MASS, compiled
from flood_bridge.retarget.robot_model import Joint, Point
from flood_bridge.retarget.robot_upright import Upright, upright_of
from flood_bridge.retarget.robot_xml import RobotXml

MAX_JOINTS = 200
WORLD = "world"

_FREE, _HINGE = 0, 3
"""MuJoCo's numbers of joint types."""
_CORNERS = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)

_Frame: TypeAlias = tuple[str, np.ndarray, np.ndarray]
"""A link, and a body's place (3,) and turn wxyz (4,) on it."""


class _Shape(IntEnum):
    """MuJoCo's numbers of the shapes that are kept."""

    SPHERE, CAPSULE, ELLIPSOID, CYLINDER, BOX = 2, 3, 4, 5, 6


@dataclass(frozen=True, slots=True)
class Tree:
    """Links and hinges, n of them, in the file's order."""

    name: str
    root: str
    floating: bool
    """Whether the file itself lets the root move freely."""
    upright: Upright
    """How the root is turned in the file."""
    joints: tuple[Joint, ...]
    limits: np.ndarray
    """(n, 2) radians; not a number where the file has none."""
    velocities: np.ndarray
    """(n,) rad/s; not a number where the file has none."""
    places: Mapping[str, Point]
    """Bodies and sites that are fixed on a link."""
    shapes: Mapping[str, np.ndarray]
    """Link to (k, 4): centres and radii of balls whose hull is about the link's shape."""
    masses: Mapping[str, np.ndarray]
    """Link to its centre of mass, (3,), where stated."""
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Draft:
    joints: list[Joint] = field(default_factory=list)
    limits: list[tuple[float, float]] = field(default_factory=list)
    places: dict[str, Point] = field(default_factory=dict)
    shapes: dict[str, list[np.ndarray]] = field(default_factory=dict)
    masses: dict[str, np.ndarray] = field(default_factory=dict)
    locked: list[str] = field(default_factory=list)


def read_tree(xml: RobotXml, origin: str) -> Tree:
    """Return the links and hinges of a robot's file; ``origin`` names it in messages.

    Raises:
        ConfigError: If MuJoCo cannot read it, or it has no hinge, or more than
            :data:`MAX_JOINTS`, or two of one name.
        MissingDependencyError: If MuJoCo is not installed.
    """
    made = compiled(xml, origin)
    model, held = made.model, xml.mimics | made.followers
    top = _top_body(model)
    kinds = model.jnt_type[model.body_jntadr[top] :][: model.body_jntnum[top]]
    floating = bool((kinds == _FREE).any())
    draft = _Draft()
    root = WORLD if (kinds == _HINGE).any() else str(model.body(top).name)
    frames: dict[int, _Frame] = {int(model.body_parentid[top]): (root, np.zeros(3), IDENTITY)}
    for body in range(top, model.nbody):
        before = frames.get(int(model.body_parentid[body]))
        if before is not None and int(model.body_rootid[body]) == top:
            start = (root, np.zeros(3), before[2]) if body == top else before
            frames[body] = _add_body(draft, model, body, start, held, body == top)
    upright = upright_of(IDENTITY if root == WORLD else model.body_quat[top].copy())
    return _finished(draft, xml, model, root, floating, upright, origin)


def _top_body(model: Any) -> int:
    """Return the child of the world that carries the most hinges: the robot."""
    hinges = np.zeros(model.nbody, dtype=int)
    for joint in range(model.njnt):
        if model.jnt_type[joint] == _HINGE:
            hinges[model.body_rootid[model.jnt_bodyid[joint]]] += 1
    return int(hinges.argmax()) or min(1, model.nbody - 1)


def _add_body(
    draft: _Draft,
    model: Any,
    body: int,
    before: _Frame,
    held: frozenset[str],
    top: bool,
) -> _Frame:
    """Take ``body`` into the draft; return its frame. ``before`` is that of its parent.

    Joints named in ``held`` do not move.
    """
    link, position, turn = before
    if not top or link == WORLD:
        position = position + rotate(turn, model.body_pos[body])
        turn = multiply(turn, model.body_quat[body])
    else:
        turn = IDENTITY
    name = str(model.body(body).name) or f"body_{body}"
    hinges = _hinges(draft, model, body, name, held)
    for index, (joint, label) in enumerate(hinges):
        child = name if index == len(hinges) - 1 else f"{name}/{label}"
        anchor, axis = model.jnt_pos[joint].copy(), model.jnt_axis[joint].copy()
        zero = from_axis_angle(axis, -float(model.qpos0[model.jnt_qposadr[joint]]))
        draft.joints.append(
            Joint(label, link, child, position + rotate(turn, anchor), multiply(turn, zero), axis)
        )
        limited = bool(model.jnt_limited[joint])
        low, high = model.jnt_range[joint].tolist() if limited else (np.nan, np.nan)
        draft.limits.append((low, high))
        link, position, turn = child, -anchor, IDENTITY
    _add_places(draft, model, body, name, (link, position, turn))
    return link, position, turn


def _hinges(
    draft: _Draft, model: Any, body: int, name: str, held: frozenset[str]
) -> list[tuple[int, str]]:
    """Return the hinges of ``body`` and their names; its other joints are locked."""
    first, found = int(model.body_jntadr[body]), []
    for joint in range(first, first + int(model.body_jntnum[body])):
        label = str(model.joint(joint).name) or f"{name}_joint"
        if model.jnt_type[joint] == _HINGE and label not in held:
            found.append((joint, label))
        elif model.jnt_type[joint] != _FREE:
            draft.locked.append(label)
    return found


def _add_places(draft: _Draft, model: Any, body: int, name: str, frame: _Frame) -> None:
    """Take what is fixed on ``body`` into the draft: itself, its sites, mass and shapes."""
    link, position, turn = frame
    draft.places[name] = Point(link, position)
    if model.body_mass[body] == STATED_MASS and link not in draft.masses:
        draft.masses[link] = position + rotate(turn, model.body_ipos[body])
    for site in np.flatnonzero(model.site_bodyid == body).tolist():
        place = Point(link, position + rotate(turn, model.site_pos[site]))
        draft.places.setdefault(str(model.site(site).name) or f"site_{site}", place)
    for geom in np.flatnonzero(model.geom_bodyid == body).tolist():
        balls = _balls(int(model.geom_type[geom]), model.geom_size[geom])
        if balls is not None:
            centres = rotate(model.geom_quat[geom][None], balls[:, :3]) + model.geom_pos[geom]
            centres = rotate(turn[None], centres) + position
            draft.shapes.setdefault(link, []).append(np.column_stack((centres, balls[:, 3])))


def _balls(kind: int, size: np.ndarray) -> np.ndarray | None:
    """Return balls (k, 4), centre and radius, whose hull is about a geometric shape."""
    radius, half = float(size[0]), float(size[1])
    ends = np.array([(0.0, 0, -half), (0, 0, half)])
    match kind:
        case _Shape.SPHERE:
            return np.array([(0.0, 0.0, 0.0, radius)])
        case _Shape.CAPSULE:
            return np.column_stack((ends, np.full(2, radius)))
        case _Shape.ELLIPSOID:
            return np.array([(0.0, 0.0, 0.0, float(size.min()))])
        case _Shape.CYLINDER:
            square = np.array([(x, y, 0.0) for x in (-1, 1) for y in (-1, 1)]) * radius * 0.7071
            return np.column_stack(
                (np.concatenate((square + ends[0], square + ends[1])), [0.0] * 8)
            )
        case _Shape.BOX:
            return np.column_stack((_CORNERS * size, np.zeros(8)))
    return None


def _finished(
    draft: _Draft,
    xml: RobotXml,
    model: Any,
    root: str,
    floating: bool,
    upright: Upright,
    origin: str,
) -> Tree:
    names = [joint.name for joint in draft.joints]
    if not 0 < len(names) <= MAX_JOINTS:
        raise ConfigError(f"{origin} has {len(names)} hinges; valid are 1 to {MAX_JOINTS}")
    if len(set(names)) < len(names):
        raise ConfigError(f"{origin} has two joints of one name")
    notes = []
    if draft.locked:
        notes.append(
            "kept still (no hinges, followers of others, or held at one angle):"
            f" {', '.join(draft.locked)}"
        )
    places = {name: rank for rank, name in enumerate(xml.order)}
    order = sorted(range(len(names)), key=lambda n: (places.get(names[n], len(places)), n))
    return Tree(
        name=str(model.names[: model.names.index(b"\0")].decode(errors="replace")) or "robot",
        root=root,
        floating=floating,
        upright=upright,
        joints=tuple(draft.joints[n] for n in order),
        limits=np.array(draft.limits)[order],
        velocities=np.array([xml.velocities.get(names[n], np.nan) for n in order]),
        places=draft.places,
        shapes={link: np.concatenate(parts) for link, parts in draft.shapes.items()},
        masses=draft.masses,
        notes=tuple(notes),
    )
