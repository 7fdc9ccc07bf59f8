"""The node beside a daemon, used by a robot team in a third process: every topic, service, action.

One run tells all: a daemon whose model glides, the node of ``ros2_ws``, and ``ros_user.py``.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from flood_bridge.protocol.ros_receipts import Kind
from flood_bridge.protocol.wishes import FORMATS

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(find_spec("rclpy") is None, reason="rclpy is not installed"),
]

HERE = Path(__file__).parent
PATIENCE_SECS = 150
SENDS_ROBOTS = "robot" in FORMATS
needs_robot = pytest.mark.skipif(
    not (SENDS_ROBOTS and find_spec("mujoco")), reason="the robot's joints are not on the wire"
)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


class Console:
    """``teleop_text``, and somebody who types; the last prompt is that of the beginning."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.lines: list[str] = []
        with subprocess.Popen(
            [sys.executable, "-m", "flood_motion.teleop_text"],
            env={**environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as self._process:
            patience = threading.Timer(PATIENCE_SECS / 2, self._process.kill)
            patience.start()
            self._until("the stream is running")
            self._type("!a person waves", 'shown "a person waves"')
            self._type("/pause", "pause: done")
            self._type("/resume", "resume: done")
            self._type("/dance", "/dance is unknown")
            self._type("x" * 600, "refused")
            self._type("a person stands still", 'shown "a person stands still"')
            self._type("/quit", "")
            self.status = self._process.wait(PATIENCE_SECS)
            patience.cancel()

    def _type(self, line: str, answer: str) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with suppress(BrokenPipeError):  # then the answer is missed
            stdin.write(line + "\n")
            stdin.flush()
        if answer:
            self._until(answer)

    def _until(self, answer: str) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        for line in stdout:
            self.lines.append(line.strip())
            if answer in line:
                return


class Story:
    """The three processes, and what came of it."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        port, notes = str(free_port()), folder / "notes.json"
        robot = ["--robot", "unitree_g1"] if SENDS_ROBOTS and find_spec("mujoco") else []
        environ = {**environ, "ROS_PYTHON_CHECK_FIELDS": "0"}  # it costs most of the time
        options = [
            "--rate-hz",
            "20",
            "--vmc.no-enabled",
            "--osc.no-enabled",
            "--control.port",
            port,
            *robot,
        ]
        self._log = (folder / "all.log").open("w+")
        daemon = self._start(environ, HERE / "stand_in_daemon.py", *options)
        arguments = ["--ros-args", "-p", f"daemon_port:={port}", "-p", "base_frame:=pelvis"]
        node = subprocess.Popen(
            [sys.executable, "-m", "flood_motion.node", *arguments],
            env=environ,
            stderr=self._log,
        )
        self.console = Console(environ)
        user = self._start(environ, HERE / "ros_user.py", str(notes), str(daemon.pid))
        try:
            self.user = user.wait(PATIENCE_SECS)
            self.told: dict[str, Any] = json.loads(notes.read_text())
            for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):
                node.send_signal(number)
                time.sleep(0.02)
            self.node = node.wait(PATIENCE_SECS)
        finally:
            for process in (user, node, daemon):
                process.kill()
                process.wait()
            self._log.seek(0)
            self.log = self._log.read()
            self._log.close()

    def _start(self, environ: dict[str, str], *command: str | Path) -> subprocess.Popen[bytes]:
        log = self._log
        return subprocess.Popen([sys.executable, *map(str, command)], env=environ, stderr=log)


@pytest.fixture(scope="module")
def story(workspace: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    yield Story(workspace, tmp_path_factory.mktemp("story"))


@pytest.fixture
def told(story: Story) -> dict[str, Any]:
    assert story.user == 0, story.log
    return story.told


def test_the_node_starts_by_itself_and_publishes_the_body_typed(told: dict[str, Any]):
    assert told["running"]
    assert told["state"] == "active"
    assert {"skeleton", "frame", "markers", "diagnostics", "info", "status"} <= set(told["seen"])
    assert told["frame"]["frame_id"] == "odom"
    assert told["frame"]["prompt"] == "a person stands still"
    assert 1.2 < told["frame"]["head_z"] < 2.0
    assert told["markers"] == ["bones", "joints", "trail", "prompt"]


@needs_robot
def test_the_robot_comes_as_joint_states_commands_chunks_and_tf(told: dict[str, Any]):
    names = told["joints"]
    assert len(names) == 29
    assert names[0] == "left_hip_pitch_joint"
    assert told["frame"]["joints"] == names == told["chunk"]["names"]
    assert told["commands"] == 29
    assert told["tf"] == [["odom", "pelvis"]]
    times = told["chunk"]["times"]
    assert times[0] == 0.0
    assert times == sorted(times)
    assert 0.0 < times[-1] <= 0.25
    assert {tuple(sizes) for sizes in told["chunk"]["sizes"]} == {(29, 29)}


def test_a_prompt_by_service_is_answered_with_the_frame_that_obeys(told: dict[str, Any]):
    accepted, request_id, sequence, reason = told["set_prompt"]
    assert (accepted, request_id, reason) == (True, 77, "")
    started = [event for event in told["events"] if event[:2] == [Kind.STARTED, 77]]
    assert started == [[Kind.STARTED, 77, "a person runs – γειά", sequence, ""]]
    accepted, reason = told["bad_prompt"]
    assert not accepted
    assert "at most 512" in reason


def test_every_prompt_is_accepted_then_started_then_superseded(told: dict[str, Any]):
    walk = [event[0] for event in told["events"] if event[2] == "a person walks"]
    assert walk == [Kind.ACCEPTED, Kind.STARTED, Kind.SUPERSEDED]
    assert told["late"] >= 5


def test_services_are_answered_when_the_daemon_has_obeyed(told: dict[str, Any]):
    for name in ("clear_queue", "pause", "resume", "reset", "go_on"):
        assert told[name] == [True, ""], name


def test_a_cleared_queue_refuses_what_had_not_begun(told: dict[str, Any]):
    cleared = [event for event in told["events"] if "cleared" in event[4]]
    assert cleared
    assert all(event[0] == Kind.REJECTED for event in cleared)
    assert "a person is never shown" not in {e[2] for e in told["events"] if e[0] == Kind.STARTED}


def test_a_stop_is_idempotent_and_holds_until_resume(told: dict[str, Any]):
    assert told["stop"] == [[True, ""], [True, ""]]
    assert told["stopped"]
    refused = [event for event in told["events"] if event[0] == Kind.REJECTED]
    assert any("stopped" in reason for *_, reason in refused)


def test_the_newest_goal_wins_and_every_goal_ends_as_it_should(told: dict[str, Any]):
    aborted, succeeded, canceled = told["statuses"]
    assert told["superseded"]["status"] == aborted
    assert told["superseded"]["outcome"] == 1
    assert "newer goal" in told["superseded"]["reason"]
    assert told["completed"]["status"] == succeeded
    first, last = told["completed"]["frames"]
    assert 0 < first < last
    assert told["canceled"]["status"] == canceled
    assert told["progress"] == sorted(told["progress"])


def test_parameters_have_ranges_and_descriptions(told: dict[str, Any]):
    assert told["guidance"] == [True, ""]
    done, reason = told["too_much"]
    assert not done
    assert "20" in reason
    assert not told["read_only"][0]
    assert told["described"] == [
        ["Seconds of motion per second", 0.25, 4.0],
        ["Frames published per second, at most", 1.0, 200.0],
    ]


def test_the_console_shows_what_becomes_of_every_line(story: Story):
    lines = story.console.lines
    assert story.console.status == 0, lines
    assert "the stream is running" in lines
    for sign in ('accepted "a person waves"', "pause: done", "resume: done", "/dance is unknown"):
        assert any(line.startswith(sign) for line in lines), lines
    assert any(line.startswith("refused") and "512" in line for line in lines)
    (shown,) = [line for line in lines if line.startswith('shown "a person waves"')]
    assert re.search(r"from frame \d+ on, after \d+ ms$", shown)
    assert lines[-1].startswith('shown "a person stands still"')


def test_an_inactive_node_is_silent_and_becomes_active_again(told: dict[str, Any]):
    assert told["deactivate"]
    assert told["while_inactive"] == 0
    assert told["activate"]
    assert told["active_again"]


def test_a_killed_daemon_is_told(told: dict[str, Any]):
    assert told["lost"]
    assert told["lost_error"] == "the daemon is silent"


def test_three_signals_in_a_row_end_the_node_with_success(story: Story):
    assert story.node == 0
    assert "Traceback" not in story.log
