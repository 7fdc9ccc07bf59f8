"""Train the denoiser on long streams of latents whose prompt changes on the way.

Every sample is what the model will see at inference: some committed latents, then the active
window with the sloping noise of one random moment, the prompt of each latent beside it (paper,
Algorithm 1). Only the window's latents count in the loss. Some committed latents get a little noise
of their own, so that the model mends its own small errors instead of drifting with them.

Two things happen at inference beside the plain slide, and some samples show them. A window that
was wound back for an interrupt has fewer active latents behind a finished history. A prompt that
was pointed at the whole window reaches latents whose motion still belongs to the prompt before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from flood_engine.flood.config import DenoiserConfig
from flood_engine.flood.denoiser import Denoiser, TextContext
from flood_engine.training.loop import Loop, LoopConfig
from flood_engine.training.text_table import TextTable

_MOMENTS = 4
"""Moments between two commits: the denoise steps of at most four per latent."""


@dataclass(frozen=True, slots=True)
class DenoiserTraining:
    """Settings of the denoiser's training."""

    sizes: DenoiserConfig = field(
        default_factory=lambda: DenoiserConfig(16, 256, 1024, 64, 8, 6, 384)
    )
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(constant_share=0.5))
    batch: int = 64
    window_size: int = 4
    """FloodDiffusion has 5; each latent less is a prompt 0.2 s sooner."""
    lengths: tuple[int, ...] = (10, 14, 18, 24, 30)
    """Latents in sight; one length per batch, so that nothing is padded."""
    start_share: float = 0.3
    """Share of batches that show the beginning of streams, 1 to the longest length minus 1."""
    interrupt_share: float = 0.25
    """Share of the other batches' samples whose new prompt is pointed at the whole window."""
    rewind_share: float = 0.15
    """Share of the other batches' samples with a window that was wound back."""
    text_dropout: float = 0.1
    token_dropout: float = 0.0
    """Share of the tokens of each sample's texts that are not seen, so that no one word decides.

    A trial with 0.15 (1,800 steps of the bundled model) did not make it obey more."""
    history_noise: float = 0.12
    """Upper bound of the noise on committed latents, drawn per sample."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one training step is about."""

    latents: Tensor
    """[B, L, latent_dim]"""
    texts: Tensor
    """[B, L] row numbers in the text table"""
    active: Tensor
    """[B] how many latents are active, at most the window"""


@dataclass(frozen=True)
class LatentStreams:
    """The training set: streams of latents and the text of each latent."""

    latents: Tensor
    """[streams, latents, latent_dim]"""
    texts: Tensor
    """[streams, latents] row numbers in the text table"""

    @cached_property
    def changes(self) -> Tensor:
        """[changes, 2]: stream and latent of every first latent of a new prompt."""
        found = (self.texts[:, 1:] != self.texts[:, :-1]).nonzero()
        return found + torch.tensor([0, 1])

    def draw(self, training: DenoiserTraining, rng: torch.Generator) -> Batch:
        """Return a batch of one length, which is drawn anew each time."""
        total = self.latents.shape[1]
        if torch.rand((), generator=rng) < training.start_share:
            length = int(torch.randint(1, max(training.lengths), (), generator=rng))
            return self._cut(length, torch.zeros(training.batch, dtype=torch.long), training, rng)
        pick = int(torch.randint(len(training.lengths), (), generator=rng))
        length = training.lengths[pick]
        starts = torch.randint(total - length + 1, (training.batch,), generator=rng)
        batch = self._cut(length, starts, training, rng)
        rewound = torch.rand(training.batch, generator=rng) < training.rewind_share
        fewer = torch.randint(1, training.window_size + 1, (training.batch,), generator=rng)
        batch.active.copy_(torch.where(rewound, fewer, batch.active))
        self._interrupt(batch, training, rng)
        return batch

    def _cut(
        self, length: int, starts: Tensor, training: DenoiserTraining, rng: torch.Generator
    ) -> Batch:
        rows = torch.randint(len(self.latents), (training.batch, 1), generator=rng)
        columns = starts[:, None] + torch.arange(length)
        active = torch.full((training.batch,), min(length, training.window_size))
        return Batch(self.latents[rows, columns], self.texts[rows, columns], active)

    def _interrupt(self, batch: Batch, training: DenoiserTraining, rng: torch.Generator) -> None:
        """Replace some samples by ones whose new prompt is bound to the whole active window.

        The motion follows some latents later, as it cannot change at once; in place.
        """
        count, length = batch.texts.shape
        if len(self.changes) == 0:
            return
        chosen = self.changes[torch.randint(len(self.changes), (count,), generator=rng)]
        active = torch.randint(1, training.window_size + 1, (count,), generator=rng)
        late = (torch.rand(count, generator=rng) * active).long()
        starts = chosen[:, 1] - late + active - length
        fits = (starts >= 0) & (starts + length <= self.texts.shape[1])
        fits &= torch.rand(count, generator=rng) < training.interrupt_share
        taken = fits.nonzero()[:, 0]
        rows = chosen[taken, :1]
        columns = starts[taken, None] + torch.arange(length)
        batch.latents[taken] = self.latents[rows, columns]
        texts = self.texts[rows, columns]
        new = texts.gather(1, (length - active + late)[taken, None])
        early = columns >= (starts + length - active)[taken, None]
        early &= columns < chosen[taken, 1:]
        batch.texts[taken] = torch.where(early, new, texts)
        batch.active[taken] = active[taken]


class Drawing(Protocol):
    """Where batches come from."""

    def draw(self, training: DenoiserTraining, rng: torch.Generator) -> Batch:
        """Return the next batch."""
        ...


def window_levels(active: Tensor, length: int, window: int, rng: torch.Generator) -> Tensor:
    """Return the noise levels [B, length] of one random moment per sample.

    Args:
        active: [B] how many latents are active; those before are clean.
        length: Latents in sight.
        window: Latents in a full window.
        rng: Where the moments come from.
    """
    moment = torch.randint(_MOMENTS, (len(active), 1), generator=rng) / _MOMENTS
    rank = torch.arange(1 - length, 1) + window  # the newest latent has rank ``window``
    levels = ((rank - moment) / window).clamp(0, 1)
    return levels.masked_fill(rank <= window - active[:, None], 0)


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
    real = torch.arange(tokens, device=texts.device) < table.lengths[used][:, None]
    owner = chosen[:, :, None].expand(-1, -1, tokens)
    seen = real[chosen] & (chosen >= 0)[..., None]
    visible = (local[:, :, None] == owner.flatten(1)[:, None]) & seen.flatten(1)[:, None]
    return TextContext(_side_by_side(keys, chosen), _side_by_side(values, chosen), visible[:, None])


def _side_by_side(x: Tensor, chosen: Tensor) -> Tensor:
    """[layers, texts, heads, tokens, d] by [B, slots] -> [layers, B, heads, slots * tokens, d]"""
    return x[:, chosen].transpose(2, 3).flatten(3, 4)


def drop_tokens(text: TextContext, share: float, rng: torch.Generator) -> TextContext:
    """Hide a share of each sample's tokens; a latent that would see none keeps all of its own."""
    count, columns = text.visible.shape[0], text.visible.shape[-1]
    kept = torch.rand(count, 1, 1, columns, generator=rng) >= share
    seen = text.visible & kept.to(text.visible.device)
    return replace(text, visible=torch.where(seen.any(-1, keepdim=True), seen, text.visible))


def velocity_loss(
    denoiser: Denoiser,
    training: DenoiserTraining,
    table: TextTable,
    batch: Batch,
    rng: torch.Generator,
) -> Tensor:
    """Return the mean squared error of the velocity over the active latents."""
    data = batch.latents
    count, length, _ = data.shape
    dropped = torch.rand(count, 1, generator=rng) < training.text_dropout
    texts = batch.texts.masked_fill(dropped, 0)
    noise = torch.randn(data.shape, generator=rng)
    levels = window_levels(batch.active, length, training.window_size, rng)
    own = torch.rand(count, 1, generator=rng) * training.history_noise
    spread = torch.where(levels > 0, levels, own)[..., None]
    mixed = torch.where(levels[..., None] > 0, (1 - spread) * data, data) + spread * noise
    device = table.features.device
    with torch.autocast(device.type, torch.bfloat16):
        text = packed_text(denoiser, table, texts.to(device))
        text = drop_tokens(text, training.token_dropout, rng)
        velocity = denoiser(mixed.to(device), levels.to(device), text)
    error = velocity.float() - (data - noise).to(device)
    return error[levels.to(device) > 0].square().mean()


def train_denoiser(
    training: DenoiserTraining,
    streams: Drawing,
    table: TextTable,
    folder: Path,
    device: str = "cpu",
    on_checkpoint: Callable[[Loop], None] | None = None,
) -> Denoiser:
    """Train (or go on training) and return the denoiser with its averaged weights, on the CPU."""
    torch.manual_seed(training.loop.seed)
    denoiser = Denoiser(training.sizes)
    torch.nn.init.zeros_(denoiser.head.head.weight)
    torch.nn.init.zeros_(denoiser.head.head.bias)
    loop = Loop(denoiser.to(device), training.loop, folder, "denoiser")
    loop.resume()
    table = TextTable(table.features.to(device), table.lengths.to(device))

    def loss(rng: torch.Generator) -> dict[str, Tensor]:
        batch = streams.draw(training, rng)
        return {"loss": velocity_loss(denoiser, training, table, batch, rng)}

    loop.run(loss, on_checkpoint=on_checkpoint)
    denoiser.load_state_dict(loop.ema.values)
    return denoiser.cpu()
