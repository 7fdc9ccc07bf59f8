"""Checks of this machine: who holds which port, does a daemon answer, how much is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from flood_bridge.doctor.monitor import Tally
from flood_bridge.doctor.patterns import PATTERNS, adult, pattern_frame
from flood_bridge.inputs.listening import WANTED_BUFFER_BYTES, Ear, is_free
from flood_bridge.motion.frames import Frame
from flood_bridge.outputs.udp import UdpTarget
from flood_bridge.protocol import osc
from flood_bridge.protocol.compact import CompactEncoder
from flood_bridge.protocol.vmc import VmcEncoder

Clock = Callable[[], float]
Sleep = Callable[[float], None]

HOST = "127.0.0.1"
CONTROL_PORT = 9500
PORTS = {
    CONTROL_PORT: "commands to flood-bridge",
    9501: "native stream, to you",
    39539: "VMC, to the avatar program",
    39540: "VMC performer input",
    9000: "VRChat",
    8000: "Unreal",
}
PING_ID = 20260
ANSWER_SECS = 2.0
RATE_HZ = 60
CROWD = 100


def check(clock: Clock, sleep: Sleep, control_port: int = CONTROL_PORT) -> Iterator[str]:
    """Yield the findings, line by line; the daemon is looked for on ``control_port``."""
    yield "Ports of this machine (UDP):"
    for port, purpose in PORTS.items():
        held = "free: nobody listens" if is_free(HOST, port) else "somebody listens"
        yield f"  {port:5d}  {purpose:28s} {held}"
    yield from _daemon(clock, control_port)
    yield "Loss on loopback, one second at 60 fps into a receiver that looks 60 times a second:"
    for line in _losses(clock, sleep):
        yield f"  {line}"
    yield from _buffer()


def _daemon(clock: Clock, control_port: int) -> Iterator[str]:
    """Subscribe to a running daemon and count what comes."""
    if is_free(HOST, control_port):
        yield f"Daemon: nobody listens on {control_port}; start flood-bridge run"
        return
    ear, target, tally = Ear(HOST, 0), UdpTarget(HOST, control_port), Tally()
    pongs = 0
    try:
        target.send(osc.message("/flood/subscribe", "sisf", "", ear.port, "frame", 120.0))
        target.send(osc.message("/flood/ping", "i", PING_ID))
        ends_secs = clock() + ANSWER_SECS
        while (left_secs := ends_secs - clock()) > 0:
            arrived = ear.receive(left_secs)
            if arrived is not None:
                tally.add(arrived[0])
                pongs += arrived[0].startswith(b"/flood/pong\0")
        target.send(osc.message("/flood/unsubscribe", "si", "", ear.port))
    finally:
        ear.close()
        target.close()
    answer = "answers" if pongs else "is silent: another program holds the port, or it still loads"
    yield f"Daemon: port {control_port} {answer}"
    for line in tally.summary(ANSWER_SECS):
        yield f"  {line}"


def _losses(clock: Clock, sleep: Sleep) -> Iterator[str]:
    vmc, compact = VmcEncoder(adult()), CompactEncoder()
    streams: dict[str, Callable[[int], list[bytes]]] = {
        "one VMC character": lambda tick: list(vmc.encode(_frame(tick))),
        f"{CROWD} compact characters": lambda tick: compact.encode(_crowd(_frame(tick))),
    }
    for name, encode in streams.items():
        sent, got = _one_second(encode, clock, sleep)
        yield f"{name:24s} {sent:5d} datagrams, {100 * (1 - got / sent):.1f} % lost"


def _one_second(
    encode: Callable[[int], list[bytes]], clock: Clock, sleep: Sleep
) -> tuple[int, int]:
    """Send and receive in turn; return how many datagrams were sent and received."""
    ear = Ear(HOST, 0)
    target = UdpTarget(HOST, ear.port)
    sent = got = 0
    began_secs = clock()
    try:
        for tick in range(RATE_HZ):
            for datagram in encode(tick):
                target.send(datagram)
                sent += 1
            sleep(max(0.0, began_secs + (tick + 1) / RATE_HZ - clock()))
            while got < sent and ear.receive(0.0) is not None:
                got += 1
    finally:
        ear.close()
        target.close()
    return sent, got


def _buffer() -> Iterator[str]:
    ear = Ear(HOST, 0, WANTED_BUFFER_BYTES)
    given = ear.buffer_bytes
    ear.close()
    if given >= WANTED_BUFFER_BYTES:
        yield f"Receive buffer: {given >> 10} KiB can be had, enough for 100 VMC characters"
        return
    yield (
        f"Receive buffer: {given >> 10} KiB is the most here; for a hundred VMC characters ask your"
        f" administrator for sysctl net.core.rmem_max={WANTED_BUFFER_BYTES}, or send compact"
    )


def _crowd(frame: Frame) -> list[Frame]:
    return [replace(frame, character=number) for number in range(CROWD)]


def _frame(tick: int) -> Frame:
    return pattern_frame(PATTERNS["turn-left"], adult(), tick, tick / RATE_HZ, tick / RATE_HZ)
