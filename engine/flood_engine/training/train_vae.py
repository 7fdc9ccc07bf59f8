"""Train the causal VAE: windows of motion in, the same windows out, a few numbers per latent.

The windows come from stitched streams, so that the VAE meets every seam and every made-up motion
that the denoiser will ask it to decode.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from flood_engine.features import (
    CONTACTS,
    FEATURE_SIZE,
    HEIGHT,
    POSITIONS,
    ROOT_XZ,
    ROOT_YAW,
    ROT6D,
    VELOCITIES,
)
from flood_engine.flood.config import VaeConfig
from flood_engine.flood.vae import CausalVae
from flood_engine.training.feature_loss import LossShape, feature_losses
from flood_engine.training.loop import Loop, LoopConfig
from flood_engine.training.streams import FRAMES_PER_LATENT

CLIP = 10.0  # flips reach 36 standard deviations; beyond this they teach nothing


@dataclass(frozen=True, slots=True)
class VaeTraining:
    """Settings of the VAE's training."""

    sizes: VaeConfig = field(default_factory=lambda: VaeConfig(263, 16, 96, 256))
    loop: LoopConfig = field(default_factory=LoopConfig)
    windows: int = 48
    """Windows per step."""
    window_frames: int = 61
    shape: LossShape = field(default_factory=LossShape)
    kl_weight: float = 5e-4
    recombined_share: float = 0.3
    """Share of the windows with swapped arms (see :mod:`recombine`)."""


def group_std(features: np.ndarray) -> np.ndarray:
    """Return a standard deviation per group of numbers, so that no quiet number is blown up."""
    std = features.std(axis=0)
    groups = (slice(ROOT_YAW, ROOT_YAW + 1), ROOT_XZ, slice(HEIGHT, HEIGHT + 1))
    for group in (*groups, POSITIONS, ROT6D, VELOCITIES, CONTACTS):
        std[group] = std[group].mean()
    return std


class StreamWindows:
    """Draws windows of frames from streams, starting at latents.

    Args:
        streams: [streams, frames, 263], any floating type.
        recombined: The like with swapped arms; may be empty.
        training: Settings.
    """

    def __init__(self, streams: np.ndarray, recombined: np.ndarray, training: VaeTraining) -> None:
        self.pools = (streams, recombined)
        self.frames = training.window_frames
        other = round(training.windows * training.recombined_share) if len(recombined) else 0
        self.counts = (training.windows - other, other)

    def draw(self, rng: torch.Generator) -> Tensor:
        """Return [windows, window frames, 263] float32."""
        windows = []
        for pool, count in zip(self.pools, self.counts, strict=True):
            for _ in range(count):
                row = int(torch.randint(len(pool), (), generator=rng))
                places = (pool.shape[1] - self.frames) // FRAMES_PER_LATENT + 1
                start = FRAMES_PER_LATENT * int(torch.randint(places, (), generator=rng))
                windows.append(pool[row, start : start + self.frames])
        return torch.from_numpy(np.stack(windows).astype(np.float32))


def train_vae(
    training: VaeTraining, windows: StreamWindows, folder: Path, device: str = "cpu"
) -> CausalVae:
    """Train (or go on training) and return the VAE with its averaged weights, on the CPU."""
    torch.manual_seed(training.loop.seed)
    vae = CausalVae(training.sizes)
    some = windows.pools[0]
    some = some[:: max(1, len(some) // 1000)].reshape(-1, FEATURE_SIZE).astype(np.float32)
    vae.mean.copy_(torch.from_numpy(some.mean(axis=0)))
    vae.std.copy_(torch.from_numpy(group_std(some)))
    loop = Loop(vae.to(device), training.loop, folder, "vae")
    loop.resume()
    loop.run(lambda rng: _loss(vae, training, windows.draw(rng).to(device), rng))
    vae.load_state_dict(loop.ema.values)
    return vae.cpu()


def _loss(
    vae: CausalVae, training: VaeTraining, features: Tensor, rng: torch.Generator
) -> dict[str, Tensor]:
    truth = ((features - vae.mean) / vae.std).clamp(-CLIP, CLIP)
    with torch.autocast(features.device.type, torch.bfloat16):
        mean, log_variance = vae.encode(truth * vae.std + vae.mean)
        mean, log_variance = mean.float(), log_variance.float().clamp(-20, 10)
        noise = torch.randn(mean.shape, generator=rng).to(mean)
        decoded = vae.decode_normalised(mean + noise * (0.5 * log_variance).exp())
    parts = feature_losses(decoded.float(), truth, vae.mean, vae.std, training.shape)
    kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).mean()
    loss = parts["reconstruction"] + training.kl_weight * kl
    return {"loss": loss, **parts, "kl": kl}
