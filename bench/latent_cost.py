"""What one latent costs, stage by stage, and how much faster than real time that is.

    python bench/latent_cost.py [--latents 200] [--threads 2] [--json FILE]

Every stage is timed in the same run on one running stream, after warm-up; the table gives median
and 99th percentile in milliseconds and the stage's share of the whole.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from flood_engine.engine import load_engine
from flood_engine.features import recover

PROMPTS = ("a person walks forward", "a person jumps", "a person stands still")


def measure(latents: int, threads: int) -> dict[str, Any]:
    """Time each stage of ``latents`` latents and return the figures."""
    engine = load_engine(threads=threads)
    state, prompts = engine.start(seed=1), [engine.encode(text) for text in PROMPTS]
    times: dict[str, list[float]] = {"denoise": [], "decode": [], "recover": []}
    warm_up = engine.config.stream.context + 10
    for call in range(warm_up + latents):
        prompt = prompts[call // 25 % len(prompts)]
        latent = timed(
            times["denoise"], lambda p=prompt: engine._stream.commit([state.latents], [p])
        )
        work = partial(decode, engine, latent, state.decoder[None], call > 0)
        features = timed(times["decode"], work)
        motion = timed(times["recover"], lambda f=features: recover(f, state.root))
        state.root = motion[1]
    return report(
        {name: np.array(values[warm_up:]) * 1e3 for name, values in times.items()}, engine
    )


def timed(times: list[float], work: Callable[[], Any]) -> Any:
    """Run ``work``, append its duration in seconds and return its result."""
    start = time.perf_counter()
    result = work()
    times.append(time.perf_counter() - start)
    return result


@torch.inference_mode()
def decode(engine: Any, latent: torch.Tensor, memory: torch.Tensor, started: bool) -> np.ndarray:
    """Decode one latent to features."""
    return engine.backend.decode(latent, memory, started)[0].numpy()


def report(stages: dict[str, np.ndarray], engine: Any) -> dict[str, Any]:
    """Summarise times in milliseconds."""
    whole = np.sum(list(stages.values()), axis=0)
    played = engine.frames_per_latent / engine.frame_rate_hz * 1e3
    rows = {**stages, "whole latent": whole}
    return {
        "threads": torch.get_num_threads(),
        "latents": len(whole),
        "stages_ms": {
            name: {
                "median": round(float(np.median(values)), 3),
                "p99": round(float(np.percentile(values, 99)), 3),
                "share": round(float(np.median(values) / np.median(whole)), 3),
            }
            for name, values in rows.items()
        },
        "real_time_factor": {
            "median": round(played / float(np.median(whole)), 1),
            "p99": round(played / float(np.percentile(whole, 99)), 1),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--latents", type=int, default=200, help="latents to time (default 200)")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default 2)")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    figures = measure(options.latents, options.threads)
    print(f"{'stage':14s} {'median ms':>10s} {'p99 ms':>10s} {'share':>7s}")
    for name, row in figures["stages_ms"].items():
        print(f"{name:14s} {row['median']:10.2f} {row['p99']:10.2f} {row['share']:7.0%}")
    factor = figures["real_time_factor"]
    print(
        f"{figures['latents']} latents of 0.2 s on {figures['threads']} threads:"
        f" {factor['median']:.1f} times real time (median), {factor['p99']:.1f} (slowest 1 %)"
    )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
