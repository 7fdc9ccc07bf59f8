"""Train the denoiser on long streams of latents whose prompt changes on the way.

Every sample is what the model will see at inference: some committed latents, then the active
window with the sloping noise of one random moment, the prompt of each latent beside it (paper,
Algorithm 1). Only the window's latents count in the loss. Some committed latents get a little noise
of their own, so that the model mends its own small errors instead of drifting with them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from flood_engine.flood.config import DenoiserConfig
from flood_engine.flood.denoiser import Denoiser, TextContext
from flood_engine.training.loop import Loop, LoopConfig
from flood_engine.training.text_table import TextTable


@dataclass(frozen=True, slots=True)
class DenoiserTraining:
    """Settings of the denoiser's training."""

    sizes: DenoiserConfig = field(
        default_factory=lambda: DenoiserConfig(8, 256, 1024, 64, 8, 6, 384)
    )
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(constant_share=0.5))
    batch: int = 64
    window_size: int = 5
    lengths: tuple[int, ...] = (10, 14, 18, 24, 30)
    """Latents in sight; one length per batch, so that nothing is padded."""
    start_share: float = 0.3
    """Share of batches that show the beginning of streams, 1 to the longest length minus 1."""
    text_dropout: float = 0.1
    history_noise: float = 0.12
    """Upper bound of the noise on committed latents, drawn per sample."""


@dataclass(frozen=True, slots=True)
class LatentStreams:
    """The training set: streams of latents and the text of each latent."""

    latents: Tensor
    """[streams, latents, latent_dim]"""
    texts: Tensor
    """[streams, latents] row numbers in the text table"""

    def draw(self, training: DenoiserTraining, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return a batch [B, L, latent_dim] and its texts [B, L], L drawn anew each time."""
        streams, total, _ = self.latents.shape
        if torch.rand((), generator=rng) < training.start_share:
            length = int(torch.randint(1, max(training.lengths), (), generator=rng))
            starts = torch.zeros(training.batch, dtype=torch.long)
        else:
            pick = int(torch.randint(len(training.lengths), (), generator=rng))
            length = training.lengths[pick]
            starts = torch.randint(total - length + 1, (training.batch,), generator=rng)
        rows = torch.randint(streams, (training.batch, 1), generator=rng)
        columns = starts[:, None] + torch.arange(length)
        return self.latents[rows, columns], self.texts[rows, columns]


def window_levels(batch: int, length: int, window: int, rng: torch.Generator) -> Tensor:
    """Return the noise levels [batch, length] of one random moment per sample."""
    fraction = torch.rand(batch, 1, generator=rng)
    rank = torch.arange(1 - length, 1) + window  # the newest latent has rank ``window``
    return ((rank - fraction) / window).clamp(0, 1)


def packed_text(denoiser: Denoiser, table: TextTable, texts: Tensor) -> TextContext:
    """Read every distinct text of a batch [B, L] once and lay out what each sample sees."""
    used, local = texts.unique(return_inverse=True)
    tokens = int(table.lengths[used].max())
    keys, values = denoiser.read_text(table.features[used, :tokens])
    slots = [row.unique() for row in local]
    widest = max(len(slot) for slot in slots)
    chosen = torch.stack(
        [torch.nn.functional.pad(s, (0, widest - len(s)), value=-1) for s in slots]
    )
    real = torch.arange(tokens) < table.lengths[used][:, None]
    owner = chosen[:, :, None].expand(-1, -1, tokens)
    seen = real[chosen] & (chosen >= 0)[..., None]
    visible = (local[:, :, None] == owner.flatten(1)[:, None]) & seen.flatten(1)[:, None]
    return TextContext(_side_by_side(keys, chosen), _side_by_side(values, chosen), visible[:, None])


def _side_by_side(x: Tensor, chosen: Tensor) -> Tensor:
    """[layers, texts, heads, tokens, d] by [B, slots] -> [layers, B, heads, slots * tokens, d]"""
    return x[:, chosen].transpose(2, 3).flatten(3, 4)


def velocity_loss(
    denoiser: Denoiser,
    training: DenoiserTraining,
    table: TextTable,
    batch: tuple[Tensor, Tensor],
    rng: torch.Generator,
) -> Tensor:
    """Return the mean squared error of the velocity over the active window."""
    data, texts = batch
    count, length, _ = data.shape
    window = min(length, training.window_size)
    dropped = torch.rand(count, 1, generator=rng) < training.text_dropout
    texts = texts.masked_fill(dropped, 0)
    noise = torch.randn(data.shape, generator=rng)
    levels = window_levels(count, length, training.window_size, rng)
    own = torch.rand(count, 1, generator=rng) * training.history_noise
    spread = torch.where(levels > 0, levels, own)[..., None]
    mixed = torch.where(levels[..., None] > 0, (1 - spread) * data, data) + spread * noise
    with torch.autocast("cpu", torch.bfloat16):
        velocity = denoiser(mixed, levels, packed_text(denoiser, table, texts))
    error = velocity.float() - (data - noise)
    return error[:, -window:].square().mean()


def train_denoiser(
    training: DenoiserTraining, streams: LatentStreams, table: TextTable, folder: Path
) -> Denoiser:
    """Train (or go on training) and return the denoiser with its averaged weights."""
    torch.manual_seed(training.loop.seed)
    denoiser = Denoiser(training.sizes)
    torch.nn.init.zeros_(denoiser.head.head.weight)
    torch.nn.init.zeros_(denoiser.head.head.bias)
    loop = Loop(denoiser, training.loop, folder, "denoiser")
    loop.resume()

    def loss(rng: torch.Generator) -> dict[str, Tensor]:
        batch = streams.draw(training, rng)
        return {"loss": velocity_loss(denoiser, training, table, batch, rng)}

    loop.run(loss)
    denoiser.load_state_dict({k: v for k, v in loop.ema.values.items()})
    return denoiser
