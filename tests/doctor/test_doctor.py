"""The doctor hears what is sent, sends what was recorded, and says what is wrong."""

import threading
import time
from pathlib import Path

import pytest

from flood_bridge.cli import main
from flood_bridge.doctor.check import check
from flood_bridge.doctor.hearing import monitor, record
from flood_bridge.doctor.monitor import Tally, describe
from flood_bridge.doctor.options import Doctor, examine
from flood_bridge.doctor.patterns import PATTERNS
from flood_bridge.doctor.sending import replay, send_patterns
from flood_bridge.errors import ConfigError, ProtocolError
from flood_bridge.inputs.listening import Ear, is_free
from flood_bridge.inputs.osc import OscInput
from flood_bridge.outputs.udp import UdpTarget
from flood_bridge.protocol import native, osc
from flood_bridge.protocol.receivers import read_receiver
from flood_bridge.protocol.recording import Recording
from flood_bridge.protocol.wishes import Subscribe

HOST = "127.0.0.1"
PING = osc.message("/flood/ping", "i", 3)


class Watch:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_secs = 100.0

    def __call__(self) -> float:
        return self.now_secs

    def sleep(self, seconds: float) -> None:
        self.now_secs += seconds


@pytest.fixture
def ear():
    opened = Ear(HOST, 0, 1 << 22)
    yield opened
    opened.close()


def drain(ear: Ear) -> list[bytes]:
    received = []
    while (arrived := ear.receive(0.0)) is not None:
        received.append(arrived[0])
    return received


def test_patterns_are_sent_at_60_hz_after_saying_what_must_be_seen(ear):
    watch = Watch()
    receivers = [read_receiver(f"unity,port={ear.port}")]
    lines, frames = [], 0
    for line in send_patterns(["t-pose", "turn-left"], receivers, 0.5, watch, watch.sleep):
        lines.append(line)
        frames += sum(b"/frame" in datagram for datagram in drain(ear))
    frames += sum(b"/frame" in datagram for datagram in drain(ear))
    assert frames == 60
    assert watch.now_secs == pytest.approx(101.0)
    assert lines == [f"{name}: {PATTERNS[name].shows}." for name in ("t-pose", "turn-left")]


def test_a_recording_is_sent_again_at_its_own_pace(ear, tmp_path: Path):
    path, watch = tmp_path / "stream", Watch()
    with path.open("wb") as file:
        recording = Recording(file)
        for secs, number in ((7.0, 0), (7.5, 1), (9.0, 2)):
            recording.add(secs, osc.message("/flood/ping", "i", number))
    lines = list(replay(path, HOST, ear.port, watch, watch.sleep))
    assert lines == [f"sent 3 datagrams in 2.0 s to 127.0.0.1 port {ear.port}"]
    assert watch.now_secs == pytest.approx(102.0)
    numbers = [osc.parse(datagram)[0].arguments[0] for datagram in drain(ear)]
    assert numbers == [0, 1, 2]


def free_port() -> int:
    probe = Ear(HOST, 0)
    port = probe.port
    probe.close()
    return port


def while_sending(port: int, listen) -> list[str]:
    """What ``listen`` yields while somebody sends pings to ``port``."""
    done = threading.Event()

    def send() -> None:
        target = UdpTarget(HOST, port)
        while not done.wait(0.01):
            target.send(PING)
        target.close()

    thread = threading.Thread(target=send)
    thread.start()
    try:
        return list(listen)
    finally:
        done.set()
        thread.join()


def test_the_monitor_shows_what_arrives_and_sums_it_up():
    port = free_port()
    lines = while_sending(port, monitor(HOST, port, 0.4, time.monotonic))
    assert any("/flood/ping ,i 3" in line for line in lines)
    assert any(line.endswith("per second)") and "/flood/ping" in line for line in lines)


def test_a_stream_is_recorded(tmp_path: Path):
    port, path = free_port(), tmp_path / "stream"
    (line,) = while_sending(port, record(path, HOST, port, 0.4, time.monotonic))
    assert line.startswith("wrote ")
    assert path.stat().st_size > 2 * len(PING)


def test_the_check_tells_of_ports_losses_and_buffers():
    text = "\n".join(check(time.monotonic, lambda _: None))
    for word in ("39539", "one VMC character", "100 compact characters", "Receive buffer"):
        assert word in text
    assert "0.0 % lost" in text


def test_the_check_asks_a_running_daemon_for_frames():
    def grant(wish) -> None:
        if isinstance(wish, Subscribe):
            zeros = [0] * (len(native.FRAME_TYPES) - 1)
            target = UdpTarget(wish.host, wish.port)
            target.send(osc.message("/flood/pong", "if", 1, 1.0))
            for sequence in (0, 1, 3):
                target.send(osc.message("/flood/0/frame", native.FRAME_TYPES, sequence, *zeros))
            target.close()

    port = OscInput(port=0, now_secs=time.monotonic, grant=grant)
    thread = threading.Thread(target=port.run, args=(lambda _: None, lambda _: None))
    thread.start()
    try:
        text = "\n".join(check(time.monotonic, lambda _: None, port.port))
    finally:
        port.close()
        thread.join()
    (line,) = [line for line in text.splitlines() if line.startswith("Daemon:")]
    assert line.endswith("answers")
    assert "1 missing" in text


def test_a_port_has_one_listener(ear):
    assert not is_free(HOST, ear.port)
    with pytest.raises(ConfigError, match="another program holds it"):
        Ear(HOST, ear.port)
    with pytest.raises(ConfigError, match="not an address"):
        Ear("no-such-host.invalid", 1)


def test_missing_and_late_frames_are_counted():
    tally = Tally()
    zeros = [0] * (len(native.FRAME_TYPES) - 1)
    for sequence in (5, 6, 9, 7, 10):
        tally.add(osc.message("/flood/0/frame", native.FRAME_TYPES, sequence, *zeros))
    tally.add(b"not OSC")
    assert (tally.lost, tally.late, tally.broken) == (2, 1, 1)
    assert "2 missing" in "\n".join(tally.summary(1.0))


@pytest.mark.parametrize(
    ("datagram", "words"),
    [
        (osc.message("/x", "ifsb", 1, 0.5, "hi", b"abc"), "/x ,ifsb 1 0.5 'hi' <3 bytes>"),
        (osc.message("/x", "f" * 40, *[1.0] * 40), "and 28 more"),
        (osc.message("/x", "f", float("nan")), "nan"),
        (b"hello", "5 bytes that are not OSC"),
    ],
)
def test_any_datagram_can_be_described(datagram, words):
    (line,) = describe(datagram, "10.0.0.1:5")
    assert words in line
    assert line.startswith("10.0.0.1:5")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"seconds": 0}, "--seconds is 0"),
        ({"seconds": float("nan")}, "--seconds is nan"),
        ({"port": 0}, "--port is 0"),
        ({"control_port": 70000}, "--control-port is 70000"),
        ({"action": "record"}, "needs --file"),
        ({"action": "replay"}, "needs --file"),
        ({"to": ("vmc",) * 17}, "at most 16"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(settings, reason):
    with pytest.raises(ConfigError, match=reason):
        Doctor(**settings)


def test_a_file_that_is_no_recording_is_refused(tmp_path: Path):
    path = tmp_path / "else"
    path.write_bytes(b"something else")
    doctor = Doctor("replay", file=path)
    with pytest.raises(ProtocolError, match="not a recording"):
        list(examine(doctor, Watch(), lambda _: None))
    with pytest.raises(ConfigError, match="missing"):
        list(examine(Doctor("replay", file=tmp_path / "missing"), Watch(), lambda _: None))


def test_the_command_line_shows_the_lines_and_refuses_what_it_cannot_use(ear, capsys):
    to = f"vmc,port={ear.port}"
    status = main(["doctor", "pattern", "--to", to, "--seconds", "0.05", "--pattern", "t-pose"])
    assert status == 0
    assert capsys.readouterr().out.startswith("t-pose: a T-pose")
    assert main(["doctor", "record"]) == 2
    assert "needs --file" in capsys.readouterr().err


def test_every_pattern_of_the_option_exists(ear):
    watch = Watch()
    doctor = Doctor("pattern", to=(f"vmc,port={ear.port}",), seconds=0.02)
    assert len(list(examine(doctor, watch, watch.sleep))) == len(PATTERNS)
