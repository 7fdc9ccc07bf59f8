"""Many characters: what a batched step costs, and how many play at full speed."""

from __future__ import annotations

from typing import Any

import numpy as np

from flood_bridge.bench.rig import PROMPTS
from flood_bridge.bench.summary import percentiles_ms
from flood_bridge.live.engine_port import Clock, Engine

REPEATS = 12
WARM_UP = 3


def measure_crowd(engine: Engine, most: int, clock: Clock) -> dict[str, Any]:
    """Return the cost of batches of 1, 2, 4 ... characters, and the largest within its deadline.

    A batch is in time when 95 of 100 of its steps take less than the 0.2 s that a latent plays.
    """
    latent_secs = engine.frames_per_latent / engine.frame_rate_hz
    rows: dict[int, dict[str, float]] = {}
    in_time, size = 0, 1
    while size <= most:
        secs = _step_secs(engine, size, clock)
        p95 = float(np.percentile(secs, 95))
        rows[size] = percentiles_ms(secs) | {"latents_per_sec": round(size / np.median(secs), 1)}
        if p95 > latent_secs:
            break
        in_time, size = size, size * 2
    if size <= most and in_time:
        in_time = _bisect(engine, in_time, size, latent_secs, clock)
    return {
        "batches": {str(size): row for size, row in rows.items()},
        "characters_in_time": in_time,
        "limit_reached": size <= most,
    }


def _bisect(engine: Engine, low: int, high: int, latent_secs: float, clock: Clock) -> int:
    """Return the largest batch in time between ``low``, which is, and ``high``, to 1 in 8."""
    while high - low > max(1, low // 8):
        size = (low + high) // 2
        if np.percentile(_step_secs(engine, size, clock), 95) <= latent_secs:
            low = size
        else:
            high = size
    return low


def _step_secs(engine: Engine, size: int, clock: Clock) -> list[float]:
    """Return the times of some steps of ``size`` characters whose windows are full."""
    prompts = [engine.encode(PROMPTS[n % len(PROMPTS)]) for n in range(size)]
    one = engine.start(0)
    for _ in range(30):
        engine.step([one], prompts[:1])
    states, secs = [one.fork() for _ in range(size)], []
    for number in range(WARM_UP + REPEATS):
        began_secs = clock()
        engine.step(states, prompts)
        if number >= WARM_UP:
            secs.append(clock() - began_secs)
    return secs
