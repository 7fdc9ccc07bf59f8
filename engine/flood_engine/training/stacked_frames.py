"""No VAE at all: a latent is four frames side by side, so that the denoiser makes frames itself.

Only for comparison (see ablate.py): it stands where the VAE does and loses nothing.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from flood_engine.flood.causal import CausalState
from flood_engine.flood.config import VaeConfig
from flood_engine.flood.vae import FRAMES_PER_LATENT, CausalVae

STACKED_SIZE = FRAMES_PER_LATENT * VaeConfig().feature_dim
"""Numbers of such a latent."""


class StackedFrames(CausalVae):
    """Features [B, T, 263] <-> the same numbers, normalised, [B, n, 1052].

    Args:
        features: [streams, frames, 263] by which each number is normalised.
    """

    def __init__(self, features: np.ndarray) -> None:
        nn.Module.__init__(self)
        self.config = VaeConfig(latent_dim=STACKED_SIZE, encoder_dim=0, decoder_dim=0)
        self.model = nn.ModuleDict({"decoder": nn.Identity()})
        mean, std = (f(features, (0, 1), dtype=np.float32) for f in (np.mean, np.std))
        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("std", torch.from_numpy(std).clamp_min(1e-3))

    def encode(self, features: Tensor, state: CausalState | None = None) -> tuple[Tensor, Tensor]:
        """Return the latents and the logarithm of no variance at all."""
        x = (features - self.mean) / self.std
        if state is None or not state.started:
            x = torch.cat((x[:, :1].expand(-1, FRAMES_PER_LATENT - 1, -1), x), 1)
        latents = x.unflatten(1, (-1, FRAMES_PER_LATENT)).flatten(2)
        return latents, torch.full_like(latents, -torch.inf)

    def decode_normalised(self, latents: Tensor, state: CausalState | None = None) -> Tensor:
        """Return the frames, at a stream's start three fewer."""
        x = latents.unflatten(2, (FRAMES_PER_LATENT, -1)).flatten(1, 2)
        if state is None or not state.started:
            x = x[:, FRAMES_PER_LATENT - 1 :]
        if state is not None:
            state.started = True
        return x
