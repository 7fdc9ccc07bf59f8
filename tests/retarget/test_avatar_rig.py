"""An avatar's file gives its proportions and rest pose; its bones then point as the body's do."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.errors import ConfigError
from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import AvatarFrame, Pose
from flood_bridge.motion.kinematics import forward_kinematics
from flood_bridge.motion.skeleton import PARENTS, Skeleton
from flood_bridge.retarget.avatar import AvatarRetargeter
from flood_bridge.retarget.avatar_bones import BONES, OPTIONAL, bone_of_name, bones_of
from flood_bridge.retarget.avatar_file import MAX_DEPTH, nodes_of, read_gltf
from flood_bridge.retarget.avatar_fit import FittedAvatar, LoweredArms, RiggedBody, read_rig
from flood_bridge.retarget.avatar_rig import AvatarRig, load_rig

LIMBS = [(16, 18), (18, 20), (17, 19), (19, 21), (1, 4), (4, 7), (2, 5), (5, 8)]
Y, Z = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])


def glb(gltf: Any, kind: bytes = b"JSON", version: int = 2) -> bytes:
    content = json.dumps(gltf).encode()
    content += b" " * (-len(content) % 4)
    chunk = struct.pack("<I4s", len(content), kind) + content
    return struct.pack("<4sII", b"glTF", version, 12 + len(chunk)) + chunk


def avatar(
    skeleton: Skeleton,
    *,
    vrm: int | None = 1,
    lacks: tuple[str, ...] = (),
    size: float = 1.0,
    lowered_deg: float = 0.0,
    bone_turns: np.ndarray | None = None,
    facing_deg: float = 0.0,
    scaled_root: float = 1.0,
    names: tuple[str, ...] = BONES,
) -> dict[str, Any]:
    """A glTF of our own body: nodes in our order below one root node."""
    places = skeleton.rest_positions() * size
    for arm, sign in (((18, 20), -1), ((19, 21), 1)):
        turn = rot.from_axis_angle(Z, sign * np.radians(lowered_deg))
        shoulder = PARENTS[arm[0]]
        places[list(arm)] = places[shoulder] + rot.rotate(
            turn, places[list(arm)] - places[shoulder]
        )
    places[:, 1] -= places[:, 1].min() - 0.02 * size
    facing = rot.from_axis_angle(Y, np.radians(facing_deg))
    places = rot.rotate(facing, places)
    turns = np.tile(rot.IDENTITY, (22, 1)) if bone_turns is None else rot.normalise(bone_turns)
    kept = [j for j in range(22) if BONES[j] not in lacks]
    nodes: list[dict[str, Any]] = [{"name": "Root", "scale": [scaled_root] * 3, "children": [1]}]
    for joint in kept:
        parent = PARENTS[joint]
        while parent >= 0 and parent not in kept:
            parent = PARENTS[parent]
        base = turns[parent] if parent >= 0 else rot.IDENTITY
        offset = places[joint] - (places[parent] if parent >= 0 else 0.0)
        xyzw = rot.multiply(rot.conjugate(base), turns[joint])[[1, 2, 3, 0]]
        nodes.append(
            {
                "name": names[joint],
                "translation": (rot.rotate(rot.conjugate(base), offset) / scaled_root).tolist(),
                "rotation": xyzw.tolist(),
                "children": [],
            }
        )
        if parent >= 0:
            nodes[1 + kept.index(parent)]["children"].append(len(nodes) - 1)
    bones = {BONES[joint]: 1 + n for n, joint in enumerate(kept)}
    if vrm == 1:
        human = {"humanBones": {bone: {"node": node} for bone, node in bones.items()}}
        return {"nodes": nodes, "extensions": {"VRMC_vrm": {"humanoid": human}}}
    if vrm == 0:
        listed = [{"bone": bone, "node": node} for bone, node in bones.items()]
        return {"nodes": nodes, "extensions": {"VRM": {"humanoid": {"humanBones": listed}}}}
    return {"nodes": nodes}


@pytest.fixture
def rig_of(tmp_path: Path, skeleton: Skeleton) -> Callable[..., AvatarRig]:
    def make(**settings: Any) -> AvatarRig:
        path = tmp_path / "avatar.vrm"
        path.write_bytes(glb(avatar(skeleton, **settings)))
        return load_rig(path)

    return make


@pytest.fixture(scope="module")
def gait(walk: Callable[..., list[Pose]], skeleton: Skeleton) -> list[AvatarFrame]:
    retargeter = AvatarRetargeter(skeleton)
    return [retargeter.retarget(pose) for pose in walk(20, yaw_rate=40.0)]


def directions(places: np.ndarray) -> np.ndarray:
    return rot.normalise(np.array([places[end] - places[start] for start, end in LIMBS]))


def posed_nodes(gltf: dict[str, Any], rig: AvatarRig, fitted: AvatarFrame) -> np.ndarray:
    """World positions of the joints when the nodes get the rig's rotations, as an engine does."""
    rows = dict(zip(rig.node_names, rig.node_rotations(fitted), strict=True))
    nodes = [
        {**node, "rotation": rows[node["name"]].tolist()} if node["name"] in rows else node
        for node in gltf["nodes"]
    ]
    placed = nodes_of({"nodes": nodes})
    return np.array([placed.positions[1 + joint] for joint in range(22)])


@pytest.mark.parametrize("vrm", [0, 1])
@pytest.mark.parametrize("facing_deg", [0.0, 180.0])
def test_a_rig_of_our_own_body_has_our_proportions(rig_of, skeleton, vrm, facing_deg):
    rig = rig_of(vrm=vrm, facing_deg=facing_deg)
    np.testing.assert_allclose(rig.skeleton.offsets, skeleton.offsets, atol=1e-9)
    assert rig.scale_for(skeleton) == pytest.approx(1.0)


@pytest.mark.parametrize("size", [0.5, 1.3])
def test_hips_and_steps_are_scaled_with_the_legs(rig_of, skeleton, gait, size):
    rig = rig_of(size=size)
    scale = rig.scale_for(skeleton)
    assert scale == pytest.approx(size)
    fitted = rig.fitted(gait[-1], scale)
    np.testing.assert_allclose(fitted.root_position, gait[-1].root_position * size)
    soles = [forward_kinematics(rig.skeleton, rig.fitted(f, scale))[:, 1].min() for f in gait]
    assert max(soles) < 0.05
    assert min(soles) > -0.01


def test_an_a_pose_is_straightened(rig_of, skeleton):
    rig = rig_of(lowered_deg=50.0)
    np.testing.assert_allclose(rig.skeleton.offsets, skeleton.offsets, atol=1e-9)


@pytest.mark.parametrize("facing_deg", [0.0, 180.0])
@pytest.mark.parametrize("lowered_deg", [0.0, 50.0])
def test_nodes_turned_any_way_at_rest_point_as_the_body_does(
    skeleton, gait, tmp_path, facing_deg, lowered_deg
):
    turns = np.random.default_rng(3).normal(size=(22, 4))
    gltf = avatar(
        skeleton, bone_turns=turns, lowered_deg=lowered_deg, facing_deg=facing_deg, scaled_root=0.01
    )
    path = tmp_path / "a.glb"
    path.write_bytes(glb(gltf))
    rig = load_rig(path)
    back = rot.from_axis_angle(Y, np.radians(-facing_deg))
    for frame in gait[::5]:
        wanted = directions(forward_kinematics(skeleton, frame))
        seen = directions(rot.rotate(back, posed_nodes(gltf, rig, rig.fitted(frame, 1.0))))
        np.testing.assert_allclose(seen, wanted, atol=1e-6)


@pytest.mark.parametrize(
    "lacks",
    [
        ("upperChest",),
        ("chest", "upperChest"),
        ("leftShoulder", "rightShoulder", "neck", "leftToes", "rightToes"),
        tuple(OPTIONAL),
    ],
)
def test_what_an_avatar_lacks_is_taken_over_and_the_rest_points_the_same_way(
    rig_of, skeleton, gait, lacks
):
    rig = rig_of(lacks=lacks)
    absent = [BONES.index(bone) for bone in lacks]
    for frame in gait[::5]:
        fitted = rig.fitted(frame, 1.0)
        np.testing.assert_array_equal(
            fitted.local_wxyz[absent], np.tile(rot.IDENTITY, (len(absent), 1))
        )
        wanted = directions(forward_kinematics(skeleton, frame))
        np.testing.assert_allclose(
            directions(forward_kinematics(rig.skeleton, fitted)), wanted, atol=1e-9
        )


@pytest.mark.parametrize("missing", ["hips", "head", "leftLowerArm"])
def test_a_body_that_is_no_human_is_refused(rig_of, missing):
    with pytest.raises(ConfigError, match=f"has no {missing}"):
        rig_of(lacks=(missing,)) if missing != "hips" else bones_of({}, ("tail",))


MIXAMO = (
    "mixamorig:Hips", "mixamorig:LeftUpLeg", "mixamorig:RightUpLeg", "mixamorig:Spine",
    "mixamorig:LeftLeg", "mixamorig:RightLeg", "mixamorig:Spine1", "mixamorig:LeftFoot",
    "mixamorig:RightFoot", "mixamorig:Spine2", "mixamorig:LeftToeBase", "mixamorig:RightToeBase",
    "mixamorig:Neck", "mixamorig:LeftShoulder", "mixamorig:RightShoulder", "mixamorig:Head",
    "mixamorig:LeftArm", "mixamorig:RightArm", "mixamorig:LeftForeArm", "mixamorig:RightForeArm",
    "mixamorig:LeftHand", "mixamorig:RightHand",
)  # fmt: skip
UNREAL = (
    "pelvis", "thigh_l", "thigh_r", "spine_01", "calf_l", "calf_r", "spine_02", "foot_l", "foot_r",
    "spine_04", "ball_l", "ball_r", "neck_01", "clavicle_l", "clavicle_r", "head", "upperarm_l",
    "upperarm_r", "lowerarm_l", "lowerarm_r", "hand_l", "hand_r",
)  # fmt: skip
BLENDER = (
    "hips", "thigh.L", "thigh.R", "spine", "shin.L", "shin.R", "chest", "foot.L", "foot.R",
    "upper_chest", "toe.L", "toe.R", "neck", "shoulder.L", "shoulder.R", "head", "upper_arm.L",
    "upper_arm.R", "forearm.L", "forearm.R", "hand.L", "hand.R",
)  # fmt: skip


@pytest.mark.parametrize("names", [MIXAMO, UNREAL, BLENDER, BONES])
def test_the_names_of_the_usual_makers_are_known(rig_of, names, skeleton):
    rig = rig_of(vrm=None, names=names)
    assert all(rig.present)
    np.testing.assert_allclose(rig.skeleton.offsets, skeleton.offsets, atol=1e-9)


@pytest.mark.parametrize("name", ["hair_01", "left", "thumb_01_l", "", "LeftHandIndex1", "eye.L"])
def test_other_names_are_no_bones(name):
    assert bone_of_name(name) is None


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


LOOP = {"nodes": [{"children": [1]}, {"children": [0]}]}
TWICE = {"nodes": [{"children": [2]}, {"children": [2]}, {}]}
DEEP = {"nodes": [{"children": [n + 1]} for n in range(MAX_DEPTH + 5)] + [{}]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "does not begin with glTF"),
        (b"#!/bin/sh\nexit\n", "does not begin with glTF"),
        (b"glTF", "ends within its header"),
        (glb({})[:23], "ends within its JSON part"),
        (glb({}, version=1), "version 1"),
        (glb({}, kind=b"BIN\0"), "begins with b'BIN"),
        (struct.pack("<4sIII4s", b"glTF", 2, 20, 1 << 31, b"JSON"), "larger than"),
        (glb([]), "no object"),
        (glb({}), "has no nodes"),
        (glb({"nodes": [1]}), "is no object"),
        (glb({"nodes": [{"children": [5]}]}), "has the child 5"),
        (glb({"nodes": [{"children": [True]}]}), "has the child True"),
        (glb({"nodes": [{"children": "all"}]}), "no list"),
        (glb(TWICE), "has a parent already"),
        (glb(LOOP), "run in a circle"),
        (glb(DEEP), f"deeper than {MAX_DEPTH}"),
        (glb({"nodes": [{"translation": [1, 2]}]}), "translation is 3 numbers"),
        (glb({"nodes": [{"rotation": [0, 0, 0, 0]}]}), "rotation of zeros"),
        (glb({"nodes": [{"scale": ["a", 1, 1]}]}), "scale is 3 numbers"),
        (glb({"nodes": [{"matrix": [0] * 16}]}), "flat matrix"),
        (glb({"nodes": [{"translation": [1e300, 0, 0]}]}), "translation is 3 numbers"),
        (glb({"nodes": [{}], "extensions": {"VRM": 7}}), "has no hips"),
        (glb({"nodes": [{}], "extensions": {"VRMC_vrm": {"humanoid": {"humanBones": {
            "hips": {"node": 9}}}}}}), "is the node 9, which is none"),
        (glb({"nodes": [{}], "extensions": {"VRMC_vrm": {"humanoid": {"humanBones": {
            bone: {"node": 0} for bone in BONES}}}}}), "same node"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_avatar_is_refused_with_what_is_wrong(tmp_path, content, said):
    with pytest.raises(ConfigError, match=said):
        load_rig(write(tmp_path / "a.vrm", content))


def test_nonsense_deeper_than_the_reader_is_refused(tmp_path):
    nested = b"[" * 200_000
    chunk = struct.pack("<4sII", b"glTF", 2, 0) + struct.pack("<I4s", len(nested), b"JSON") + nested
    with pytest.raises(ConfigError, match="broken"):
        load_rig(write(tmp_path / "a.vrm", chunk))


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_rig(tmp_path / "none.vrm")


def test_plain_gltf_is_read_too(tmp_path, skeleton):
    path = write(tmp_path / "a.gltf", json.dumps(avatar(skeleton)).encode())
    assert load_rig(path).name == "a.gltf"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda b: glb({})[:20] + b))
def test_any_bytes_are_an_avatar_or_an_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "a.vrm"
    with pytest.raises(ConfigError):
        nodes_of(read_gltf(write(path, content)))


@pytest.mark.parametrize("degrees", [0.0, 45.0, 60.0])
def test_frames_against_an_a_pose_show_the_same_body(skeleton, gait, degrees):
    rig = LoweredArms(degrees)
    body = rig.body(skeleton)
    for frame in gait[::5]:
        np.testing.assert_allclose(
            forward_kinematics(body, rig.fitted(frame, 1.0)),
            forward_kinematics(skeleton, frame),
            atol=1e-9,
        )


def test_in_the_a_pose_nothing_is_turned(skeleton):
    rig = LoweredArms(45.0)
    lowered = np.tile(rot.IDENTITY, (22, 1))
    lowered[16] = rot.from_axis_angle(Z, np.radians(-45.0))
    lowered[17] = rot.from_axis_angle(Z, np.radians(45.0))
    fitted = rig.fitted(AvatarFrame(np.zeros(3), lowered), 1.0)
    np.testing.assert_allclose(np.abs(fitted.local_wxyz[:, 0]), 1.0, atol=1e-12)


@pytest.mark.parametrize("text", ["a-pose:90", "a-pose:-1", "a-pose:nan"])
def test_arms_that_cannot_be_lowered_so_are_refused(text):
    with pytest.raises(ConfigError, match="valid are 0 to 89"):
        read_rig(text)


def test_what_is_no_number_of_degrees_is_refused():
    with pytest.raises(ConfigError, match="no number of degrees"):
        read_rig("a-pose:much")


def test_a_fitted_retargeter_is_the_plain_one_on_the_avatar(rig_of, skeleton, walk):
    rig = rig_of(size=0.5, lacks=("upperChest",))
    fitted = FittedAvatar(AvatarRetargeter(skeleton), RiggedBody(rig), skeleton)
    plain = AvatarRetargeter(skeleton)
    poses = walk(6)
    for pose in poses[:3]:
        expected = rig.fitted(plain.retarget(pose), rig.scale_for(skeleton))
        np.testing.assert_array_equal(fitted.retarget(pose).local_wxyz, expected.local_wxyz)
    memory = fitted.memory()
    after = fitted.retarget(poses[3]).local_wxyz
    fitted.reset()
    fitted.recall(memory)
    np.testing.assert_array_equal(fitted.retarget(poses[3]).local_wxyz, after)
