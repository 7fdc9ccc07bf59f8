"""Our node and a plain rclpy program in another process understand one another."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flood_bridge.commands import Command, SetPrompt
from flood_bridge.errors import ConfigError
from flood_bridge.events import Pong, PromptApplied, Rejected, Status
from flood_bridge.inputs.ros2 import Ros2Input
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import JOINT_NAMES
from flood_bridge.outputs.ros2 import Ros2Output
from flood_bridge.protocol.ros_topics import TF
from flood_bridge.ros2_node import Ros2Node

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(find_spec("rclpy") is None, reason="rclpy is not installed"),
    pytest.mark.usefixtures("ros_domain"),
    # lark, which the ROS wheels import, on its first import.
    pytest.mark.filterwarnings("ignore:module 'sre_.*' is deprecated:DeprecationWarning"),
]

RATE_HZ = 60.0
FRAMES = 90
PEER = Path(__file__).with_name("ros_peer.py")
STATUS = Status(12.5, 1, "wave", "running", 99.5, 60.0, 150.0, 0, 210)
MakeFrame = Callable[..., Frame]


def peer(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(PEER), *arguments])


@pytest.fixture(scope="module")
def node(ros_domain: None) -> Iterator[Ros2Node]:
    made = Ros2Node(namespace="/robot1", ros_args=("-r", "~/joint_states:=/joint_states"))
    yield made
    made.close()


def play(
    output: Ros2Output, make_frame: MakeFrame, start: float, until: Callable[[], bool]
) -> None:
    """Send a frame every 1/60 s on absolute deadlines from ``start`` on, as the daemon does."""
    for sequence in range(int(30 * RATE_HZ)):
        time.sleep(max(0.0, start + sequence / RATE_HZ - time.monotonic()))
        output.send(make_frame(sequence, character=1))
        output.send(make_frame(sequence))
        if until():
            return
    raise TimeoutError("the listener did not end within 30 s")


@pytest.fixture(scope="module")
def heard(
    node: Ros2Node, make_frame: MakeFrame, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What a process heard that came after the status and the receipts were published."""
    start = time.monotonic() + 0.5
    output = Ros2Output(node, rate_hz=RATE_HZ, now_secs=lambda: time.monotonic() - start)
    output.tell(Status(11.5, 1, "", "loading", 0.0, 0.0, 0.0, 0, 0))
    output.tell(STATUS)
    output.tell(PromptApplied(0, 7, "wave – γειά", 40, 210))
    output.tell(Rejected(0, "too long"))
    output.tell(Pong(1, 2.0))
    notes = tmp_path_factory.mktemp("heard") / "notes.json"
    with peer("listen", str(FRAMES), str(notes)) as listener:
        play(output, make_frame, start, until=lambda: listener.poll() is not None)
    output.close()
    output.close()
    output.send(make_frame(0))
    output.tell(STATUS)
    return json.loads(notes.read_text())


def numbers_of(states: list[dict[str, Any]]) -> np.ndarray:
    """Return the sequences of frames: a stalled machine drops some, as KEEP_LAST wants it."""
    return np.array([round(state["positions"][0] / 1e-4) for state in states])


def test_joint_states_arrive_whole_and_in_order(heard: dict[str, Any], make_frame: MakeFrame):
    states = heard["joint_states"]
    assert len(states) >= FRAMES
    assert (np.diff(numbers_of(states)) > 0).all()
    for number, state in zip(numbers_of(states), states, strict=True):
        expected = make_frame(number).robot
        assert expected is not None
        assert state["names"] == list(expected.names)
        assert state["positions"] == expected.positions.tolist()
        assert state["velocities"] == expected.velocities.tolist()
        assert state["efforts"] == []


def test_stamps_lie_on_an_exact_grid_and_show_the_time_of_presentation(heard: dict[str, Any]):
    states = heard["joint_states"]
    stamps = np.array([state["stamp_ns"] for state in states])
    ticks = numbers_of(states) - numbers_of(states)[0]
    assert np.abs(stamps - stamps[0] - ticks * 1e9 / RATE_HZ).max() <= 1
    lateness = [state["unix"] - state["stamp_ns"] / 1e9 for state in states]
    assert -0.001 < np.median(lateness) < 60.0  # a stalled machine is late, but never early


def test_the_skeleton_faces_x_with_its_left_on_y_and_its_head_on_z(heard: dict[str, Any]):
    skeleton = heard["skeleton"][-1]
    rows = np.array(skeleton["rows"])
    assert skeleton["frame_id"] == "odom"
    assert rows.shape == (22, 7)
    position = dict(zip(JOINT_NAMES, rows[:, :3] - rows[0, :3], strict=True))
    np.testing.assert_allclose(rows[0, :3], [3.0, 1.0, 2.0])
    assert position["left_wrist"][1] > 0.5 > -0.5 > position["right_wrist"][1]
    assert position["head"][2] > 0.5 > -0.5 > position["left_ankle"][2]
    assert position["left_foot"][0] > 0.1
    np.testing.assert_allclose(rows[:, 3:], np.tile([0, 0, 0, 1], (22, 1)), atol=1e-12)


def test_the_root_pose_keeps_the_robots_axes_and_ends_with_w(heard: dict[str, Any]):
    root = heard["root_pose"][-1]
    assert root["frame_id"] == "odom"
    assert root["row"] == [0.1, 0.2, 0.793, 0.5, -0.5, 0.5, 0.5]


def test_a_late_subscriber_gets_the_latest_status_and_all_receipts(heard: dict[str, Any]):
    (status,) = map(json.loads, heard["status"])
    assert status["prompt"] == "wave"
    assert status["last_latency_ms"] == 210
    applied, rejected = map(json.loads, heard["prompt_event"])
    assert (applied["event"], applied["request_id"]) == ("applied", 7)
    assert (applied["text"], applied["sequence"]) == ("wave – γειά", 40)
    assert rejected == {"event": "rejected", "request_id": 0, "reason": "too long"}
    (info,) = map(json.loads, heard["skeleton_info"])
    assert tuple(info["names"]) == JOINT_NAMES


def test_texts_from_another_process_become_prompts_and_long_ones_are_refused(node: Ros2Node):
    taken: queue.Queue[Command | Rejected] = queue.Queue()
    source = Ros2Input(node)
    thread = threading.Thread(target=source.run, args=(taken.put, taken.put))
    thread.start()
    with peer("say", "a person waves", "x" * 600, "walk – γειά") as talker:
        got = [taken.get(timeout=20) for _ in range(3)]
        assert talker.wait(timeout=20) == 0
    source.close()
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert isinstance(got[0], SetPrompt)
    assert isinstance(got[2], SetPrompt)
    assert got[0].text == "a person waves"
    assert isinstance(got[1], Rejected)
    assert "512" in got[1].reason
    assert got[2].text == "walk – γειά"
    ids = {got[0].request_id, got[1].request_id, got[2].request_id}
    assert len(ids - {0}) == 3  # the node's own, so that receipts can name them


@pytest.mark.parametrize("output_first", [True, False])
def test_closing_ends_a_running_input_in_any_order(make_frame: MakeFrame, output_first: bool):
    node = Ros2Node()
    thread = threading.Thread(target=Ros2Input(node).run, args=(print, print))
    thread.start()
    output = Ros2Output(node, rate_hz=20.0, now_secs=lambda: 0.0)
    output.send(make_frame(0))
    for close in (output.close, node.close) if output_first else (node.close, output.close):
        close()
    node.close()
    thread.join(timeout=5)
    assert not thread.is_alive()


def test_an_invalid_namespace_or_argument_is_named():
    with pytest.raises(ConfigError, match="bad name"):
        Ros2Node(namespace="bad name")
    with pytest.raises(ConfigError, match="--bogus"):
        Ros2Node(ros_args=("--bogus",))


def test_transforms_go_below_the_namespace_as_the_demo_has_it():
    from std_msgs.msg import String

    node = Ros2Node(namespace="/robot1", ros_args=("-r", "/tf:=tf"))
    try:
        assert node.publish(String, TF.name, TF.quality).topic_name == "/robot1/tf"
    finally:
        node.close()


def test_signals_stay_with_the_process():
    code = (
        "import time; from flood_bridge.ros2_node import Ros2Node\n"
        "node = Ros2Node(); print(flush=True); time.sleep(30)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == -signal.SIGTERM
