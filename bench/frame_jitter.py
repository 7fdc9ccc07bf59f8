"""How evenly frames leave the daemon, beside a bare deadline loop on the same machine.

    python bench/frame_jitter.py [--seconds 20] [--rate-hz 60] [--json FILE]

A daemon with the bundled model and a loop that does nothing but sleep until absolute deadlines both
send datagrams to this process at the same time; what is measured is the time between arrivals
minus the period. What the bare loop shows is the machine's own unrest; the ratio is ours.
"""

from __future__ import annotations

import argparse
import json
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

BARE_LOOP = """
import socket, sys, time
port, period = int(sys.argv[1]), 1 / float(sys.argv[2])
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
deadline = time.monotonic()
while True:
    deadline += period
    time.sleep(max(0.0, deadline - time.monotonic()))
    out.sendto(b"tick", ("127.0.0.1", port))
"""
FRAME_ADDRESS = b"/flood/0/frame\0"
"""Other datagrams are bundles, too: the skeleton, the status."""
WARM_UP_SECS = 3.0


def measure(seconds: float, rate_hz: int) -> dict[str, Any]:
    """Receive both streams for ``seconds`` and return the figures."""
    ours, bare = receiver(), receiver()
    control = free_port()
    options = f"--rate-hz {rate_hz} --osc.port {port_of(ours)} --control.port {control}"
    daemon = subprocess.Popen(
        [sys.executable, "-m", "flood_bridge", "run", "--vmc.no-enabled", *options.split()],
        stdin=subprocess.DEVNULL,
    )
    loop = subprocess.Popen([sys.executable, "-c", BARE_LOOP, str(port_of(bare)), str(rate_hz)])
    try:
        arrivals = receive(ours, bare, seconds, daemon)
    finally:
        daemon.send_signal(signal.SIGINT)
        loop.kill()
        for process in (daemon, loop):
            process.wait(10)
    rows = {name: deviations(np.array(times), rate_hz) for name, times in arrivals.items()}
    return {
        "rate_hz": rate_hz,
        "seconds": seconds,
        "deviation_ms": rows,
        "ratio_p99": round(rows["daemon"]["p99"] / max(rows["bare loop"]["p99"], 1e-6), 2),
    }


def receive(
    ours: socket.socket, bare: socket.socket, seconds: float, daemon: subprocess.Popen[bytes]
) -> dict[str, list[float]]:
    """Return arrival times of frames and ticks, from a while after the first frame on."""
    times: dict[str, list[float]] = {"daemon": [], "bare loop": []}
    ready = selectors.DefaultSelector()
    ready.register(ours, selectors.EVENT_READ, "daemon")
    ready.register(bare, selectors.EVENT_READ, "bare loop")
    begun = end = float("inf")
    while (now := time.monotonic()) < end:
        if daemon.poll() is not None:
            raise SystemExit("the daemon ended before the measurement did")
        for key, _ in ready.select(0.5):
            datagram = key.fileobj.recv(4096)  # type: ignore[union-attr]
            now = time.monotonic()
            is_frame = key.data == "bare loop" or FRAME_ADDRESS in datagram
            if key.data == "daemon" and is_frame and begun == float("inf"):
                begun = now + WARM_UP_SECS
                end = begun + seconds
            if is_frame and now >= begun:
                times[key.data].append(now)
    return times


def deviations(times: np.ndarray, rate_hz: int) -> dict[str, float]:
    """Summarise |interval - period| in milliseconds."""
    off = np.abs(np.diff(times) - 1 / rate_hz) * 1e3
    return {
        "frames": len(times),
        "median": round(float(np.median(off)), 3),
        "p99": round(float(np.percentile(off, 99)), 3),
        "max": round(float(off.max()), 3),
    }


def receiver() -> socket.socket:
    """Return a bound UDP socket."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock


def port_of(sock: socket.socket) -> int:
    """Return the port that a socket is bound to."""
    return int(sock.getsockname()[1])


def free_port() -> int:
    """Return a UDP port that nothing listens on now."""
    with receiver() as sock:
        return port_of(sock)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20, help="how long to measure (20)")
    parser.add_argument("--rate-hz", type=int, default=60, help="frames per second (60)")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    figures = measure(options.seconds, options.rate_hz)
    print(f"{'sender':12s} {'frames':>7s} {'median ms':>10s} {'p99 ms':>8s} {'max ms':>8s}")
    for name, row in figures["deviation_ms"].items():
        print(
            f"{name:12s} {row['frames']:7d} {row['median']:10.2f}"
            f" {row['p99']:8.2f} {row['max']:8.2f}"
        )
    print(f"ratio of the p99: {figures['ratio_p99']:.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
