"""The options of ``flood-bridge doctor``, and what each action does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, UseAppendAction, arg

from flood_bridge.config import MAX_RECEIVERS
from flood_bridge.errors import ConfigError

MAX_SECS = 86_400.0


@dataclass(frozen=True)
class Doctor:
    """Find out why a receiver shows nothing, or the wrong thing."""

    action: Positional[Literal["check", "pattern", "monitor", "record", "replay", "ros", "bag"]] = (
        "check"
    )
    """Look at ports and loss; send test patterns; show what arrives; keep a stream; send it; look
    at ROS 2; keep a stream as a ROS bag."""
    to: Annotated[UseAppendAction[tuple[str, ...]], arg(metavar="PRESET[,KEY=VALUE]")] = ()
    """Of pattern: who gets it, as with run; without, native to 9501 and VMC to 39539."""
    pattern: Literal["all", "t-pose", "left-arm-up", "step-forward", "turn-left"] = "all"
    """Of pattern: which one."""
    host: str = "127.0.0.1"
    """Of monitor and record: address to listen on; of replay: where to."""
    port: int = 9501
    """Of monitor and record: UDP port to listen on; of replay: port to send to."""
    seconds: float = 5.0
    """How long to listen, or to show each pattern."""
    control_port: int = 9500
    """Of check and bag: the daemon's control port."""
    file: Path | None = None
    """Of record, replay and bag: the file; a bag is a new folder."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.seconds) and 0 < self.seconds <= MAX_SECS):
            raise ConfigError(f"--seconds is {self.seconds}; valid are more than 0 to {MAX_SECS:g}")
        for option, port in (("port", self.port), ("control-port", self.control_port)):
            if not 1 <= port <= 65535:
                raise ConfigError(f"--{option} is {port}; valid are 1 to 65535")
        if self.action in {"record", "replay", "bag"} and self.file is None:
            raise ConfigError(f"doctor {self.action} needs --file FILE")
        if len(self.to) > MAX_RECEIVERS:
            raise ConfigError(f"--to is given {len(self.to)} times; at most {MAX_RECEIVERS}")


def examine(
    doctor: Doctor, clock: Callable[[], float], sleep: Callable[[float], None]
) -> Iterator[str]:
    """Yield the lines to show, as they become known.

    Args:
        doctor: What is to be done.
        clock: Seconds, from any beginning.
        sleep: Waits for the seconds given.

    Raises:
        ConfigError: If a port, a file or a receiver cannot be used.
        ProtocolError: If the file to replay is no recording.
    """
    from flood_bridge.doctor.check import check  # noqa: PLC0415
    from flood_bridge.doctor.hearing import monitor, record  # noqa: PLC0415
    from flood_bridge.doctor.patterns import PATTERNS  # noqa: PLC0415
    from flood_bridge.doctor.sending import replay, send_patterns  # noqa: PLC0415
    from flood_bridge.protocol.receivers import read_receiver  # noqa: PLC0415

    file = doctor.file or Path()
    match doctor.action:
        case "check":
            return check(clock, sleep, doctor.control_port)
        case "pattern":
            receivers = [read_receiver(text) for text in doctor.to or ("unity", "vmc")]
            names = list(PATTERNS) if doctor.pattern == "all" else [doctor.pattern]
            return send_patterns(names, receivers, doctor.seconds, clock, sleep)
        case "monitor":
            return monitor(doctor.host, doctor.port, doctor.seconds, clock)
        case "record":
            return record(file, doctor.host, doctor.port, doctor.seconds, clock)
        case "replay":
            return replay(file, doctor.host, doctor.port, clock, sleep)
        case _:
            return _examine_ros(doctor, clock, sleep)


def _examine_ros(
    doctor: Doctor, clock: Callable[[], float], sleep: Callable[[float], None]
) -> Iterator[str]:
    from flood_bridge.doctor.bag import record_bag  # noqa: PLC0415
    from flood_bridge.doctor.ros2 import examine_ros  # noqa: PLC0415

    if doctor.action == "bag":
        file = doctor.file or Path()
        return record_bag(file, doctor.host, doctor.control_port, doctor.seconds, clock)
    return examine_ros(doctor.seconds, clock, sleep)
