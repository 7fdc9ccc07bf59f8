"""A bag that was written without ROS is played to its topics again, in its own time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from flood_bridge.events import Status
from flood_bridge.motion.frames import Frame
from flood_bridge.outputs.rosbag import BagOutput
from flood_bridge.ros2_node import Ros2Node

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(find_spec("rclpy") is None, reason="rclpy is not installed"),
    pytest.mark.skipif(find_spec("rosbags") is None, reason="rosbags is not installed"),
    pytest.mark.filterwarnings("ignore:module 'sre_.*' is deprecated:DeprecationWarning"),
]

MakeFrame = Callable[..., Frame]
EVERY, LAST = 6, 600  # hand-made frames: a tenth of a second apart, for ten
PATIENCE_SECS = 60.0


def test_a_bag_comes_back_on_its_topics(
    workspace: dict[str, str], tmp_path: Path, make_frame: MakeFrame
):
    from sensor_msgs.msg import JointState
    from std_msgs.msg import String

    bag = BagOutput(tmp_path / "bag")
    for sequence in range(0, LAST, EVERY):
        bag.send(make_frame(sequence))
    bag.tell(Status(1.0, 1, "wave", "running", 90.0, 60.0, 100.0, 0, 0))
    bag.close()
    node = Ros2Node(ros_args=("-r", "__node:=listener"))
    states: list[Any] = []
    told: list[Any] = []
    node.subscribe(JointState, "/flood_bridge/joint_states", "commands", states.append)
    node.subscribe(String, "/flood_bridge/status", "commands", told.append)
    command = [sys.executable, "-m", "flood_motion.play_bag", str(tmp_path / "bag")]
    with subprocess.Popen(command, env=workspace, stdout=subprocess.PIPE, text=True) as player:
        ends = time.monotonic() + PATIENCE_SECS
        while player.poll() is None and time.monotonic() < ends:
            node.spin_once(0.1)
        said, _ = player.communicate(timeout=PATIENCE_SECS)
    ends = time.monotonic() + 5.0  # what was on its way when the player ended
    while (not states or _number(states[-1]) < LAST - EVERY) and time.monotonic() < ends:
        node.spin_once(0.1)
    node.close()
    assert player.returncode == 0
    assert said == f"{bag.messages} messages\n"
    numbers = [_number(state) for state in states]
    assert len(numbers) > 10  # the first ones are gone before the two have found each other
    assert numbers == list(range(numbers[0], LAST, EVERY))
    times = [state.header.stamp.sec + 1e-9 * state.header.stamp.nanosec for state in states]
    assert times == pytest.approx([number / 60 for number in numbers])
    assert json.loads(told[-1].data)["prompt"] == "wave"


def _number(state: Any) -> int:
    return round(state.position[0] / 1e-4)
