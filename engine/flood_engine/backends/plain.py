"""The networks in the form in which they are trained: the referee of every faster form.

Both evaluations of classifier-free guidance run as one batch, and prompts are read once; beyond
that nothing is clever here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from flood_engine.flood.causal import CausalState
from flood_engine.flood.checkpoint import Model
from flood_engine.flood.config import StreamConfig
from flood_engine.flood.denoiser import Denoiser, TextContext
from flood_engine.flood.vae import CausalVae, decoder_layout
from flood_engine.stream import Prompt, Sight


class PlainBackend:
    """The networks as they are."""

    name, precision = "plain", "float32"

    def __init__(self, model: Model, null_prompt: Prompt) -> None:
        self.velocity = PlainField(model.denoiser, model.config.stream, null_prompt)
        self.decode = PlainDecoder(model.vae)

    def prepare(self, prompt: Prompt) -> None:
        """Nothing: the prompt is used as it is."""

    def warm_up(self) -> None:
        """Nothing to prepare."""


class PlainField:
    """Velocities by the training form of the denoiser."""

    def __init__(self, denoiser: Denoiser, config: StreamConfig, null_prompt: Prompt) -> None:
        self.denoiser, self.config, self.null_prompt = denoiser, config, null_prompt

    def __call__(self, sight: Sight) -> Tensor:
        """Return the velocities of all latents in sight, [B, branches, L, latent_dim]."""
        latents = sight.latents
        levels = torch.from_numpy(sight.levels / self.config.schedule.scale).to(latents)
        if self.config.guidance == 1:
            return self.denoiser(latents, levels, text_context(sight.prompts))[:, None]
        nothing = [[self.null_prompt] * latents.shape[1]] * len(latents)
        both = self.denoiser(
            latents.repeat(2, 1, 1), levels.repeat(2, 1), text_context(sight.prompts + nothing)
        )
        return torch.stack(both.chunk(2), 1)


def text_context(bound: Sequence[Sequence[Prompt]]) -> TextContext:
    """Lay the distinct prompts of each stream side by side and say which latent sees which tokens.

    Args:
        bound: For each stream, the prompt of every latent in sight.
    """
    rows = [_side_by_side(prompts) for prompts in bound]
    width = max(keys.shape[2] for keys, _, _ in rows)
    return TextContext(
        torch.stack([_pad_tokens(keys, width) for keys, _, _ in rows], 1),
        torch.stack([_pad_tokens(values, width) for _, values, _ in rows], 1),
        torch.stack([functional.pad(v, (0, width - v.shape[1])) for _, _, v in rows])[:, None],
    )


def _side_by_side(prompts: Sequence[Prompt]) -> tuple[Tensor, Tensor, Tensor]:
    distinct = list({id(p): p for p in prompts}.values())
    number = {id(p): n for n, p in enumerate(distinct)}
    owner = torch.cat([torch.full((p.keys.shape[2],), n) for n, p in enumerate(distinct)])
    reader = torch.tensor([number[id(p)] for p in prompts])
    keys = torch.cat([p.keys for p in distinct], 2)
    values = torch.cat([p.values for p in distinct], 2)
    return keys, values, (reader[:, None] == owner[None]).to(keys.device)


def _pad_tokens(x: Tensor, width: int) -> Tensor:
    return functional.pad(x, (0, 0, 0, width - x.shape[2]))


class PlainDecoder:
    """Latents to features by the training form of the VAE, one latent of each stream at a time."""

    def __init__(self, vae: CausalVae) -> None:
        self.vae = vae
        self.layout = decoder_layout(vae)
        self.memory_size = sum(frames * channels for _, frames, channels in self.layout)

    def __call__(self, latents: Tensor, memory: Tensor, started: bool) -> Tensor:
        """Return the features [B, 4 or 1, 263] of latents [B, size].

        ``memory`` [B, memory_size] is what the decoder remembers of every stream, zeros before the
        first latent; it is changed in place. ``started`` says whether a latent came before.
        """
        state = CausalState(started, dict(self._split(memory)))
        features = self.vae.decode(latents[:, None], state)
        for name, tail in self._split(memory):
            tail.copy_(state.tails[name])
        return features

    def _split(self, memory: Tensor) -> Iterator[tuple[str, Tensor]]:
        parts = memory.split([frames * channels for _, frames, channels in self.layout], 1)
        for (name, frames, channels), part in zip(self.layout, parts, strict=True):
            yield name, part.view(-1, frames, channels)
