"""The native stream: what is decoded is what was published, in Unity's axes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from scipy.spatial.transform import Rotation

from flood_bridge.errors import ConfigError, ProtocolError
from flood_bridge.motion.frames import AvatarFrame, FrameFlags
from flood_bridge.motion.skeleton import NUM_JOINTS, PARENTS
from flood_bridge.protocol import native, osc
from flood_bridge.protocol.axes import UNITY, WORLDS
from flood_bridge.protocol.native_parts import YawRate
from flood_bridge.protocol.native_reader import read_frame, read_skeleton
from flood_bridge.protocol.osc import Message

MAX_PACKET = 1400

seeds = st.integers(0, 2**31 - 1)
flags = st.integers(0, 7).map(FrameFlags)


@given(seed=seeds, character=st.integers(0, 1023), flags=flags)
def test_a_frame_comes_back_as_it_was(make_frame, seed, character, flags):
    sent = make_frame(seed % 10**6, character=character, sequence=seed, flags=flags)
    (message,) = osc.parse(native.FrameEncoder(character, ["frame"]).encode(sent))
    got = read_frame(message)
    assert (got.character, got.sequence, got.flags) == (character, seed, flags)
    assert got.play_time_ms == round(sent.play_time_secs * 1000)
    np.testing.assert_allclose(
        got.root_position, UNITY.position(sent.avatar.root_position), rtol=1e-6
    )
    np.testing.assert_allclose(
        got.local_xyzw, UNITY.quaternion_xyzw(sent.avatar.local_wxyz), atol=1e-7
    )


def test_the_bundle_holds_every_topic_and_python_osc_reads_it(make_frame):
    frame = make_frame(3, character=12)
    datagram = native.FrameEncoder(12).encode(frame)
    theirs = list(OscBundle(datagram))
    ours = osc.parse(datagram)
    assert [m.address for m in ours] == [f"/flood/12/{topic}" for topic in native.TOPICS]
    assert [m.types for m in ours] == [
        "iii" + "f" * 91, "i" + "f" * 7, "ii" + "f" * 66, "iiiii",
    ]  # fmt: skip
    assert [(m.address, m.arguments) for m in ours] == [
        (m.address, tuple(m.params)) for m in theirs
    ]
    assert len(datagram) <= MAX_PACKET


def test_root_joints_and_contacts_are_those_of_the_pose(make_frame):
    frame = make_frame(7)
    _, root, joints, contact = osc.parse(native.FrameEncoder(0).encode(frame))
    x, y, z = frame.avatar.root_position
    vx, _, vz = frame.pose.velocities[0]
    np.testing.assert_allclose(
        root.arguments, [7, -x, y, z, -frame.pose.heading_rad, -vx, vz, 0], rtol=1e-6
    )
    np.testing.assert_allclose(
        np.reshape(joints.arguments[2:], (NUM_JOINTS, 3)),
        frame.pose.joints * [-1, 1, 1],
        rtol=1e-6,
    )
    assert joints.arguments[:2] == (7, round(1000 * 7 / 60))
    assert contact.arguments == (7, *map(int, frame.pose.contacts))


@pytest.mark.parametrize("axes", WORLDS, ids=lambda axes: axes.name)
def test_every_world_gets_the_body_in_its_own_axes(make_frame, axes):
    frame = make_frame(11)
    body, root, joints, _ = osc.parse(native.FrameEncoder(0, axes=axes).encode(frame))
    got = read_frame(body)
    np.testing.assert_allclose(
        got.root_position, axes.position(frame.avatar.root_position), rtol=1e-6
    )
    np.testing.assert_allclose(
        got.local_xyzw, axes.quaternion_xyzw(frame.avatar.local_wxyz), atol=1e-7
    )
    np.testing.assert_allclose(
        np.reshape(joints.arguments[2:], (NUM_JOINTS, 3)),
        axes.position(frame.pose.joints),
        rtol=1e-6,
    )
    # The yaw is that of the way that the body's forward has gone, about the world's up.
    up, forward = axes.position(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])) / axes.unit
    turned = Rotation.from_rotvec(root.arguments[4] * up).apply(forward)
    heading = frame.pose.heading_rad
    wanted = axes.position(np.array([np.sin(heading), 0.0, np.cos(heading)])) / axes.unit
    np.testing.assert_allclose(turned, wanted, atol=1e-6)
    level = [i for i in range(3) if not up[i]]
    velocity = axes.position(frame.pose.velocities[0])[level]
    np.testing.assert_allclose(root.arguments[5:7], velocity, rtol=1e-6)


def test_the_unreal_frame_is_one_flat_message_in_centimetres(make_frame):
    frame = make_frame(2, character=4, flags=FrameFlags.IDLE)
    (message,) = osc.parse(native.FrameEncoder(4, ["ue"]).encode(frame))
    assert (message.address, message.types) == ("/flood/4/ue", native.FRAME_TYPES)
    x, y, z = frame.avatar.root_position
    np.testing.assert_allclose(message.arguments[3:6], [100 * x, 100 * z, 100 * y], rtol=1e-6)
    qw, qx, qy, qz = frame.avatar.local_wxyz[5]
    np.testing.assert_allclose(message.arguments[26:30], [-qx, -qz, -qy, qw], atol=1e-7)


def test_what_does_not_fit_one_packet_is_refused():
    with pytest.raises(ConfigError, match="at most 1400 fit one packet"):
        native.FrameEncoder(0, native.ALL_TOPICS)


def test_turning_to_the_left_is_a_negative_yaw_rate(make_frame):
    encoder = native.FrameEncoder(0, ["root"])
    still = make_frame(0).pose
    first, second = (
        osc.parse(encoder.encode(make_frame(tick, pose=replace(still, heading_rad=heading))))[0]
        for tick, heading in enumerate((0.0, 0.1))
    )
    assert (first.arguments[4], first.arguments[7]) == (0.0, 0.0)
    assert (second.arguments[4], second.arguments[7]) == pytest.approx((-0.1, -6.0))


def test_the_yaw_rate_takes_the_shorter_way_round():
    rate = YawRate()
    assert rate.update(3.1, 0.0) == 0.0
    assert rate.update(-3.1, 0.1) == pytest.approx((2 * np.pi - 6.2) / 0.1)
    assert rate.update(-3.2, 0.2) == pytest.approx(-1.0)
    assert rate.update(0.0, 0.2) == 0.0  # no time has passed


def root_rates(make_frame, *frames):
    """Return the yaw rates of frames given as heading, sequence, flags."""
    encoder, still = native.FrameEncoder(0, ["root"]), make_frame(0).pose
    sent = (
        make_frame(tick, sequence=number, flags=flags, pose=replace(still, heading_rad=heading))
        for tick, (heading, number, flags) in enumerate(frames)
    )
    return [osc.parse(encoder.encode(each))[0].arguments[7] for each in sent]


@given(before=st.floats(-3, 3), after=st.floats(-3, 3))
def test_nothing_turns_on_a_jump_and_the_next_frame_goes_on_from_there(make_frame, before, after):
    none, jumped = FrameFlags.NONE, FrameFlags.JUMPED | FrameFlags.PROMPT_CHANGED
    rates = root_rates(make_frame, (before, 0, none), (after, 1, jumped), (after + 0.1, 2, none))
    assert rates == pytest.approx([0.0, 0.0, -6.0], abs=1e-4)


def test_another_character_of_the_same_number_does_not_turn_from_where_the_first_was(make_frame):
    none = FrameFlags.NONE
    rates = root_rates(make_frame, (2.0, 7, none), (0.0, 0, none), (0.1, 1, none))
    assert rates == pytest.approx([0.0, 0.0, -6.0], abs=1e-4)


def test_each_topic_can_be_had_alone(make_frame):
    for topic in native.TOPICS:
        (message,) = osc.parse(native.FrameEncoder(5, [topic]).encode(make_frame(1)))
        assert message.address == f"/flood/5/{topic}"


@pytest.mark.parametrize("topics", [[], ["frames"], ["frame", "skeleton"]])
def test_unknown_topics_are_refused_with_the_valid_ones(topics):
    with pytest.raises(ConfigError, match="frame, root, joints, contact"):
        native.FrameEncoder(0, topics)


def test_sequence_and_time_begin_again_after_31_bits(make_frame):
    frame = make_frame(0, sequence=2**31 + 5, play_time_secs=(2**31 + 7) / 1000)
    (message,) = osc.parse(native.FrameEncoder(0, ["frame"]).encode(frame))
    assert message.arguments[:2] == (5, 7)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e300])
def test_numbers_that_are_not_finite_are_never_written(make_frame, number):
    frame = make_frame(4)
    rotations = frame.avatar.local_wxyz.copy()
    rotations[13, 2] = number
    bad = make_frame(4, avatar=AvatarFrame(frame.avatar.root_position, rotations))
    encoder = native.FrameEncoder(0)
    with pytest.raises(ProtocolError, match="frame 4 of character 0"):
        encoder.encode(bad)
    assert len(osc.parse(encoder.encode(frame))) == len(native.TOPICS)


def test_the_skeleton_comes_back_as_it_was(skeleton):
    datagram = native.skeleton_message(3, skeleton)
    got = read_skeleton(osc.parse(datagram)[0])
    assert (got.character, got.space, got.parents) == (3, "unity", PARENTS)
    np.testing.assert_allclose(got.offsets, skeleton.offsets * [-1, 1, 1], rtol=1e-6)
    assert OscMessage(datagram).params[:3] == [native.SCHEMA_VERSION, NUM_JOINTS, "unity"]
    assert len(datagram) <= MAX_PACKET


@pytest.mark.parametrize(
    "message",
    [
        Message("/flood/0/root", native.FRAME_TYPES, (0,) * 94),
        Message("/flood/x/frame", native.FRAME_TYPES, (0,) * 94),
        Message("/flood/0/frame", native.FRAME_TYPES[:-1], (0,) * 93),
        Message("/flood/0/frame", "", ()),
    ],
)
def test_what_is_no_frame_is_refused(message):
    with pytest.raises(ProtocolError):
        read_frame(message)


@pytest.mark.parametrize(
    "arguments", [(2, 22, "unity", bytes(352)), (1, 24, "unity", bytes(352)), (1, 22, "unity", b"")]
)
def test_a_skeleton_of_another_shape_is_refused(arguments):
    with pytest.raises(ProtocolError, match="this reads version 1, 22 joints, 352 bytes"):
        read_skeleton(Message("/flood/0/skeleton", "iisb", arguments))
