"""Whether the engine stays as it is: memory, speed and results over a very long run.

    python bench/engine_soak.py --latents 100000 [--streams 1] [--model bundled|small]
        [--backend auto] [--precision auto] [--threads 1] [--json FILE]

The streams run as in a show: new words every few seconds, among more texts than the engine
remembers, and now and then a prompt that interrupts, a fork, a way through bytes. After each tenth
of the run come the memory of the process, the objects that Python holds, and the time of a step
(CPU, median and slowest 1 in 100, and wall). Before the run a stream is written to bytes and played
on; after it the same bytes are taken up and played again, and every number must be the same.
Exit status 1 says that they were not, or that memory grew.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from flood_engine.backends.choose import BACKENDS, PRECISIONS, choose_backend
from flood_engine.engine import Chunk, FloodEngine, load_engine
from flood_engine.flood.checkpoint import Model
from flood_engine.flood.config import (
    DenoiserConfig,
    FeatureConfig,
    ModelConfig,
    StreamConfig,
    TextConfig,
    VaeConfig,
)
from flood_engine.flood.denoiser import Denoiser
from flood_engine.flood.vae import CausalVae
from flood_engine.state import StreamState
from flood_engine.stream import Prompt

DECILES = 10
PROBE_LATENTS = 60
"""Played before and after; twice the context, so that nothing of the start is left in sight."""
TEXTS = [
    f"{who} {what}"
    for who in ("a person", "someone", "a man", "a woman", "the dancer", "a child")
    for what in (
        "walks forward", "jumps", "stands still", "dances", "sits down", "runs", "turns left",
        "waves with the right hand", "kicks", "walks in a circle", "bows", "squats", "claps",
        "walks backward", "punches", "balances on one leg",
    )
]  # fmt: skip
"""96 texts: more than the 64 prompts that an engine remembers."""
PROMPT_EVERY, INTERRUPT_EVERY, BYTES_EVERY = 25, 160, 400
MOST_GROWTH_MB = 48.0
"""Of the process between the first tenth's end and the last's; caches are full by then."""


@dataclass(frozen=True, slots=True)
class Tenth:
    """Figures after a tenth of the run."""

    latents: int
    rss_mb: float
    blocks: int
    """Memory blocks that Python has handed out."""
    cpu_p50_ms: float
    cpu_p99_ms: float
    wall_p50_ms: float
    """Of one step of all streams."""


def rss_mb() -> float:
    """Return the memory of this process that is in use."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def small_engine(backend: str, precision: str) -> FloodEngine:
    """Return an engine of small random networks: the same machinery, a hundredth of the work."""
    torch.manual_seed(0)
    config = ModelConfig(
        DenoiserConfig(4, 64, 128, 32, 4, 2, 32), VaeConfig(263, 4, 16, 32), StreamConfig(),
        TextConfig(), FeatureConfig("clean"), (0.0, *[0.2] * 21),
    )  # fmt: skip
    vae = CausalVae(config.vae).eval().requires_grad_(False)
    vae.pack()
    model = Model(config, Denoiser(config.denoiser).eval().requires_grad_(False), vae)
    return FloodEngine(model, _letters, choose_backend(backend, precision))


def _letters(text: str) -> Tensor:
    rng = np.random.default_rng(len(text))
    return torch.from_numpy(rng.standard_normal((6 if text else 2, 32), np.float32))


class Show:
    """Streams that run on, with all that may happen to them."""

    def __init__(self, engine: FloodEngine, streams: int) -> None:
        self.engine, self.states = engine, [engine.start(seed) for seed in range(streams)]
        self.prompts = [engine.encode(TEXTS[0])] * streams
        self.steps = 0

    def step(self) -> list[Chunk]:
        """Advance all streams by one latent."""
        for stream in range(len(self.states)):
            self._happen(stream)
        self.steps += 1
        return self.engine.step(self.states, self.prompts)

    def _happen(self, stream: int) -> None:
        turn = self.steps + 7 * stream  # not to all streams at once
        if turn % PROMPT_EVERY == 0:
            self.prompts[stream] = self.engine.encode(TEXTS[turn // PROMPT_EVERY % len(TEXTS)])
        if self.steps and turn % INTERRUPT_EVERY == 0:
            self.engine.interrupt(self.states[stream], self.prompts[stream])
        if self.steps and turn % BYTES_EVERY == 0:
            state = self.states[stream].fork()
            self.states[stream] = self.engine.from_bytes(self.engine.to_bytes(state))


def play(engine: FloodEngine, content: bytes) -> np.ndarray:
    """Return the joints that follow a state in bytes, (frames, 22, 3)."""
    state: StreamState = engine.from_bytes(content)
    made = []
    for number in range(PROBE_LATENTS):
        prompt: Prompt = engine.encode(TEXTS[number // 20])
        made.append(engine.step([state], [prompt])[0].joints)
    return np.concatenate(made)


def soak(engine: FloodEngine, streams: int, latents: int) -> list[Tenth]:
    """Run, print a line after each tenth and return the figures."""
    show, ticks = Show(engine, streams), max(1, latents // streams // DECILES)
    times = np.zeros((ticks, 2))
    tenths = list[Tenth]()
    print(
        f"{'latents':>9s}{'RSS MB':>9s}{'blocks':>10s}{'cpu p50':>9s}{'p99':>8s}{'wall p50':>10s}"
    )
    for _ in range(DECILES):
        for tick in range(ticks):
            cpu, wall = time.process_time(), time.perf_counter()
            show.step()
            times[tick] = time.process_time() - cpu, time.perf_counter() - wall
        gc.collect()
        p50, p99 = np.percentile(times[:, 0] * 1e3, (50, 99))
        made, blocks = show.steps * streams, sys.getallocatedblocks()
        wall_p50 = float(np.median(times[:, 1])) * 1e3
        tenths.append(Tenth(made, rss_mb(), blocks, float(p50), float(p99), wall_p50))
        print(
            f"{made:9d}{rss_mb():9.1f}{blocks:10d}{p50:9.2f}{p99:8.2f}{wall_p50:10.2f}", flush=True
        )
    return tenths


def verdict(tenths: list[Tenth], same: bool) -> dict[str, Any]:
    """Compare the end with the first tenth, by whose end every cache is full."""
    first, last = tenths[0], tenths[-1]
    latents = max(1, last.latents - first.latents)
    return {
        "rss_growth_mb": round(last.rss_mb - first.rss_mb, 1),
        "blocks_per_latent": round((last.blocks - first.blocks) / latents, 5),
        "slowdown": round(last.cpu_p50_ms / first.cpu_p50_ms, 3),
        "same_at_the_end": same,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--latents", type=int, default=2000, help="of all streams (default 2000)")
    parser.add_argument("--streams", type=int, default=1)
    parser.add_argument("--model", choices=("bundled", "small"), default="bundled")
    parser.add_argument("--backend", choices=BACKENDS, default="auto")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    engine = (
        small_engine(options.backend, options.precision)
        if options.model == "small"
        else load_engine(backend=options.backend, precision=options.precision)
    )
    engine.backend.warm_up()
    print(
        f"{options.model} model, {engine.backend.name} {engine.backend.precision},"
        f" {options.streams} streams, {options.latents} latents in all"
    )
    opening = Show(engine, 1)
    for _ in range(PROBE_LATENTS):
        opening.step()
    content = engine.to_bytes(opening.states[0])
    before = play(engine, content)
    tenths = soak(engine, options.streams, options.latents)
    figures = verdict(tenths, bool(np.array_equal(before, play(engine, content))))
    print(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items()))
    if options.json:
        rows = [asdict(tenth) for tenth in tenths]
        options.json.write_text(json.dumps({"tenths": rows, **figures}, indent=2) + "\n")
    return 0 if figures["same_at_the_end"] and figures["rss_growth_mb"] < MOST_GROWTH_MB else 1


if __name__ == "__main__":
    sys.exit(main())
