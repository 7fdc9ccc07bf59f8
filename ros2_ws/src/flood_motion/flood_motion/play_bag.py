"""``ros2 run flood_motion play_bag FOLDER``: a recorded stream again, on its topics, in its time.

Where ROS is installed, ``ros2 bag play FOLDER`` does the same and more. Needs the Python package
``rosbags``.
"""

import sys
import threading
from importlib import import_module
from pathlib import Path

import rclpy
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.serialization import deserialize_message

LATCHED = ("status", "prompt_event", "skeleton_info")


def play(folder: Path, node: Node, ended: threading.Event) -> int:
    """Publish every message of the bag when it is due; return how many there were."""
    reader_type = import_module("rosbags.rosbag2").Reader
    publishers = {}
    count = 0
    with reader_type(folder) as reader:
        for connection in reader.connections:
            package, _, name = connection.msgtype.split("/")
            kind = getattr(import_module(f"{package}.msg"), name)
            latched = connection.topic.endswith(LATCHED)
            durability = DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE
            profile = QoSProfile(depth=20 if latched else 5, durability=durability)
            publishers[connection.id] = (
                node.create_publisher(kind, connection.topic, profile),
                kind,
            )
        clock = node.get_clock()
        began_ns = clock.now().nanoseconds - reader.start_time
        for connection, at_ns, raw in reader.messages():
            wait_secs = (at_ns + began_ns - clock.now().nanoseconds) * 1e-9
            if ended.wait(max(0.0, wait_secs)):
                break
            publisher, kind = publishers[connection.id]
            publisher.publish(deserialize_message(bytes(raw), kind))
            count += 1
    for publisher, _ in publishers.values():  # the last ones are still on their way
        publisher.wait_for_all_acked(Duration(seconds=1))
    return count


def main() -> int:
    """Play one bag; return the exit status."""
    if len(sys.argv) < 2 or not Path(sys.argv[1]).exists():
        sys.stderr.write("usage: play_bag FOLDER_OF_A_ROSBAG2\n")
        return 2
    rclpy.init(args=sys.argv[2:])
    node = Node("play_bag", enable_rosout=False)
    try:
        count = play(Path(sys.argv[1]), node, threading.Event())
    except KeyboardInterrupt:
        count = 0
    except (ImportError, AttributeError) as error:
        sys.stderr.write(f"play_bag: {error}: install it, or source the workspace that has it\n")
        return 2
    finally:
        node.destroy_node()
        rclpy.try_shutdown()
    sys.stdout.write(f"{count} messages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
