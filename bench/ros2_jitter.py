"""How evenly joint states leave the daemon over ROS 2 while its model runs, beside a bare loop.

    python bench/ros2_jitter.py [--seconds 20] [--rate-hz 60] [--json FILE]

A daemon with the bundled model and a robot (``flood-bridge run --ros --robot unitree_g1``) and a
program that does nothing but publish a joint state of the same size on absolute deadlines both
publish at the same time; one process of rclpy hears both. What is measured is the time between
arrivals minus the period. What the bare loop shows is the machine's and the middleware's own
unrest; the ratio is ours. At the end the daemon is interrupted, and timed. Without rclpy or MuJoCo
the bench says so and ends.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from frame_jitter import deviations

BARE_LOOP = """
import sys, time, rclpy
from array import array
from sensor_msgs.msg import JointState
rclpy.init()
out = rclpy.create_node("bare_loop").create_publisher(JointState, "/bare", 5)
period = 1 / float(sys.argv[1])
message = JointState(name=[f"a_joint_with_a_name_{n}" for n in range(29)])
deadline = time.monotonic()
while True:
    deadline += period
    time.sleep(max(0.0, deadline - time.monotonic()))
    message.position = message.velocity = array("d", [deadline] * 29)
    out.publish(message)
"""
TOPICS = {"daemon": "/flood_bridge/joint_states", "bare loop": "/bare"}
WARM_UP_SECS, PATIENCE_SECS = 3.0, 300.0


def measure(seconds: float, rate_hz: int) -> dict[str, Any]:
    """Hear both for ``seconds`` and return the figures."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        control = found.getsockname()[1]
    options = f"--rate-hz {rate_hz} --control.port {control} --vmc.no-enabled --osc.no-enabled"
    run = [sys.executable, "-m", "flood_bridge", "run", "--ros", "--robot", "unitree_g1"]
    daemon = subprocess.Popen([*run, *options.split()], stdin=subprocess.DEVNULL)
    loop = subprocess.Popen([sys.executable, "-c", BARE_LOOP, str(rate_hz)])
    try:
        arrivals = hear(seconds, daemon)
    finally:
        loop.kill()
        ended_secs, status = end(daemon)
        loop.wait()
    rows = {name: deviations(np.array(times), rate_hz) for name, times in arrivals.items()}
    return {
        "rate_hz": rate_hz,
        "seconds": seconds,
        "deviation_ms": rows,
        "ended_secs": ended_secs,
        "status": status,
        "ratio_p99": round(rows["daemon"]["p99"] / max(rows["bare loop"]["p99"], 1e-6), 2),
    }


def end(daemon: subprocess.Popen[bytes]) -> tuple[float, int]:
    """Interrupt the daemon; return how long it took to end, and its exit status."""
    told = time.monotonic()
    daemon.send_signal(signal.SIGINT)
    status = daemon.wait(30)
    return round(time.monotonic() - told, 2), status


def hear(seconds: float, daemon: subprocess.Popen[bytes]) -> dict[str, list[float]]:
    """Return arrival times, from a while after the daemon's first frame on."""
    import rclpy  # noqa: PLC0415
    from sensor_msgs.msg import JointState  # noqa: PLC0415

    rclpy.init()
    node = rclpy.create_node("bench_listener")
    times: dict[str, list[float]] = {name: [] for name in TOPICS}

    def note(arrived: list[float]) -> Callable[[JointState], None]:
        return lambda _: arrived.append(time.monotonic())

    for name, topic in TOPICS.items():
        node.create_subscription(JointState, topic, note(times[name]), 10)
    ends = time.monotonic() + PATIENCE_SECS
    begins = float("inf")
    while (now := time.monotonic()) < ends:
        if daemon.poll() is not None:
            raise SystemExit("the daemon ended before the measurement did")
        rclpy.spin_once(node, timeout_sec=0.1)
        if times["daemon"] and begins == float("inf"):
            begins = now + WARM_UP_SECS
            ends = begins + seconds
    node.destroy_node()
    rclpy.shutdown()
    if begins == float("inf"):
        raise SystemExit(f"no frame came within {PATIENCE_SECS:g} s")
    return {name: [at for at in heard if at >= begins] for name, heard in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20, help="how long to measure (20)")
    parser.add_argument("--rate-hz", type=int, default=60, help="frames per second (60)")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    given = parser.parse_args()
    for package in ("rclpy", "mujoco"):
        if importlib.util.find_spec(package) is None:
            print(f"{package} is not installed; nothing is measured")
            return
    os.environ["ROS_DOMAIN_ID"] = str(random.randint(1, 100))
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    figures = measure(given.seconds, given.rate_hz)
    print(f"{'sender':12s} {'frames':>7s} {'median ms':>10s} {'p99 ms':>8s} {'max ms':>8s}")
    for name, row in figures["deviation_ms"].items():
        columns = f"{row['median']:10.2f} {row['p99']:8.2f} {row['max']:8.2f}"
        print(f"{name:12s} {row['frames']:7d} {columns}")
    print(f"ratio of the p99, daemon to bare loop: {figures['ratio_p99']:.2f}")
    print(f"Ctrl-C ended the daemon in {figures['ended_secs']} s, status {figures['status']}")
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
