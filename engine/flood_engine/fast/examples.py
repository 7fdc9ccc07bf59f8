"""Inputs of the right shapes for compilers and captures."""

from __future__ import annotations

import torch
from torch import Tensor

from flood_engine.fast.laid import pad_words
from flood_engine.flood.checkpoint import Model
from flood_engine.stream import Prompt


def step_inputs(
    model: Model, null_prompt: Prompt, streams: int, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, ...]:
    """Return inputs of a :class:`flood_engine.fast.static.StaticDenoiser` for that many streams."""
    config = model.config
    context = config.stream.context
    device = null_prompt.keys.device
    latents = torch.zeros(streams, context, config.denoiser.latent_dim, dtype=dtype, device=device)
    rows = torch.zeros(
        config.denoiser.layers, 6, 1, context, config.denoiser.hidden, dtype=dtype, device=device
    )
    words = pad_words([[null_prompt] * context] * streams, dtype)
    return (latents, rows, rows[0, :2].clone(), *words)


def decode_inputs(model: Model, streams: int, memory_size: int) -> tuple[Tensor, Tensor]:
    """Return inputs of a :class:`flood_engine.fast.static.StaticDecoder`."""
    device = model.vae.mean.device
    latents = torch.zeros(streams, model.config.denoiser.latent_dim, device=device)
    return latents, torch.zeros(streams, memory_size, device=device)
