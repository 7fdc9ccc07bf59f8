"""Contact sheets while training goes on: what the averaged weights do with a few sentences."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from flood_engine.engine import FloodEngine
from flood_engine.flood.checkpoint import Model
from flood_engine.flood.text import load_text_encoder
from flood_engine.humanml import PARENTS
from flood_engine.training.loop import Loop

SENTENCES = (
    "stand still",
    "walk forward",
    "run",
    "turn around on the spot",
    "sit down",
    "kick",
    "dance",
    "wave with the right hand",
)
_SECS, _FIGURES = 5.0, 18
_CELL, _SCALE = (84, 176), 78.0
_LEFT, _RIGHT = {1, 4, 7, 10, 13, 16, 18, 20}, {2, 5, 8, 11, 14, 17, 19, 21}


def sample_motions(
    engine: FloodEngine, sentences: Sequence[str] = SENTENCES
) -> list[tuple[str, np.ndarray]]:
    """Return each sentence with the joints (frames, 22, 3) of a stream that it alone drives."""
    prompts = [engine.encode(text) for text in sentences]
    states = [engine.start(seed) for seed, _ in enumerate(prompts)]
    calls = round(_SECS * engine.frame_rate_hz / engine.frames_per_latent)
    chunks = [engine.step(states, prompts) for _ in range(calls)]
    rows = zip(*chunks, strict=True)
    return [
        (text, np.concatenate([chunk.joints for chunk in row]))
        for text, row in zip(sentences, rows, strict=True)
    ]


def draw_sheet(motions: Sequence[tuple[str, np.ndarray]], path: Path) -> None:
    """Draw one row of evenly spaced figures per motion; the body's left is red, its right blue."""
    width, height = _CELL
    sheet = Image.new("RGB", (width * _FIGURES, height * len(motions)), "white")
    draw = ImageDraw.Draw(sheet)
    for row, (text, joints) in enumerate(motions):
        draw.text((4, row * height + 2), text, fill="black")
        for column, frame in enumerate(np.linspace(0, len(joints) - 1, _FIGURES).astype(int)):
            foot = np.array([(column + 0.5) * width, (row + 1) * height - 10])
            _draw_figure(draw, joints[frame], foot)
    sheet.save(path)


def sheets_of(model: Model, folder: Path, every_secs: float = 600.0) -> Callable[[Loop], None]:
    """Return what a training's loop calls: it draws ``samples_STEP.png`` every so often.

    Args:
        model: Configuration and VAE; the denoiser's weights come from the loop.
        folder: Where the sheets go.
        every_secs: Trained seconds between two sheets.
    """
    encoder = load_text_encoder(model.config.text)
    model = replace(model, denoiser=copy.deepcopy(model.denoiser).cpu(), vae=model.vae)
    next_secs = 0.0

    def draw(loop: Loop) -> None:
        nonlocal next_secs
        if loop.trained_secs < next_secs:
            return
        next_secs = loop.trained_secs + every_secs
        weights: dict[str, Tensor] = {k: v.cpu() for k, v in loop.ema.values.items()}
        model.denoiser.load_state_dict(weights)
        model.denoiser.eval()
        with torch.inference_mode():
            motions = sample_motions(FloodEngine(model, encoder))
        draw_sheet(motions, folder / f"samples_{loop.step:06d}.png")

    return draw


def _draw_figure(draw: ImageDraw.ImageDraw, joints: np.ndarray, foot: np.ndarray) -> None:
    flat = joints - joints[0] * np.array([1.0, 0.0, 1.0])
    cos, sin = np.cos(0.6), np.sin(0.6)
    across = cos * flat[:, 0] + sin * flat[:, 2]
    depth = cos * flat[:, 2] - sin * flat[:, 0]
    points = foot + _SCALE * np.stack([across, 0.18 * depth - flat[:, 1]], -1)
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            colour = "#c0392b" if joint in _LEFT else "#2471a3" if joint in _RIGHT else "#2c3e50"
            draw.line((*points[parent], *points[joint]), fill=colour, width=2)
