"""One character: what a latent costs, stage by stage, beside the plain twin in the same run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from flood_bridge.bench.rig import PROMPTS, BenchRig
from flood_bridge.bench.summary import median_ms, percentiles_ms
from flood_bridge.config import Config
from flood_bridge.live.engine_port import Chunk, Clock, Engine, Prompt, StreamState

WARM_UP_LATENTS = 40
"""Until the model sees as much of the past as it ever will, and some more."""


class StageTimes(Protocol):
    """Seconds spent so far in the two networks."""

    denoise: float
    decode: float


class _Stepping:
    """An engine whose steps are timed as a whole."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self.secs = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def step(self, states: Sequence[StreamState], prompts: Sequence[Prompt]) -> Sequence[Chunk]:
        """Commit one latent of every stream."""
        began_secs = self._clock()
        chunks = self._engine.step(states, prompts)
        self.secs += self._clock() - began_secs
        return chunks


def measure_single(
    engine: Engine, times: StageTimes, twin: Engine | None, latents: int, clock: Clock
) -> dict[str, Any]:
    """Return the figures of ``latents`` latents, each made once by ``engine`` and by ``twin``."""
    config = Config(prompt=PROMPTS[0], rest_secs=0)
    stepping = _Stepping(engine, clock)
    ours = BenchRig(stepping, config, clock)  # type: ignore[arg-type]
    slow = BenchRig(twin, config, clock) if twin else None
    stages: dict[str, list[float]] = {"denoise": [], "decode": [], "root": [], "retarget": []}
    for number in range(WARM_UP_LATENTS + latents):
        if number == WARM_UP_LATENTS:
            for rig in filter(None, (ours, slow)):
                rig.forget()
            for each in stages.values():
                each.clear()
        before = times.denoise, times.decode, stepping.secs
        ours.latent()
        denoise, decode, step = (
            b - a for a, b in zip(before, (times.denoise, times.decode, stepping.secs), strict=True)
        )
        parts = (denoise, decode, step - denoise - decode, ours.turns[-1] - step)
        for seconds, part in zip(stages.values(), parts, strict=True):
            seconds.append(part)
        if slow:
            slow.latent()
    return _figures(engine, ours, slow, stages)


def _figures(
    engine: Engine, ours: BenchRig, slow: BenchRig | None, stages: dict[str, list[float]]
) -> dict[str, Any]:
    latent_ms = 1e3 * engine.frames_per_latent / engine.frame_rate_hz
    turn = percentiles_ms(ours.turns)
    figures = {
        "latents": len(ours.turns),
        "stages_ms": {name: median_ms(secs) for name, secs in stages.items()},
        "turn_ms": turn,
        "tick_ms": percentiles_ms(ours.ticks),
        "real_time_factor": round(latent_ms / turn["p50"], 2),
    }
    if slow:
        plain = percentiles_ms(slow.turns)
        figures["plain_twin"] = {
            "turn_ms": plain,
            "real_time_factor": round(latent_ms / plain["p50"], 2),
            "times_slower": round(plain["p50"] / turn["p50"], 2),
        }
    return figures
