"""A given avatar: its proportions, the bones it lacks, and how its own bones lie at rest.

Rotations are found once, for a body in T-pose whose bones lie along the world's axes; that is what
Unity Humanoid, VRM 0 and VMC want. A rig differs in three ways, each of which is laid on top:

* its legs are longer or shorter: the way of its hips is scaled by the height of its hips;
* it has no chest, neck or collar: a missing bone of the spine is taken over by the bone below it,
  every other by the bones above it, so that all others keep their direction in the world;
* it rests in another pose (an A-pose), with bones turned about themselves: a node's own rotation is
  ``parent' G_parent' G child`` with what turns the rest of each into the T-pose.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.frames import AvatarFrame
from flood_bridge.motion.rotations import (
    IDENTITY,
    between,
    conjugate,
    from_yaw,
    multiply,
    normalise,
    rotate,
)
from flood_bridge.motion.skeleton import NUM_JOINTS, PARENTS, Skeleton
from flood_bridge.retarget.avatar_bones import bones_of
from flood_bridge.retarget.avatar_file import Nodes, nodes_of, read_gltf

SOLE_M = 0.02
"""How far the human's toe joints are over the floor when it stands."""

_HIPS_HEIGHTS_M = (0.05, 20.0)
_SPINE_DOWN = (9, 6, 3)
_GIRDLE = (12, 13, 14)
_CHILDREN = {12: (15,), 13: (16,), 14: (17,)}
# Where limbs point in a T-pose, by the joint that the bone leaves: arms to the sides, legs down.
_T_POSE = {
    16: (18, (1.0, 0.0, 0.0)), 17: (19, (-1.0, 0.0, 0.0)), 18: (20, (1.0, 0.0, 0.0)),
    19: (21, (-1.0, 0.0, 0.0)), 1: (4, (0.0, -1.0, 0.0)), 2: (5, (0.0, -1.0, 0.0)),
    4: (7, (0.0, -1.0, 0.0)), 5: (8, (0.0, -1.0, 0.0)),
}  # fmt: skip
_HANDS = {20: 18, 21: 19}
"""Hands lie at rest as the forearms do: whatever straightens those straightens them."""


@dataclass(frozen=True, slots=True)
class AvatarRig:
    """An avatar that frames can be put on; arrays go as our joints."""

    name: str
    present: tuple[bool, ...]
    """Which of the 22 joints it has."""
    skeleton: Skeleton
    """Its T-pose; a joint that it lacks lies on its parent."""
    hips_height_m: float
    """Over its soles."""
    straighten_wxyz: np.ndarray
    """(22, 4) turn of each bone from how the file has it to the T-pose, world axes."""
    rest_wxyz: np.ndarray
    """(22, 4) world from node, as the file has it, turned to face +z."""
    parent_rest_wxyz: np.ndarray
    """(22, 4) the same of the node that each is a child of."""
    node_names: tuple[str, ...]
    """Of the joints that are present."""

    def scale_for(self, human: Skeleton) -> float:
        """Return how much longer its steps are than those of ``human``."""
        return self.hips_height_m / (human.hips_height + SOLE_M)

    def fitted(self, frame: AvatarFrame, scale: float) -> AvatarFrame:
        """Return ``frame`` with the hips' way scaled and missing bones taken over."""
        return AvatarFrame(frame.root_position * scale, folded(frame.local_wxyz, self.present))

    def node_rotations(self, fitted: AvatarFrame) -> np.ndarray:
        """Return the rotation xyzw of each present node in its parent, (k, 4), glTF's axes."""
        world = np.empty((NUM_JOINTS, 4))
        for joint, parent in enumerate(PARENTS):
            local = fitted.local_wxyz[joint]
            world[joint] = local if parent < 0 else multiply(world[parent], local)
        turned = multiply(world, self.straighten_wxyz)
        above = [max(parent, 0) for parent in self._present_parents()]
        base = turned[above].copy()
        base[0] = IDENTITY
        q = multiply(
            conjugate(multiply(base, self.parent_rest_wxyz)), multiply(turned, self.rest_wxyz)
        )
        return normalise(q[np.array(self.present)])[:, [1, 2, 3, 0]]

    def _present_parents(self) -> list[int]:
        """Return of each joint the nearest one above it that the avatar has."""
        return [_nearest_present(joint, self.present) for joint in range(NUM_JOINTS)]


def folded(local_wxyz: np.ndarray, present: tuple[bool, ...]) -> np.ndarray:
    """Return local rotations (22, 4) of which those of absent joints are the identity."""
    if all(present):
        return local_wxyz
    local = local_wxyz.copy()
    for joint in _SPINE_DOWN:
        if not present[joint]:
            below = PARENTS[joint]
            local[below] = multiply(local[below], local[joint])
            local[joint] = IDENTITY
    for joint in _GIRDLE:
        if not present[joint]:
            for child in _CHILDREN[joint]:
                local[child] = multiply(local[joint], local[child])
            local[joint] = IDENTITY
    for joint in (10, 11):
        if not present[joint]:
            local[joint] = IDENTITY
    return local


def load_rig(path: Path | str) -> AvatarRig:
    """Read the avatar in a .vrm, .glb or .gltf; its meshes are not looked at.

    Raises:
        ConfigError: If it cannot be read, or is no human.
    """
    path = Path(path)
    gltf = read_gltf(path)
    try:
        nodes = nodes_of(gltf)
        return _rig(path.name, nodes, bones_of(gltf, nodes.names))
    except ConfigError as error:
        raise ConfigError(f"--avatar {path}: {error}") from error


def _rig(name: str, nodes: Nodes, found: dict[int, int]) -> AvatarRig:
    present = tuple(joint in found for joint in range(NUM_JOINTS))
    facing = _turn_to_face_us(nodes, found)
    place, rest, above = np.zeros((22, 3)), np.tile(IDENTITY, (22, 1)), np.tile(IDENTITY, (22, 1))
    for joint in range(NUM_JOINTS):
        if not present[joint]:
            place[joint] = place[PARENTS[joint]]
            continue
        node = found[joint]
        place[joint] = rotate(facing, nodes.positions[node])
        rest[joint] = multiply(facing, nodes.rotations_wxyz[node])
        parent = nodes.parents[node]
        above[joint] = multiply(facing, nodes.rotations_wxyz[parent]) if parent >= 0 else facing
    straighten = _straighten(place)
    height = float(place[0, 1] - min(0.0, place[:, 1].min()))
    if not _HIPS_HEIGHTS_M[0] <= height <= _HIPS_HEIGHTS_M[1]:
        raise ConfigError(
            f"its hips are {height:.3g} m over the floor; valid are {_HIPS_HEIGHTS_M[0]:g} to"
            f" {_HIPS_HEIGHTS_M[1]:g}"
        )
    names = tuple(nodes.names[found[joint]] for joint in range(NUM_JOINTS) if present[joint])
    skeleton = Skeleton(_t_pose_offsets(place, straighten))
    return AvatarRig(name, present, skeleton, height, straighten, rest, above, names)


def _turn_to_face_us(nodes: Nodes, found: dict[int, int]) -> np.ndarray:
    """Return the turn about y after which the left arm and leg are on +x: VRM 0 faces -z."""
    pairs = ((1, 2), (16, 17))
    left = sum(nodes.positions[found[a]] - nodes.positions[found[b]] for a, b in pairs)
    assert isinstance(left, np.ndarray)
    if np.hypot(left[0], left[2]) < 1e-4:
        raise ConfigError("its left and right limbs are at the same place")
    return from_yaw(np.arctan2(left[2], left[0]))


def _straighten(place: np.ndarray) -> np.ndarray:
    turns = np.tile(IDENTITY, (NUM_JOINTS, 1))
    for joint, (end, direction) in _T_POSE.items():
        bone = place[end] - place[joint]
        if np.vecdot(bone, bone) < 1e-8:
            raise ConfigError("a limb of it has no length")
        turns[joint] = between(normalise(bone), np.array(direction))
    for hand, forearm in _HANDS.items():
        turns[hand] = turns[forearm]
    return turns


def _t_pose_offsets(place: np.ndarray, straighten: np.ndarray) -> np.ndarray:
    offsets = place - place[[max(parent, 0) for parent in PARENTS]]
    offsets[0] = 0.0
    for joint, (end, _) in _T_POSE.items():
        offsets[end] = rotate(straighten[joint], offsets[end])
    return offsets


def _nearest_present(joint: int, present: tuple[bool, ...]) -> int:
    parent = PARENTS[joint]
    while parent >= 0 and not present[parent]:
        parent = PARENTS[parent]
    return parent
