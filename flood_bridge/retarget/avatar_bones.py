"""Which node of an avatar's file is which bone of a human.

A VRM says so: version 0 in the extension ``VRM``, version 1 in ``VRMC_vrm`` (vrm.dev,
"VRMC_vrm-1.0 humanoid"). In other files the names of the nodes are read, as Mixamo, Unreal, Blender
and their like write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flood_bridge.errors import ConfigError
from flood_bridge.motion.skeleton import JOINT_NAMES

BONES = (
    "hips", "leftUpperLeg", "rightUpperLeg", "spine", "leftLowerLeg", "rightLowerLeg", "chest",
    "leftFoot", "rightFoot", "upperChest", "leftToes", "rightToes", "neck", "leftShoulder",
    "rightShoulder", "head", "leftUpperArm", "rightUpperArm", "leftLowerArm", "rightLowerArm",
    "leftHand", "rightHand",
)  # fmt: skip
"""VRM's names, in the order of our joints."""

OPTIONAL = frozenset(
    {"chest", "upperChest", "leftToes", "rightToes", "neck", "leftShoulder", "rightShoulder"}
)
"""Bones that an avatar may lack."""

_JOINT = {bone: index for index, bone in enumerate(BONES)}

# Words of a name, without its side, that mean a bone.
_WORDS = {
    "hips": "hips pelvis hip",
    "spine": "spine spine01 spine1 lowerback torso",
    "chest": "chest spine02 spine2 spine03",
    "upperChest": "upperchest spine3 spine04 spine05 chest2",
    "neck": "neck neck01",
    "head": "head",
    "Shoulder": "shoulder clavicle collar",
    "UpperArm": "upperarm arm uparm",
    "LowerArm": "lowerarm forearm elbow",
    "Hand": "hand wrist",
    "UpperLeg": "upperleg upleg thigh",
    "LowerLeg": "lowerleg leg calf shin knee",
    "Foot": "foot ankle",
    "Toes": "toes toebase toe ball",
}
_BONE_OF = {word: bone for bone, words in _WORDS.items() for word in words.split()}
# Mixamo counts its spine from Spine, the others from spine_01.
_MIXAMO_SPINE = {"spine": "spine", "spine1": "chest", "spine2": "upperChest"}
_PREFIX = re.compile(r"^(mixamorig\d*|bip\d*|def|org|jbip|j|armature|valvebiped)[_:\-. ]+", re.I)
_SIDE = re.compile(
    r"^(left|right|l|r|c)[_:\-. ](.+)$|^(.+?)[_:\-. ](left|right|l|r)$|^(left|right)(.+)$", re.I
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def bones_of(gltf: dict[str, Any], names: tuple[str, ...]) -> dict[int, int]:
    """Return the node of each of our joints that the avatar has.

    Raises:
        ConfigError: If a bone that nobody can do without is missing, or named twice.
    """
    found: dict[int, int] = {}
    for bone, node in _named(gltf, names):
        joint = _JOINT.get(bone)
        if joint is None:
            continue
        if type(node) is not int or not 0 <= node < len(names):
            raise ConfigError(f"the avatar's bone {bone} is the node {node!r:.32}, which is none")
        found.setdefault(joint, node)
    missing = [b for b, j in _JOINT.items() if j not in found and b not in OPTIONAL]
    if missing:
        joints = ", ".join(f"{b} ({JOINT_NAMES[_JOINT[b]]})" for b in missing)
        raise ConfigError(f"the avatar has no {joints}; a VRM, or a human's bone names, is needed")
    if len(set(found.values())) < len(found):
        raise ConfigError("two of the avatar's bones are the same node")
    return found


def _named(gltf: dict[str, Any], names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield pairs of a bone's name and its node."""
    extensions = gltf.get("extensions")
    extensions = extensions if isinstance(extensions, dict) else {}
    if "VRMC_vrm" in extensions:
        bones = _inside(extensions["VRMC_vrm"], "humanoid", "humanBones")
        if isinstance(bones, dict):
            yield from ((b, _inside(entry, "node")) for b, entry in bones.items())
    elif "VRM" in extensions:
        bones = _inside(extensions["VRM"], "humanoid", "humanBones")
        if isinstance(bones, list):
            yield from ((str(_inside(e, "bone")), _inside(e, "node")) for e in bones)
    else:
        yield from _read_names(names)


def _inside(content: Any, *keys: str) -> Any:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content


def _read_names(names: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    is_mixamo = any("mixamo" in name.lower() for name in names)
    for node, name in enumerate(names):
        bone = bone_of_name(name, is_mixamo=is_mixamo)
        if bone is not None:
            yield bone, node


def bone_of_name(name: str, *, is_mixamo: bool = False) -> str | None:
    """Return the bone that a node of this name is, in VRM's words; None if it is none."""
    plain = _PREFIX.sub("", _PREFIX.sub("", name.strip()))
    plain = _CAMEL.sub("_", plain)
    match = _SIDE.match(plain)
    groups = [group for group in match.groups() if group] if match else []
    side, rest = "", plain
    if groups:
        first_is_side = groups[0].lower() in {"left", "right", "l", "r", "c"}
        side, rest = groups if first_is_side else (groups[1], groups[0])
    word = re.sub(r"[_:\-. ]", "", rest).lower()
    bone = _MIXAMO_SPINE.get(word) if is_mixamo else None
    bone = bone or _BONE_OF.get(word)
    if bone is None:
        return None
    if bone[0].islower():
        return bone
    return {"l": "left", "r": "right"}.get(side[:1].lower(), "") + bone if side else None
