"""The node inside the daemon takes what ROS nodes take: remaps, parameter files, QoS overrides.

A daemon with everything real but the model, and ``ros_visitor.py``, which knows nothing of ours. It
runs without ``flood_motion_msgs``: what is typed with them is JSON here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(find_spec("rclpy") is None, reason="rclpy is not installed"),
]

HERE = Path(__file__).parent
PATIENCE_SECS = 120
PARTICIPANT_LEASE_SECS = 20.0
PARAMETERS = """
/robot1/flood_bridge:
  ros__parameters:
    publish_rate: 10.0
    qos_overrides:
      /people/skeleton:
        publisher:
          reliability: best_effort
          depth: 2
"""


@pytest.fixture(scope="module")
def told(ros_domain: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the visitor saw."""
    folder = tmp_path_factory.mktemp("visit")
    parameters, notes, log = (folder / name for name in ("my.yaml", "notes.json", "all.log"))
    parameters.write_text(PARAMETERS)
    ros_args = (
        f"-r __ns:=/robot1 -r ~/skeleton:=/people/skeleton --params-file '{parameters}'"
        " -p frame_id:=map"
    )
    options = ["--ros", f"--ros-args={ros_args}", "--rate-hz", "20"]
    quiet = ["--control.no-enabled", "--vmc.no-enabled", "--osc.no-enabled"]
    # Field checks are the other tests' business; they cost most of the time.
    environ = {**os.environ, "ROS_PYTHON_CHECK_FIELDS": "0"}
    with log.open("w") as written:
        daemon = subprocess.Popen(
            [sys.executable, HERE / "stand_in_daemon.py", *options, *quiet],
            env=environ,
            stderr=written,
            stdin=subprocess.DEVNULL,
        )
        try:
            visitor = subprocess.run(
                [sys.executable, HERE / "ros_visitor.py", notes, str(daemon.pid)],
                env=environ,
                stderr=written,
                timeout=PATIENCE_SECS,
                check=False,
            )
        finally:
            daemon.kill()
            daemon.wait()
    assert visitor.returncode == 0, log.read_text()
    yield json.loads(notes.read_text())


def test_remaps_and_the_namespace_are_obeyed(told: dict[str, Any]):
    assert told["frame_id"] == "map"


def test_a_parameter_file_is_read(told: dict[str, Any]):
    assert told["parameters"] == [10.0, "map"]
    assert told["spacing"] == pytest.approx(0.1, abs=1e-6)


def test_a_quality_override_decides_who_is_served(told: dict[str, Any]):
    assert told["reliability"] == ["BEST_EFFORT"]
    assert told["strict"] == 0
    assert told["refused"]


def test_a_text_is_obeyed_with_a_receipt(told: dict[str, Any]):
    events = [json.loads(event) for event in told["events"]]
    assert "a person waves – γειά" in [event.get("text") for event in events]


@pytest.mark.parametrize("topic", ["status", "skeleton_info", "prompt_event"])
def test_who_comes_late_is_told(told: dict[str, Any], topic: str):
    assert told[topic]


def test_a_killed_daemon_is_noticed_by_its_lease(told: dict[str, Any]):
    assert told["alive"] == 1
    assert told["lost"]
    # Without the lease it would be the participant's. The moment itself is a matter of the load.
    assert told["lost_secs"] < PARTICIPANT_LEASE_SECS / 2
