"""The robot's joints over OSC: names of any number and length arrive, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.errors import ConfigError, ProtocolError
from flood_bridge.motion.frames import Frame, RobotFrame
from flood_bridge.protocol import osc
from flood_bridge.protocol.native import MAX_PACKET_BYTES
from flood_bridge.protocol.ros_robot import MAX_JOINTS, RobotReader, names_messages, robot_message

LONG = tuple(f"right_hand_finger_{n:03d}_joint" for n in range(MAX_JOINTS))
some_names = st.lists(
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=80),
    min_size=1,
    max_size=MAX_JOINTS,
)


def read(reader: RobotReader, datagrams: list[bytes]) -> None:
    for datagram in datagrams:
        for message in osc.parse(datagram):
            reader.take(message)


def numbers(make_frame: Callable[..., Frame], names: tuple[str, ...]) -> bytes:
    count = len(names)
    robot = RobotFrame(names, np.arange(count) / 7, np.ones(count), np.ones(3), np.eye(4)[0])
    return robot_message(make_frame(5, character=1023, robot=robot))


@given(names=some_names, character=st.integers(0, 1023))
def test_names_come_back_as_they_were_in_packets_that_no_network_splits(
    make_frame, names, character
):
    datagrams = names_messages(character, tuple(names))
    assert all(len(datagram) <= MAX_PACKET_BYTES for datagram in datagrams)
    reader = RobotReader()
    read(reader, [*datagrams, numbers(make_frame, tuple(names))])
    robot = reader.frame(5)
    assert robot is not None
    assert robot.names == tuple(names)


def test_the_most_joints_fit_the_packet_of_a_frame(make_frame):
    assert len(numbers(make_frame, LONG)) <= MAX_PACKET_BYTES


def test_names_that_fit_come_in_the_one_message_that_every_reader_knows():
    (message,) = osc.parse(names_messages(0, LONG[:29])[0])
    assert (message.types, message.arguments) == ("s", (" ".join(LONG[:29]),))


def test_a_lost_part_makes_no_wrong_names_and_is_made_good_a_second_later(make_frame):
    datagrams = names_messages(0, LONG)
    assert len(datagrams) > 2
    for lost in range(len(datagrams)):
        reader = RobotReader()
        left = datagrams[:lost] + datagrams[lost + 1 :]
        read(reader, [*left, numbers(make_frame, LONG)])
        assert reader.frame(5) is None
        read(reader, datagrams)
        assert reader.frame(5) is not None


def test_the_old_names_hold_while_the_same_come_again(make_frame):
    reader, datagrams = RobotReader(), names_messages(0, LONG)
    read(reader, [*datagrams, numbers(make_frame, LONG), *datagrams[:1]])
    assert reader.frame(5) is not None


@pytest.mark.parametrize(
    ("types", "arguments"),
    [
        ("si", ("a", 0)),
        ("sii", ("a b", 1, 2)),
        ("sii", ("a", -1, 2)),
        ("sii", ("a", 0, MAX_JOINTS + 1)),
        ("sii", ("", 0, 0)),
    ],
)
def test_parts_that_cannot_be_are_refused(types, arguments):
    with pytest.raises(ProtocolError, match="robot/names has"):
        RobotReader().take(osc.Message("/flood/0/robot/names", types, arguments))


@pytest.mark.parametrize("names", [(*LONG, "one_more"), ("x" * MAX_PACKET_BYTES,)])
def test_a_robot_that_no_packet_holds_is_refused(names):
    with pytest.raises(ConfigError, match=r"at most 160 can be sent|does not fit a packet"):
        names_messages(0, names)
