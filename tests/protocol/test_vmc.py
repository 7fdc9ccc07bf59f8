"""The VMC frame has the layout that every known receiver takes, and puts the pelvis in place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from scipy.spatial.transform import Rotation

from flood_bridge.errors import ConfigError, ProtocolError
from flood_bridge.motion.frames import AvatarFrame, Pose
from flood_bridge.protocol import osc, vmc
from flood_bridge.protocol.vmc import VmcEncoder, VmcForm
from flood_bridge.protocol.vmc_placing import ROOT_POLICIES

MAX_PACKET = 1400

FIRST = [
    ("/VMC/Ext/Root/Pos", "root"),
    ("/VMC/Ext/Bone/Pos", "Hips"),
    ("/VMC/Ext/Bone/Pos", "LeftUpperLeg"),
    ("/VMC/Ext/Bone/Pos", "RightUpperLeg"),
    ("/VMC/Ext/Bone/Pos", "Spine"),
    ("/VMC/Ext/Bone/Pos", "LeftLowerLeg"),
    ("/VMC/Ext/Bone/Pos", "RightLowerLeg"),
    ("/VMC/Ext/Bone/Pos", "Chest"),
    ("/VMC/Ext/Bone/Pos", "LeftFoot"),
    ("/VMC/Ext/Bone/Pos", "RightFoot"),
    ("/VMC/Ext/Bone/Pos", "UpperChest"),
    ("/VMC/Ext/Bone/Pos", "LeftToes"),
    ("/VMC/Ext/Bone/Pos", "RightToes"),
]
SECOND = [
    ("/VMC/Ext/Bone/Pos", "Neck"),
    ("/VMC/Ext/Bone/Pos", "LeftShoulder"),
    ("/VMC/Ext/Bone/Pos", "RightShoulder"),
    ("/VMC/Ext/Bone/Pos", "Head"),
    ("/VMC/Ext/Bone/Pos", "LeftUpperArm"),
    ("/VMC/Ext/Bone/Pos", "RightUpperArm"),
    ("/VMC/Ext/Bone/Pos", "LeftLowerArm"),
    ("/VMC/Ext/Bone/Pos", "RightLowerArm"),
    ("/VMC/Ext/Bone/Pos", "LeftHand"),
    ("/VMC/Ext/Bone/Pos", "RightHand"),
]

seeds = st.integers(0, 10**6)
policies = pytest.mark.parametrize("policy", ROOT_POLICIES)


@policies
def test_layout_is_root_hips_bones_then_the_commit_messages(make_frame, skeleton, policy):
    frame = make_frame(90)
    first, second = map(osc.parse, VmcEncoder(skeleton, policy).encode(frame))
    assert [(m.address, m.arguments[0]) for m in first] == FIRST
    assert [(m.address, m.arguments[0]) for m in second[:-3]] == SECOND
    assert {m.types for m in first + second[:-3]} == {"sfffffff"}
    assert second[-3:] == [
        ("/VMC/Ext/Blend/Apply", "", ()),
        ("/VMC/Ext/OK", "iiii", (1, 3, 0, 1)),
        ("/VMC/Ext/T", "f", (1.5,)),
    ]


def test_each_datagram_is_one_bundle_for_now_that_fits_one_packet(make_frame, skeleton):
    for datagram in VmcEncoder(skeleton).encode(make_frame(1)):
        assert len(datagram) <= MAX_PACKET
        assert datagram.startswith(b"#bundle\0" + bytes(7) + b"\1")


def test_python_osc_reads_the_same_messages(make_frame, skeleton):
    for datagram in VmcEncoder(skeleton).encode(make_frame(2)):
        theirs = [(m.address, tuple(m.params)) for m in OscBundle(datagram)]
        assert theirs == [(m.address, m.arguments) for m in osc.parse(datagram)]


def decode(datagrams) -> dict[str, tuple[np.ndarray, Rotation]]:
    """Position and rotation by name, as a receiver has them (Unity's axes)."""
    transforms = [m.params for d in datagrams for m in OscBundle(d) if m.address.endswith("/Pos")]
    return {
        name: (np.array(numbers[:3]), Rotation.from_quat(numbers[3:]))
        for name, *numbers in transforms
    }


MIRROR = np.diag([-1.0, 1.0, 1.0])


def in_unity(wxyz: np.ndarray) -> Rotation:
    """M R M', independent of the encoder's quaternion rule."""
    matrix = Rotation.from_quat(wxyz, scalar_first=True).as_matrix()
    return Rotation.from_matrix(MIRROR @ matrix @ MIRROR)


def assert_same(a: Rotation, b: Rotation) -> None:
    assert (a.inv() * b).magnitude() < 1e-5


@pytest.mark.parametrize("policy", ["root", "hips"])
@given(seed=seeds)
def test_root_times_hips_is_the_world_pelvis(make_frame, skeleton, policy, seed):
    frame = make_frame(seed)
    got = decode(VmcEncoder(skeleton, policy).encode(frame))
    (root_position, root), (hips_position, hips) = got["root"], got["Hips"]
    np.testing.assert_allclose(
        root_position + root.apply(hips_position), MIRROR @ frame.avatar.root_position, atol=1e-5
    )
    assert_same(root * hips, in_unity(frame.avatar.local_wxyz[0]))


@given(seed=seeds)
def test_policy_root_leaves_height_on_hips_and_only_yaw_on_root(make_frame, skeleton, seed):
    frame = make_frame(seed)
    got = decode(VmcEncoder(skeleton, "root").encode(frame))
    (root_position, root), (hips_position, _) = got["root"], got["Hips"]
    assert root_position[1] == 0.0
    np.testing.assert_array_equal(hips_position[[0, 2]], 0.0)
    np.testing.assert_allclose(root.apply([0, 1, 0]), [0, 1, 0], atol=1e-6)
    forward = np.sin(frame.pose.heading_rad), 0.0, np.cos(frame.pose.heading_rad)
    np.testing.assert_allclose(root.apply([0, 0, 1]), MIRROR @ forward, atol=1e-6)


@given(seed=seeds)
def test_policy_hips_leaves_root_at_the_origin(make_frame, skeleton, seed):
    position, rotation = decode(VmcEncoder(skeleton, "hips").encode(make_frame(seed)))["root"]
    np.testing.assert_array_equal(position, 0.0)
    np.testing.assert_array_equal(rotation.as_quat(), [0, 0, 0, 1])


@given(seed=seeds)
def test_policy_inplace_is_policy_root_without_the_way(make_frame, skeleton, seed):
    frame = make_frame(seed)
    there = decode(VmcEncoder(skeleton, "root").encode(frame))
    here = decode(VmcEncoder(skeleton, "inplace").encode(frame))
    np.testing.assert_array_equal(here["root"][0], 0.0)
    assert here["root"][1].magnitude() == 0.0
    np.testing.assert_array_equal(here["Hips"][0], there["Hips"][0])
    assert_same(here["Hips"][1], there["Hips"][1])


@policies
@given(seed=seeds)
def test_other_bones_have_their_rest_offset_and_their_local_rotation(
    make_frame, skeleton, policy, seed
):
    frame = make_frame(seed)
    encoder = VmcEncoder(skeleton, policy)
    encoder.encode(make_frame(seed + 1))  # nothing of the frame before may stay
    got = decode(encoder.encode(frame))
    for joint, name in list(enumerate(vmc.BONES))[1:]:
        position, rotation = got[name]
        np.testing.assert_allclose(position, MIRROR @ skeleton.offsets[joint], atol=1e-6)
        assert np.linalg.norm(position) > 0.01
        assert_same(rotation, in_unity(frame.avatar.local_wxyz[joint]))


@policies
def test_turning_on_the_spot_never_flips_a_sign(make_frame, skeleton, policy):
    encoder = VmcEncoder(skeleton, policy)
    still = make_frame(1)
    seen = []
    for heading in np.linspace(-9.0, 9.0, 400):
        wrapped = float(np.angle(np.exp(1j * heading)))
        rotations = still.avatar.local_wxyz.copy()
        rotations[0] = Rotation.from_rotvec([0, wrapped, 0]).as_quat(scalar_first=True)
        frame = make_frame(
            1,
            pose=Pose(still.pose.joints, still.pose.velocities, still.pose.contacts, wrapped),
            avatar=AvatarFrame(still.avatar.root_position, rotations),
        )
        root, hips = osc.parse(encoder.encode(frame)[0])[:2]
        seen.append([*root.arguments[4:], *hips.arguments[4:]])
    assert np.abs(np.diff(seen, axis=0)).max() < 0.05


def test_the_root_can_come_a_second_time_as_a_bone_before_the_hips(make_frame, skeleton):
    frame = make_frame(6)
    first, _ = map(osc.parse, VmcEncoder(skeleton, form=VmcForm(root_bone=True)).encode(frame))
    root, bone, hips = first[:3]
    assert (bone.address, bone.arguments) == ("/VMC/Ext/Bone/Pos", root.arguments)
    assert hips.arguments[0] == "Hips"
    assert sum(m.address == "/VMC/Ext/Bone/Pos" for m in first) == 13


def test_without_an_upper_chest_the_chest_takes_over_its_bend(make_frame, skeleton):
    frame = make_frame(8)
    datagrams = VmcEncoder(skeleton, form=VmcForm(upper_chest=False)).encode(frame)
    assert max(map(len, datagrams)) <= MAX_PACKET
    whole, folded = decode(VmcEncoder(skeleton).encode(frame)), decode(datagrams)
    assert set(whole) - set(folded) == {"UpperChest"}
    assert_same(folded["Chest"][1], whole["Chest"][1] * whole["UpperChest"][1])
    for name in ("Neck", "LeftShoulder", "RightShoulder"):
        np.testing.assert_allclose(
            folded[name][0], whole[name][0] + whole["UpperChest"][0], atol=1e-6
        )
    for name in ("Hips", "LeftFoot", "RightHand"):
        np.testing.assert_array_equal(folded[name][0], whole[name][0])
        assert_same(folded[name][1], whole[name][1])


def test_zero_positions_are_those_of_the_bones_below_the_hips_only(make_frame, skeleton):
    frame = make_frame(9)
    got = decode(VmcEncoder(skeleton, form=VmcForm(positions="zero")).encode(frame))
    moved = {name for name, (position, _) in got.items() if position.any()}
    assert moved == {"root", "Hips"}


def test_an_unknown_policy_is_refused_with_the_valid_ones(skeleton):
    with pytest.raises(ConfigError, match="'root', 'hips', 'inplace'"):
        VmcEncoder(skeleton, "feet")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigError, match="'skeleton', 'zero'"):
        VmcForm(positions="one")  # pyright: ignore[reportArgumentType]


def test_numbers_that_are_not_finite_are_never_written(make_frame, skeleton):
    frame = make_frame(1)
    bad = make_frame(1, avatar=AvatarFrame(np.array([0, np.nan, 0]), frame.avatar.local_wxyz))
    with pytest.raises(ProtocolError, match="not finite"):
        VmcEncoder(skeleton).encode(bad)


def test_the_prompt_travels_as_free_text():
    message = OscMessage(vmc.option_message("踊る person"))
    assert (message.address, message.params) == ("/VMC/Ext/Opt", ["踊る person"])
