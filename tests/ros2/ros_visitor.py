"""Somebody on the graph of a daemon with remaps and overrides: plain rclpy, nothing of ours.

``ros_visitor.py FILE DAEMON_PID``: listens, asks, kills the daemon, writes what it saw as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import rclpy
from geometry_msgs.msg import PoseArray
from rcl_interfaces.srv import GetParameters
from rclpy.duration import Duration
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, LivelinessPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import String

OURS = "/robot1/flood_bridge"
SKELETON = "/people/skeleton"
PATIENCE_SECS = 30.0
LATCHED = QoSProfile(depth=20, durability=DurabilityPolicy.TRANSIENT_LOCAL)
LEASE = {
    "liveliness": LivelinessPolicy.AUTOMATIC,
    "liveliness_lease_duration": Duration(seconds=0.5),
}
LOOSE = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT, **LEASE)
STRICT = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)


class Visitor:
    def __init__(self, node: Node) -> None:
        self.node = node
        self.heard: dict[str, list[Any]] = {}
        self.alive: list[int] = []
        self.refused: list[int] = []
        lease = SubscriptionEventCallbacks(liveliness=lambda e: self.alive.append(e.alive_count))
        strict = SubscriptionEventCallbacks(
            incompatible_qos=lambda e: self.refused.append(e.total_count)
        )
        self.listen("loose", PoseArray, SKELETON, LOOSE, lease)
        self.listen("strict", PoseArray, SKELETON, STRICT, strict)
        self.texts = node.create_publisher(String, f"{OURS}/text_command", 10)

    def listen(self, name: str, kind: Any, topic: str, quality: Any, events: Any = None) -> None:
        heard = self.heard.setdefault(name, [])

        def take(message: Any) -> None:
            heard.append((time.monotonic(), message))

        self.node.create_subscription(kind, topic, take, quality, event_callbacks=events)

    def until(self, done: Callable[[], Any], secs: float = PATIENCE_SECS) -> bool:
        ends = time.monotonic() + secs
        while not done():
            if time.monotonic() > ends:
                return False
            rclpy.spin_once(self.node, timeout_sec=0.05)
        return True

    def parameters(self, *names: str) -> list[Any]:
        client = self.node.create_client(GetParameters, f"{OURS}/get_parameters")
        client.wait_for_service(PATIENCE_SECS)
        asked = client.call_async(GetParameters.Request(names=list(names)))
        self.until(asked.done)
        answer = asked.result()
        values = answer.values if answer else []
        return [v.double_value if v.type == 3 else v.string_value for v in values]


def visit(visitor: Visitor, daemon: int) -> dict[str, Any]:
    heard = visitor.heard
    visitor.until(lambda: len(heard["loose"]) >= 20)
    stamps = [m.header.stamp.sec + 1e-9 * m.header.stamp.nanosec for _, m in heard["loose"]]
    notes: dict[str, Any] = {
        "frame_id": heard["loose"][-1][1].header.frame_id,
        "spacing": median(b - a for a, b in pairwise(stamps)),
        "refused": visitor.refused,
        "parameters": visitor.parameters("publish_rate", "frame_id"),
        "reliability": [
            info.qos_profile.reliability.name
            for info in visitor.node.get_publishers_info_by_topic(SKELETON)
        ],
    }
    visitor.until(visitor.texts.get_subscription_count)
    visitor.texts.publish(String(data="a person waves – γειά"))
    visitor.listen("events", String, f"{OURS}/prompt_event", LATCHED)
    visitor.until(lambda: any("γειά" in m.data for _, m in heard["events"]))
    for name in ("status", "skeleton_info", "prompt_event"):  # who comes late
        visitor.listen(name, String, f"{OURS}/{name}", LATCHED)
        notes[name] = visitor.until(lambda name=name: heard[name])
    notes["events"] = [message.data for _, message in heard["events"]]
    notes["alive"] = visitor.alive[-1]
    os.kill(daemon, signal.SIGKILL)
    notes["lost"] = visitor.until(lambda: visitor.alive[-1] == 0)
    notes["lost_secs"] = time.monotonic() - heard["loose"][-1][0]
    notes["strict"] = len(heard["strict"])
    return notes


def main() -> None:
    rclpy.init()
    node = rclpy.create_node("visitor")
    try:
        Path(sys.argv[1]).write_text(json.dumps(visit(Visitor(node), int(sys.argv[2]))))
    finally:
        node.destroy_node()
        rclpy.shutdown()


if __name__ == "__main__":
    main()
