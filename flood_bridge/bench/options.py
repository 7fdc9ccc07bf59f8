"""The options of ``flood-bridge bench``, and the whole measurement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tyro.conf import Positional, arg

from flood_bridge.config import Backend, Precision
from flood_bridge.errors import ConfigError

if TYPE_CHECKING:
    from flood_bridge.bench.single import StageTimes
    from flood_bridge.live.engine_port import Clock, Engine

MOST_CHARACTERS = 4096
MOST_LATENTS = 100_000


@dataclass(frozen=True)
class Bench:
    """Measure what this machine can do with a model; takes about a minute."""

    what: Positional[Literal["model", "retarget"]] = "model"
    """The model's speed, or how well and lawfully a robot follows people."""
    model: str = "bundled"
    """The model, as with run."""
    backend: Backend = "auto"
    """On what machinery the model runs, as with run."""
    precision: Precision = "auto"
    """Of the model's arithmetic, as with run."""
    threads: int = 0
    """Threads for the model's arithmetic; 0 takes one fewer than there are cores, at most 4."""
    latents: int = 100
    """How many latents to time for one character."""
    characters: int = 64
    """Up to how many characters to try in one batch."""
    prompts: int = 5
    """How many prompts of each urgency to time; 0 times none."""
    twin: bool = True
    """Time the plain form of the model too, side by side."""
    robot: str = "unitree_g1"
    """Of retarget: which robot, as with run."""
    clips: Annotated[Path | None, arg(metavar="FOLDER")] = None
    """Of retarget: recorded motion (smpl22.npz, or .npz and .npy of 22 joints at 20 Hz)."""
    most_clips: int = 30
    """Of retarget: at most so many recordings."""
    streams: int = 12
    """Of retarget: so many streams of the model, 8 seconds each."""
    picture: Annotated[Path | None, arg(metavar="PNG")] = None
    """Of retarget: also draw the robot, a row for each of the first six clips."""
    json: Annotated[Path | None, arg(metavar="OUT")] = None
    """Also write the figures to this file."""

    def __post_init__(self) -> None:
        bounds = {
            "threads": (self.threads, 0, 64),
            "latents": (self.latents, 5, MOST_LATENTS),
            "characters": (self.characters, 1, MOST_CHARACTERS),
            "prompts": (self.prompts, 0, 1000),
            "most-clips": (self.most_clips, 1, 10_000),
            "streams": (self.streams, 0, 1000),
        }
        for name, (value, lowest, highest) in bounds.items():
            if not lowest <= value <= highest:
                raise ConfigError(f"--{name} is {value}; valid are {lowest} to {highest}")
        if self.picture is not None and self.picture.suffix.lower() != ".png":
            raise ConfigError(f"--picture is {str(self.picture)!r}; a name in .png is needed")
        if self.what == "retarget" and self.clips is None and not self.streams:
            raise ConfigError("--streams is 0 and --clips is not given: nothing to retarget")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured."""

    engine: Engine
    times: StageTimes
    """Kept by ``engine`` as it works."""
    twin: Engine | None
    about: dict[str, Any]
    """Model, backend, precision, threads, parameters."""


def measure(
    bench: Bench, subject: Subject, clock: Clock, say: Callable[[str], None]
) -> dict[str, Any]:
    """Return all figures; ``say`` is told what comes next.

    Raises:
        CommandError: If the machine is too slow to measure the latency of prompts.
    """
    import resource  # noqa: PLC0415 - where it is missing, the other verbs need it not

    from flood_bridge.bench.crowd import measure_crowd  # noqa: PLC0415
    from flood_bridge.bench.latency import measure_latency  # noqa: PLC0415
    from flood_bridge.bench.single import measure_single  # noqa: PLC0415
    from flood_bridge.bench.state import measure_state  # noqa: PLC0415

    engine = subject.engine
    figures: dict[str, Any] = {"about": subject.about}
    say("one character")
    figures["single"] = measure_single(engine, subject.times, subject.twin, bench.latents, clock)
    say("many characters")
    figures["crowd"] = measure_crowd(engine, bench.characters, clock)
    say("state")
    figures["state"] = measure_state(engine, clock)
    say("prompts")
    figures["latency_ms"] = measure_latency(engine, bench.prompts) if bench.prompts else {}
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures["memory"] = {
        "peak_mb": round(peak_kb / 1024, 1),
        "per_character_kb": round(figures["state"]["bytes"] / 1024, 1),
    }
    return figures
