"""How fast the engine's backends are, side by side with a plain twin and the reference's work.

    python bench/engine_speed.py [--size bundled|tiny|full] [--backends eager,openvino]
        [--precision bfloat16] [--streams 1,8] [--ticks 20] [--threads 1] [--reference]
        [--json FILE]

All contenders take turns on running streams with a full context, so that whatever else the machine
does hits them alike. A turn is a few ticks in a row, because a stream that runs on finds its
weights where it left them; its first tick, which finds the processor's caches full of what another
computed, counts apart ("first"). ``plain`` is the denoiser as it is trained, with the text already
read once; ``reference`` also reads every latent's own padded copy of the text at each pass, as the
reference implementation does. Times are of this process's CPU (all threads) and of the wall.
The bound below each table is what the fused form's multiplications alone would take at the speed at
which this machine multiplies large matrices: no backend can be faster.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from flood_engine.backends.choose import choose_backend
from flood_engine.backends.plain import PlainBackend, PlainField
from flood_engine.engine import FloodEngine
from flood_engine.flood.checkpoint import Model, load_model
from flood_engine.flood.config import (
    DenoiserConfig,
    FeatureConfig,
    ModelConfig,
    StreamConfig,
    TextConfig,
    VaeConfig,
)
from flood_engine.flood.denoiser import Denoiser
from flood_engine.flood.text import TextEncoder, load_text_encoder
from flood_engine.flood.vae import FRAMES_PER_LATENT, CausalVae
from flood_engine.noise import SeededNoise
from flood_engine.state import StreamState
from flood_engine.stream import LatentState, Prompt, Sight

SIZES = {
    "tiny": (DenoiserConfig(4, 256, 1024, 64, 8, 8, 768), 5.0, 128),
    "full": (DenoiserConfig(4, 1024, 2048, 256, 8, 8, 4096), 6.0, 512),
}
"""The published sizes: denoiser, guidance, tokens to which the reference pads every text."""

TURN = 6
"""Ticks that a contender takes in a row. Nobody's first turn is counted."""

REFERENCE_TURNS = 2
"""The reference's work takes seconds at the full size and hardly varies: so many turns of a tick,
and one before them."""

TEXTS = ("a person walks forward", "a person jumps", "a person stands still", "someone dances")


def random_model(size: str) -> Model:
    """Return a model of a published size with random weights."""
    torch.manual_seed(0)
    denoiser, guidance, _ = SIZES[size]
    config = ModelConfig(
        denoiser, VaeConfig(), StreamConfig(guidance=guidance), TextConfig("umt5"),
        FeatureConfig(), (0.0,) * 22,
    )  # fmt: skip
    vae = CausalVae(config.vae).eval().requires_grad_(False)
    vae.pack()
    return Model(config, Denoiser(denoiser).eval().requires_grad_(False), vae)


def random_texts(width: int) -> TextEncoder:
    """Stand in for UMT5: one token for the empty text, sixteen for others."""

    def read(text: str) -> Tensor:
        rng = np.random.default_rng(len(text))
        return torch.from_numpy(rng.standard_normal((16 if text else 1, width), np.float32))

    return read


class ReferenceField(PlainField):
    """The plain twin with the reference's habit of reading the text for each latent and pass."""

    padded: int

    def __call__(self, sight: Sight) -> Tensor:
        """Read the text over and over, then compute the velocity."""
        width = self.denoiser.config.text_dim
        for prompts in sight.prompts * 2:
            for _ in prompts:
                self.denoiser.read_text(torch.zeros(1, self.padded, width))
        return super().__call__(sight)


def reference_backend(padded: int, model: Model, null_prompt: Prompt) -> PlainBackend:
    """Return the plain backend, slowed to the reference's work."""
    backend = PlainBackend(model, null_prompt)
    backend.velocity = ReferenceField(model.denoiser, model.config.stream, null_prompt)
    backend.velocity.padded = padded
    return backend


def running_state(engine: FloodEngine, seed: int) -> StreamState:
    """Return a stream in steady state without having run it: random latents, full context."""
    config, prompt = engine.config.stream, engine.encode(TEXTS[seed % len(TEXTS)])
    committed, state = config.context, engine.start(seed)
    kept = committed + config.window_size - 2
    state.latents = LatentState(
        SeededNoise(seed),
        torch.randn(kept, engine.config.denoiser.latent_dim),
        [prompt] * kept,
        1,
        committed,
        committed - 1 + config.window_size,
    )
    state.frames = (committed - 1) * FRAMES_PER_LATENT + 1
    return state


def race(engines: dict[str, FloodEngine], streams: int, ticks: int) -> dict[str, Any]:
    """Let every engine step that many streams in turns; return medians and p99 in milliseconds."""
    states = {
        name: [running_state(e, seed) for seed in range(streams)] for name, e in engines.items()
    }
    times: dict[str, list[np.ndarray]] = {name: [] for name in engines}
    for turn in range(1 + -(-ticks // (TURN - 1))):
        for name, engine in engines.items():
            if name != "reference":
                made = take_turn(engine, states[name], TURN)
            elif turn <= REFERENCE_TURNS:
                made = take_turn(engine, states[name], 1)
            else:
                continue
            if turn:
                times[name].append(made)
    return {name: summary(np.stack(rows) * 1e3, streams) for name, rows in times.items()}


def take_turn(engine: FloodEngine, states: list[StreamState], ticks: int) -> np.ndarray:
    """Step the streams ``ticks`` times; return the seconds of each, (ticks, 2): CPU and wall."""
    times = []
    for _ in range(ticks):
        prompts = [engine.encode(TEXTS[seed % len(TEXTS)]) for seed in range(len(states))]
        cpu, wall = time.process_time(), time.perf_counter()
        engine.step(states, prompts)
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
    return np.array(times)


def summary(times_ms: np.ndarray, streams: int) -> dict[str, float]:
    """Return figures of one contender; ``times_ms`` is (turns, ticks, 2): CPU and wall."""
    first, later = times_ms[:, :1], times_ms[:, 1:]
    cpu, wall = (later if later.size else first).reshape(-1, 2).T
    return {
        "cpu_ms": float(np.median(cpu)),
        "first_cpu_ms": float(np.median(first[..., 0])),
        "wall_ms": float(np.median(wall)),
        "wall_p99_ms": float(np.percentile(wall, 99)),
        "latents_per_cpu_sec": streams / float(np.median(cpu)) * 1e3,
        "latents_per_sec": streams / float(np.median(wall)) * 1e3,
        "real_time_factor_cpu": 200 / float(np.median(cpu)),
    }


def subject(size: str) -> tuple[Model, TextEncoder]:
    """Return the model of a size and what reads texts for it."""
    if size == "bundled":
        model = load_model()
        return model, load_text_encoder(model.config.text)
    model = random_model(size)
    return model, random_texts(model.config.denoiser.text_dim)


def contenders(
    model: Model, texts: TextEncoder, names: Sequence[str], precision: str, padded: int
) -> dict[str, FloodEngine]:
    """Return the engines of one model that race, the plain twin first.

    ``padded`` is the tokens to which the reference pads every text; 0 leaves the reference out.
    """
    engines = {"plain": FloodEngine(model, texts)}
    if padded:
        engines["reference"] = FloodEngine(model, texts, partial(reference_backend, padded))
    for name in names:
        for kind in dict.fromkeys(("float32", precision)):
            engine = FloodEngine(model, texts, choose_backend(name, kind))
            engines[f"{engine.backend.name} {kind}"] = engine
    return engines


def multiplications(engine: FloodEngine, streams: int) -> float:
    """Return the GFLOP of matrix products in one step of that many streams."""
    states = [running_state(engine, seed) for seed in range(streams)]
    prompts = [engine.encode(TEXTS[seed % len(TEXTS)]) for seed in range(streams)]
    packed = {torch.ops.mkldnn._linear_pointwise: packed_flop}
    with FlopCounterMode(display=False, custom_mapping=packed) as counter:
        engine.step(states, prompts)
    return counter.get_total_flops() / 1e9


def packed_flop(x: list[int], *_: Any, out_shape: list[int], **__: Any) -> int:
    """Count a linear layer with packed weights, which PyTorch's counter does not know."""
    return 2 * math.prod(out_shape) * x[-1]


def fastest_gflops(precision: torch.dtype, size: int = 1536, rounds: int = 12) -> float:
    """Return the best speed of a large matrix product, GFLOP/s of one core.

    By CPU time, so that what else the machine does counts little.
    """
    x = torch.randn(size, size).to(precision)
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        torch.mm(x, x)
        best = min(best, time.process_time() - start)
    return 2e-9 * size**3 / best


def print_table(figures: dict[str, dict[str, float]]) -> None:
    """Print one row for each contender; the ratio is to the plain twin."""
    heads = ("cpu ms", "first", "wall ms", "p99", "latents/s", "ratio")
    print(f"{'':20s}" + "".join(f"{head:>11s}" for head in heads))
    columns = ("cpu_ms", "first_cpu_ms", "wall_ms", "wall_p99_ms", "latents_per_sec")
    for name, row in figures.items():
        ratio = figures["plain"]["cpu_ms"] / row["cpu_ms"]
        print(f"{name:20s}" + "".join(f"{row[c]:11.2f}" for c in columns) + f"{ratio:11.2f}")


def print_bound(model: FloodEngine, streams: int, plain_cpu_ms: float) -> None:
    """Print how fast one core could be if it did nothing but multiply."""
    needed = multiplications(model, streams)
    for name, precision in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        speed = fastest_gflops(precision)
        least_ms = 1e3 * needed / speed
        print(
            f"bound, {name}: {needed:.2f} GFLOP at {speed:.0f} GFLOP/s = {least_ms:.1f} ms of a"
            f" core, {1e3 * streams / least_ms:.0f} latents/s a core,"
            f" {plain_cpu_ms / least_ms:.1f} times plain"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=("bundled", *SIZES), default="bundled")
    parser.add_argument("--backends", default="eager", help="comma-separated (default eager)")
    parser.add_argument("--precision", default="float32", help="besides float32 (bfloat16)")
    parser.add_argument("--streams", default="1", help="comma-separated numbers (default 1)")
    parser.add_argument("--ticks", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--reference", action="store_true", help="also the reference's work")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model, texts = subject(options.size)
    padded = SIZES.get(options.size, (0, 0, 128))[2] if options.reference else 0
    engines = contenders(model, texts, options.backends.split(","), options.precision, padded)
    fused = FloodEngine(model, texts, choose_backend("eager"))
    figures = {}
    for streams in map(int, options.streams.split(",")):
        if streams > 1 or "compiled" in options.backends:
            for engine in engines.values():
                engine.backend.warm_up()
        figures[streams] = race(engines, streams, options.ticks)
        print(
            f"{options.size}, {streams} streams, {options.threads} threads, {options.ticks} ticks"
        )
        print_table(figures[streams])
        print_bound(fused, streams, figures[streams]["plain"]["cpu_ms"])
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
