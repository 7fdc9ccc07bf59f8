"""Folders of BVH files: every tool's names, units and axes give the same body, or a reason."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from flood_bridge.motion.frames import AvatarFrame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.render import Clip as Stretch
from flood_bridge.render import write_clip
from flood_engine.features import headings, joints_to_features
from flood_engine.humanml import JOINTS, PARENTS
from flood_engine.training.bvh_body import BONE_LENGTHS_M
from flood_engine.training.bvh_set import load_bvh_folder
from flood_engine.training.dataset import load_dataset

SKELETON = Skeleton.from_bone_lengths(BONE_LENGTHS_M)
HEADER = "file,start_s,end_s,action,caption\n"
WALK = HEADER + "a,,,walk,a person walks to the left\n"


def sided(**parts: str) -> dict[str, str]:
    """Spread "thigh='{L}Thigh'" over both sides; {S} is Left or Right, {L} l or r."""
    names = {}
    for side in ("left", "right"):
        for part, name in parts.items():
            names[f"{side}_{part}"] = name.format(S=side.capitalize(), L=side[0], U=side[0].upper())
    return names


MIXAMO = {
    **{"pelvis": "Hips", "spine1": "Spine", "spine2": "Spine1", "spine3": "Spine2"},
    **{"neck": "Neck", "head": "Head"},
    **sided(
        hip="{S}UpLeg", knee="{S}Leg", ankle="{S}Foot", foot="{S}ToeBase", collar="{S}Shoulder",
        shoulder="{S}Arm", elbow="{S}ForeArm", wrist="{S}Hand",
    ),
}  # fmt: skip
SKELETONS = {
    "Mixamo": {joint: f"mixamorig:{name}" for joint, name in MIXAMO.items()},
    "LAFAN1": MIXAMO | sided(foot="{S}Toe"),
    "HumanIK": {joint: f"Character1_{name}" for joint, name in MIXAMO.items()},
    "Perception Neuron": {j: n for j, n in MIXAMO.items() if not j.endswith("_foot")},
    "Rokoko": MIXAMO | sided(hip="{S}Thigh", knee="{S}Shin", foot="{S}Toe"),
    "Daz": {
        **{"pelvis": "hip", "spine1": "abdomen", "spine3": "chest", "neck": "neck"},
        "head": "head",
        **sided(
            hip="{L}Thigh", knee="{L}Shin", ankle="{L}Foot", collar="{L}Collar",
            shoulder="{L}Shldr", elbow="{L}ForeArm", wrist="{L}Hand",
        ),
    },
    "Xsens": {
        **{"pelvis": "Hips", "spine1": "Chest", "spine2": "Chest2", "spine3": "Chest4"},
        **{"neck": "Neck", "head": "Head"},
        **sided(
            hip="{S}Hip", knee="{S}Knee", ankle="{S}Ankle", foot="{S}Toe", collar="{S}Collar",
            shoulder="{S}Shoulder", elbow="{S}Elbow", wrist="{S}Wrist",
        ),
    },
    "Unreal": {
        **{"pelvis": "pelvis", "spine1": "spine_01", "spine2": "spine_02", "spine3": "spine_03"},
        **{"neck": "neck_01", "head": "head"},
        **sided(
            hip="thigh_{L}", knee="calf_{L}", ankle="foot_{L}", foot="ball_{L}",
            collar="clavicle_{L}", shoulder="upperarm_{L}", elbow="lowerarm_{L}", wrist="hand_{L}",
        ),
    },
    "Biped": {
        **{"pelvis": "Bip01 Pelvis", "spine1": "Bip01 Spine", "spine3": "Bip01 Spine1"},
        **{"neck": "Bip01 Neck", "head": "Bip01 Head"},
        **sided(
            hip="Bip01 {U} Thigh", knee="Bip01 {U} Calf", ankle="Bip01 {U} Foot",
            foot="Bip01 {U} Toe0", collar="Bip01 {U} Clavicle", shoulder="Bip01 {U} UpperArm",
            elbow="Bip01 {U} Forearm", wrist="Bip01 {U} Hand",
        ),
    },
    "Motive": {
        **{"pelvis": "Bob_Hip", "spine1": "Bob_Ab", "spine3": "Bob_Chest", "neck": "Bob_Neck"},
        "head": "Bob_Head",
        **sided(
            hip="Bob_{U}Thigh", knee="Bob_{U}Shin", ankle="Bob_{U}Foot", foot="Bob_{U}Toe",
            collar="Bob_{U}Shoulder", shoulder="Bob_{U}UArm", elbow="Bob_{U}FArm",
            wrist="Bob_{U}Hand",
        ),
    },
    "VRM": {
        **{"pelvis": "J_Bip_C_Hips", "spine1": "J_Bip_C_Spine", "spine3": "J_Bip_C_Chest"},
        **{"neck": "J_Bip_C_Neck", "head": "J_Bip_C_Head"},
        **sided(
            hip="J_Bip_{U}_UpperLeg", knee="J_Bip_{U}_LowerLeg", ankle="J_Bip_{U}_Foot",
            foot="J_Bip_{U}_ToeBase", collar="J_Bip_{U}_Shoulder", shoulder="J_Bip_{U}_UpperArm",
            elbow="J_Bip_{U}_LowerArm", wrist="J_Bip_{U}_Hand",
        ),
    },
    "SMPL": {joint: joint for joint in JOINTS},
}  # fmt: skip


def write_body(
    path: Path,
    names: dict[str, str],
    *,
    per_metre: float = 100.0,
    z_up: bool = False,
    frames: int = 40,
    first: str = "",
    step_m: float = 0.05,
) -> None:
    """Write a T-pose under these joint names that slides ahead ``step_m`` a frame of 20 Hz.

    Joints without a name are left out; the ends of the feet stay as end sites.
    """
    axes = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]) if z_up else np.eye(3)
    at = SKELETON.rest_positions() @ axes.T * per_metre
    kept = [joint for joint in range(22) if JOINTS[joint] in names]
    above = {joint: parent_among(kept, joint) for joint in range(22)}

    def lines(joint: int) -> list[str]:
        offset = at[joint] - (at[above[joint]] if joint else at[0])
        place = f"OFFSET {offset[0]:.6f} {offset[1]:.6f} {offset[2]:.6f}"
        if joint not in kept:
            return ["End Site", "{", place, "}"]
        kind = "JOINT" if joint else "ROOT"
        moves = "6 Xposition Yposition Zposition" if joint == 0 else "3"
        channels = f"CHANNELS {moves} Zrotation Yrotation Xrotation"
        below = [j for j in range(1, 22) if above[j] == joint and (j in kept or j in (10, 11))]
        inner = [line for child in below for line in lines(child)]
        return [f"{kind} {names[JOINTS[joint]]}", "{", place, channels, *inner, "}"]

    rows = [first] if first else []
    for frame in range(frames - len(rows)):
        root = axes @ np.array([0.3, 0.9, 1.0 + step_m * frame]) * per_metre
        rows.append(" ".join(f"{value:.6f}" for value in root) + " 0" * 3 * len(kept))
    head = ["HIERARCHY", *lines(0), "MOTION", f"Frames: {frames}", "Frame Time: 0.05"]
    path.write_text("\n".join([*head, *rows]) + "\n")


def parent_among(kept: list[int], joint: int) -> int:
    parent = PARENTS[joint]
    while parent > 0 and parent not in kept:
        parent = PARENTS[parent]
    return parent


def expected(frames: int = 40, step_m: float = 0.05) -> np.ndarray:
    joints = np.repeat(SKELETON.rest_positions()[None], frames, axis=0)
    joints[..., 1] -= joints[..., 1].min()
    joints[..., 2] += step_m * np.arange(frames)[:, None]
    return joints


@pytest.fixture(name="folder")
def made_folder(tmp_path: Path) -> Path:
    (tmp_path / "captions.csv").write_text(WALK)
    return tmp_path


@pytest.mark.parametrize("tool", list(SKELETONS))
def test_the_joints_of_every_tool_become_the_same_body(folder: Path, tool: str) -> None:
    write_body(folder / "a.bvh", SKELETONS[tool])
    mocap = load_bvh_folder(folder, mirror=False)
    np.testing.assert_allclose(mocap.clips[0].joints, expected(), atol=1e-4)
    assert mocap.refused == ()


@pytest.mark.parametrize("per_metre", [1.0, 100.0, 1000.0, 1 / 0.0254, 0.45 / 0.0254])
@pytest.mark.parametrize("z_up", [False, True])
def test_units_and_up_axis_are_found(folder: Path, per_metre: float, z_up: bool) -> None:
    write_body(folder / "a.bvh", SKELETONS["LAFAN1"], per_metre=per_metre, z_up=z_up)
    (clip,) = load_bvh_folder(folder, mirror=False).clips
    np.testing.assert_allclose(clip.joints, expected(), atol=1e-3)


def test_a_body_without_collar_bones_gets_them_between_neck_and_shoulder(folder: Path) -> None:
    bare = {joint: name for joint, name in MIXAMO.items() if "collar" not in joint}
    write_body(folder / "a.bvh", bare)
    (clip,) = load_bvh_folder(folder, mirror=False).clips
    assert 0.05 < clip.joints[0, 13, 0] < 0.15
    assert clip.joints[0, 13, 1] > clip.joints[0, 9, 1]


def smooth_turns(frames: int, rate_hz: float) -> Stretch:
    """An upright body whose every joint swings by half a radian while it walks a curve."""
    rng = np.random.default_rng(3)
    time = np.arange(frames)[:, None, None] / rate_hz
    phase, axes = rng.uniform(0, 6, (1, 22, 1)), rng.normal(0, 0.3, (1, 22, 3))
    turns = Rotation.from_rotvec((axes * np.sin(2 * time + phase)).reshape(-1, 3))
    turns = turns.as_quat(scalar_first=True).reshape(frames, 22, 4)
    roots = np.stack([0.2 * time[:, 0, 0] ** 2, 1 + 0 * time[:, 0, 0], time[:, 0, 0]], axis=-1)
    avatar = tuple(AvatarFrame(r, q) for r, q in zip(roots, turns, strict=True))
    joints = np.stack([joints_of(frame) for frame in avatar])
    return Stretch(joints, rate_hz, skeleton=SKELETON, avatar=avatar)


def joints_of(frame: AvatarFrame) -> np.ndarray:
    turns, places = [], np.zeros((22, 3))
    local = Rotation.from_quat(frame.local_wxyz, scalar_first=True)
    for joint, parent in enumerate(PARENTS):
        turns.append(local[joint] if parent < 0 else turns[parent] * local[joint])
        places[joint] = (
            frame.root_position
            if parent < 0
            else places[parent] + turns[parent].apply(SKELETON.offsets[joint])
        )
    return places


@pytest.mark.parametrize(("rate_hz", "every"), [(20.0, 1), (60.0, 3), (120.0, 6)])
def test_what_the_bridge_writes_comes_back_at_twenty_hertz(
    folder: Path, rate_hz: float, every: int
) -> None:
    stretch = smooth_turns(30 * every + 1, rate_hz)
    write_clip(folder / "a.bvh", stretch)
    (clip,) = load_bvh_folder(folder, mirror=False).clips
    wanted = joints_to_features(stretch.joints[::every], heading="clean")
    rise = clip.features[0, 3] - wanted[0, 3]  # the reader puts the feet on the floor
    heights = [3, *range(5, 67, 3)]
    wanted[:, heights] += rise
    np.testing.assert_allclose(clip.features[:, :67], wanted[:, :67], atol=1e-4)
    np.testing.assert_allclose(headings(clip.joints)[0], 0, atol=1e-5)
    np.testing.assert_allclose(clip.joints[0, 0, [0, 2]], 0, atol=1e-6)


def test_odd_rates_are_interpolated_on_rigid_bones(folder: Path) -> None:
    stretch = smooth_turns(50, 30.0)
    write_clip(folder / "a.bvh", stretch)
    (clip,) = load_bvh_folder(folder, mirror=False).clips
    bones = np.linalg.norm(clip.joints[:, 1:] - clip.joints[:, list(PARENTS[1:])], axis=-1)
    np.testing.assert_allclose(bones, np.tile(BONE_LENGTHS_M[1:], (len(bones), 1)), atol=1e-5)
    assert len(clip.joints) == 33


def test_the_t_pose_that_files_begin_with_is_left_out_and_captions_keep_their_time(
    folder: Path,
) -> None:
    (folder / "captions.csv").write_text(HEADER + "a,0.5,1,walk,a person walks\n")
    far = "0 0 -900" + " 0" * 3 * len(MIXAMO)
    write_body(folder / "a.bvh", MIXAMO, first=far)
    (clip,) = load_bvh_folder(folder, mirror=False).clips
    np.testing.assert_allclose(clip.joints, expected(39), atol=1e-4)
    assert [(c.start, c.stop) for c in clip.captions] == [(9, 19)]


def test_captions_are_grouped_mirrored_and_given_an_action(folder: Path) -> None:
    (folder / "sub").mkdir()
    write_body(folder / "sub" / "a.BVH", MIXAMO)
    (folder / "captions.csv").write_text(
        HEADER
        + 'sub/a.bvh,0,1,walk,"a person walks, slowly"\n'
        + "sub\\a,0,1,walk,he strolls\n"
        + "sub/a,1.5,,,a person waves with the left hand\n"
    )
    clip, mirrored = load_bvh_folder(folder).clips
    assert [(c.start, c.stop, c.action) for c in clip.captions] == [
        (0, 20, "walk"),
        (30, 39, "wave"),
    ]
    assert clip.captions[0].texts == ("a person walks, slowly", "he strolls")
    assert mirrored.captions[1].texts == ("a person waves with the right hand",)
    assert mirrored.mirrored and clip.name == mirrored.name == "sub/a"


def spoil_names(path: Path) -> None:
    write_body(path, {j: n for j, n in MIXAMO.items() if "knee" not in j} | {"pelvis": "Hips"})


def spoil_size(path: Path) -> None:
    write_body(path, MIXAMO, per_metre=0.33)


def spoil_line(path: Path) -> None:
    write_body(path, MIXAMO)
    path.write_text(path.read_text().replace("OFFSET", "OFSET", 1))


def spoil_sides(path: Path) -> None:
    swap = {"left": "right", "right": "left"}
    write_body(
        path,
        {j: MIXAMO["_".join(swap.get(word, word) for word in j.split("_"))] for j in MIXAMO},
    )


def spoil_speed(path: Path) -> None:
    write_body(path, MIXAMO, step_m=1.5)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (spoil_names, "left_knee, right_knee; there are: Hips, "),
        (spoil_size, "in the unit of this directory"),
        (spoil_line, r"bad.bvh, line 4: 'OFSET"),
        (spoil_sides, "toes point backwards"),
        (spoil_speed, "m/s"),
    ],
)
def test_bad_files_are_refused_by_name_and_the_others_are_read(
    folder: Path, spoil: Callable[[Path], None], says: str
) -> None:
    for name in "abc":
        write_body(folder / f"{name}.bvh", MIXAMO)
    spoil(folder / "bad.bvh")
    (folder / "captions.csv").write_text(
        WALK + "".join(f"{name},,,walk,a person walks\n" for name in ("b", "c", "bad"))
    )
    mocap = load_dataset(folder, mirror=False)
    assert [clip.name for clip in mocap.clips] == ["a", "b", "c"]
    (refusal,) = mocap.refused
    assert refusal.clip == "bad"
    assert says in refusal.reason


def test_files_without_a_caption_and_captions_without_motion_are_refused(folder: Path) -> None:
    for name in "abc":
        write_body(folder / f"{name}.bvh", MIXAMO)
    (folder / "captions.csv").write_text(WALK + "b,60,70,walk,a person walks\n")
    mocap = load_bvh_folder(folder, mirror=False)
    assert {refusal.clip: refusal.reason for refusal in mocap.refused} == {
        "b": "a caption begins after the end, 1.95 s",
        "c": "captions.csv does not describe it",
    }
