"""From a robot's name or file to a description that can be retargeted to, and what was guessed.

A URDF or MJCF alone is enough: limbs and key points are proposed, the segment lengths are the
file's own. A TOML with ``file = "..."`` beside it overrides whatever was proposed wrongly.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.rotations import multiply
from flood_bridge.retarget.robot_layout import Layout
from flood_bridge.retarget.robot_limbs import find_limbs
from flood_bridge.retarget.robot_model import MAX_SPEED_RAD_S, RobotModel
from flood_bridge.retarget.robot_points import Proposal, propose
from flood_bridge.retarget.robot_toml import (
    FILES,
    read_table,
    robot_of,
    shipped,
    shipped_names,
    unit_turn,
)
from flood_bridge.retarget.robot_tree import Tree, read_tree
from flood_bridge.retarget.robot_upright import Upright, tilt_note
from flood_bridge.retarget.robot_xml import MAX_BYTES, read_robot_xml

_LOG = logging.getLogger(__name__)

_STILL_RANGE = 1e-3
"""Half the range, radians, of a joint that has none and moves nothing that follows the human."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """A robot, and what a user should know of how its file was read."""

    robot: RobotModel
    notes: tuple[str, ...]


def understand(robot: str) -> Understanding:
    """Read a robot by its name, or from its URDF, MJCF or TOML file.

    Raises:
        ConfigError: If there is no such robot, or its file is not a robot.
        MissingDependencyError: If a file needs MuJoCo, and it is not installed.
    """
    if robot in shipped_names():
        return Understanding(shipped(robot), ())
    path = Path(robot)
    suffix = path.suffix.lower()
    if suffix not in FILES:
        raise ConfigError(
            f"there is no robot {robot!r}; known are {', '.join(shipped_names())},"
            " or the path of a .urdf, .xml (MJCF) or .toml file"
        )
    if suffix != ".toml":
        return _from_file(path, {})
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{path} is larger than {MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the robot's file cannot be read: {error}") from error
    table = read_table(text, str(path))
    if "file" not in table:
        return Understanding(robot_of(table, str(path)), ())
    named = path.parent / str(table.pop("file"))
    if named.suffix.lower() not in FILES or named.suffix.lower() == ".toml":
        raise ConfigError(f"{path} names {str(named)!r}; valid are .urdf and .xml (MJCF) files")
    return _from_file(named, table)


def _from_file(path: Path, chosen: Mapping[str, Any]) -> Understanding:
    tree = read_tree(read_robot_xml(path), str(path))
    if "root_rotation" in chosen:
        return _from_tree(_turned(tree, chosen["root_rotation"], path), chosen, path)
    tilt = tilt_note(tree.root, tree.upright.rotation_wxyz)
    if tilt is None:
        return _from_tree(tree, chosen, path)
    try:
        return _from_tree(replace(tree, notes=(*tree.notes, tilt)), chosen, path)
    except ConfigError as error:
        raise ConfigError(f"{error}; {tilt}") from error


def _turned(tree: Tree, stated: Any, path: Path) -> Tree:
    """Return the ``tree`` with its root as ``stated``, w, x, y, z, instead of as in the file."""
    try:
        return replace(tree, upright=Upright(unit_turn(stated), 0.0))
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{path} does not describe a robot: {error}") from error


def _from_tree(tree: Tree, chosen: Mapping[str, Any], path: Path) -> Understanding:
    layout = _layout(tree, path)
    try:
        limbs = find_limbs(layout)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    made = propose(layout, limbs)
    if not made.soles and limbs.arms is None and "points" not in chosen:
        raise ConfigError(
            f"{path}: no legs and no arms were found among its {len(tree.joints)} hinges; a TOML"
            " with file and [points] can say where they are"
        )
    notes = [*tree.notes, *limbs.notes, *made.notes]
    table = _table(tree, made, limbs.facing, chosen, notes, path)
    robot = robot_of(table, str(path))
    if "posture" not in chosen:
        robot = _at_ease(robot)
    for note in notes:
        _LOG.info("%s: %s", path.name, note)
    return Understanding(robot, tuple(notes))


def _layout(tree: Tree, path: Path) -> Layout:
    bare = RobotModel(
        name=tree.name, title=tree.name, root=tree.root, base="floating", root_height=0.0,
        root_rotation_wxyz=tree.upright.rotation_wxyz, joints=tree.joints,
        lower=tree.limits[:, 0], upper=tree.limits[:, 1], natural_lower=tree.limits[:, 0],
        natural_upper=tree.limits[:, 1], velocity_limits=tree.velocities,
        speed_limits=tree.velocities, upright=np.zeros(len(tree.joints)),
        posture=np.zeros(len(tree.joints)), points={}, soles=(np.zeros((0, 3)), np.zeros((0, 3))),
        sole_radius=0.0, thickness={},
    )  # fmt: skip
    layout = Layout(tree, bare.upright_frames())
    for joint in tree.joints:
        if joint.child not in layout.frames:
            raise ConfigError(
                f"{path}: {joint.name} hangs on {joint.parent!r}, which nothing carries"
            )
        layout.joints.setdefault(joint.parent, []).append(joint)
    return layout


def _table(
    tree: Tree,
    made: Proposal,
    facing: np.ndarray,
    chosen: Mapping[str, Any],
    notes: list[str],
    path: Path,
) -> dict[str, Any]:
    """Return the whole description, in the form of a TOML's, with what was ``chosen``."""
    points = {n: [p.link, *p.offset.tolist()] for n, p in made.points.items()}
    points |= chosen.get("points", {})
    legs = "left_knee" in points
    table: dict[str, Any] = {
        "name": path.stem,
        "title": tree.name,
        "root": tree.root,
        "base": "floating" if legs else "fixed",
        "root_height": made.root_height,
        "root_rotation": multiply(facing, tree.upright.rotation_wxyz).tolist(),
        "sole": {"radius": made.sole_radius},
    }
    if made.soles:
        table["sole"] |= {
            s: sole.tolist() for s, sole in zip(("left", "right"), made.soles, strict=True)
        }
    table |= {k: v for k, v in chosen.items() if k not in {"limits", "natural", "velocity"}}
    table["points"] = points
    table["joints"] = _joints(tree, points, chosen, notes, path)
    return table


def _joints(
    tree: Tree,
    points: Mapping[str, Any],
    chosen: Mapping[str, Any],
    notes: list[str],
    path: Path,
) -> list[dict[str, Any]]:
    for key in ("limits", "natural", "velocity"):
        unknown = chosen.get(key, {}).keys() - {joint.name for joint in tree.joints}
        if unknown:
            raise ConfigError(f"{path}: [{key}] names {sorted(unknown)[0]!r}, which is no joint")
    needed = _moving(tree, {str(link) for link, *_ in points.values()})
    entries, slow, loose = [], [], []
    for joint, limits, speed in zip(tree.joints, tree.limits, tree.velocities, strict=True):
        pair = chosen.get("limits", {}).get(joint.name, limits.tolist())
        velocity = chosen.get("velocity", {}).get(joint.name, float(speed))
        if not np.isfinite(pair).all():
            if joint.name in needed:
                raise ConfigError(
                    f"{path}: the joint {joint.name} has no limits in the file; say them in a"
                    f' TOML: file = "{path.name}", [limits], {joint.name} = [lower, upper]'
                )
            loose.append(joint.name)
            pair = [-_STILL_RANGE, _STILL_RANGE]
        if not velocity > 0.0:
            slow.append(joint.name)
            velocity = MAX_SPEED_RAD_S
        entry = {
            "name": joint.name, "parent": joint.parent, "child": joint.child,
            "xyz": joint.offset.tolist(), "quat": joint.rotation_wxyz.tolist(),
            "axis": joint.axis.tolist(), "limits": pair, "velocity": velocity,
        }  # fmt: skip
        if joint.name in chosen.get("natural", {}):
            entry["natural"] = chosen["natural"][joint.name]
        entries.append(entry)
    if loose:
        notes.append(f"no limits, and no limb is moved by them, so kept still: {', '.join(loose)}")
    if slow:
        notes.append(
            f"no speed limit in the file, {MAX_SPEED_RAD_S:g} rad/s is taken: {', '.join(slow)}"
        )
    return entries


def _moving(tree: Tree, links: set[str]) -> set[str]:
    """Return the joints between the root and any of ``links``."""
    carrier = {joint.child: joint for joint in tree.joints}
    found = set()
    for link in links:
        at = link
        while at in carrier and carrier[at].name not in found:
            found.add(carrier[at].name)
            at = carrier[at].parent
    return found


def _at_ease(robot: RobotModel) -> RobotModel:
    """Return the robot with the posture of a human who stands at ease."""
    from flood_bridge.retarget.robot_posture import posture_at_ease  # noqa: PLC0415 - it uses us

    return replace(robot, posture=posture_at_ease(robot))
