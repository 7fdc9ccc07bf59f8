"""Another vendor's DDS, without ROS, hears the robot and is obeyed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(find_spec("rclpy") is None, reason="rclpy is not installed"),
    pytest.mark.skipif(find_spec("cyclonedds") is None, reason="cyclonedds is not installed"),
]

HERE = Path(__file__).parent

# Fast DDS 3 describes types in a way that Cyclone refuses; without descriptions both go by names.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<profiles xmlns="http://www.eprosima.com"><participant profile_name="p" is_default_profile="true">
<rtps><propertiesPolicy><properties><property><name>fastdds.type_propagation</name>
<value>disabled</value></property></properties></propertiesPolicy></rtps>
</participant></profiles>
"""
LOOPBACK = """<CycloneDDS><Domain><General><Interfaces><NetworkInterface name="lo"/></Interfaces>
<AllowMulticast>false</AllowMulticast></General><Discovery><ParticipantIndex>auto</ParticipantIndex>
<Peers><Peer address="127.0.0.1"/></Peers></Discovery></Domain></CycloneDDS>"""

SENDER = """
import importlib.util, sys, threading, time
from flood_bridge.events import Status
from flood_bridge.inputs.ros2 import Ros2Input
from flood_bridge.outputs.ros2 import Ros2Output
from flood_bridge.ros2_node import Ros2Node
spec = importlib.util.spec_from_file_location("frames", sys.argv[1])
frames = importlib.util.module_from_spec(spec)
spec.loader.exec_module(frames)
node = Ros2Node()
output = Ros2Output(node, rate_hz=60.0, now_secs=time.monotonic)
output.tell(Status(1.0, 1, "wave", "running", 90.0, 60.0, 100.0, 0, 0))
heard = threading.Event()
def take(command):
    sys.stdout.write(command.text)
    sys.stdout.flush()
    heard.set()
source = Ros2Input(node)
thread = threading.Thread(target=source.run, args=(take, print))
thread.start()
for sequence in range(2400):
    output.send(frames._frame(sequence))
    if heard.wait(1 / 60):
        break
source.close()
thread.join()
output.close()
node.close()
"""


def test_joint_states_status_and_a_text_command_pass_between_two_vendors(
    ros_domain: None, tmp_path: Path
):
    profile = tmp_path / "profile.xml"
    profile.write_text(PROFILE)
    ours = {**os.environ, "FASTDDS_DEFAULT_PROFILES_FILE": str(profile)}
    theirs = {**os.environ, "CYCLONEDDS_URI": LOOPBACK}
    with subprocess.Popen(
        [sys.executable, "-c", SENDER, str(HERE / "conftest.py")],
        env=ours,
        stdout=subprocess.PIPE,
        text=True,
    ) as sender:
        peer = subprocess.run(
            [
                sys.executable,
                HERE / "cyclone_peer.py",
                "a person waves",
                os.environ["ROS_DOMAIN_ID"],
            ],
            env=theirs,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        said, _ = sender.communicate(timeout=100)
    assert peer.returncode == 0, peer.stderr
    heard = json.loads(peer.stdout)
    assert said == "a person waves"
    assert len(heard["names"]) == 29
    np.testing.assert_allclose(np.diff(heard["first"]), 1e-4, atol=1e-9)
    assert json.loads(heard["status"][-1])["prompt"] == "wave"
