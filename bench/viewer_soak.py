"""Does the viewer leak, and does coming and going cost those who stay a frame?

    python bench/viewer_soak.py [--minutes 2] [--rate-hz 60]

A whole daemon with the bundled model and its viewer run as processes of their own. Two clients
stay all the time; one of them steers, and saves the last half minute now and then. In every second
minute others come and go beside them, half of them without a goodbye, so that calm and busy minutes
of one run can be compared. A frame is lost when it was shown to one of the two who stay and never
to the other: its pelvis, to the last bit, is how it is known. At most four are there at once; for
so many the page shows every frame that it gets. OSC, heard beside it, tells what the machine itself
has held up.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec.msgpack
import numpy as np
import viser
import zstandard
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from flood_bridge.inputs.listening import Ear
from flood_bridge.protocol import osc

PROMPTS = (
    "a person walks forward", "a person turns left while walking", "a person dances",
    "a person jogs", "a person turns right while walking", "a person walks backward",
)  # fmt: skip
VISITORS = 2
SETTLED_SECS = 2.0
"""A frame that came to one of them so long ago has come to the other, or is lost."""
PATIENCE_SECS = 180.0
CAMERA = {
    "type": "ViewerCameraMessage", "wxyz": [1.0, 0.0, 0.0, 0.0], "position": [3.0, 0.0, 1.0],
    "fov": 0.7, "near": 0.01, "far": 100.0, "image_height": 720, "image_width": 1280,
    "look_at": [0.0, 0.0, 1.0], "up_direction": [0.0, 0.0, 1.0],
}  # fmt: skip


def enter(port: int) -> ClientConnection:
    """Come to the page."""
    protocol = Subprotocol(f"viser-v{viser.__version__}")
    page = connect(
        f"ws://127.0.0.1:{port}", subprotocols=[protocol], compression=None, max_size=None
    )
    page.send(msgspec.msgpack.encode(CAMERA))
    return page


def unpack(content: bytes) -> tuple[list[dict], list[bytes]]:
    """Return the messages of one packet and the binary parts that they point to."""
    plain, packed = (int.from_bytes(content[at : at + 8], "little") for at in (0, 8))
    body = zstandard.ZstdDecompressor().decompress(content[16 : 16 + packed], plain)
    head = msgspec.msgpack.decode(body)
    at, parts = 16 + packed, []
    for length in head["binaryBufferLengths"]:
        at += -at % 8
        parts.append(content[at : at + length])
        at += length
    return head["messages"], parts


@dataclass
class Stayer:
    """A client that stays: notes each pelvis that it is shown, and may steer."""

    port: int
    seen: dict[bytes, float] = field(default_factory=dict)
    widest_secs: float = 0.0
    files: int = 0
    _controls: dict[str, str] = field(default_factory=dict)
    _last_secs: float = 0.0

    def __post_init__(self) -> None:
        self._page = enter(self.port)
        threading.Thread(target=self._watch, daemon=True).start()

    def prompt(self, text: str) -> None:
        """Send a prompt."""
        self._put(self._controls["Prompt"], text)
        self._send({"type": "GuiFormSubmitMessage", "uuid": self._controls["form"]})

    def save(self, label: str) -> None:
        """Press the button of that kind of file."""
        self._put(self._controls[label], True)

    @property
    def ready(self) -> bool:
        """Whether its panel has come."""
        return {"Prompt", "form", "BVH"} <= self._controls.keys()

    def _put(self, uuid: str, value: object) -> None:
        self._send({"type": "GuiUpdateMessage", "uuid": uuid, "updates": {"value": value}})

    def _send(self, message: dict) -> None:
        self._page.send(msgspec.msgpack.encode(message))

    def _watch(self) -> None:
        with suppress(ConnectionClosed):
            for content in self._page:
                assert isinstance(content, bytes)
                messages, parts = unpack(content)
                for message in messages:
                    self._take(message, parts)

    def _take(self, message: dict, parts: list[bytes]) -> None:
        kind = message["type"]
        self.files += kind == "FileTransferStartDownload"
        if kind == "GuiFormMessage":
            self._controls["form"] = message["uuid"]
        elif label := (message.get("props") or {}).get("label"):
            self._controls.setdefault(label, message.get("uuid", ""))
        if message.get("name") == "/world/human0/balls":
            where = (message.get("updates") or {}).get("batched_positions")
            if where is not None:
                self._note(parts[where["__binary_index"]][:12])

    def _note(self, pelvis: bytes) -> None:
        now = time.monotonic()
        if self._last_secs:
            self.widest_secs = max(self.widest_secs, now - self._last_secs)
        self._last_secs = now
        self.seen.setdefault(pelvis, now)


class Published:
    """What the daemon publishes, heard over OSC."""

    def __init__(self) -> None:
        self.ear = Ear("127.0.0.1", 0, 1 << 22)
        self.widest_secs = 0.0
        self.sequence = self.heard = 0
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        last_secs = 0.0
        while True:
            arrived = self.ear.receive(1.0)
            for message in osc.parse(arrived[0]) if arrived else ():
                if message.address == "/flood/0/frame":
                    now = time.monotonic()
                    self.widest_secs = max(self.widest_secs, now - last_secs if last_secs else 0.0)
                    last_secs = now
                    self.sequence, self.heard = message.arguments[0], self.heard + 1


class Visits:
    """People who come, watch for some seconds, and go."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free = threading.Semaphore(VISITORS)
        self.came = self.refused = self.inside = 0

    def come(self) -> None:
        """Let one more in, if there is room."""
        if self._free.acquire(blocking=False):
            threading.Thread(target=self._visit, daemon=True).start()

    def _visit(self) -> None:
        stays_secs = random.choice((0.0, 0.3, 2.0, 5.0, 12.0))
        self.inside += 1
        try:
            page = enter(self._port)
            self.came += 1
            until = time.monotonic() + stays_secs
            while time.monotonic() < until:
                with suppress(TimeoutError):
                    page.recv(timeout=0.5)
            if random.random() < 0.5:
                page.close()
            else:  # the cable is pulled
                page.socket.shutdown(socket.SHUT_RDWR)
        except (ConnectionClosed, OSError, InvalidHandshake):
            self.refused += 1
        finally:
            self.inside -= 1
            self._free.release()


def begin(ear: int, rate_hz: int) -> tuple[subprocess.Popen[str], int]:
    """Start a daemon whose motion goes to the port ``ear``; return it and the page's port."""
    command = [
        str(Path(sys.executable).with_name("flood-bridge")), "run", "--viewer.enabled",
        "--viewer.port", "8420", "--osc.port", str(ear), "--vmc.no-enabled",
        "--control.no-enabled", "--rest-secs", "0", "--prompt", PROMPTS[0],
        "--rate-hz", str(rate_hz),
    ]  # fmt: skip
    daemon = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert daemon.stderr is not None
    for line in daemon.stderr:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)/", line):
            threading.Thread(target=listen, args=(daemon.stderr,), daemon=True).start()
            return daemon, int(found[1])
    raise SystemExit("the page was not opened")


def listen(said: Iterable[str]) -> None:
    """Pass on what the daemon and the page complain of."""
    for line in said:
        if "underruns" not in line:
            sys.stderr.write(line)


def resources(process: int) -> tuple[float, int, int]:
    """Return the resident MB, descriptors and threads of a process."""
    status = Path(f"/proc/{process}/status").read_text()
    rss, threads = (
        int(re.findall(rf"{name}:\s+(\d+)", status)[0]) for name in ("VmRSS", "Threads")
    )
    return rss / 1024, len(list(Path(f"/proc/{process}/fd").iterdir())), threads


def child_of(process: int) -> int:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return int(children[0])


def pass_minute(number: int, stayer: Stayer, visits: Visits) -> None:
    """Let a minute pass: with visitors if ``number`` is odd."""
    begin_secs = time.monotonic()
    for second in range(60):
        if second % 10 == 5:
            stayer.prompt(random.choice(PROMPTS))
        if number % 5 == 1 and second == 30:
            stayer.save(("BVH", "NumPy")[number // 5 % 2])
        if number % 2 and second < 55:
            visits.come()
        time.sleep(max(0.0, begin_secs + second + 1 - time.monotonic()))


def settle(one: Stayer, other: Stayer) -> tuple[int, int]:
    """Return how many frames either was shown since the last call, and how many one alone."""
    before_secs = time.monotonic() - SETTLED_SECS
    shown = one.seen.copy() | other.seen.copy()
    old = {pelvis for pelvis, secs in shown.items() if secs < before_secs}
    both = one.seen.keys() & other.seen.keys() & old
    for each in (one, other):
        for pelvis in old:
            each.seen.pop(pelvis, None)
    return len(old), len(old) - len(both)


def main() -> None:
    parser = argparse.ArgumentParser(description="Does the viewer leak or lose frames?")
    parser.add_argument("--minutes", type=int, default=2)
    parser.add_argument("--rate-hz", type=int, default=60)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started ends with this
    published = Published()
    daemon, port = begin(published.ear.port, asked.rate_hz)
    try:
        soak(daemon, port, published, asked.minutes)
    finally:
        daemon.terminate()
        daemon.wait(10)


def soak(daemon: subprocess.Popen[str], port: int, published: Published, minutes: int) -> None:
    page, visits = child_of(daemon.pid), Visits(port)
    stayer = Stayer(port)
    until(lambda: stayer.ready and len(stayer.seen) > 60, "the motion begins")
    other = Stayer(port)
    until(lambda: len(other.seen) > 60, "the other sees it too")
    time.sleep(SETTLED_SECS)  # what was shown before the other came is not lost
    settle(stayer, other)
    print(
        f"{'minute':>11} {'ticks':>6} {'OSC':>5} {'page':>5} {'lost':>4}  {'gaps, s':>11}", end=""
    )
    print(f" {'came':>5}  {'daemon MB':>9} fd thr  {'page MB':>7} fd thr", flush=True)
    totals = {False: np.zeros(3, dtype=int), True: np.zeros(3, dtype=int)}
    memory = []
    for minute in range(minutes):
        ticks, heard = published.sequence, published.heard
        pass_minute(minute, stayer, visits)
        shown, lost = settle(stayer, other)
        ticks, heard = published.sequence - ticks, published.heard - heard
        totals[minute % 2 == 1] += (ticks, shown, lost)
        a, b = resources(daemon.pid), resources(page)
        memory.append((a[0], b[0]))
        print(
            f"{minute + 1:>6} {'busy' if minute % 2 else 'calm'} {ticks:>6} {heard:>5} {shown:>5}"
            f" {lost:>4}  {published.widest_secs:>5.2f} {stayer.widest_secs:>5.2f} {visits.came:>5}"
            f"  {a[0]:>9.1f} {a[1]:>2} {a[2]:>3}  {b[0]:>7.1f} {b[1]:>2} {b[2]:>3}",
            flush=True,
        )
        stayer.widest_secs = published.widest_secs = 0.0
    tell(totals, memory)
    print(
        f"{visits.came} came and went, {visits.refused} could not; {stayer.files} files were saved"
    )


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECS
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"this did not happen: {what}")
        time.sleep(0.2)


def tell(totals: dict[bool, np.ndarray], memory: list[tuple[float, float]]) -> None:
    """Print what it comes to."""
    for busy, (ticks, shown, lost) in totals.items():
        print(
            f"{'busy' if busy else 'calm'} minutes: {ticks} ticks, {shown} frames on the page,"
            f" {lost} lost ({100 * lost / max(1, shown):.3f} %)"
        )
    half = np.array(memory[len(memory) // 2 :])
    if len(half) > 1:
        daemon, page = 60 * np.polyfit(np.arange(len(half)), half, 1)[0]
        print(f"growth in the second half: daemon {daemon:+.1f}, page {page:+.1f} MB an hour")


if __name__ == "__main__":
    main()
