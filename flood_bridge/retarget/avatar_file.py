"""Reads what an avatar's file says of its bones: the JSON part of a .glb or .vrm, nothing else.

A .vrm is a .glb, binary glTF 2.0 (Khronos, "glTF 2.0 Specification", section 4, "GLB File Format
Specification"): a header of 12 bytes, then chunks, the first of which is JSON. Meshes, pictures and
scripts lie in later chunks or other files and are never opened. The file is a stranger's: sizes,
numbers and references are checked, and a wrong one is an error that says what is wrong.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.rotations import from_matrix, multiply, normalise, rotate

MAX_JSON_BYTES = 64 << 20
MAX_NODES = 65536
MAX_DEPTH = 512

_HEADER, _CHUNK = struct.Struct("<4sII"), struct.Struct("<I4s")
_MIN_SCALE, _MAX_M = 1e-6, 1e6


@dataclass(frozen=True, slots=True)
class Nodes:
    """The ``n`` nodes of a file as they rest, in the file's axes: y up, right-handed."""

    names: tuple[str, ...]
    parents: tuple[int, ...]
    """-1 for those without."""
    positions: np.ndarray
    """(n, 3) metres, in the world."""
    rotations_wxyz: np.ndarray
    """(n, 4) world from node."""


def read_gltf(path: Path) -> dict[str, Any]:
    """Return the JSON part of a .glb or .vrm, or of a .gltf, which is nothing else.

    Raises:
        ConfigError: If the file cannot be read or is none of these.
    """
    try:
        with path.open("rb") as file:
            content = _json_bytes(file.read(_HEADER.size), file, path)
        gltf = json.loads(content)
    except OSError as error:
        raise ConfigError(f"--avatar {path} cannot be read: {error}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"--avatar {path}: its JSON part is broken: {error}") from error
    if not isinstance(gltf, dict):
        raise ConfigError(f"--avatar {path}: its JSON part is no object")
    return gltf


def _json_bytes(start: bytes, file: Any, path: Path) -> bytes:
    if start[:4] != b"glTF":
        if path.suffix.lower() != ".gltf":
            raise ConfigError(f"--avatar {path} is no .vrm or .glb: it does not begin with glTF")
        content = start + file.read(MAX_JSON_BYTES + 1)
        if len(content) > MAX_JSON_BYTES:
            raise ConfigError(f"--avatar {path} is larger than {MAX_JSON_BYTES} bytes")
        return content
    head = file.read(_CHUNK.size)
    if len(start) < _HEADER.size or len(head) < _CHUNK.size:
        raise ConfigError(f"--avatar {path} ends within its header")
    version = _HEADER.unpack(start)[1]
    size, kind = _CHUNK.unpack(head)
    if version != 2 or kind != b"JSON":
        raise ConfigError(
            f"--avatar {path} is glTF version {version} and begins with {kind!r};"
            " version 2 that begins with JSON is needed"
        )
    if size > MAX_JSON_BYTES:
        raise ConfigError(f"--avatar {path}: its JSON part is larger than {MAX_JSON_BYTES} bytes")
    content = file.read(size)
    if len(content) < size:
        raise ConfigError(f"--avatar {path} ends within its JSON part")
    return content


def nodes_of(gltf: dict[str, Any]) -> Nodes:
    """Return the nodes of a glTF and where they rest.

    Raises:
        ConfigError: If there are none or too many, if they are no tree, or a number is wrong.
    """
    entries = gltf.get("nodes")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAX_NODES:
        raise ConfigError(f"the avatar's file has no nodes, or more than {MAX_NODES}")
    if not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError("a node of the avatar's file is no object")
    parents = _parents(entries)
    positions, rotations = np.zeros((len(entries), 3)), np.zeros((len(entries), 4))
    scales = np.ones((len(entries), 3))
    for index in _parents_first(parents):
        place, turn, scale = _local(entries[index], index)
        parent = parents[index]
        if parent >= 0:
            place = positions[parent] + rotate(rotations[parent], scales[parent] * place)
            turn, scale = multiply(rotations[parent], turn), scales[parent] * scale
        positions[index], rotations[index], scales[index] = place, normalise(turn), scale
        if not (np.abs(place) <= _MAX_M).all() or not (np.abs(scale) <= _MAX_M).all():
            raise ConfigError(f"node {index} of the avatar's file is farther than {_MAX_M:g} m")
    names = tuple(str(entry.get("name", ""))[:256] for entry in entries)
    return Nodes(names, tuple(parents), positions, rotations)


def _parents(entries: list[dict[str, Any]]) -> list[int]:
    parents = [-1] * len(entries)
    for index, entry in enumerate(entries):
        children = entry.get("children", [])
        if not isinstance(children, list):
            raise ConfigError(f"node {index} of the avatar's file has children that are no list")
        for child in children:
            if type(child) is not int or not 0 <= child < len(entries) or parents[child] >= 0:
                raise ConfigError(
                    f"node {index} of the avatar's file has the child {child!r:.32}, which is no"
                    " node or has a parent already"
                )
            parents[child] = index
    return parents


def _parents_first(parents: list[int]) -> list[int]:
    """Return all nodes, each after its parent."""
    order, placed = [i for i, parent in enumerate(parents) if parent < 0], 0
    below: dict[int, list[int]] = {}
    for index, parent in enumerate(parents):
        below.setdefault(parent, []).append(index)
    depth = {index: 0 for index in order}
    while placed < len(order):
        index = order[placed]
        placed += 1
        for child in below.get(index, ()):
            depth[child] = depth[index] + 1
            order.append(child)
        if depth[index] > MAX_DEPTH:
            raise ConfigError(f"the nodes of the avatar's file are deeper than {MAX_DEPTH}")
    if len(order) < len(parents):
        raise ConfigError("the nodes of the avatar's file run in a circle")
    return order


def _local(entry: dict[str, Any], index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return translation (3,), rotation wxyz (4,) and scale (3,) of a node in its parent."""
    if "matrix" in entry:
        matrix = _numbers(entry, "matrix", [0.0] * 16, index).reshape(4, 4).T
        scale = np.sqrt((matrix[:3, :3] ** 2).sum(axis=0))
        if scale.min() < _MIN_SCALE:
            raise ConfigError(f"node {index} of the avatar's file has a flat matrix")
        return matrix[:3, 3], from_matrix(matrix[:3, :3] / scale), scale
    xyzw = _numbers(entry, "rotation", [0.0, 0.0, 0.0, 1.0], index)
    if np.vecdot(xyzw, xyzw) < _MIN_SCALE:
        raise ConfigError(f"node {index} of the avatar's file has a rotation of zeros")
    return (
        _numbers(entry, "translation", [0.0, 0.0, 0.0], index),
        normalise(xyzw[[3, 0, 1, 2]]),
        _numbers(entry, "scale", [1.0, 1.0, 1.0], index),
    )


def _numbers(entry: dict[str, Any], key: str, default: list[float], index: int) -> np.ndarray:
    given = entry.get(key, default)
    plain = isinstance(given, list) and len(given) == len(default)
    if plain and all(type(n) in (int, float) and abs(n) <= _MAX_M for n in given):
        return np.array(given, dtype=np.float64)
    raise ConfigError(
        f"node {index} of the avatar's file: {key} is {len(default)} numbers of at most"
        f" {_MAX_M:g}, not {given!r:.64}"
    )
