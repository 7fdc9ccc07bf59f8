"""What a daemon sends over OSC becomes the same frames and events again beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from flood_bridge.commands import (
    Arm,
    ClearQueue,
    Clutch,
    Command,
    Deadman,
    Disarm,
    EStop,
    Kill,
    MeasuredJoints,
    Pause,
    Ping,
    QueuePrompt,
    Reset,
    ResetStop,
    Resume,
    SetGuidance,
    SetHistory,
    SetPrompt,
    SetSeed,
    SetSmoothing,
    SetSpeed,
    SetSteps,
    Stop,
)
from flood_bridge.errors import CommandError, ConfigError, ProtocolError
from flood_bridge.events import Pong, PromptApplied, Rejected, Status
from flood_bridge.inputs.ros2_link import newest_frames
from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.protocol import control, native, osc, receipts
from flood_bridge.protocol.ros_link import LinkReader, command_datagram
from flood_bridge.protocol.ros_rhythm import Rhythm
from flood_bridge.protocol.ros_robot import names_messages, robot_message

MakeFrame = Callable[..., Frame]

COMMANDS = [
    SetPrompt(text="a person waves – γειά", request_id=7, character=3),
    SetPrompt(text="jump", urgency="now", request_id=8),
    SetPrompt(text="", urgency="queue", request_id=9),
    Reset(),
    Reset(seed=5),
    SetSeed(seed=6),
    Pause(),
    Resume(character=2),
    Stop(),
    ClearQueue(character=3),
    Ping(request_id=4),
    Arm(),
    Disarm(character=1),
    Clutch(engaged=False),
    Deadman(held=True),
    EStop(reason="topic ~/estop"),
    ResetStop(),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
def test_a_command_arrives_as_it_was_sent(command: Command):
    assert control.read_datagram(command_datagram(command)) == [command]


@given(st.floats(0.25, 4.0, width=32), st.floats(0.0, 20.0, width=32))
def test_numbers_of_commands_arrive_as_they_were_sent(speed: float, scale: float):
    assert control.read_datagram(command_datagram(SetSpeed(factor=speed))) == [
        SetSpeed(factor=speed)
    ]
    assert control.read_datagram(command_datagram(SetGuidance(scale=scale))) == [
        SetGuidance(scale=scale)
    ]
    queued = QueuePrompt(text="walk", duration_secs=max(0.5, speed))
    assert control.read_datagram(command_datagram(queued)) == [queued]


@settings(deadline=None, max_examples=30)
@given(arrays(np.float64, (22, 3), elements=st.floats(-2.0, 2.0)), st.integers(0, 15))
def test_a_body_comes_back_in_our_axes(make_frame: MakeFrame, vectors: np.ndarray, bits: int):
    plain = make_frame(120)
    local = Rotation.from_rotvec(vectors).as_quat()[:, [3, 0, 1, 2]]
    pose = replace(
        plain.pose,
        joints=plain.pose.joints + vectors,
        heading_rad=0.7,
        contacts=np.array([True, False, True, False]),
    )
    avatar = replace(plain.avatar, local_wxyz=local)
    sent = replace(plain, pose=pose, avatar=avatar, flags=FrameFlags(bits))
    (got,) = LinkReader().read(native.FrameEncoder(0).encode(sent))
    assert isinstance(got, Frame)
    assert (got.sequence, got.flags, got.play_time_secs) == (120, FrameFlags(bits), 2.0)
    np.testing.assert_allclose(got.pose.joints, pose.joints, atol=1e-5)
    np.testing.assert_allclose(got.avatar.local_wxyz, local, atol=1e-6)
    np.testing.assert_allclose(got.avatar.root_position, avatar.root_position, atol=1e-5)
    assert got.pose.contacts.tolist() == pose.contacts.tolist()
    assert got.pose.heading_rad == pytest.approx(0.7)
    assert got.robot is None


def test_velocities_are_those_between_frames(make_frame: MakeFrame):
    reader, encoder = LinkReader(), native.FrameEncoder(0)
    first = make_frame(0)
    moved = replace(first.pose, joints=first.pose.joints + np.array([0.0, 0.1, 0.0]))
    reader.read(encoder.encode(first))
    (got,) = reader.read(encoder.encode(replace(first, pose=moved, play_time_secs=0.1)))
    assert isinstance(got, Frame)
    np.testing.assert_allclose(got.pose.velocities[1:, 1], 1.0, rtol=1e-4)


@pytest.mark.parametrize("put", [{"flags": FrameFlags.JUMPED}, {"sequence": 2}])
def test_a_body_that_is_put_elsewhere_has_not_flown_there(make_frame: MakeFrame, put: dict):
    reader, encoder = LinkReader(), native.FrameEncoder(0)
    first = replace(make_frame(0), sequence=3)
    moved = replace(first.pose, joints=first.pose.joints + np.array([0.0, 0.0, 5.0]))
    reader.read(encoder.encode(first))
    later = replace(first, pose=moved, play_time_secs=0.1, **{"sequence": 4, **put})
    (got,) = reader.read(encoder.encode(later))
    assert isinstance(got, Frame)
    np.testing.assert_array_equal(got.pose.velocities[1:], 0.0)


def test_the_robot_comes_with_its_frame_and_with_no_other(make_frame: MakeFrame):
    reader, sent = LinkReader(), make_frame(60)
    assert sent.robot is not None
    (names,) = names_messages(0, sent.robot.names)
    assert reader.read(names) == []
    assert reader.read(robot_message(sent)) == []
    encoder = native.FrameEncoder(0)
    (got,) = reader.read(encoder.encode(sent))
    (late,) = reader.read(encoder.encode(make_frame(61)))
    assert isinstance(got, Frame)
    assert isinstance(late, Frame)
    assert late.robot is None
    assert got.robot is not None
    assert got.robot.names == sent.robot.names
    np.testing.assert_allclose(got.robot.positions, sent.robot.positions, atol=1e-6)
    np.testing.assert_allclose(got.robot.velocities, sent.robot.velocities, atol=1e-5)
    np.testing.assert_allclose(got.robot.root_rotation_wxyz, [0.5, 0.5, -0.5, 0.5])


def test_robots_that_cannot_be_sent_or_read_are_refused(make_frame: MakeFrame):
    robot = make_frame(0).robot
    assert robot is not None
    bad = replace(make_frame(0), robot=replace(robot, positions=np.full(29, np.nan)))
    with pytest.raises(ProtocolError, match="not finite"):
        robot_message(bad)
    with pytest.raises(ConfigError, match="200 joints"):
        names_messages(0, tuple(f"joint_{n}" for n in range(200)))
    with pytest.raises(ProtocolError, match="29 joints and 8 bytes"):
        LinkReader().read(osc.message("/flood/0/robot", "iib", 1, 29, b"\0" * 8))


def test_events_come_back_as_they_were_told():
    reader = LinkReader()
    events = [
        PromptApplied(2, 7, "wave – γειά", 40, 210),
        Rejected(3, "too long"),
        Pong(4, 12.5),
        Status(12.5, 1, "wave", "running", 99.5, 60.0, 150.0, 3, 210),
    ]
    for event in events:
        assert reader.read(receipts.event_message(event)) == [event]


def test_prompts_are_known_from_status_and_receipts(make_frame: MakeFrame):
    reader, encoder = LinkReader(), native.FrameEncoder(0)
    status = Status(1.0, 1, "stand", "running", 90.0, 60.0, 100.0, 0, 0, (1.0,))
    reader.read(receipts.event_message(status))
    (before,) = reader.read(encoder.encode(make_frame(0)))
    reader.read(receipts.event_message(PromptApplied(0, 1, "run", 1, 100)))
    (after,) = reader.read(encoder.encode(make_frame(1)))
    assert isinstance(before, Frame)
    assert isinstance(after, Frame)
    assert (before.prompt, after.prompt) == ("stand", "run")


def test_the_skeleton_is_known_once_it_was_told():
    skeleton = Skeleton.from_bone_lengths(np.linspace(0.1, 0.4, 22))
    reader = LinkReader()
    reader.read(native.skeleton_message(0, skeleton))
    assert reader.skeleton is not None
    np.testing.assert_allclose(reader.skeleton.offsets, skeleton.offsets, atol=1e-6)


def test_of_frames_that_wait_only_the_newest_of_each_character_is_read(make_frame: MakeFrame):
    frames = [native.FrameEncoder(n).encode(make_frame(s, n)) for s in range(3) for n in range(2)]
    event = receipts.event_message(Pong(1, 2.0))
    waiting = [frames[0], event, *frames[1:]]
    assert newest_frames(waiting) == [event, frames[4], frames[5]]


@pytest.mark.parametrize(
    "asked",
    [SetHistory(character=3, latents=12), SetSteps(steps=4), SetSmoothing(character=1, secs=0.25)],
)
def test_settings_of_a_character_go_over_the_wire(asked: Command):
    assert control.read_datagram(command_datagram(asked)) == [asked]


def test_what_the_wire_has_no_address_for_is_refused():
    with pytest.raises(CommandError, match="cannot carry Kill"):
        command_datagram(Kill())


def test_measured_joints_arrive_as_they_were_sent():
    told = MeasuredJoints(character=2, positions=(1.0, 2.0))
    assert control.read_datagram(command_datagram(told)) == [told]


@settings(deadline=None, max_examples=20)
@given(
    st.sampled_from([20, 50, 60, 120]),
    st.floats(-1e5, 1e5),
    st.lists(st.floats(0.0, 0.03), min_size=120, max_size=120),
)
def test_rate_and_clock_are_found_in_spite_of_jitter(rate: int, offset: float, delays: list[float]):
    rhythm = Rhythm()
    for tick, delay in enumerate(delays):
        play = round(1000 * tick / rate) / 1000
        rhythm.add(tick, play, play + offset + delay)
    assert rhythm.rate_hz == rate
    assert offset - 0.003 <= rhythm.offset_secs <= offset + max(delays)


def test_a_stream_that_begins_anew_is_measured_anew():
    rhythm = Rhythm()
    for tick in range(60):
        rhythm.add(tick, tick / 60, tick / 60 + 5.0)
    for tick in range(60):
        rhythm.add(tick, tick / 20, tick / 20 + 9.0)
    assert rhythm.rate_hz == 20
    assert rhythm.offset_secs == pytest.approx(9.0, abs=0.003)
