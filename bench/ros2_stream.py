"""What publishing to ROS 2 costs, and how fast a frame crosses to another process.

    python bench/ros2_stream.py [--seconds 10] [--rate-hz 60] [--json FILE]

One character with a robot of 29 joints goes out through our output at the stream's rate; halfway
between two frames a bare rclpy publisher sends a joint state of the same size from the same
process. Another process hears both: what the bare one shows is the machine and the middleware, the
ratio is ours. The cost is the processor time of this process (all threads of the middleware
included) beyond that of the same loop that sends nothing, in per cent of one core. Without rclpy it
says so and ends.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import subprocess
import sys
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

LISTENER = """
import json, sys, time, rclpy
from sensor_msgs.msg import JointState
rclpy.init()
node = rclpy.create_node("bench_listener")
got = {"ours": [], "bare": []}
for name, topic in (("ours", "/flood_bridge/joint_states"), ("bare", "/bare")):
    node.create_subscription(
        JointState, topic, lambda m, n=name: got[n].append((m.velocity[0], time.monotonic())), 10)
print(flush=True)
ends = time.monotonic() + float(sys.argv[1])
while time.monotonic() < ends:
    rclpy.spin_once(node, timeout_sec=0.1)
print(json.dumps(got))
"""
FRAMES = Path(__file__).parents[1] / "tests" / "ros2" / "conftest.py"
WARM_UP_SECS = 2.0


def measure(seconds: float, rate_hz: float) -> dict[str, Any]:
    """Return cost and latencies."""
    from rclpy.node import Node  # noqa: PLC0415
    from sensor_msgs.msg import JointState  # noqa: PLC0415

    from flood_bridge.outputs.ros2 import Ros2Output  # noqa: PLC0415
    from flood_bridge.ros2_node import Ros2Node  # noqa: PLC0415

    os.environ["ROS_DOMAIN_ID"] = str(random.randint(1, 100))
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    make_frame = hand_made_frames()
    node = Ros2Node()
    output = Ros2Output(node, rate_hz=rate_hz, now_secs=time.monotonic)
    raw: Node = node.rclpy_node
    bare = raw.create_publisher(JointState, "/bare", 5)
    alone = paced(lambda tick: output.send(make_frame(tick, 0.0)), seconds, rate_hz)
    idle = paced(lambda _: None, seconds, rate_hz)
    message = JointState(name=[f"joint_{n}" for n in range(29)])

    def send_bare(_tick: int = 0) -> None:
        message.position = message.velocity = array("d", [time.monotonic()] * 29)
        bare.publish(message)

    plain = paced(send_bare, seconds, rate_hz)
    listener = subprocess.Popen(
        [sys.executable, "-c", LISTENER, str(2 * seconds + 3 * WARM_UP_SECS)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert listener.stdout is not None
    listener.stdout.readline()
    time.sleep(WARM_UP_SECS)
    heard = paced(lambda tick: output.send(make_frame(tick, time.monotonic())), seconds, rate_hz)
    paced(
        lambda tick: output.send(make_frame(tick, time.monotonic())),
        seconds,
        rate_hz,
        between=send_bare,
    )
    told, _ = listener.communicate(timeout=60)
    output.close()
    node.close()
    latencies = {name: percentiles(times) for name, times in json.loads(told).items()}
    return {
        "rate_hz": rate_hz,
        "seconds": seconds,
        "cpu_percent_unheard": round(100 * (alone - idle), 2),
        "cpu_percent_heard": round(100 * (heard - idle), 2),
        "cpu_percent_bare": round(100 * (plain - idle), 2),
        "latency_ms": latencies,
        "ratio_p99": round(latencies["ours"]["p99"] / max(latencies["bare"]["p99"], 1e-6), 2),
    }


def hand_made_frames() -> Callable[[int, float], Any]:
    """Return a maker of frames whose joint velocities all are the time given."""
    from dataclasses import replace  # noqa: PLC0415

    spec = importlib.util.spec_from_file_location("frames", FRAMES)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    frame = module._frame(0)

    def make(tick: int, now: float) -> Any:
        robot = replace(frame.robot, velocities=np.full(29, now))
        return replace(frame, sequence=tick, play_time_secs=tick / 60.0, robot=robot)

    return make


def paced(
    send: Callable[[int], object],
    seconds: float,
    rate_hz: float,
    between: Callable[[], object] | None = None,
) -> float:
    """Send on absolute deadlines; return the processor time used per second."""
    began, used = time.monotonic(), time.process_time()
    for tick in range(round(seconds * rate_hz)):
        time.sleep(max(0.0, began + tick / rate_hz - time.monotonic()))
        send(tick)
        if between is not None:
            time.sleep(max(0.0, began + (tick + 0.5) / rate_hz - time.monotonic()))
            between()
    return (time.process_time() - used) / (time.monotonic() - began)


def percentiles(times: list[list[float]]) -> dict[str, float]:
    """Return how long messages took, in ms."""
    took = 1e3 * np.array([arrived - sent for sent, arrived in times if sent > 0])
    if not len(took):
        return {"count": 0, "p50": float("nan"), "p99": float("nan"), "max": float("nan")}
    p50, p99 = np.percentile(took, (50, 99))
    return {
        "count": len(took),
        "p50": round(float(p50), 3),
        "p99": round(float(p99), 3),
        "max": round(float(took.max()), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate-hz", type=float, default=60.0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if importlib.util.find_spec("rclpy") is None:
        print("rclpy is not installed; nothing is measured")
        return
    figures = measure(given.seconds, given.rate_hz)
    print(f"{figures['rate_hz']:g} Hz, one character, 29 joints, {figures['seconds']:g} s a part")
    print(f"cost, nobody listens  {figures['cpu_percent_unheard']:6.2f} % of a core")
    print(f"cost, joints listened {figures['cpu_percent_heard']:6.2f} % of a core")
    print(f"cost, bare publisher  {figures['cpu_percent_bare']:6.2f} % of a core (nobody listens)")
    for name, row in figures["latency_ms"].items():
        print(f"latency {name:5s} ms  " + "  ".join(f"{k} {v}" for k, v in row.items()))
    print(f"ratio of p99, ours to bare: {figures['ratio_p99']}")
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
