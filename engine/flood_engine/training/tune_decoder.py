"""The decoder's last touch: trained alone, on latents as noisy as the denoiser will make them.

Guidance pushes latents beyond those of recorded motion, where a decoder knows nothing and lets
bones shrink and grow. What such latents should become nobody knows, but how long the bones are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from flood_engine.flood.vae import CausalVae
from flood_engine.training.feature_loss import LossShape, bone_losses, bones_of, feature_losses
from flood_engine.training.loop import Loop, LoopConfig
from flood_engine.training.streams import FRAMES_PER_LATENT
from flood_engine.training.train_vae import CLIP

_WITHOUT_PAST = 9
"""Frames at the head of a window that lack what the stream had before them."""


@dataclass(frozen=True, slots=True)
class DecoderTuning:
    """Settings of the last touch: the decoder alone, on latents as the denoiser will make them."""

    loop: LoopConfig = field(
        default_factory=lambda: LoopConfig(
            learning_rate=5e-4, matrix_rate=4e-3, constant_share=0.2, seed=1
        )
    )
    windows: int = 48
    latents: int = 16
    """Latents per window."""
    start_share: float = 0.1
    """Share of steps on the beginnings of streams."""
    shape: LossShape = field(default_factory=lambda: LossShape(beta=0.2))
    latent_noise: float = 0.08
    """Standard deviation of the noise on whitened latents."""
    stretch: float = 0.5
    """Up to how much farther out the latents lie of which only the bones are compared."""
    stretched_windows: int = 24


def tune_decoder(
    vae: CausalVae,
    tuning: DecoderTuning,
    features: np.ndarray,
    latents: Tensor,
    folder: Path,
    device: str = "cpu",
) -> CausalVae:
    """Train the decoder on noisy latents of stitched streams; the encoder stays as it is.

    Args:
        vae: The VAE with whitening folded in.
        tuning: Settings.
        features: [streams, frames, 263], any floating type.
        latents: [streams, latents, latent_dim], whitened, of the same streams.
        folder: Where checkpoint and curves go.
        device: Where to compute.
    """
    vae.requires_grad_(False)
    for part in ("decoder", "conv2"):
        vae.model[part].requires_grad_(True)
    loop = Loop(vae.to(device), tuning.loop, folder, "decoder")
    loop.resume()

    def loss(rng: torch.Generator) -> dict[str, Tensor]:
        given, truth, begin = _draw(tuning, features, latents, rng)
        noisy = given + tuning.latent_noise * torch.randn(given.shape, generator=rng)
        few = noisy[: tuning.stretched_windows]
        few = few * (1 + tuning.stretch * torch.rand((len(few), 1, 1), generator=rng))
        wanted = ((truth.to(device) - vae.mean) / vae.std).clamp(-CLIP, CLIP)
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            decoded = vae.decode_normalised(torch.cat((noisy, few)).to(device)).float()
        decoded, beyond = decoded[:, begin:].split((len(noisy), len(few)))
        parts = feature_losses(decoded, wanted[:, begin:], vae.mean, vae.std, tuning.shape)
        lengths = bones_of(truth[:1, :1].to(device))  # one body in all streams
        parts["beyond"] = bone_losses(beyond, lengths, vae.mean, vae.std)
        return {"loss": parts["reconstruction"] + tuning.shape.bones * parts["beyond"], **parts}

    loop.run(loss)
    vae.load_state_dict(loop.ema.values)
    return vae.cpu()


def _draw(
    tuning: DecoderTuning, features: np.ndarray, latents: Tensor, rng: torch.Generator
) -> tuple[Tensor, Tensor, int]:
    """Return latents, their frames, and the first frame that counts.

    A window's first latents have no past, so their frames differ from the stream's, unless the
    window is the stream's beginning.
    """
    rows = torch.randint(len(features), (tuning.windows,), generator=rng)
    start = int(torch.randint(latents.shape[1] - tuning.latents + 1, (), generator=rng))
    if torch.rand((), generator=rng) < tuning.start_share:
        start = 0
    first = FRAMES_PER_LATENT * start
    frames = FRAMES_PER_LATENT * (tuning.latents - 1) + 1
    truth = features[rows.numpy(), first : first + frames].astype(np.float32)
    given = latents[rows, start : start + tuning.latents]
    return given, torch.from_numpy(truth), _WITHOUT_PAST if start else 0
