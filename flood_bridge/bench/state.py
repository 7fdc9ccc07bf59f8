"""State in the hand: what it costs to copy, write and read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flood_bridge.bench.rig import PROMPTS
from flood_bridge.bench.summary import median_ms
from flood_bridge.live.engine_port import Clock, Engine

REPEATS = 50


def measure_state(engine: Engine, clock: Clock) -> dict[str, Any]:
    """Return the median costs of fork, bytes and back, and the size, of one running stream."""
    state, prompt = engine.start(1), engine.encode(PROMPTS[0])
    for _ in range(40):
        engine.step([state], [prompt])
    content = engine.to_bytes(state)
    return {
        "fork_ms": _cost_ms(state.fork, clock),
        "to_bytes_ms": _cost_ms(lambda: engine.to_bytes(state), clock),
        "from_bytes_ms": _cost_ms(lambda: engine.from_bytes(content), clock),
        "bytes": len(content),
    }


def _cost_ms(work: Callable[[], object], clock: Clock) -> float:
    secs = []
    for _ in range(REPEATS):
        began_secs = clock()
        work()
        secs.append(clock() - began_secs)
    return median_ms(secs)
