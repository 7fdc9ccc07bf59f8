"""Sends test patterns, and recordings again, at the right times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from flood_bridge.doctor.patterns import PATTERNS, SWING_SECS, adult, pattern_frame
from flood_bridge.errors import ConfigError
from flood_bridge.outputs import Output
from flood_bridge.outputs.streams import open_stream
from flood_bridge.outputs.udp import UdpTarget
from flood_bridge.protocol.receivers import Receiver
from flood_bridge.protocol.recording import read_recording

Clock = Callable[[], float]
Sleep = Callable[[float], None]

RATE_HZ = 60


def send_patterns(
    names: Sequence[str], receivers: Sequence[Receiver], seconds: float, clock: Clock, sleep: Sleep
) -> Iterator[str]:
    """Send each pattern for ``seconds`` to all receivers; yield what must be seen, beforehand.

    Raises:
        ConfigError: If a receiver's address cannot be used.
    """
    skeleton = adult()
    outputs: list[Output] = []
    began_secs, tick = clock(), 0
    try:
        outputs += [open_stream(receiver, skeleton) for receiver in receivers]
        for name in names:
            yield f"{name}: {PATTERNS[name].shows}."
            for step in range(round(seconds * RATE_HZ)):
                extent = min(1.0, step / (SWING_SECS * RATE_HZ))
                play_time_secs = tick / RATE_HZ
                frame = pattern_frame(PATTERNS[name], skeleton, tick, play_time_secs, extent)
                for output in outputs:
                    output.send(frame)
                tick += 1
                sleep(max(0.0, began_secs + tick / RATE_HZ - clock()))
    finally:
        for output in outputs:
            output.close()


def replay(path: Path, host: str, port: int, clock: Clock, sleep: Sleep) -> Iterator[str]:
    """Send a recording to one receiver as it came in; yield what was done.

    Raises:
        ConfigError: If the file cannot be opened or the address cannot be used.
        ProtocolError: If the file is no recording.
    """
    target = UdpTarget(host, port)
    sent, secs = 0, 0.0
    try:
        with path.open("rb") as file:
            began_secs = clock()
            for secs, datagram in read_recording(file):
                sleep(max(0.0, began_secs + secs - clock()))
                target.send(datagram)
                sent += 1
    except OSError as error:
        raise ConfigError(f"--file {path}: {error.strerror}") from error
    finally:
        target.close()
    yield f"sent {sent} datagrams in {secs:.1f} s to {host} port {port}"
