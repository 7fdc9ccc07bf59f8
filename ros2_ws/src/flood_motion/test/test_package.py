"""The package as colcon has built it: interfaces import; the node starts, finds nobody, ends."""

import os
import signal
import subprocess
import sys
import time

import pytest
import rclpy
from flood_motion_msgs.action import PlayPrompt
from flood_motion_msgs.msg import MotionFrame, Prompt, PromptEvent, SkeletonInfo, Status
from flood_motion_msgs.srv import SetPrompt
from rclpy.qos import DurabilityPolicy, QoSProfile

LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
PATIENCE_SECS = 60.0


@pytest.fixture(autouse=True)
def graph(monkeypatch):
    """Keep to this host and a domain of its own."""
    monkeypatch.setenv("ROS_DOMAIN_ID", str(101 + os.getpid() % 100))
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    monkeypatch.setenv("FASTDDS_BUILTIN_TRANSPORTS", "UDPv4")


def test_messages_have_the_fields_that_the_documentation_names():
    """Sizes and constants, as written in the .msg files."""
    assert len(MotionFrame().skeleton) == 22
    assert len(MotionFrame().contacts) == 4
    assert (Prompt.SOFT, Prompt.NOW, Prompt.QUEUE) == (0, 1, 2)
    assert PromptEvent.REJECTED == 4
    assert Status.UNREACHABLE == 0
    assert SkeletonInfo().parents.typecode == "b"
    assert SetPrompt.Request().wait is False
    assert PlayPrompt.Result.SUPERSEDED == 1


def test_the_node_says_that_there_is_no_daemon_and_ends_with_two_signals():
    """Its status is latched, and impatience does not kill it half-way."""
    pytest.importorskip("flood_bridge")
    heard = []
    rclpy.init()
    watcher = rclpy.create_node("watcher")
    watcher.create_subscription(Status, "/flood_bridge/status", heard.append, LATCHED)
    command = [sys.executable, "-m", "flood_motion.node", "--ros-args", "-p", "daemon_port:=9"]
    node = subprocess.Popen(command)
    try:
        ends = time.monotonic() + PATIENCE_SECS
        while not heard and time.monotonic() < ends:
            rclpy.spin_once(watcher, timeout_sec=0.1)
        assert heard
        assert heard[0].state == Status.UNREACHABLE
        node.send_signal(signal.SIGINT)
        node.send_signal(signal.SIGINT)
        assert node.wait(PATIENCE_SECS) == 0
    finally:
        node.kill()
        watcher.destroy_node()
        rclpy.shutdown()
