"""Train the causal VAE: windows of motion in, the same windows out, a few numbers per latent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from flood_engine.features import (
    CONTACTS,
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

_CLIP = 10.0  # flips reach 36 standard deviations; beyond this they teach nothing


@dataclass(frozen=True, slots=True)
class VaeTraining:
    """Settings of the VAE's training."""

    sizes: VaeConfig = field(default_factory=lambda: VaeConfig(263, 8, 96, 256))
    loop: LoopConfig = field(default_factory=LoopConfig)
    windows: int = 48
    """Windows per step."""
    window_frames: int = 61
    shape: LossShape = field(default_factory=LossShape)
    kl_weight: float = 1e-5


def group_std(features: np.ndarray) -> np.ndarray:
    """Return a standard deviation per group of numbers, so that no quiet number is blown up."""
    std = features.std(axis=0)
    groups = (slice(ROOT_YAW, ROOT_YAW + 1), ROOT_XZ, slice(HEIGHT, HEIGHT + 1))
    for group in (*groups, POSITIONS, ROT6D, VELOCITIES, CONTACTS):
        std[group] = std[group].mean()
    return std


class WindowSampler:
    """Draws windows of frames: half of them evenly over time, half evenly over classes.

    Args:
        clips: Features of each clip, (frames, 263); shorter ones than a window are left out.
        classes: For each class, the (clip, first frame, last frame) spans that show it.
    """

    def __init__(
        self,
        clips: Sequence[np.ndarray],
        classes: Sequence[Sequence[tuple[int, int, int]]],
        frames: int,
    ) -> None:
        self.clips = [torch.from_numpy(np.asarray(c, np.float32)) for c in clips]
        self.frames = frames
        self.room = torch.tensor([max(0, len(c) - frames + 1) for c in clips], dtype=torch.float64)
        usable = [[s for s in spans if self.room[s[0]] > 0] for spans in classes]
        self.classes = [spans for spans in usable if spans]

    def draw(self, count: int, rng: torch.Generator) -> Tensor:
        """Return [count, frames, 263]."""
        even = count - count // 2 if self.classes else count
        picks = [
            self._anywhere(int(c), rng) for c in self.room.multinomial(even, True, generator=rng)
        ]
        picks += [self._of_class(rng) for _ in range(count - even)]
        return torch.stack([self.clips[c][start : start + self.frames] for c, start in picks])

    def _anywhere(self, clip: int, rng: torch.Generator) -> tuple[int, int]:
        return clip, int(torch.randint(int(self.room[clip]), (1,), generator=rng))

    def _of_class(self, rng: torch.Generator) -> tuple[int, int]:
        spans = self.classes[int(torch.randint(len(self.classes), (1,), generator=rng))]
        clip, first, last = spans[int(torch.randint(len(spans), (1,), generator=rng))]
        middle = int(torch.randint(first, max(first + 1, last), (1,), generator=rng))
        start = middle - self.frames // 2
        return clip, min(max(0, start), int(self.room[clip]) - 1)


def train_vae(training: VaeTraining, sampler: WindowSampler, folder: Path) -> CausalVae:
    """Train (or go on training) and return the VAE with its averaged weights."""
    torch.manual_seed(training.loop.seed)
    vae = CausalVae(training.sizes)
    everything = torch.cat(sampler.clips).numpy()
    vae.mean.copy_(torch.from_numpy(everything.mean(axis=0)))
    vae.std.copy_(torch.from_numpy(group_std(everything)))
    loop = Loop(vae, training.loop, folder, "vae")
    loop.resume()
    loop.run(lambda rng: _loss(vae, training, sampler.draw(training.windows, rng), rng))
    vae.load_state_dict(loop.ema.values)
    return vae


@dataclass(frozen=True, slots=True)
class DecoderTuning:
    """Settings of the last touch: the decoder alone, on latents as the denoiser will make them."""

    loop: LoopConfig = field(
        default_factory=lambda: LoopConfig(learning_rate=8e-4, constant_share=0.3, seed=1)
    )
    windows: int = 48
    latents: int = 16
    """Latents per window."""
    shape: LossShape = field(default_factory=lambda: LossShape(positions=4.0, beta=0.1))
    latent_noise: float = 0.08
    """Standard deviation of the noise on whitened latents."""


def tune_decoder(
    vae: CausalVae, tuning: DecoderTuning, features: np.ndarray, latents: Tensor, folder: Path
) -> CausalVae:
    """Train the decoder on noisy latents of stitched streams; the encoder stays as it is.

    Args:
        vae: The VAE with whitening folded in.
        tuning: Settings.
        features: [streams, frames, 263], any floating type.
        latents: [streams, latents, latent_dim], whitened, of the same streams.
        folder: Where checkpoint and curves go.
    """
    vae.requires_grad_(False)
    for part in ("decoder", "conv2"):
        vae.model[part].requires_grad_(True)
    loop = Loop(vae, tuning.loop, folder, "decoder")
    loop.resume()

    def loss(rng: torch.Generator) -> dict[str, Tensor]:
        rows = torch.randint(len(features), (tuning.windows,), generator=rng)
        start = int(torch.randint(latents.shape[1] - tuning.latents + 1, (), generator=rng))
        given = latents[rows, start : start + tuning.latents]
        noisy = given + tuning.latent_noise * torch.randn(given.shape, generator=rng)
        first = 4 * start
        truth = features[rows.numpy(), first : first + 4 * tuning.latents - 3].astype(np.float32)
        wanted = ((torch.from_numpy(truth) - vae.mean) / vae.std).clamp(-_CLIP, _CLIP)
        with torch.autocast("cpu", torch.bfloat16):
            decoded = vae.decode_normalised(noisy)
        # the window's first latents have no past here, so their frames differ from the stream's
        parts = feature_losses(
            decoded.float()[:, 9:], wanted[:, 9:], vae.mean, vae.std, tuning.shape
        )
        return {"loss": parts["reconstruction"], **parts}

    loop.run(loss)
    vae.load_state_dict(loop.ema.values)
    return vae


def _loss(
    vae: CausalVae, training: VaeTraining, features: Tensor, rng: torch.Generator
) -> dict[str, Tensor]:
    truth = ((features - vae.mean) / vae.std).clamp(-_CLIP, _CLIP)
    with torch.autocast("cpu", torch.bfloat16):
        mean, log_variance = vae.encode(truth * vae.std + vae.mean)
        mean, log_variance = mean.float(), log_variance.float().clamp(-20, 10)
        noise = torch.randn(mean.shape, generator=rng)
        decoded = vae.decode_normalised(mean + noise * (0.5 * log_variance).exp())
    parts = feature_losses(decoded.float(), truth, vae.mean, vae.std, training.shape)
    kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).mean()
    loss = parts["reconstruction"] + training.kl_weight * kl
    return {"loss": loss, **parts, "kl": kl}
