"""The doctor tells what would crash before it does, and names peers that do not match."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from flood_bridge.doctor.options import Doctor, examine
from flood_bridge.doctor.ros_environment import environment, shared_memory
from flood_bridge.errors import ConfigError

needs_rclpy = pytest.mark.skipif(find_spec("rclpy") is None, reason="rclpy is not installed")
RMW = "share/ament_index/resource_index/rmw_typesupport"


def prefix_with(folder: Path, entry: str) -> Path:
    path = folder / entry
    path.parent.mkdir(parents=True)
    path.touch()
    return folder


@pytest.mark.ros
@needs_rclpy
def test_a_sound_environment_is_described():
    told = "\n".join(environment({}, sys.prefix))
    assert "sourced ROS 2: none" in told
    assert "rclpy: " in told
    assert "Discovery: domain 0, range SUBNET" in told


@pytest.mark.ros
@pytest.mark.skipif(find_spec("ros_wheels_bootstrapper") is None, reason="no ROS wheels here")
def test_wheels_beside_a_sourced_ros_are_refused_before_anything_starts(tmp_path: Path):
    sourced = prefix_with(tmp_path, "share/ament_index/resource_index/packages/rclpy")
    told = []
    with pytest.raises(ConfigError, match="crash at random"):
        for line in environment({"AMENT_PREFIX_PATH": str(sourced)}, sys.prefix):
            told.append(line)
    assert any(str(sourced) in line for line in told)


@pytest.mark.ros
@needs_rclpy
def test_a_middleware_that_is_missing_is_named_with_those_that_are_there(tmp_path: Path):
    own = prefix_with(tmp_path, f"{RMW}/rmw_fastrtps_cpp")
    wanted = {"RMW_IMPLEMENTATION": "rmw_cyclonedds_cpp"}
    with pytest.raises(ConfigError, match=r"valid are rmw_fastrtps_cpp.*ros-<distro>-rmw-cyclone"):
        list(environment(wanted, str(own)))


@pytest.mark.ros
@needs_rclpy
@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ROS_DOMAIN_ID", "300", "valid are 0 to 232"),
        ("ROS_AUTOMATIC_DISCOVERY_RANGE", "OFF", "nobody is found"),
        ("ROS_AUTOMATIC_DISCOVERY_RANGE", "HERE", "SUBNET, LOCALHOST"),
    ],
)
def test_settings_with_which_nobody_is_found_are_refused(name: str, value: str, reason: str):
    with pytest.raises(ConfigError, match=reason):
        list(environment({name: value}, sys.prefix))


@pytest.mark.parametrize("name", ["fastrtps_1", "fastdds_1"])
def test_segments_of_another_user_are_the_reason_of_silence(tmp_path: Path, name: str):
    (tmp_path / name).touch()
    (tmp_path / "other").touch()
    mine = "\n".join(shared_memory(tmp_path, {}, os.getuid()))
    assert "1 segments" in mine
    assert "another user" not in mine
    assert "1 of them belong to another user" in "\n".join(
        shared_memory(tmp_path, {}, os.getuid() + 1)
    )
    udp = {"FASTDDS_BUILTIN_TRANSPORTS": "UDPv4"}
    assert "UDP only" in "\n".join(shared_memory(tmp_path, udp, 0))


PEERS = """
import sys, time, rclpy
from rclpy.qos import QoSProfile, ReliabilityPolicy, DurabilityPolicy
from std_msgs.msg import String, Bool
rclpy.init()
node = rclpy.create_node("robot_team")
best_effort = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
node.create_publisher(String, "/flood_bridge/status", best_effort)
node.create_subscription(String, "/flood_bridge/status", print, 1)
other = rclpy.context.Context()  # one DDS participant has one type for a name
rclpy.init(context=other)
voice = rclpy.create_node("voice", context=other)
voice.create_publisher(Bool, "/flood_bridge/text_command", 1)
node.create_subscription(String, "/flood_bridge/text_command", print, 1)
print(flush=True)
sys.stdin.read()
"""


@pytest.mark.ros
@needs_rclpy
@pytest.mark.filterwarnings("ignore:module 'sre_.*' is deprecated:DeprecationWarning")
def test_peers_that_do_not_match_are_named_with_the_reason(ros_domain: None):
    with subprocess.Popen(
        [sys.executable, "-c", PEERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as peers:
        assert peers.stdout is not None
        peers.stdout.readline()
        told: list[str] = []
        for seconds in (1.0, 3.0, 10.0):
            told = _doctor(seconds)
            if any("2 mismatches" in line for line in told):
                break
        peers.kill()
    text = "\n".join(told)
    assert "2 nodes: /robot_team, /voice" in text
    assert "/robot_team sends, /robot_team receives nothing: ERROR: Best effort publisher" in text
    assert "/voice sends, /robot_team receives nothing: the types are std_msgs/msg/Bool and" in text
    assert "2 mismatches" in text


def _doctor(seconds: float) -> list[str]:
    import time

    return list(examine(Doctor(action="ros", seconds=seconds), time.monotonic, time.sleep))
