"""VRChat's trackers stand where the joints are, turned in Unity's order of angles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from scipy.spatial.transform import Rotation

from flood_bridge.errors import ProtocolError
from flood_bridge.motion.frames import AvatarFrame
from flood_bridge.motion.kinematics import forward_frames
from flood_bridge.motion.skeleton import JOINT_NAMES
from flood_bridge.protocol.native import MAX_PACKET_BYTES
from flood_bridge.protocol.trackers import (
    TRACKERS,
    TrackerEncoder,
    euler_degrees,
    standing_height,
)

MIRROR = np.diag([-1.0, 1.0, 1.0])
seeds = st.integers(0, 10**6)


def decode(datagram: bytes) -> dict[str, list[float]]:
    return {message.address: message.params for message in OscBundle(datagram)}


@given(seed=seeds)
def test_angles_build_the_rotation_again_about_z_then_x_then_y(seed):
    turns = Rotation.random(20, rng=seed)
    again = Rotation.from_euler("YXZ", euler_degrees(turns.as_matrix())[:, [1, 0, 2]], degrees=True)
    assert (turns.inv() * again).magnitude().max() < 1e-6


@pytest.mark.parametrize("pitch", [90.0, -90.0])
def test_angles_straight_up_and_down_are_found_too(pitch):
    turn = Rotation.from_euler("YXZ", [30, pitch, 20], degrees=True)
    x, y, z = euler_degrees(turn.as_matrix())
    again = Rotation.from_euler("YXZ", [y, x, z], degrees=True)
    assert (turn.inv() * again).magnitude() < 1e-6


@given(seed=seeds)
def test_trackers_are_joints_in_unitys_world(make_frame, skeleton, seed):
    frame = make_frame(seed)
    got = decode(TrackerEncoder(skeleton).encode(frame))
    positions, turns = forward_frames(skeleton, frame.avatar)
    for name, joint in TRACKERS.items():
        row = JOINT_NAMES.index(joint)
        np.testing.assert_allclose(
            got[f"/tracking/trackers/{name}/position"], MIRROR @ positions[row], atol=1e-5
        )
        x, y, z = got[f"/tracking/trackers/{name}/rotation"]
        wanted = Rotation.from_matrix(MIRROR @ turns[row] @ MIRROR)
        again = Rotation.from_euler("YXZ", [y, x, z], degrees=True)
        assert (wanted.inv() * again).magnitude() < 1e-4


def test_everything_fits_one_packet_and_the_head_is_always_in_it(make_frame, skeleton):
    datagram = TrackerEncoder(skeleton).encode(make_frame(1))
    assert len(datagram) <= MAX_PACKET_BYTES
    assert "/tracking/trackers/head/position" in decode(datagram)
    assert len(decode(datagram)) == 2 * len(TRACKERS)


def test_a_height_scales_the_whole_body(make_frame, skeleton):
    frame = make_frame(4)
    plain = decode(TrackerEncoder(skeleton).encode(frame))
    tall = decode(TrackerEncoder(skeleton, 3 * standing_height(skeleton)).encode(frame))
    for address, numbers in plain.items():
        factor = 3 if address.endswith("position") else 1
        np.testing.assert_allclose(tall[address], factor * np.array(numbers), rtol=1e-5)


def test_numbers_that_are_not_finite_are_never_written(make_frame, skeleton):
    bad = AvatarFrame(np.full(3, np.inf), make_frame(1).avatar.local_wxyz)
    with pytest.raises(ProtocolError, match="not finite"):
        TrackerEncoder(skeleton).encode(make_frame(1, avatar=bad))
