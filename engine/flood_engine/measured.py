"""Engines to measure with: one that tells its stages apart, and the plain twin of another.

Both share the model, the texts and the machinery of the engine they are made from, so that figures
taken side by side differ in nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from flood_engine.backends.backend import Backend, LatentDecoder
from flood_engine.backends.plain import PlainBackend
from flood_engine.engine import FloodEngine
from flood_engine.flood.checkpoint import Model
from flood_engine.stream import BranchField, Prompt, Sight


@dataclass(slots=True)
class StageTimes:
    """Seconds spent so far in the two networks."""

    denoise: float = 0.0
    decode: float = 0.0


class MeasuredBackend:
    """A backend whose calls are timed.

    Args:
        backend: What does the work.
        clock: Returns seconds.
    """

    def __init__(self, backend: Backend, clock: Callable[[], float]) -> None:
        self._backend, self._clock = backend, clock
        self.name, self.precision = backend.name, backend.precision
        self.times = StageTimes()
        self.memory_size = backend.decode.memory_size

    @property
    def velocity(self) -> BranchField:
        """The denoiser, timed."""
        return self._denoise

    @property
    def decode(self) -> LatentDecoder:
        """The decoder, timed: this object."""
        return self

    def __call__(self, latents: Tensor, memory: Tensor, started: bool) -> Tensor:
        """Decode latents."""
        began_secs = self._clock()
        features = self._backend.decode(latents, memory, started)
        self.times.decode += self._clock() - began_secs
        return features

    def prepare(self, prompt: Prompt) -> None:
        """Do what a prompt needs before a stream meets it."""
        self._backend.prepare(prompt)

    def warm_up(self) -> None:
        """Compile what running streams will need."""
        self._backend.warm_up()

    def _denoise(self, sight: Sight) -> Tensor:
        began_secs = self._clock()
        velocity = self._backend.velocity(sight)
        self.times.denoise += self._clock() - began_secs
        return velocity


def measured(engine: FloodEngine, clock: Callable[[], float]) -> tuple[FloodEngine, StageTimes]:
    """Return an engine that works as ``engine`` does and keeps count of its stages."""
    backend = MeasuredBackend(engine.backend, clock)
    return _like(engine, lambda *_: backend), backend.times


def plain_twin(engine: FloodEngine) -> FloodEngine:
    """Return an engine with the same model on the plain networks: exact, and the slow referee."""
    return _like(engine, PlainBackend)


def describe(engine: FloodEngine) -> dict[str, str | int]:
    """Return on what machinery an engine runs, and how large its model is."""
    networks = (engine.model.denoiser, engine.model.vae)
    return {
        "backend": engine.backend.name,
        "precision": engine.backend.precision,
        "parameters": sum(p.numel() for network in networks for p in network.parameters()),
    }


def _like(engine: FloodEngine, backend: Callable[[Model, Prompt], Backend]) -> FloodEngine:
    return FloodEngine(engine.model, engine._prompts._texts.encoder, backend)
