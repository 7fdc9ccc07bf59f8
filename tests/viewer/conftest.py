"""The real page in its own process, fed by hand, and a browser's side of viser's wire."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from flood_bridge.commands import Command
from flood_bridge.events import Event, PromptApplied, Status
from flood_bridge.motion.frames import AvatarFrame, Frame, FrameFlags, Pose
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.viewer.link import ViewerLink
from flood_bridge.viewer.messages import RobotSketch, Setup

if TYPE_CHECKING or find_spec("viser") is not None:  # an optional extra
    import msgspec.msgpack
    import viser
    import zstandard
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import ClientConnection, connect
    from websockets.typing import Subprotocol
else:
    collect_ignore = [
        f"test_{name}.py"
        for name in (
            "page", "browser", "browser_saving", "saving_page", "waking", "ending", "outgoing",
        )
    ]  # fmt: skip

PATIENCE_SECS = 120.0
"""How long anything may take on a machine that is busy with other things."""

SKELETON = Skeleton.from_bone_lengths(np.full(22, 0.25))
ROBOT = RobotSketch("a robot", np.array([0.05]), ("hip_joint",), np.array([-1.0]), np.array([1.0]))


def body(number: int, secs: float, text: str = "walk", step: int = 0) -> Frame:
    """Return a T-posed body that glides forward at 1 m/s."""
    joints = SKELETON.rest_positions() + np.array([0.0, 0.95, secs])
    pose = Pose(joints, np.tile((0.0, 0.0, 1.0), (22, 1)), np.ones(4, dtype=bool), 0.0)
    turns = np.tile((1.0, 0.0, 0.0, 0.0), (22, 1))
    return Frame(
        number, step, secs, pose, AvatarFrame(joints[0], turns), None, text, FrameFlags.NONE
    )


def status(secs: float) -> Status:
    return Status(secs, 1, "walk", "running", 200.0, 60.0, 220.0, 0, 0)


class Page:
    """A page that serves, and the daemon's hand on it."""

    def __init__(self, **changed: Any) -> None:
        self.commands: queue.Queue[Command] = queue.Queue()
        self.refusals: list[Event] = []
        self.secs = 0.0
        self.step = 0
        self.text = "walk"
        self.opened = threading.Event()
        self.port = 0
        setup = Setup(**({"host": "127.0.0.1", "port": 8300, "token": ""} | changed))
        self.link = ViewerLink(setup)
        self._watch_for_port()
        self._thread = threading.Thread(
            target=self.link.run, args=(self.commands.put, self.refusals.append), daemon=True
        )
        self._thread.start()
        self.link.begin(SKELETON)
        assert self.opened.wait(PATIENCE_SECS), "the page did not open"

    def _watch_for_port(self) -> None:
        obey = self.link._obey

        def heard(line: bytes, submit: Callable[[Command], None]) -> None:
            if b'"opened"' in line:
                self.port = int(line.split(b":")[1].strip(b" }\n"))
                self.opened.set()
            obey(line, submit)

        self.link._obey = heard  # type: ignore[method-assign]

    def play(self, secs: float) -> None:
        """Send the frames of ``secs``, 20 a second of the stream, as fast as they go."""
        for _ in range(round(20 * secs)):
            self.secs += 0.05
            self.step += 1
            self.link.send(body(0, self.secs, self.text, self.step))
            if self.step % 20 == 0:
                self.link.tell(status(self.secs))

    def applied(self, command: Any) -> None:
        """Tell that the daemon shows what was asked for."""
        self.text = command.text
        self.link.tell(
            PromptApplied(command.character, command.request_id, command.text, self.step, 180)
        )

    def next_command(self) -> Command:
        return self.commands.get(timeout=PATIENCE_SECS)

    def wait_for(self, holds: Callable[[], bool], what: str, *, secs: float = 0.3) -> None:
        """Wait until ``holds``; play ``secs`` of the stream between two looks."""
        deadline = time.monotonic() + PATIENCE_SECS
        while not holds():
            assert time.monotonic() < deadline, f"this did not happen: {what}"
            self.play(secs)
            time.sleep(0.05)

    def close(self) -> int:
        self.link.close()
        self._thread.join(PATIENCE_SECS)
        return self.link._process.wait(PATIENCE_SECS)


class Peer:
    """One browser; keeps the latest of all that it was sent."""

    def __init__(
        self, port: int, origin: str | None = None, size: tuple[int, int] = (1280, 720)
    ) -> None:
        self.seen: dict[tuple[str, str], dict[str, Any]] = {}
        self.gui: dict[str, dict[str, Any]] = {}
        self.arrays: dict[str, np.ndarray] = {}
        self.notifications: list[str] = []
        self.panel = ""
        """The packet that brought the tabs."""
        self.messages = self.files = 0
        self._due_parts: dict[str, int] = {}
        self._socket = _connect(port, origin)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.send(_camera(*size))

    @property
    def text(self) -> str:
        """All drawn HTML of the panel."""
        return "\n".join(str(each.get("content", "")) for each in self.gui.values())

    def labelled(self, label: str) -> str:
        """Return the identifier of the control with this ``label``, or the empty string."""
        for uuid, props in self.gui.items():
            if props.get("label") == label:
                return uuid
        return ""

    def put(self, label: str, value: Any) -> None:
        """Set a control as its user does."""
        self.send({"type": "GuiUpdateMessage", "uuid": self.labelled(label),
                   "updates": {"value": value}})  # fmt: skip

    def send(self, message: dict[str, Any]) -> None:
        self.send_bytes(msgspec.msgpack.encode(message))

    def send_bytes(self, content: bytes) -> None:
        self._socket.send(content)

    def positions(self) -> np.ndarray:
        """Return where the balls of character 0 are, (22, 3)."""
        return self.arrays["/world/human0/balls"]

    @property
    def gone(self) -> bool:
        return not self._reader.is_alive()

    def leave(self) -> None:
        self._socket.close()
        self._reader.join(10)

    def _read(self) -> None:
        with suppress(ConnectionClosed):
            for content in self._socket:
                assert isinstance(content, bytes)
                messages = unpack(content)
                if any(message["type"] == "GuiTabGroupMessage" for message in messages):
                    self.panel = str(messages)
                for message in messages:
                    self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        self.messages += 1
        kind, props = message["type"], message.get("props")
        name = message.get("name") or message.get("uuid") or ""
        self.seen[kind, name] = message
        if kind == "FileTransferStartDownload":
            self._due_parts[message["transfer_uuid"]] = message["part_count"]
        if kind == "FileTransferPart":
            self._due_parts[message["transfer_uuid"]] -= 1
            self.files += self._due_parts[message["transfer_uuid"]] == 0
        if kind == "NotificationShowMessage":
            self.notifications.append(str(message))
        if "uuid" in message and isinstance(props, dict):
            value = {"value": message["value"]} if "value" in message else {}
            self.gui[message["uuid"]] = dict(props) | {"kind": kind} | value
        if kind == "GuiUpdateMessage" and name in self.gui:
            self.gui[name] |= message["updates"]
        for found in (props, message.get("updates")):
            if isinstance(found, dict) and isinstance(found.get("batched_positions"), np.ndarray):
                self.arrays[name] = found["batched_positions"].reshape(-1, 3)


def unpack(content: bytes) -> list[dict[str, Any]]:
    """Return the messages of one frame, their arrays in place."""
    plain, packed = (int.from_bytes(content[at : at + 8], "little") for at in (0, 8))
    body = zstandard.ZstdDecompressor().decompress(content[16 : 16 + packed], plain)
    struct = msgspec.msgpack.decode(body)
    at, buffers = 16 + packed, []
    for length in struct["binaryBufferLengths"]:
        at += -at % 8
        buffers.append(content[at : at + length])
        at += length
    return [_filled(message, buffers) for message in struct["messages"]]


def _filled(value: Any, buffers: list[bytes]) -> Any:
    if isinstance(value, dict):
        if "__binary_index" in value:
            return np.frombuffer(buffers[value["__binary_index"]], value["dtype"])
        return {key: _filled(each, buffers) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, buffers) for each in value]
    return value


def _connect(port: int, origin: str | None) -> ClientConnection:
    return connect(
        f"ws://127.0.0.1:{port}",
        subprotocols=[Subprotocol(f"viser-v{viser.__version__}")],
        origin=origin,  # type: ignore[arg-type]
        compression=None,
        max_size=None,
    )


def _camera(width: int, height: int) -> dict[str, Any]:
    return {
        "type": "ViewerCameraMessage", "wxyz": [1.0, 0.0, 0.0, 0.0], "position": [3.0, 0.0, 1.0],
        "fov": 0.7, "near": 0.01, "far": 100.0, "image_height": height, "image_width": width,
        "look_at": [0.0, 0.0, 1.0], "up_direction": [0.0, 0.0, 1.0],
    }  # fmt: skip


@pytest.fixture(scope="session")
def open_page() -> Iterator[Callable[..., Page]]:
    with ExitStack() as opened:

        def begin(**changed: Any) -> Page:
            page = Page(**changed)
            opened.callback(page.close)
            return page

        yield begin


@pytest.fixture(scope="module")
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


@pytest.fixture
def peer_at() -> type[Peer]:
    return Peer


@pytest.fixture
def browse(page: Page) -> Iterator[Callable[[], Peer]]:
    """Come to the page with another browser; all leave afterwards, which is waited for."""
    with ExitStack() as left:

        def come() -> Peer:
            peer = Peer(page.port)
            left.callback(peer.leave)
            page.wait_for(lambda: "steer" in peer.text, "the panel appears")
            return peer

        yield come
    page.wait_for(lambda: page.link._sleep._watchers == 0, "the browsers' places are free again")
    while not page.commands.empty():
        page.commands.get()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return a Chromium of its own for each file of tests."""
    path = Path(__file__).parents[2] / "bench" / "viewer_chromium.py"
    spec = spec_from_file_location("viewer_chromium", path)
    assert spec is not None
    assert spec.loader is not None
    driver = module_from_spec(spec)
    spec.loader.exec_module(driver)
    if driver.program() is None:
        pytest.skip("no Chromium is installed")
    opened = driver.Browser()
    yield opened
    opened.close()
