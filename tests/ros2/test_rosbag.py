"""A stream kept as a ROS bag is read back by the reader of the same format. Needs no ROS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flood_bridge.errors import ConfigError, ProtocolError
from flood_bridge.events import Pong, PromptApplied, Status
from flood_bridge.motion.frames import Frame
from flood_bridge.outputs.rosbag import BagOutput

rosbag2 = pytest.importorskip("rosbags.rosbag2", reason="rosbags is not installed")
MakeFrame = Callable[..., Frame]


def write(folder: Path, make_frame: MakeFrame, frames: int) -> BagOutput:
    bag = BagOutput(folder)
    for sequence in range(frames):
        bag.send(make_frame(sequence))
        bag.send(make_frame(sequence, character=1))
    bag.tell(PromptApplied(0, 7, "wave – γειά", 40, 210))
    bag.tell(Status(12.5, 1, "wave", "running", 99.5, 60.0, 150.0, 0, 210))
    bag.tell(Pong(1, 2.0))
    bag.close()
    bag.close()
    return bag


def test_every_frame_and_event_is_in_the_bag(tmp_path: Path, make_frame: MakeFrame):
    written = write(tmp_path / "bag", make_frame, 30)
    store = __import__("rosbags.typesys", fromlist=["x"])
    types = store.get_typestore(store.Stores.ROS2_JAZZY)
    counts: Counter[str] = Counter()
    with rosbag2.Reader(tmp_path / "bag") as reader:
        for connection, at_ns, raw in reader.messages():
            message = types.deserialize_cdr(raw, connection.msgtype)
            if connection.topic == "/flood_bridge/joint_states":
                count = counts[connection.topic]
                robot = make_frame(count).robot
                assert robot is not None
                assert list(message.name) == list(robot.names)
                np.testing.assert_array_equal(message.position, robot.positions)
                assert at_ns == round(count / 60 * 1e9)
                assert message.header.stamp.sec * 10**9 + message.header.stamp.nanosec == at_ns
            if connection.topic == "/flood_bridge/prompt_event":
                assert "γειά" in message.data
            counts[connection.topic] += 1
    assert sum(counts.values()) == written.messages
    assert {topic.removeprefix("/flood_bridge/"): n for topic, n in counts.items()} == {
        "joint_states": 30,
        "root_pose": 30,
        "skeleton": 30,
        "prompt_event": 1,
        "status": 1,
        "skeleton_info": 1,
    }


def test_a_frame_that_is_not_finite_leaves_nothing(tmp_path: Path, make_frame: MakeFrame):
    bag = BagOutput(tmp_path / "bag")
    frame = make_frame(0)
    with pytest.raises(ProtocolError):
        bag.send(replace(frame, pose=replace(frame.pose, joints=np.full((22, 3), np.nan))))
    assert bag.messages == 0
    bag.close()


def test_a_bag_is_bounded(tmp_path: Path, make_frame: MakeFrame):
    bag = BagOutput(tmp_path / "bag", max_bytes=5000)
    for sequence in range(10):
        bag.send(make_frame(sequence))
    assert bag.full
    assert 0 < bag.messages < 30
    bag.close()


def test_an_existing_bag_is_never_overwritten(tmp_path: Path, make_frame: MakeFrame):
    write(tmp_path / "bag", make_frame, 1)
    with pytest.raises(ConfigError, match="cannot be made"):
        BagOutput(tmp_path / "bag")
