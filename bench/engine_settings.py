"""What a character's own history, denoise steps, guidance and smoothing cost, side by side.

    python bench/engine_settings.py [--latents 60] [--backend auto] [--precision auto]
        [--threads 1] [--json FILE]

One stream is brought into its steady state and forked, once for each setting; the forks take turns
of a few latents in a row. Times are of this process's CPU for one latent (0.2 s of motion). The
first latent of each turn finds the processor's caches full of another fork's numbers and is left
out. Smoothing comes after the model, so its row is the time of the poses of one latent by itself.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from flood_bridge.live.engine_port import poses_of
from flood_bridge.motion.smoothing import Smoothing
from flood_engine.backends.choose import BACKENDS, PRECISIONS
from flood_engine.engine import Chunk, FloodEngine, load_engine
from flood_engine.state import StreamState
from flood_engine.stream import LatentState, Prompt

TEXT = "a person walks forward"
TURN = 6
"""Latents in a row; the first is not counted."""
SMOOTHING_SECS = 0.2
OWN = "the model's own"

Made = TypeVar("Made")
Setting = Callable[[LatentState], None]


def settings_of(engine: FloodEngine) -> dict[str, Setting]:
    """Return what is compared, by the names of the table's rows."""
    stream, histories = engine.config.stream, engine.histories
    own_steps = stream.schedule.steps_per_latent
    rows: dict[str, Setting] = {OWN: lambda state: None}
    for history in sorted({histories[len(histories) * part // 4] for part in range(3)}):
        rows[f"history {history} of {histories[-1]}"] = _with("history", history)
    for steps in engine.step_counts:
        if steps != own_steps:
            rows[f"{steps} steps instead of {own_steps}"] = _with("steps", steps)
    rows["guidance of its own"] = _with("guidance", 1.5 * stream.guidance)
    return rows


def _with(field: str, value: float) -> Setting:
    return lambda state: setattr(state, field, value)


def running(engine: FloodEngine, prompt: Prompt) -> StreamState:
    """Return a stream whose context is full."""
    state = engine.start(1)
    for _ in range(engine.config.stream.context + 1):
        engine.step([state], [prompt])
    return state


def race(engine: FloodEngine, latents: int) -> dict[str, np.ndarray]:
    """Return the milliseconds of CPU of every counted latent, by row."""
    prompt = engine.encode(TEXT)
    begin, rows = running(engine, prompt), settings_of(engine)
    states = {name: begin.fork() for name in rows}
    for name, choose in rows.items():
        choose(states[name].latents)
    times: dict[str, list[float]] = {name: [] for name in rows}
    smoothing = Smoothing(1.0 / engine.frame_rate_hz)
    smoothing.secs, smoothed = SMOOTHING_SECS, list[float]()
    for turn in range(1 + -(-latents // (TURN - 1))):
        for name, state in states.items():
            for place in range(TURN):
                chunk, spent = timed(lambda s=state: engine.step([s], [prompt])[0])
                counts = turn > 0 and place > 0
                if counts:
                    times[name].append(spent)
                if name == OWN:
                    _, spent = timed(lambda c=chunk: smooth(smoothing, c))
                    smoothed += [spent] * counts
    made = {name: np.array(spent) for name, spent in times.items()}
    return made | {f"smoothing {SMOOTHING_SECS} s, by itself": np.array(smoothed)}


def timed(work: Callable[[], Made]) -> tuple[Made, float]:
    """Return what ``work`` returns, and the milliseconds of CPU that it took."""
    began = time.process_time()
    made = work()
    return made, 1e3 * (time.process_time() - began)


def smooth(smoothing: Smoothing, chunk: Chunk) -> None:
    """Smooth the poses of one latent."""
    for pose in poses_of(chunk):
        smoothing.smooth(pose)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--latents", type=int, default=60, help="to time of each (default 60)")
    parser.add_argument("--backend", choices=BACKENDS, default="auto")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default 1)")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    engine = load_engine(
        threads=options.threads, backend=options.backend, precision=options.precision
    )
    figures = {name: float(np.median(ms)) for name, ms in race(engine, options.latents).items()}
    kind = f"{engine.backend.name} {engine.backend.precision}, {options.threads} threads"
    print(f"{kind:32s}{'cpu ms':>8s}{'of own':>8s}")
    for name, ms in figures.items():
        print(f"{name:32s}{ms:8.2f}{ms / figures[OWN]:8.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
