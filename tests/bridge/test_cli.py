"""The command line: help for every option, one clear line and status 2 for every mistake."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flood_bridge import __version__
from flood_bridge.cli import main
from flood_bridge.commands import SetPrompt
from flood_bridge.errors import CommandError
from flood_bridge.protocol import osc
from flood_bridge.protocol.control import read_message

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch, engine: Any) -> Any:
    monkeypatch.setattr("flood_engine.load_engine", lambda *_, **__: engine, raising=False)
    return engine


def udp() -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind(("127.0.0.1", 0))
    return opened


def test_version(capsys: Captured) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"flood-bridge {__version__}\n"


@pytest.mark.parametrize("verb", ["run", "say", "render"])
def test_help_describes_every_option(verb: str, capsys: Captured) -> None:
    assert main([verb, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "usage: flood-bridge" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    described = re.findall(r"^\W*--[\w.-]+[^\n]*\n?[^-\n]*[a-z]{2,}", plain, re.MULTILINE)
    assert len(described) >= (16 if verb == "run" else 5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--rate-hz", "10"], "--rate-hz is 10; valid are 20 to 200"),
        (["run", "--osc.port", "0"], "--osc.port is 0; valid are 1 to 65535"),
        (["render", "walk", "-o", "clip.xyz"], "valid suffixes are .png"),
        (["render", "walk", "-o", "no/such/folder/clip.npz"], "there is no folder"),
        (["render", "walk", "-o", "c.npz", "--seconds", "0"], "--seconds is 0.0"),
        (["render", "walk", "-o", "c.npz", "--then", "9", "jump"], "--then 9 'jump'"),
        (["render", "unreadable", "-o", "c.npz"], "the text cannot be read"),
        (["say", "x" * 600], "600 bytes"),
        (["say", "x", "--character", "5000"], "character 5000 does not exist"),
        (["say", "x", "--wait-secs", "nan"], "--wait-secs is nan"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_a_users_mistake_is_one_clear_line_and_status_2(
    arguments: list[str], message: str, capsys: Captured
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("flood-bridge: ")
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["dance"], ["run", "--no-such"], ["render", "walk"]])
def test_a_mistyped_command_line_is_explained_with_status_2(
    arguments: list[str], capsys: Captured
) -> None:
    assert main(arguments) == 2
    assert "--help" in "".join(capsys.readouterr())


def test_a_control_port_in_use_is_named_before_the_model_loads(capsys: Captured) -> None:
    with udp() as taken:
        port = taken.getsockname()[1]
        assert main(["run", "--control.port", str(port)]) == 2
    assert f"port {port}" in capsys.readouterr().err


def test_render_writes_the_script_of_then_options(tmp_path: Path, capsys: Captured) -> None:
    target = tmp_path / "clip.npz"
    arguments = ["render", "a", "--then", "2", "b", "--then", "3", "c", "--seconds", "4"]
    assert main([*arguments, "-o", str(target)]) == 0
    assert str(target) in capsys.readouterr().out
    with np.load(target) as clip:
        joints = clip["joints"]
    assert joints.shape == (80, 22, 3)


def test_say_without_a_daemon_says_so(capsys: Captured) -> None:
    with udp() as closed:
        port = closed.getsockname()[1]
    assert main(["say", "hello", "--port", str(port), "--wait-secs", "0"]) == 2
    assert f"nobody listens on 127.0.0.1 port {port}" in capsys.readouterr().err


class FakeDaemon:
    """Answers one prompt with the message that the test wants."""

    def __init__(self, receipt_port: int) -> None:
        self.reply: tuple[str, str, tuple[Any, ...]] | None = None
        self.heard: list[osc.Message] = []
        self._receipts = ("127.0.0.1", receipt_port)
        self._socket = udp()
        self._socket.settimeout(20)
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def join(self) -> None:
        self._thread.join(30)
        self._socket.close()

    def _serve(self) -> None:
        self.heard += osc.parse(self._socket.recv(4096))
        if self.reply is not None:
            address, types, rest = self.reply
            request_id = self.heard[0].arguments[1]
            self._socket.sendto(osc.message("/flood/error", "is", 12345, "other"), self._receipts)
            self._socket.sendto(b"rubbish", self._receipts)
            self._socket.sendto(osc.message(address, types, request_id, *rest), self._receipts)


@pytest.fixture
def receipt_port() -> int:
    with udp() as free:
        return free.getsockname()[1]


@pytest.fixture
def daemon(receipt_port: int) -> Iterator[FakeDaemon]:
    made = FakeDaemon(receipt_port)
    yield made
    made.join()


def say(daemon: FakeDaemon, receipt_port: int, wait_secs: float = 20) -> int:
    ports = ["--port", str(daemon.port), "--receipt-port", str(receipt_port)]
    return main(["say", "a person jumps", "--character", "3", *ports, f"--wait-secs={wait_secs}"])


def test_say_prints_the_receipt(daemon: FakeDaemon, receipt_port: int, capsys: Captured) -> None:
    daemon.reply = "/flood/3/prompt/applied", "isii", ("a person jumps", 321, 1050)
    assert say(daemon, receipt_port) == 0
    assert capsys.readouterr().out == "shown from frame 321 on, 1050 ms after it arrived\n"
    assert daemon.heard[0].address == "/flood/3/prompt"
    assert daemon.heard[0].arguments[0] == "a person jumps"


@pytest.mark.parametrize(
    ("urgency", "address"), [("queue", "/queue"), ("soft", ""), ("now", "/now")]
)
def test_say_asks_with_the_urgency_that_it_is_given(
    daemon: FakeDaemon, urgency: str, address: str
) -> None:
    asked = ["say", "jump", "--urgency", urgency, "--port", str(daemon.port), "--wait-secs", "0"]
    assert main(asked) == 0
    daemon.join()
    asked_for = read_message(daemon.heard[0])
    assert daemon.heard[0].address == f"/flood/0/prompt{address}"
    assert isinstance(asked_for, SetPrompt)
    assert (asked_for.text, asked_for.urgency) == ("jump", urgency)


def test_say_reports_a_refusal(daemon: FakeDaemon, receipt_port: int, capsys: Captured) -> None:
    daemon.reply = "/flood/error", "is", (str(CommandError("character 3 does not exist")),)
    assert say(daemon, receipt_port) == 2
    assert capsys.readouterr().err == "flood-bridge: refused: character 3 does not exist\n"


def test_say_without_a_receipt_says_that_it_was_sent(
    daemon: FakeDaemon, receipt_port: int, capsys: Captured
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", receipt_port))  # somebody else gets the stream
        assert say(daemon, receipt_port) == 0
    assert "no receipt" in capsys.readouterr().out
