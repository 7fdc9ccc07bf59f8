"""Takes the pictures of docs/viewer.md: whole daemons with the bundled model, seen by a Chromium.

    make pictures                              # or: python bench/viewer_pictures.py --only start
    make pictures ARGS="--rate-hz 20 --speed 0.25"    # where not all can be made in real time

Nothing in them is made up: what is seen is what the daemon made and measured meanwhile, on this
machine, beside a browser that draws without a graphics card.
"""

from __future__ import annotations

import argparse
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image
from viewer_chromium import Browser, Tab, program

PATIENCE_SECS = 300.0
WIDE, PHONE = (1280, 720), (390, 844)
CONTROL_PORT = 8441
COLOURS = 256
"""Of a saved picture: flat areas and soft shadows need no more; fewer lose the small green dot."""
QUEUE = ("a person jumps", "a person turns left while walking", "a person sits down")


@contextmanager
def daemon(speed: float, *options: str) -> Iterator[str]:
    """Run a daemon for its page alone; yield the page's address when the motion has begun."""
    command = [
        str(Path(sys.executable).with_name("flood-bridge")), "run", "--viewer.enabled",
        "--viewer.port", "8440", "--osc.no-enabled", "--vmc.no-enabled",
        "--control.port", str(CONTROL_PORT), "--robot", "unitree_g1", *options,
    ]  # fmt: skip
    # A scheduler that shares by session gives the daemon its part beside the browser's.
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stderr is not None
        address = address_of(process.stderr)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.sendto(
                b"/flood/0/speed\0\0,f\0\0" + struct.pack(">f", speed), ("127.0.0.1", CONTROL_PORT)
            )
        yield address
    finally:
        process.terminate()
        process.wait(PATIENCE_SECS)


def address_of(said: IO[str]) -> str:
    """Return the page's address once the motion has begun."""
    lines = iter(said.readline, "")
    address = next(found[0] for line in lines if (found := re.search(r"http://\S+", line)))
    next(line for line in lines if line.startswith("running"))
    threading.Thread(target=said.read, daemon=True).start()
    return address


class Photographer:
    """Opens pages and keeps what is seen.

    Args:
        browser: The browser.
        out: The folder for the pictures.
        wanted: Names of the pictures to be taken.
    """

    def __init__(self, browser: Browser, out: Path, wanted: list[str]) -> None:
        self._browser, self._out, self._wanted = browser, out, wanted

    def wants(self, *names: str) -> bool:
        """Return whether any of these is to be taken."""
        return bool({*names} & {*self._wanted})

    def visit(self, address: str, size: tuple[int, int], *, phone: bool = False) -> Tab:
        """Open the page and wait until its controls are there and it moves."""
        tab = self._browser.open(address, *size, phone=phone)
        until(lambda: "until another prompt" in tab.text, "the page loads and moves")
        tab.run(  # viser says that there is no graphics card; it would stay in every picture
            "document.querySelectorAll('.mantine-Notification-closeButton')"
            ".forEach(each => each.click())"
        )
        time.sleep(2.0)  # it has an orange edge, and goes slowly
        until(lambda: is_drawn(tab), "the figure is drawn")
        time.sleep(2.0)
        return tab

    def take(self, tab: Tab, name: str) -> None:
        """Keep what is seen now, if it is wanted."""
        if self.wants(name):
            path = self._out / f"viewer_{name}.png"
            tab.screenshot().quantize(
                COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE
            ).save(path, optimize=True)
            print(path, flush=True)


def is_drawn(tab: Tab) -> bool:
    """Return whether the body is there: its left side is orange, as nothing else is."""
    pixels = np.asarray(tab.screenshot()).astype(int)
    return bool((pixels[..., 0] - pixels[..., 2] > 60).mean() > 0.001)


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECS
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"this did not happen: {what}")
        time.sleep(0.3)


def shown_in_person(photographer: Photographer, speed: float, *options: str) -> None:
    """Take the pictures of everyday use."""
    with daemon(speed, "--prompt", "a person walks forward", *options) as address:
        tab = photographer.visit(address, WIDE)
        photographer.take(tab, "start")
        if photographer.wants("steer"):
            tab.choose("When", "queue it")
            for text in QUEUE:
                tab.type("Prompt", text)
                time.sleep(0.5)
            until(lambda: re.search(r"[23] of 4 s", tab.text) is not None, "the first one plays")
            photographer.take(tab, "steer")
            tab.choose("When", "soon")
        if photographer.wants("dark"):
            tab.type("Prompt", "a person dances")
            until(lambda: "coming" not in tab.text, "it dances")
            tab.press("View")
            tab.press("Dark")
            tab.press("Steer")
            time.sleep(3.0)
            photographer.take(tab, "dark")
        tab.leave()
        if photographer.wants("phone"):
            tab = photographer.visit(address, PHONE, phone=True)
            photographer.take(tab, "phone")
            tab.leave()


def follows(tab: Tab) -> bool:
    """Arm the robot as people do: again, if it has let go because the motion had a gap."""
    if re.search(r"\bidle\b", tab.text):
        tab.press("arm")
        time.sleep(4.0)  # two seconds on the way to the motion, and the status comes each second
    return "follows the motion" in tab.text


def shown_with_safety(photographer: Photographer, speed: float, *options: str) -> None:
    """Take the picture of a robot that follows, with its limits and its safety state."""
    guarded = "--prompt", "a person walks forward", "--safety", "on"
    with daemon(speed, *guarded, *options) as address:
        tab = photographer.visit(address, WIDE)
        until(lambda: follows(tab), "the robot follows")
        tab.press("Measure")
        time.sleep(2.0)
        photographer.take(tab, "robot")
        tab.leave()


def main() -> None:
    names = ("start", "steer", "dark", "phone", "robot")
    parser = argparse.ArgumentParser(description="Take the pictures of docs/viewer.md.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs" / "images")
    parser.add_argument("--only", nargs="+", choices=names, default=list(names))
    parser.add_argument("--rate-hz", default="60", help="of the stream; fewer on a slow machine")
    parser.add_argument("--speed", type=float, default=1.0, help="of the motion; likewise")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started ends with this
    how = asked.speed, "--rate-hz", asked.rate_hz
    if program() is None:
        raise SystemExit("no Chromium is installed: apt install chromium")
    browser = Browser(nice=10)
    photographer = Photographer(browser, asked.out, asked.only)
    try:
        if photographer.wants("start", "steer", "dark", "phone"):
            shown_in_person(photographer, *how)
        if photographer.wants("robot"):
            shown_with_safety(photographer, *how)
    finally:
        browser.close()


if __name__ == "__main__":
    main()
