"""What people who watch cost the stream: how late the tick is with nobody and with twenty there.

    python bench/viewer_spectators.py [--spectators 20] [--rounds 6] [--secs 5]

One thread plays 60 frames a second on absolute deadlines, as the daemon does, and hands them to the
viewer by way of its delivery; the page is served by its own process, and the spectators are
connections of a third one that read all they are sent. Rounds with and without them alternate, so
that both meet the same disturbances; the page is open to one person in both.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time

import numpy as np

from flood_bridge.doctor.patterns import PATTERNS, adult, pattern_frame
from flood_bridge.live.delivery import Delivery
from flood_bridge.viewer.link import ViewerLink
from flood_bridge.viewer.messages import Setup

RATE_HZ = 60.0
PORT = 8380

CROWD = """
import sys, threading
import msgspec, viser
from websockets.sync.client import connect
camera = {"type": "ViewerCameraMessage", "wxyz": [1., 0., 0., 0.], "position": [3., 0., 1.],
          "fov": .7, "near": .01, "far": 100., "image_height": 720, "image_width": 1280,
          "look_at": [0., 0., 1.], "up_direction": [0., 0., 1.]}
def watch():
    with connect(f"ws://127.0.0.1:{sys.argv[1]}", subprotocols=[f"viser-v{viser.__version__}"],
                 compression=None, max_size=None) as page:
        page.send(msgspec.msgpack.encode(camera))
        for _ in page:
            pass
for _ in range(int(sys.argv[2])):
    threading.Thread(target=watch, daemon=True).start()
print("here", flush=True)
sys.stdin.read()
"""


def lateness_ms(delivery: Delivery, start: float, secs: float) -> list[float]:
    """Play for ``secs``; return from each tick how long after its time it was done, ms."""
    late, begin = [], time.monotonic()
    for tick in range(round(secs * RATE_HZ)):
        due = begin + tick / RATE_HZ
        time.sleep(max(0.0, due - time.monotonic()))
        frame = pattern_frame(PATTERNS["t-pose"], adult(), tick, start + tick / RATE_HZ, 1.0)
        delivery.offer(frame)
        late.append(1000 * (time.monotonic() - due))
    return late


def crowd(port: int, people: int) -> subprocess.Popen[bytes]:
    """Let ``people`` come to the page."""
    watching = subprocess.Popen(
        [sys.executable, "-c", CROWD, str(port), str(people)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert watching.stdout is not None
    watching.stdout.readline()
    return watching


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--spectators", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--secs", type=float, default=5.0)
    asked = parser.parse_args()
    link = ViewerLink(Setup("127.0.0.1", PORT, ""))
    watchers: list[int] = []
    link._sleep.watched_by = watchers.append  # type: ignore[method-assign]
    threading.Thread(target=link.run, args=(print, print), daemon=True).start()
    link.begin(adult())
    delivery = Delivery(link, time.monotonic)
    threading.Thread(target=delivery.run, daemon=True).start()
    time.sleep(3.0)
    one = crowd(PORT, 1)
    found: dict[bool, list[float]] = {False: [], True: []}
    most = 0
    for number in range(asked.rounds):
        for watched in (False, True) if number % 2 else (True, False):
            people = crowd(PORT, asked.spectators) if watched else None
            time.sleep(2.0)
            most = max([most, *watchers])
            found[watched] += lateness_ms(delivery, time.monotonic(), asked.secs)
            if people is not None:
                people.kill()
                people.communicate()
                time.sleep(1.0)
    one.kill()
    one.communicate()
    delivery.close()
    print(f"{'lateness of the tick':>22}  {'p50 ms':>7} {'p95 ms':>7} {'p99 ms':>7}")
    for watched, name in ((False, "one person"), (True, f"and {asked.spectators} spectators")):
        p50, p95, p99 = np.percentile(found[watched], (50, 95, 99))
        print(f"{name:>22}  {p50:7.2f} {p95:7.2f} {p99:7.2f}")
    ratio = np.percentile(found[True], 99) / np.percentile(found[False], 99)
    print(f"p99 with spectators / without: {ratio:.2f}   (at most {most} were there at once)")


if __name__ == "__main__":
    main()
