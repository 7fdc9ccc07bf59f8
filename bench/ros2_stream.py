"""What publishing to ROS 2 costs, and how fast a frame crosses to another process.

    python bench/ros2_stream.py [--seconds 12] [--rate-hz 60] [--against FOLDER] [--json FILE]

One character with a robot of 29 joints goes out through our output at the stream's rate, and a
plain rclpy publisher sends a joint state of the same size, names and quality of service from the
same process: what the plain one shows is the machine and the middleware. The parts take turns in
slices of a second, so that what else the machine does hits all alike.

**Cost** is processor time of this process, all threads of the middleware included, in per cent of
one core, beyond that of the same loop that sends nothing. Making the frame is not in it, neither is
the receiver, nor the daemon's thread that waits for commands. "Heard": another process listens to
the joint states, and to nothing else.

**Latency**: halfway between two of our frames the plain publisher sends one; both carry the time.

``--against`` takes a folder with another version of ``flood_bridge`` in it (``git archive HEAD
flood_bridge | tar -x -C FOLDER``) and measures that one, with this file's frames and loops, right
afterwards. Without rclpy the bench says so and ends.
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
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

LISTENER = """
import json, sys, time, rclpy
from sensor_msgs.msg import JointState
rclpy.init()
node = rclpy.create_node("bench_listener")
got = {"ours": [], "plain": []}
for name, topic in (("ours", "/flood_bridge/joint_states"), ("plain", "/plain_heard")):
    node.create_subscription(
        JointState, topic, lambda m, n=name: got[n].append((m.velocity[0], time.monotonic())), 10)
print(flush=True)
ends = time.monotonic() + float(sys.argv[1])
while time.monotonic() < ends:
    rclpy.spin_once(node, timeout_sec=0.1)
print(json.dumps(got))
"""
FRAMES = Path(__file__).parents[1] / "tests" / "ros2" / "conftest.py"
WARM_UP_SECS, SLICE_SECS = 2.0, 1.0
PARTS = ("nothing", "plain, unheard", "ours, unheard", "plain, heard", "ours, heard")


class Sender:
    """Our output and the plain publishers, one after the other on demand."""

    def __init__(self, rate_hz: float) -> None:
        from sensor_msgs.msg import JointState  # noqa: PLC0415

        from flood_bridge.outputs.ros2 import Ros2Output  # noqa: PLC0415
        from flood_bridge.ros2_node import Ros2Node  # noqa: PLC0415

        self.node = Ros2Node()
        self.output = Ros2Output(self.node, rate_hz=rate_hz, now_secs=time.monotonic)
        self.rate_hz = rate_hz
        first = hand_made_frame()
        self._times = np.zeros(29)
        self._frame = replace(first, robot=replace(first.robot, velocities=self._times))
        self._message = JointState(name=list(first.robot.names))
        self._positions = first.robot.positions
        self._sequence = 0
        self._frames: list[Any] = []
        self._heard = self.node.publish(JointState, "/plain_heard", "motion")
        self._unheard = self.node.publish(JointState, "/plain_unheard", "motion")

    def prepare(self, frames: int, character: int) -> None:
        """Make frames beforehand; all share the array that carries the time."""
        self._frames = [
            replace(
                self._frame,
                character=character,
                sequence=number,
                play_time_secs=number / self.rate_hz,
            )
            for number in range(self._sequence, self._sequence + frames)
        ]
        self._sequence += frames

    def note_time(self) -> None:
        """Write the time into the next frame's velocities."""
        self._times[:] = time.monotonic()

    def ours(self, tick: int) -> None:
        """Send a prepared frame through our output."""
        self.note_time()
        self.output.send(self._frames[tick])

    def plain(self, heard: bool) -> None:
        """Send a joint state as any rclpy program would."""
        from array import array  # noqa: PLC0415

        self.note_time()
        message, now_ns = self._message, time.time_ns()
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(now_ns, 1_000_000_000)
        message.position = array("d", self._positions.tobytes())
        message.velocity = array("d", self._times.tobytes())
        (self._heard if heard else self._unheard).publish(message)

    def close(self) -> None:
        """Leave the graph."""
        self.output.close()
        self.node.close()


def measure(seconds: float, rate_hz: float) -> dict[str, Any]:
    """Return cost and latencies."""
    sender = Sender(rate_hz)
    slices = max(1, round(seconds / SLICE_SECS))
    with listener((len(PARTS) * slices * SLICE_SECS) + seconds + 3 * WARM_UP_SECS) as told:
        time.sleep(WARM_UP_SECS)
        cost = costs(sender, slices)
        crossing(sender, round(seconds * rate_hz))
    sender.close()
    latencies = {name: percentiles(times) for name, times in told.items()}
    return {
        "rate_hz": rate_hz,
        "seconds": seconds,
        "cpu_percent": cost,
        "latency_ms": latencies,
        "ratio_p99": round(latencies["ours"]["p99"] / max(latencies["plain"]["p99"], 1e-6), 2),
    }


def costs(sender: Sender, slices: int) -> dict[str, float]:
    """Return what each part costs, in per cent of one core."""
    used: dict[str, float] = dict.fromkeys(PARTS, 0.0)
    frames = round(SLICE_SECS * sender.rate_hz)
    sends: dict[str, Callable[[int], object]] = {
        "nothing": lambda _: sender.note_time(),
        "plain, unheard": lambda _: sender.plain(False),
        "ours, unheard": sender.ours,
        "plain, heard": lambda _: sender.plain(True),
        "ours, heard": sender.ours,
    }
    for _ in range(slices):
        for part, send in sends.items():
            sender.prepare(frames, int(part == "ours, unheard"))
            used[part] += paced(send, frames, sender.rate_hz) / slices
    nothing = used.pop("nothing")
    return {part: round(100 * (share - nothing), 2) for part, share in used.items()}


def crossing(sender: Sender, frames: int) -> None:
    """Send ours and, halfway between two, the plain one's."""
    sender.prepare(frames, 0)

    def both(tick: int) -> None:
        (sender.plain(True) if tick % 2 else sender.ours(tick // 2))

    paced(both, 2 * frames, 2 * sender.rate_hz)


@contextmanager
def listener(secs: float) -> Any:
    """Hear both topics in another process meanwhile; fills what it yields at the end."""
    told: dict[str, list[list[float]]] = {}
    with subprocess.Popen(
        [sys.executable, "-c", LISTENER, str(secs)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield told
        told.update(json.loads(process.communicate(timeout=60)[0]))
    # The slices of the cost come first; latency is that of the last part, where both alternate.
    count = min(len(times) for times in told.values()) // 2
    told.update({name: times[-count:] for name, times in told.items()})


def hand_made_frame() -> Any:
    """Return one frame with a robot of 29 joints."""
    spec = importlib.util.spec_from_file_location("frames", FRAMES)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module._frame(0)


def paced(send: Callable[[int], object], frames: int, rate_hz: float) -> float:
    """Send on absolute deadlines; return the processor time used per second."""
    began, used = time.monotonic(), time.process_time()
    for tick in range(frames):
        time.sleep(max(0.0, began + tick / rate_hz - time.monotonic()))
        send(tick)
    time.sleep(max(0.0, began + frames / rate_hz - time.monotonic()))
    return (time.process_time() - used) / (time.monotonic() - began)


def percentiles(times: list[list[float]]) -> dict[str, float]:
    """Return how long messages took, in ms."""
    took = 1e3 * np.array([arrived - sent for sent, arrived in times])
    if not len(took):
        return {"count": 0, "p50": float("nan"), "p99": float("nan"), "max": float("nan")}
    p50, p99 = np.percentile(took, (50, 99))
    row = {"p50": float(p50), "p99": float(p99), "max": float(took.max())}
    return {"count": len(took), **{name: round(value, 3) for name, value in row.items()}}


def show(figures: dict[str, Any], title: str) -> None:
    """Print one version's figures."""
    seconds = figures["seconds"]
    print(f"{title}: {figures['rate_hz']:g} Hz, one character, 29 joints, {seconds:g} s a part")
    for part, percent in figures["cpu_percent"].items():
        print(f"  cost    {part:15s} {percent:6.2f} % of a core")
    for name, row in figures["latency_ms"].items():
        print(f"  latency {name:15s} ms  " + "  ".join(f"{k} {v}" for k, v in row.items()))
    print(f"  latency, p99 of ours to plain: {figures['ratio_p99']}")


def other_version(folder: Path, arguments: list[str]) -> None:
    """Run this bench with the ``flood_bridge`` of ``folder``."""
    environ = {**os.environ, "PYTHONPATH": str(folder.resolve())}
    subprocess.run([sys.executable, __file__, *arguments], env=environ, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=12.0, help="of each part (12)")
    parser.add_argument("--rate-hz", type=float, default=60.0, help="frames per second (60)")
    parser.add_argument("--against", type=Path, help="folder with another flood_bridge")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    given = parser.parse_args()
    if importlib.util.find_spec("rclpy") is None:
        print("rclpy is not installed; nothing is measured")
        return
    os.environ["ROS_DOMAIN_ID"] = str(random.randint(1, 100))
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    import flood_bridge  # noqa: PLC0415

    figures = measure(given.seconds, given.rate_hz)
    show(figures, f"flood_bridge {Path(flood_bridge.__file__).parents[1].name}")
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if given.against is not None:
        other_version(
            given.against, ["--seconds", str(given.seconds), "--rate-hz", str(given.rate_hz)]
        )


if __name__ == "__main__":
    main()
