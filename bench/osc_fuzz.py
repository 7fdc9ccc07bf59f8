"""Hostile datagrams against the control port: none may raise, hang or make it deaf.

    python bench/osc_fuzz.py [--datagrams 1000000] [--wire 50000] [--seed 0] [--json FILE]

First every datagram goes through the reader alone, which also shows the slowest one; then some of
them go over loopback to an open port, with a ping behind every thousand and fifty pings at the
end. The corpus are messages of every kind that the port knows, the datagrams that are known to
hang or crash other servers, and what mutation makes of both.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import statistics
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flood_bridge.commands import Command, Ping
from flood_bridge.events import Rejected
from flood_bridge.inputs.osc import OscInput
from flood_bridge.protocol import control, osc
from flood_bridge.protocol.verbs import CHARACTER_VERBS, GLOBAL_VERBS

NUMBERS = (0, 1, 3, 4, 8, -1, -4, 2**31 - 1, -(2**31), 0x7FFFFFFC, 255, 65536)
SAMPLES: dict[str, Any] = {"i": 7, "f": 0.5, "s": "a person walks, then waves", "b": b"\0\1\2"}
FAR_FUTURE = struct.pack(">II", 0xF0000000, 0)
NEVER = b"\xff" * 8
PINGS_AFTERWARDS = 50
DEAF_SECS = 5.0


def killers() -> dict[str, bytes]:
    """Return datagrams that, one alone, hang, crash or deafen servers in use."""
    ping = osc.message("/flood/ping", "i", 1)
    sized = struct.pack(">i", len(ping)) + ping
    nested = ping
    for _ in range(1200):
        nested = osc.BUNDLE_HEADER + struct.pack(">i", len(nested)) + nested
    tags = b"," + b"x" * 8000
    return {
        "bundle element of size -4": osc.BUNDLE_HEADER + struct.pack(">i", -4) * 2,
        "bundle element of size 0": osc.BUNDLE_HEADER + bytes(400),
        "time tag in a far year": osc.BUNDLE_TAG + FAR_FUTURE + sized,
        "time tag of all ones": osc.BUNDLE_TAG + NEVER + sized,
        "pattern that explodes": _raw(b"/" + b"*" * 30 + b"a", b","),
        "pattern of braces": _raw(b"/" + b"{a,aa}" * 200 + b"b", b","),
        "1200 nested bundles": nested,
        "400 nested bundles": _nested(400),
        "address not UTF-8": _raw(b"/\xff\xfe/prompt", b","),
        "string not UTF-8": _raw(b"/flood/0/prompt", b",s", b"\xc3\x28\0\0"),
        "60000 unknown tags": _raw(b"/x", b"," + b"?" * 60_000),
        "8000 unknown tags": _raw(b"/x", tags[:8000]),
        "8000 empty arguments": _raw(b"/x", b"," + b"T" * 8000),
        "string without end": b"/flood/0/prompt\0,s\0\0" + b"x" * 4096,
        "blob longer than the datagram": _raw(b"/x", b",b", struct.pack(">i", 2**31 - 1)),
        "blob of negative size": _raw(b"/x", b",b", struct.pack(">i", -4)),
        "arrays without end": _raw(b"/x", b"," + b"[" * 4000),
        "not a number everywhere": osc.message("/flood/0/root/set", "ffff", *[float("nan")] * 4),
        "half a bundle header": b"#bundle\0\0\0\0\0",
        "empty": b"",
        "one byte": b"/",
        "largest datagram": b"\0" * 65_504,
    }


def _raw(address: bytes, tags: bytes, rest: bytes = b"") -> bytes:
    return _padded(address) + _padded(tags) + rest


def _padded(raw: bytes) -> bytes:
    return raw + bytes(4 - len(raw) % 4)


def _nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = osc.BUNDLE_HEADER + (struct.pack(">i", len(inner)) + inner if inner else b"")
    return inner


def corpus() -> list[bytes]:
    """Return valid messages of every kind, bundles of them, and the killers that are small."""
    verbs = {f"/flood/0/{name}": verb for name, verb in CHARACTER_VERBS.items()} | GLOBAL_VERBS
    messages = [
        osc.message(address, types, *(SAMPLES[tag] for tag in types))
        for address, verb in verbs.items()
        for types in verb.types
    ]
    messages += [osc.message(address, "fb", 0.5, b"") for address in verbs]  # of wrong types
    bundles = [osc.bundle(*messages[:3]), osc.bundle(messages[0], osc.bundle(*messages[4:6]))]
    return messages + bundles + [each for each in killers().values() if len(each) < 512]


def mutants(seed: int, count: int) -> Iterator[bytes]:
    """Yield ``count`` datagrams, the same ones for the same seed."""
    rng, seeds = random.Random(seed), corpus()
    for _ in range(count):
        raw = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(1, 5)):
            _mutate(raw, rng, seeds)
        yield bytes(raw)


def _mutate(raw: bytearray, rng: random.Random, seeds: list[bytes]) -> None:
    at = rng.randrange(len(raw) + 1)
    end = min(len(raw), at + rng.randrange(1, 17))
    match rng.randrange(8):
        case 0 if at < len(raw):
            raw[at] ^= 1 << rng.randrange(8)
        case 1 if at < len(raw):
            raw[at] = rng.randrange(256)
        case 2:
            del raw[at:end]
        case 3:
            raw[at:at] = raw[at:end] * rng.randrange(1, 9)
        case 4:
            start = at & ~3
            raw[start : start + 4] = struct.pack(">i", rng.choice(NUMBERS))
        case 5:
            raw[at:] = rng.choice(seeds)[rng.randrange(32) :]
        case 6:
            raw[at:at] = rng.randbytes(rng.randrange(1, 9))
        case _:
            raw[:] = osc.BUNDLE_HEADER + struct.pack(">i", len(raw)) + raw


def read_all(seed: int, count: int) -> dict[str, Any]:
    """Put every datagram through the reader; return what became of them."""
    results: Counter[str] = Counter()
    slowest_secs, slowest = 0.0, b""
    began_secs = time.perf_counter()
    for datagram in mutants(seed, count):
        then = time.perf_counter()
        answers = control.read_datagram(datagram, "127.0.0.1")
        took = time.perf_counter() - then
        if took > slowest_secs:
            slowest_secs, slowest = took, datagram
        results.update(_kind(answer) for answer in answers)
    return {
        "datagrams": count,
        "seconds": round(time.perf_counter() - began_secs, 1),
        "slowest_ms": round(1e3 * slowest_secs, 2),
        "slowest_bytes": len(slowest),
        **results,
    }


def _kind(answer: object) -> str:
    if isinstance(answer, Rejected):
        return "refused"
    return "commands" if isinstance(answer, Command) else "wishes"


def attack_port(seed: int, count: int) -> dict[str, Any]:
    """Send killers and mutants to an open port, a ping after every thousand; return its answers."""
    answered: dict[int, float] = {}

    def submit(command: Command) -> None:
        if isinstance(command, Ping):
            answered[command.request_id] = time.perf_counter()

    port = OscInput(port=0, now_secs=time.monotonic, messages_per_sec=1e9, total_per_sec=1e9)
    thread = threading.Thread(target=port.run, args=(submit, lambda _: None))
    thread.start()
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(("127.0.0.1", port.port))
    waits, afterwards = list[float](), list[float]()
    try:
        for number, datagram in enumerate(_attack(seed, count)):
            sender.send(datagram)
            if number % 1000 == 999:
                waits.append(_ping(sender, 10_000_000 + number, answered))
        _ping(sender, 20_000_000, answered)  # what waits before it is read by then
        afterwards = [_ping(sender, 20_000_001 + n, answered) for n in range(PINGS_AFTERWARDS)]
    finally:
        port.close()
        thread.join(5)
        sender.close()
    return {
        "datagrams": count,
        "pings": len(waits),
        "answer_behind_1000_ms": round(1e3 * statistics.median(waits or [0.0]), 1),
        "answer_afterwards_ms": round(1e3 * statistics.median(afterwards), 1),
        "slowest_afterwards_ms": round(1e3 * max(afterwards), 1),
        "port_alive": max([*waits, *afterwards]) < DEAF_SECS and not thread.is_alive(),
    }


def _attack(seed: int, count: int) -> Iterator[bytes]:
    yield from killers().values()
    yield from mutants(seed + 1, max(0, count - len(killers())))


def _ping(sender: socket.socket, request_id: int, answered: dict[int, float]) -> float:
    """Return how long the port takes to obey a ping, with all that waits before it."""
    began = time.perf_counter()
    while request_id not in answered and time.perf_counter() - began < DEAF_SECS:
        sender.send(osc.message("/flood/ping", "i", request_id))
        time.sleep(0.002)
    return answered.get(request_id, float("inf")) - began


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--datagrams", type=int, default=1_000_000, help="for the reader alone")
    parser.add_argument("--wire", type=int, default=50_000, help="over loopback")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    figures = {"reader": read_all(options.seed, options.datagrams)}
    figures["port"] = attack_port(options.seed, options.wire)
    for name, row in figures.items():
        print(f"{name:8s} " + "  ".join(f"{key} {value}" for key, value in row.items()))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0 if figures["port"]["port_alive"] else 1


if __name__ == "__main__":
    sys.exit(main())
