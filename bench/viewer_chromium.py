"""Drives a real headless Chromium over its debugging port (Chrome DevTools Protocol).

For the pictures of the documents and for the tests; it draws in software and finds no name but this
machine's own: what a page needs from elsewhere fails.
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
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from websockets.sync.client import connect

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_SECS = 240.0
_STRIKE_SECS = 1.0
"""How long a click may be on its way before it has missed."""
_FLAGS = (
    "--headless=new", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--remote-debugging-port=0", "--remote-allow-origins=*", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--mute-audio",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
"""Drawn in software, and with no name but this machine's own to be found: offline."""

_FIELD = (
    "(() => { const label = [...document.querySelectorAll('label')]"
    ".find(each => each.innerText.trim() === %s);"
    " let row = label; while (row && !row.querySelector('input')) row = row.parentElement;"
    " return row && row.querySelector('input'); })()"
)
"""The input beside the label of that name."""

_AIM = """(() => {
  const find = () => %s;
  const lies = thing => { const it = find(); return !!it && it.contains(thing); };
  const it = find();
  if (!it) return "it is not there";
  it.scrollIntoView({block: "nearest"});
  const box = it.getBoundingClientRect();
  const x = box.x + box.width / 2, y = box.y + box.height / 2;
  if (!lies(document.elementFromPoint(x, y))) return "something else lies over it";
  window.aim?.abort();
  window.aim = new AbortController();
  const heard = {capture: true, signal: window.aim.signal};
  window.struck = false;
  for (const kind of ["pointerdown", "mousedown"])
    window.addEventListener(kind, event => {
      if (!lies(event.target)) { event.preventDefault(); event.stopImmediatePropagation(); }
    }, heard);
  window.addEventListener("click", event => { window.struck ||= lies(event.target); }, heard);
  return [x, y];
})()"""
"""Where to click so that the element is hit; it is noted whether it was, and a miss does nothing.

Pages move while they build themselves: what is pressed may have gone elsewhere since it was looked
for, or may have been made anew. So it is looked for again when the click arrives.
"""


def program() -> str | None:
    """Return the browser that is installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    """One Chromium; each tab is a person.

    Args:
        nice: By how much it yields to what it looks at.

    Attributes:
        downloads: Where saved files land.
        requests: Addresses of all that was loaded over the network.
        failures: What went wrong in pages' own programs.
    """

    def __init__(self, nice: int = 0) -> None:
        self._folder = tempfile.mkdtemp()
        self.downloads = Path(self._folder) / "downloads"
        self.requests: list[str] = []
        self.failures: list[str] = []
        self._process = subprocess.Popen(
            [
                "nice",
                "-n",
                str(nice),
                program() or "",
                *_FLAGS,
                f"--user-data-dir={self._folder}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a scheduler that shares by session then gives each its part
        )
        assert self._process.stderr is not None
        lines = iter(self._process.stderr.readline, "")
        self._socket = connect(
            next(found[0] for line in lines if (found := re.search(r"ws://\S+", line))),
            max_size=None,
            open_timeout=PATIENCE_SECS,
        )
        self._asked = 0
        where = str(self.downloads)
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=where)

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

    def open(
        self, address: str, width: int = 640, height: int = 420, *, phone: bool = False
    ) -> Tab:
        """Open a tab of this size; a phone has twice the pixels and fingers for a mouse."""
        target = self.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable", session)
        scale = 2 if phone else 1
        size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone}
        self.call("Emulation.setDeviceMetricsOverride", session, **size)
        self.call("Page.navigate", session, url=address)
        return Tab(self, target, session)

    def saved(self, suffix: str) -> Path | None:
        """Return the file of that kind that has been downloaded whole, if there is one."""
        return next(iter(self.downloads.glob(f"*{suffix}")), None)

    def close(self) -> None:
        """End the browser and forget what it kept."""
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

    def screenshot(self) -> Image.Image:
        """Return all that is seen."""
        shot = base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])
        return Image.open(io.BytesIO(shot)).convert("RGB")

    def picture(self) -> np.ndarray:
        """Return what is seen left of the panel, (h, w, 3) uint8."""
        pixels = np.asarray(self.screenshot())
        return pixels[:, : pixels.shape[1] // 2]

    def type(self, label: str, text: str) -> None:
        """Write ``text`` into the field with this ``label``, for what is there, and press Enter."""
        field, ends = _FIELD % json.dumps(label), time.monotonic() + PATIENCE_SECS
        holds = ""
        while holds != text:
            assert time.monotonic() < ends, f"{label!r} holds {holds!r}, not {text!r}"
            self._click(field, label)
            self._call("Input.dispatchKeyEvent", type="rawKeyDown", commands=["selectAll"])
            self._call("Input.insertText", text=text)
            time.sleep(0.5)  # the field's value travels a little later than its letters
            holds = self.run(f"(it => it === document.activeElement ? it.value : '')({field})")
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
        """Click the button or the tab with this ``label``, with the mouse."""
        self._click(
            "[...document.querySelectorAll('button, label, [role=tab], [role=option]')]"
            f".find(each => each.textContent.trim() === {json.dumps(label)})",
            label,
        )

    def choose(self, label: str, option: str) -> None:
        """Open the list with this ``label`` and click an option."""
        self._click(_FIELD % json.dumps(label), label)
        time.sleep(1.0)  # it unfolds
        self.press(option)

    def _click(self, found: str, name: str) -> None:
        """Click what ``found`` finds, once it lies still, and again until it has been hit."""
        ends = time.monotonic() + PATIENCE_SECS
        before, where = None, self._aim(found)
        while time.monotonic() < ends:
            time.sleep(0.15)  # the page may still unfold
            before, where = where, self._aim(found)
            if where == before and isinstance(where, list) and self._strike(*where):
                return
        reason = where if isinstance(where, str) else "it was never hit"
        raise AssertionError(f"{name!r} could not be clicked for {PATIENCE_SECS:g} s: {reason}")

    def _aim(self, found: str) -> list[float] | str:
        """Return the middle of what ``found`` finds, or why it cannot be clicked."""
        return self.run(_AIM % found) or "the page does not answer"

    def _strike(self, x: float, y: float) -> bool:
        """Click there; return whether what was aimed at has been hit."""
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self._call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=x,
                y=y,
                button="none" if kind == "mouseMoved" else "left",
                clickCount=int(kind != "mouseMoved"),
            )
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2)  # no hint stays open
        ends = time.monotonic() + _STRIKE_SECS
        while not (struck := bool(self.run("window.struck"))) and time.monotonic() < ends:
            time.sleep(0.05)
        self.run("window.aim.abort()")
        return struck

    def leave(self) -> None:
        """Close the tab."""
        self._browser.call("Target.closeTarget", targetId=self._target)

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **params)
