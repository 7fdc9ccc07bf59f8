"""``python -m flood_engine.training DATA OUT``: from captioned motion to a model folder."""

from __future__ import annotations

import argparse
import logging
from dataclasses import replace
from pathlib import Path

import torch

from flood_engine.training.loop import LoopConfig
from flood_engine.training.pipeline import Recipe, train


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m flood_engine.training", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of a dataset; see docs/training.md")
    parser.add_argument("out", type=Path, help="folder for checkpoints, curves and the model")
    parser.add_argument("--vae-minutes", type=float, default=40, help="training time of the VAE")
    parser.add_argument("--denoiser-minutes", type=float, default=58, help="of the denoiser")
    parser.add_argument("--tuning-minutes", type=float, default=12, help="of the decoder alone")
    parser.add_argument("--streams", type=int, default=6_000, help="stitched training streams")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu", help='"cpu", "cuda" or "cuda:1"')
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    recipe = Recipe(streams=options.streams, seed=options.seed, device=options.device)
    unlimited = 10**9  # the clock ends each stage, not the number of steps
    train(
        options.data,
        options.out,
        replace(
            recipe,
            vae=replace(recipe.vae, loop=_timed(recipe.vae.loop, unlimited, options.vae_minutes)),
            denoiser=replace(
                recipe.denoiser,
                loop=_timed(recipe.denoiser.loop, unlimited, options.denoiser_minutes),
            ),
            tuning=replace(
                recipe.tuning, loop=_timed(recipe.tuning.loop, unlimited, options.tuning_minutes)
            ),
        ),
    )


def _timed(loop: LoopConfig, steps: int, minutes: float) -> LoopConfig:
    return replace(loop, steps=steps, minutes=minutes)


if __name__ == "__main__":
    main()
