"""From features to whitened latents, with the whitening folded into the VAE itself.

The denoiser wants latents of unit covariance; the VAE's own are correlated and of any scale. Both
its 1x1 convolutions, the encoder's last and the decoder's first, are linear, so the change of
basis goes into their weights: the folded VAE needs no extra numbers beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from flood_engine.flood.causal import CausalConv
from flood_engine.flood.vae import CausalVae


def encode_streams(vae: CausalVae, features: np.ndarray, batch: int = 64) -> Tensor:
    """Encode [streams, frames, 263] to the mean latents [streams, latents, latent_dim]."""
    return torch.cat(list(_encode_batches(vae, features, batch)))


@torch.inference_mode()
def _encode_batches(vae: CausalVae, features: np.ndarray, batch: int) -> Iterator[Tensor]:
    for start in range(0, len(features), batch):
        part = torch.from_numpy(features[start : start + batch].astype(np.float32))
        with torch.autocast("cpu", torch.bfloat16):
            yield vae.encode(part)[0].float()


@torch.no_grad()
def whiten(vae: CausalVae, latents: Tensor) -> Tensor:
    """Fold into ``vae`` the basis in which ``latents`` [..., latent_dim] have unit covariance.

    Returns:
        The latents in that basis.
    """
    flat = latents.flatten(0, -2).double()
    mean = flat.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov(flat.T))
    forward = vectors @ torch.diag(values.clamp_min(1e-8).rsqrt()) @ vectors.T
    backward = torch.linalg.inv(forward)
    size = vae.config.latent_dim
    before, after = vae.model["conv1"], vae.model["conv2"]
    assert isinstance(before, CausalConv) and isinstance(after, CausalConv)
    weight, bias = before.weight.double(), before.bias.double()
    before.weight[:size] = torch.einsum("ij,jkl->ikl", forward, weight[:size]).float()
    before.bias[:size] = (forward @ (bias[:size] - mean)).float()
    weight, bias = after.weight.double()[..., 0], after.bias.double()
    after.bias.copy_((weight @ mean + bias).float())
    after.weight.copy_((weight @ backward)[..., None].float())
    return ((flat - mean) @ forward.T).float().reshape(latents.shape)
