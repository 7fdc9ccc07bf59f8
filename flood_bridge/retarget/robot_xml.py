"""Reads a robot's URDF or MJCF file as text, and refuses what is no such file.

The text goes on to MuJoCo (:mod:`.robot_compiled`). What MuJoCo does not tell is read here: the
speed limits and the order of a URDF's joints. Files come from anywhere, so their size, their depth,
the number of their elements and the files that they include are bounded, and document types, by
which a small file can swell to gigabytes, are refused before a parser sees them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from flood_bridge.errors import ConfigError

MAX_BYTES = 8_000_000
MAX_ELEMENTS = 100_000
MAX_DEPTH = 200
MAX_INCLUDES = 32

_DOCUMENT_TYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RobotXml:
    """A robot's file, read and bounded."""

    kind: Literal["urdf", "mjcf"]
    text: str
    """One document; what it included is in it."""
    order: tuple[str, ...] = ()
    """Joints of a URDF as it lists them."""
    velocities: Mapping[str, float] = field(default_factory=dict)
    """Speed limits that a URDF states, rad/s."""
    mimics: frozenset[str] = frozenset()
    """Joints of a URDF that follow another joint."""


def read_robot_xml(path: Path) -> RobotXml:
    """Read the URDF or MJCF file at ``path``.

    Raises:
        ConfigError: If it cannot be read, is too large or too deep, declares a document type, is no
            XML, or is neither URDF nor MJCF.
    """
    root = _parsed(path)
    if root.tag == "mujoco":
        _expand(root, path.parent, path, [0])
        _check_bounds(root, path)
        return RobotXml("mjcf", ElementTree.tostring(root, encoding="unicode"))
    if root.tag != "robot":
        raise ConfigError(
            f"{path} is neither URDF nor MJCF: its outermost element is <{root.tag[:40]}>,"
            " valid are <robot> and <mujoco>"
        )
    joints = [j for j in root.findall("joint") if j.get("type") != "fixed"]
    mimics = frozenset(j.get("name", "") for j in joints if j.find("mimic") is not None)
    _strip(root)
    return RobotXml(
        "urdf",
        ElementTree.tostring(root, encoding="unicode"),
        order=tuple(joint.get("name", "") for joint in joints),
        velocities=_velocities(joints, path),
        mimics=mimics,
    )


def _parsed(path: Path) -> ElementTree.Element:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ConfigError(f"{path} has {size} bytes; a robot's file has at most {MAX_BYTES}")
        text = path.read_bytes()[: MAX_BYTES + 1].decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"the robot's file cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is no UTF-8 text, which a robot's file must be") from error
    if _DOCUMENT_TYPE.search(text):
        raise ConfigError(f"{path} declares a document type or an entity, which no robot needs")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is no XML: {error}") from error
    _check_bounds(root, path)
    return root


def _check_bounds(root: ElementTree.Element, path: Path) -> None:
    level, count = [root], 0
    for _ in range(MAX_DEPTH):
        count += len(level)
        level = [child for element in level for child in element]
        if not level:
            break
    if level or count > MAX_ELEMENTS:
        raise ConfigError(
            f"{path} is nested more than {MAX_DEPTH} deep or has more than {MAX_ELEMENTS} elements"
        )


def _expand(root: ElementTree.Element, folder: Path, path: Path, used: list[int]) -> None:
    """Put in place of each <include> what it names; files outside ``folder`` are refused."""
    for parent in list(root.iter()):
        for place, child in reversed(list(enumerate(parent))):
            if child.tag != "include":
                continue
            used[0] += 1
            named = (folder / child.get("file", "")).resolve()
            if used[0] > MAX_INCLUDES or not named.is_relative_to(folder.resolve()):
                raise ConfigError(
                    f"{path} includes {child.get('file', '')!r}; valid are at most {MAX_INCLUDES}"
                    " files from its own folder"
                )
            included = _parsed(named)
            _expand(included, folder, path, used)
            parent.remove(child)
            for offset, element in enumerate(included):
                parent.insert(place + offset, element)


def _strip(robot: ElementTree.Element) -> None:
    """Leave out of a URDF what says nothing of its kinematics: looks, simulators, drives."""
    for child in list(robot):
        if child.tag not in {"link", "joint"}:
            robot.remove(child)
    for joint in robot.findall("joint"):
        for part in [
            p for p in joint if p.tag not in {"parent", "child", "origin", "axis", "limit"}
        ]:
            joint.remove(part)
    for link in robot.findall("link"):
        for part in list(link):
            if part.tag == "visual" or part.find("geometry/mesh") is not None:
                link.remove(part)


def _velocities(joints: list[ElementTree.Element], path: Path) -> dict[str, float]:
    found = {}
    for joint in joints:
        limit = joint.find("limit")
        stated = None if limit is None else limit.get("velocity")
        if stated is not None:
            try:
                found[joint.get("name", "")] = float(stated)
            except ValueError as error:
                raise ConfigError(
                    f"{path}: the velocity of {joint.get('name')} is {stated!r}, no number"
                ) from error
    return found
