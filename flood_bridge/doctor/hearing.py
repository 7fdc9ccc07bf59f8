"""Listens: the monitor and the recorder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from flood_bridge.doctor.monitor import Tally, describe
from flood_bridge.errors import ConfigError
from flood_bridge.inputs.listening import WANTED_BUFFER_BYTES, Ear
from flood_bridge.protocol.recording import Recording

Clock = Callable[[], float]

SHOWN_PER_SEC = 20
"""Lines that a person can follow; the rest is only counted."""


def monitor(host: str, port: int, seconds: float, clock: Clock) -> Iterator[str]:
    """Yield what arrives for ``seconds``, a readable part of it, then the summary.

    Raises:
        ConfigError: If the port cannot be opened.
    """
    tally, room, second = Tally(), 0, -1
    began_secs = clock()
    for secs, datagram, sender in _arrivals(host, port, seconds, clock):
        tally.add(datagram)
        if int(secs) != second:
            second, room = int(secs), SHOWN_PER_SEC
        if room > 0:
            lines = describe(datagram, sender)
            yield from (f"{secs:8.3f}  {line}" for line in lines[:room])
            room -= len(lines)
    yield from tally.summary(clock() - began_secs)


def record(path: Path, host: str, port: int, seconds: float, clock: Clock) -> Iterator[str]:
    """Write what arrives for ``seconds`` to a file; yield what was done.

    Raises:
        ConfigError: If the port or the file cannot be opened.
    """
    try:
        with path.open("wb") as file:
            recording = Recording(file)
            for secs, datagram, _ in _arrivals(host, port, seconds, clock):
                if not recording.add(secs, datagram):
                    yield "the file is full; the rest is not recorded"
                    break
    except OSError as error:
        raise ConfigError(f"--file {path}: {error.strerror}") from error
    yield f"wrote {recording.datagrams} datagrams to {path}"


def _arrivals(
    host: str, port: int, seconds: float, clock: Clock
) -> Iterator[tuple[float, bytes, str]]:
    ear = Ear(host, port, WANTED_BUFFER_BYTES)
    began_secs = clock()
    try:
        while (left_secs := began_secs + seconds - clock()) > 0:
            arrived = ear.receive(left_secs)
            if arrived is not None:
                yield clock() - began_secs, *arrived
    finally:
        ear.close()
