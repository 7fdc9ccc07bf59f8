"""End to end: ten seconds of motion received by the package's core under mono.

Sent by a small Python program, and by the daemon with the bundled model.

Every datagram passes through this process on its way, so that what the client says it got can be
compared with what was sent.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from flood_bridge.motion.frames import AvatarFrame
from flood_bridge.motion.kinematics import forward_kinematics
from flood_bridge.motion.skeleton import NUM_JOINTS, Skeleton
from flood_bridge.protocol import osc
from flood_bridge.protocol.native_reader import NativeFrame, read_frame, read_skeleton

pytestmark = pytest.mark.slow

SECONDS = 10
RATE_HZ = 60
MIRROR = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class Heard:
    """What the client wrote down, in words, and the datagrams that were sent to it."""

    lines: list[list[str]]
    passed: list[bytes]


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


@contextlib.contextmanager
def started(*command: str, **options: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, text=True, stdin=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def forward_until_end(tee: socket.socket, client: subprocess.Popen[str], port: int) -> list[bytes]:
    """Pass every datagram on to ``port`` until the client ends; return them."""
    passed = []
    tee.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(tee, selectors.EVENT_READ)
        while client.poll() is None:
            selector.select(0.1)
            with contextlib.suppress(BlockingIOError):
                while True:
                    datagram = tee.recv(65535)
                    tee.sendto(datagram, ("127.0.0.1", port))
                    passed.append(datagram)
    return passed


def daemon_command(port: int, control: int) -> list[str]:
    options = {"rate-hz": RATE_HZ, "osc.port": port, "control.port": control}
    written = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "flood_bridge", "run", "--vmc.no-enabled", *written]


def sender_command(port: int, _control: int) -> list[str]:
    return [sys.executable, str(Path(__file__).with_name("sender.py")), str(port)]


@pytest.fixture(scope="module", params=[sender_command, daemon_command], ids=["sender", "daemon"])
def heard(
    request: pytest.FixtureRequest,
    live_client: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Heard:
    written, control = tmp_path_factory.mktemp("live") / "client.txt", free_port()
    command = [*live_client, str(SECONDS), str(control), str(written)]
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tee,
        started(*command, stdout=subprocess.PIPE) as client,
    ):
        tee.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        tee.bind(("127.0.0.1", 0))
        assert client.stdout is not None
        port = int(client.stdout.readline())
        with started(*request.param(tee.getsockname()[1], control)):
            passed = forward_until_end(tee, client, port)
        assert client.wait() == 0, "no frame came"
    lines = [line.split() for line in written.read_text().splitlines()]
    return Heard(lines, passed)


def frames_in(datagrams: list[bytes]) -> list[NativeFrame]:
    messages = [message for datagram in datagrams for message in osc.parse(datagram)]
    return [read_frame(message) for message in messages if message.address == "/flood/0/frame"]


def skeleton_in(datagrams: list[bytes]) -> Skeleton:
    for datagram in datagrams:
        for message in osc.parse(datagram):
            if message.address == "/flood/0/skeleton":
                return Skeleton(read_skeleton(message).offsets * MIRROR)
    raise AssertionError("no skeleton was sent")


def joints_of(frame: NativeFrame, skeleton: Skeleton) -> np.ndarray:
    """Return the joints of ``frame`` in Unity's axes, (22, 3), computed here."""
    x, y, z, w = frame.local_xyzw.T
    avatar = AvatarFrame(frame.root_position * MIRROR, np.stack([w, x, -y, -z], axis=1))
    return forward_kinematics(skeleton, avatar) * MIRROR


def test_no_frame_is_lost_and_all_are_in_order(heard: Heard) -> None:
    lines, passed = heard.lines, heard.passed
    got = [int(words[1]) for words in lines if words[0] == "frame"]
    sent = [frame.sequence for frame in frames_in(passed)]
    assert len(got) > 10 * SECONDS  # ever so few on a busy machine
    assert got == sent[: len(got)]
    stats = dict(zip(lines[-1][1::2], lines[-1][2::2], strict=True))
    assert int(stats["received"]) == len(got)
    # Of what was due a busy daemon sends the newest only; nothing more may be missing.
    assert int(stats["lost"]) <= got[-1] - got[0] + 1 - len(got)
    wrong = {"reordered", "late", "refused", "restarts", "bad", "overflows"}
    assert not {name: stats[name] for name in wrong if stats[name] != "0"}


def test_every_joint_is_where_the_daemon_has_it(heard: Heard) -> None:
    lines, passed = heard.lines, heard.passed
    skeleton, sent = skeleton_in(passed), frames_in(passed)
    got = [np.array(words[2:], dtype=float) for words in lines if words[0] == "frame"]
    errors = [
        np.abs(joints.reshape(NUM_JOINTS, 3) - joints_of(frame, skeleton)).max()
        for joints, frame in zip(got, sent, strict=False)
    ]
    assert max(errors) < 1e-4


@pytest.mark.parametrize("heard", [daemon_command], ids=["daemon"], indirect=True)
def test_a_prompt_from_the_client_is_shown_by_its_frame(heard: Heard) -> None:
    lines = heard.lines
    ((request, sequence),) = [words[1:] for words in lines if words[0] == "applied"]
    assert request == "77"
    ((shown_request, shown_sequence, present),) = [w[1:] for w in lines if w[0] == "shown"]
    assert (shown_request, shown_sequence) == ("77", sequence)
    assert 0 <= int(present) - int(sequence) < RATE_HZ
