"""A stranger on the ROS graph: plain rclpy, nothing of ours. Run as a process by the tests.

``ros_peer.py listen FRAMES FILE``  note that many joint states and what comes beside, as JSON
``ros_peer.py say TEXT ...``        publish each text as a command, wait until all have arrived
"""

import json
import sys
import time
from pathlib import Path

import rclpy
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Pose, PoseArray, PoseStamped
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import (
    DurabilityPolicy,
    LivelinessPolicy,
    QoSProfile,
    ReliabilityPolicy,
    qos_profile_sensor_data,
)
from sensor_msgs.msg import JointState
from std_msgs.msg import String

OURS = "/robot1/flood_bridge"
PATIENCE_SECS = 20.0
LATCHED = QoSProfile(
    depth=50,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
ALIVE = QoSProfile(
    depth=50,
    reliability=ReliabilityPolicy.RELIABLE,
    liveliness=LivelinessPolicy.AUTOMATIC,
    liveliness_lease_duration=Duration(seconds=0.5),
)


def stamp_ns(stamp: Time) -> int:
    return stamp.sec * 1_000_000_000 + stamp.nanosec


def row(pose: Pose) -> list[float]:
    at, turn = pose.position, pose.orientation
    return [at.x, at.y, at.z, turn.x, turn.y, turn.z, turn.w]


class Listener:
    def __init__(self, node: Node) -> None:
        self.heard: dict[str, list] = {
            name: []
            for name in (
                "joint_states", "skeleton", "root_pose", "status", "prompt_event", "skeleton_info",
            )
        }  # fmt: skip
        node.create_subscription(JointState, "/joint_states", self.on_joints, ALIVE)
        sensor = qos_profile_sensor_data
        node.create_subscription(PoseArray, f"{OURS}/skeleton", self.on_skeleton, sensor)
        node.create_subscription(PoseStamped, f"{OURS}/root_pose", self.on_root, ALIVE)
        for name in ("status", "prompt_event", "skeleton_info"):
            node.create_subscription(String, f"{OURS}/{name}", self.on_string(name), LATCHED)

    def on_joints(self, message: JointState) -> None:
        self.heard["joint_states"].append(
            {
                "at": time.monotonic(),
                "unix": time.time(),
                "stamp_ns": stamp_ns(message.header.stamp),
                "names": list(message.name),
                "positions": list(message.position),
                "velocities": list(message.velocity),
                "efforts": list(message.effort),
            }
        )

    def on_skeleton(self, message: PoseArray) -> None:
        self.heard["skeleton"].append(
            {
                "stamp_ns": stamp_ns(message.header.stamp),
                "frame_id": message.header.frame_id,
                "rows": [row(pose) for pose in message.poses],
            }
        )

    def on_root(self, message: PoseStamped) -> None:
        self.heard["root_pose"].append(
            {
                "stamp_ns": stamp_ns(message.header.stamp),
                "frame_id": message.header.frame_id,
                "row": row(message.pose),
            }
        )

    def on_string(self, name: str):
        return lambda message: self.heard[name].append(message.data)


def listen(node: Node, frames: int, notes: Path) -> None:
    listener = Listener(node)
    deadline = time.monotonic() + PATIENCE_SECS
    heard = listener.heard
    while time.monotonic() < deadline and not (
        len(heard["joint_states"]) >= frames and all(heard.values())
    ):
        rclpy.spin_once(node, timeout_sec=0.1)
    notes.write_text(json.dumps(heard))


def say(node: Node, texts: list[str]) -> None:
    publisher = node.create_publisher(String, f"{OURS}/text_command", 10)
    deadline = time.monotonic() + PATIENCE_SECS
    while publisher.get_subscription_count() == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    for text in texts:
        publisher.publish(String(data=text))
    publisher.wait_for_all_acked(Duration(seconds=5))


def main() -> None:
    rclpy.init()
    node = rclpy.create_node("stranger")
    try:
        if sys.argv[1] == "listen":
            listen(node, int(sys.argv[2]), Path(sys.argv[3]))
        else:
            say(node, sys.argv[2:])
    finally:
        node.destroy_node()
        rclpy.shutdown()


if __name__ == "__main__":
    main()
