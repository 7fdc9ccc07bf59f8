"""In a real Chromium, offline: the page loads, the figure moves, one steers, the next takes over.

The browser is asked over its debugging port (Chrome DevTools Protocol) and draws in software.
"""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from websockets.sync.client import connect

from flood_bridge.commands import SetPrompt

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_SECS = 240.0
_FLAGS = (
    "--headless=new", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--remote-debugging-port=0", "--remote-allow-origins=*", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--mute-audio",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
"""Drawn in software, and with no name but this machine's own to be found: offline."""


def program() -> str | None:
    """Return the browser that is installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    """One Chromium; each tab is a person."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp()
        self._process = subprocess.Popen(
            [program() or "", *_FLAGS, f"--user-data-dir={self._folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        lines = iter(self._process.stderr.readline, "")
        self._socket = connect(
            next(found[0] for line in lines if (found := re.search(r"ws://\S+", line))),
            max_size=None,
            open_timeout=PATIENCE_SECS,
        )
        self._asked = 0
        self.requests: list[str] = []
        """Addresses of all that was loaded over the network."""
        self.failures: list[str] = []
        """What went wrong in pages' own programs."""

    def call(self, method: str, tab: str | None = None, **params: Any) -> dict[str, Any]:
        """Return the answer to ``method``; note what happens meanwhile."""
        self._asked += 1
        message = {"id": self._asked, "method": method, "params": params}
        self._socket.send(json.dumps(message | ({"sessionId": tab} if tab else {})))
        while True:
            answer = json.loads(self._socket.recv(timeout=PATIENCE_SECS))
            if answer.get("id") == self._asked:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self._note(answer)

    def open(self, address: str, width: int = 640, height: int = 420) -> Tab:
        """Open a tab."""
        target = self.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable", session)
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", session, **size)
        self.call("Page.navigate", session, url=address)
        return Tab(self, target, session)

    def close(self) -> None:
        self._socket.close()
        self._process.kill()
        self._process.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _note(self, event: dict[str, Any]) -> None:
        if event["method"] == "Network.requestWillBeSent":
            address = event["params"]["request"]["url"]
            if not address.startswith(("data:", "blob:")):
                self.requests.append(address)
        if event["method"] == "Runtime.exceptionThrown":
            self.failures.append(str(event["params"]["exceptionDetails"]))


class Tab:
    """One page and the person in front of it."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self._browser, self._target, self._session = browser, target, session

    def run(self, program: str) -> Any:
        """Return the value of a JavaScript expression."""
        return self._call("Runtime.evaluate", expression=program, returnByValue=True)["result"].get(
            "value"
        )

    @property
    def text(self) -> str:
        """All text that can be seen."""
        return self.run("document.body.innerText") or ""

    def picture(self) -> np.ndarray:
        """Return what is seen left of the panel, (h, w, 3) uint8."""
        shot = base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])
        pixels = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))
        return pixels[:, : pixels.shape[1] // 2]

    def type(self, label: str, text: str) -> None:
        """Write ``text`` into the field with this ``label`` and press Enter."""
        found = self.run(
            "(() => { const label = [...document.querySelectorAll('label')]"
            f".find(each => each.innerText.trim() === {json.dumps(label)});"
            " let row = label; while (row && !row.querySelector('input')) row = row.parentElement;"
            " if (row) row.querySelector('input').focus(); return !!row; })()"
        )
        assert found, f"there is no field {label}"
        self._call("Input.insertText", text=text)
        time.sleep(0.5)  # the field's value travels a little later than its letters
        for kind in ("keyDown", "keyUp"):
            self._call(
                "Input.dispatchKeyEvent",
                type=kind,
                key="Enter",
                code="Enter",
                windowsVirtualKeyCode=13,
                text="\r" if kind == "keyDown" else "",
            )

    def press(self, label: str) -> None:
        """Click the button with this ``label``."""
        self.run(
            "[...document.querySelectorAll('button')]"
            f".find(each => each.innerText.trim() === {json.dumps(label)}).click()"
        )

    def leave(self) -> None:
        self._browser.call("Target.closeTarget", targetId=self._target)

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **params)


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(program() is None, reason="no Chromium is installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    opened = Browser()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def first(browser: Browser, page: Any) -> Tab:
    """Return the first one's tab; the page has loaded."""
    page.play(1)
    tab = browser.open(f"http://127.0.0.1:{page.port}/")
    page.wait_for(lambda: "you steer" in tab.text, "the page loads", secs=0.2)
    return tab


def changed(before: np.ndarray, after: np.ndarray) -> float:
    """Return the share of pixels that are clearly different."""
    return float((np.abs(before.astype(int) - after.astype(int)).max(axis=2) > 24).mean())


def test_the_figure_moves_on_the_canvas(page: Any, first: Tab) -> None:
    still = first.picture()
    page.wait_for(lambda: changed(still, first.picture()) > 0.002, "the figure moves", secs=0.5)


def test_a_typed_prompt_changes_the_motion_and_the_time_line(page: Any, first: Tab) -> None:
    first.type("Prompt", "a person jumps")
    command = page.next_command()
    assert isinstance(command, SetPrompt)
    assert command.text == "a person jumps"
    page.wait_for(lambda: "coming" in first.text, "the prompt is coming", secs=0.2)
    page.applied(command)
    page.wait_for(lambda: "coming" not in first.text, "the prompt plays", secs=0.2)
    assert "a person jumps" in first.text


def test_another_watches_and_takes_over_when_the_first_has_gone(
    browser: Browser, page: Any, first: Tab
) -> None:
    second = browser.open(f"http://127.0.0.1:{page.port}/")
    page.wait_for(lambda: "Viewer 1 steers" in second.text, "the second watches", secs=0.2)
    assert "Send" not in second.text
    first.leave()
    page.wait_for(lambda: "nobody steers" in second.text, "the first has gone", secs=0.2)
    second.press("Take over")
    page.wait_for(lambda: "you steer" in second.text, "the second steers", secs=0.2)
    page.wait_for(lambda: "Send" in second.text, "the controls appear", secs=0.2)


def test_nothing_was_loaded_from_elsewhere_and_nothing_failed(
    browser: Browser, page: Any, first: Tab
) -> None:
    assert first
    assert {each.split("/")[2] for each in browser.requests} == {f"127.0.0.1:{page.port}"}
    assert browser.failures == []
