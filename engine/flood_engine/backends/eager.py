"""The fused networks on PyTorch's own kernels: runs wherever PyTorch does."""

from __future__ import annotations

import torch
from torch import Tensor

from flood_engine.backends.plain import PlainDecoder
from flood_engine.fast.decoder import FusedDecoder
from flood_engine.fast.denoiser import FusedDenoiser
from flood_engine.fast.field import FusedField
from flood_engine.flood.checkpoint import Model
from flood_engine.flood.vae import CausalVae
from flood_engine.stream import Prompt

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


class EagerBackend:
    """Fused denoiser and decoder, operation by operation."""

    name = "eager"

    def __init__(self, model: Model, null_prompt: Prompt, precision: str = "float32") -> None:
        self.precision = precision
        denoiser = FusedDenoiser(model.denoiser, model.config.stream, DTYPES[precision])
        self.velocity = FusedField(denoiser, null_prompt)
        self.decode = EagerDecoder(model.vae)

    def prepare(self, prompt: Prompt) -> None:
        """Fold a prompt before a stream needs it."""
        self.velocity.denoiser.folder(prompt)

    def warm_up(self) -> None:
        """Nothing to compile."""


class EagerDecoder:
    """The fused decoder, and the training form for first latents."""

    def __init__(self, vae: CausalVae) -> None:
        self.first, self.running = PlainDecoder(vae), FusedDecoder(vae)
        self.memory_size = self.running.memory_size

    def __call__(self, latents: Tensor, memory: Tensor, started: bool) -> Tensor:
        """Return the features [B, 4 or 1, 263] of latents [B, size]; changes ``memory``."""
        if started:
            return self.running(latents, memory)
        return self.first(latents, memory, started)
