"""How a character moves, beside what it does: its speed, how it keeps to its text, its place."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flood_bridge.commands.command import Command, check_between, check_whole
from flood_bridge.errors import CommandError

MAX_SEED = 0x7FFFFFFF
SPEEDS = (0.25, 4.0)
GUIDANCES = (0.0, 20.0)
HISTORIES = (2, 1024)
"""Latents in sight of the denoiser that may be asked for; each model allows fewer of them."""

STEPS = (1, 4)
"""Denoise steps per latent."""

SMOOTHINGS = (0.0, 0.5)
"""Time constants of smoothing, seconds; 0 is off."""

MAX_PLACE_M = 10_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSeed(Command):
    """Use another seed of the noise from the next reset on."""

    seed: int

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        if not 0 <= self.seed <= MAX_SEED:
            raise CommandError(f"a seed is a whole number from 0 to {MAX_SEED}, not {self.seed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSpeed(Command):
    """Play the motion at ``factor`` times its speed."""

    factor: float

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        check_between("speed", self.factor, *SPEEDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetGuidance(Command):
    """Follow the text more or less closely: the weight of classifier-free guidance."""

    scale: float

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        check_between("guidance", self.scale, *GUIDANCES)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHistory(Command):
    """Let the model look back on fewer latents, or on more again: its window included."""

    latents: int
    """From the model's window plus one to the model's own; see :data:`HISTORIES`."""

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        check_whole("history", self.latents, *HISTORIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSteps(Command):
    """Denoise every latent in fewer steps, which is faster, or in more, which is finer."""

    steps: int
    """Per latent; see :data:`STEPS`."""

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        check_whole("number of steps", self.steps, *STEPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSmoothing(Command):
    """Smooth the body that is published, which then lags behind by about ``secs``; 0 is off."""

    secs: float
    """Time constant; see :data:`SMOOTHINGS`."""

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        check_between("smoothing", self.secs, *SMOOTHINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRoot(Command):
    """Put the character on another place at once, facing another way; the motion goes on there."""

    x_m: float
    """To the left of the origin's +z, in the axes of :mod:`flood_bridge.motion`."""
    z_m: float
    heading_rad: float

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        for value in (self.x_m, self.z_m):
            check_between("place", value, -MAX_PLACE_M, MAX_PLACE_M)
        check_between("heading", self.heading_rad, -math.tau, math.tau)
