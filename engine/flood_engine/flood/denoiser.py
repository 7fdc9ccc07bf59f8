"""The denoiser: a diffusion transformer over latents that predicts their velocity.

FloodDiffusion's network is the "Wan" video transformer reduced to one dimension: adaptive layer
norms driven by the noise level of each latent, full self-attention with rotary positions, and
cross-attention in which every latent sees only the tokens of its own prompt. Parameter names are
upstream's, so that its checkpoints load unchanged.

Shapes: B streams, L latents in sight, P tokens of all prompts in sight, H hidden width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from flood_engine.flood.config import MAX_LATENTS, DenoiserConfig

_EPS = 1e-6
_ROTARY_BASE = 10000.0


@dataclass(frozen=True, slots=True)
class TextContext:
    """Keys and values of all prompts in sight, and which latent may see which token."""

    keys: Tensor
    """[layers, B, heads, P, head_dim]"""
    values: Tensor
    """[layers, B, heads, P, head_dim]"""
    visible: Tensor
    """[B, 1, L, P] bool (L may be 1: the same for all latents)"""


def attend(query: Tensor, key: Tensor, value: Tensor, visible: Tensor | None = None) -> Tensor:
    """Softmax attention over [B, heads, *, head_dim], written out.

    PyTorch's fused kernel is slower than this on a CPU at a few dozen rows, backward above all.
    """
    scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
    if visible is not None:
        scores = scores.masked_fill(~visible, float("-inf"))
    return scores.softmax(-1) @ value


def rotary_table(head_dim: int) -> Tensor:
    """Return the angles of position p and complex pair i, [1024, head_dim / 2], in radians.

    Upstream splits a head over time, height and width; the last two sit at position 0 here, so
    their pairs do not turn.
    """
    spatial = 2 * (head_dim // 6)
    pairs = head_dim // 2 - spatial
    exponents = torch.arange(pairs, dtype=torch.float64) * 2 / (head_dim - 2 * spatial)
    angles = torch.outer(torch.arange(MAX_LATENTS, dtype=torch.float64), _ROTARY_BASE**-exponents)
    return functional.pad(angles, (0, spatial))


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn adjacent pairs of the last axis of [B, heads, L, d] by angles given as [L, d / 2]."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class RmsNorm(nn.Module):
    """Root-mean-square norm over the whole hidden width, before the split into heads."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis."""
        return functional.rms_norm(x.float(), self.weight.shape, self.weight, _EPS)


class Attention(nn.Module):
    """The projections that self- and cross-attention share."""

    def __init__(self, hidden: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(hidden, hidden) for _ in range(4))
        self.norm_q, self.norm_k = RmsNorm(hidden), RmsNorm(hidden)

    def split(self, x: Tensor) -> Tensor:
        """[B, n, H] -> [B, heads, n, head_dim]"""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def merge(self, x: Tensor) -> Tensor:
        """[B, heads, n, head_dim] -> [B, n, H], through the output projection."""
        return self.o(x.transpose(1, 2).flatten(2))

    def keys_values(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Project [B, n, H] to keys and values, each [B, heads, n, head_dim]."""
        return self.split(self.norm_k(self.k(x))), self.split(self.v(x))

    def queries(self, x: Tensor) -> Tensor:
        """Project [B, n, H] to queries [B, heads, n, head_dim]."""
        return self.split(self.norm_q(self.q(x)))


class Block(nn.Module):
    """Self-attention, cross-attention and feed-forward, the first and last modulated by noise."""

    def __init__(self, config: DenoiserConfig) -> None:
        super().__init__()
        hidden = config.hidden
        self.modulation = nn.Parameter(torch.randn(1, 6, hidden) / hidden**0.5)
        self.self_attn = Attention(hidden, config.heads)
        self.norm3 = nn.LayerNorm(hidden, eps=_EPS)
        self.cross_attn = Attention(hidden, config.heads)
        self.ffn = nn.Sequential(
            nn.Linear(hidden, config.ffn), nn.GELU("tanh"), nn.Linear(config.ffn, hidden)
        )

    def forward(
        self, x: Tensor, time: Tensor, rows: Tensor, rotary: tuple[Tensor, Tensor], text: tuple
    ) -> Tensor:
        """Transform [B, L, H]; ``time`` is [levels, 6, H], ``rows`` [B, L] picks a level each."""
        table = (self.modulation + time).unbind(1)
        shift1, scale1, gate1, shift2, scale2, gate2 = (entry[rows] for entry in table)

        y = _plain_norm(x) * (1 + scale1) + shift1
        query = rotate(self.self_attn.queries(y), *rotary)
        key, value = self.self_attn.keys_values(y)
        x = x + gate1 * self.self_attn.merge(attend(query, rotate(key, *rotary), value))

        key, value, visible = text
        query = self.cross_attn.queries(self.norm3(x))
        x = x + self.cross_attn.merge(attend(query, key, value, visible))

        y = _plain_norm(x) * (1 + scale2) + shift2
        return x + gate2 * self.ffn(y)


class PatchEmbedding(nn.Module):
    """A linear map that upstream stores as a 1x1x1 three-dimensional convolution."""

    def __init__(self, latent_dim: int, hidden: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(hidden, latent_dim, 1, 1, 1) / latent_dim**0.5)
        self.bias = nn.Parameter(torch.zeros(hidden))

    def forward(self, x: Tensor) -> Tensor:
        """[B, L, latent_dim] -> [B, L, H]"""
        return functional.linear(x, self.weight.flatten(1), self.bias)


class Head(nn.Module):
    """The output layer: modulated norm, then one velocity per latent number."""

    def __init__(self, config: DenoiserConfig) -> None:
        super().__init__()
        self.modulation = nn.Parameter(torch.randn(1, 2, config.hidden) / config.hidden**0.5)
        self.head = nn.Linear(config.hidden, config.latent_dim)

    def forward(self, x: Tensor, time: Tensor, rows: Tensor) -> Tensor:
        """[B, L, H] -> [B, L, latent_dim]; ``time`` is [levels, H]."""
        shift, scale = (self.modulation + time[:, None]).unbind(1)
        return self.head(_plain_norm(x) * (1 + scale[rows]) + shift[rows])


class Denoiser(nn.Module):
    """Predicts the velocity (data minus noise) of every latent in sight."""

    rotary_cos: Tensor
    rotary_sin: Tensor

    def __init__(self, config: DenoiserConfig) -> None:
        super().__init__()
        self.config = config
        hidden = config.hidden
        self.patch_embedding = PatchEmbedding(config.latent_dim, hidden)
        self.text_embedding = nn.Sequential(
            nn.Linear(config.text_dim, hidden), nn.GELU("tanh"), nn.Linear(hidden, hidden)
        )
        self.time_embedding = nn.Sequential(
            nn.Linear(config.freq, hidden), nn.SiLU(), nn.Linear(hidden, hidden)
        )
        self.time_projection = nn.Sequential(nn.SiLU(), nn.Linear(hidden, 6 * hidden))
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.head = Head(config)
        angles = rotary_table(hidden // config.heads)
        self.register_buffer("rotary_cos", angles.cos().float(), persistent=False)
        self.register_buffer("rotary_sin", angles.sin().float(), persistent=False)

    def layers(self) -> list[Block]:
        """Return the blocks in order."""
        return cast("list[Block]", list(self.blocks))

    def read_text(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Project token features [B, P, text_dim] to the keys and values of every layer.

        They depend on the prompt alone: upstream recomputes them for each latent and step, which
        is nearly all of its arithmetic; here it happens once per prompt.

        Returns:
            Keys and values, each [layers, B, heads, P, head_dim].
        """
        tokens = self.text_embedding(features)
        pairs = [block.cross_attn.keys_values(tokens) for block in self.layers()]
        return torch.stack([k for k, _ in pairs]), torch.stack([v for _, v in pairs])

    def forward(self, latents: Tensor, noise_levels: Tensor, text: TextContext) -> Tensor:
        """Return the velocity [B, L, latent_dim] of ``latents`` at ``noise_levels`` [B, L]."""
        levels, rows = noise_levels.unique(return_inverse=True)
        time = self.time_embedding(self.sinusoid(levels))
        time6 = self.time_projection(time).unflatten(-1, (6, -1))
        length = latents.shape[1]
        rotary = (self.rotary_cos[:length], self.rotary_sin[:length])
        x = self.patch_embedding(latents)
        # unbound once: the gradient of each index would fill a tensor of zeros for all layers
        words = zip(text.keys.unbind(), text.values.unbind(), strict=True)
        for block, (keys, values) in zip(self.layers(), words, strict=True):
            x = block(x, time6, rows, rotary, (keys, values, text.visible))
        return self.head(x, time, rows)

    def sinusoid(self, levels: Tensor) -> Tensor:
        """Embed noise levels [n] as [n, freq]: cosines first, computed in float64."""
        half = self.config.freq // 2
        exponents = torch.arange(half, dtype=torch.float64, device=levels.device) / half
        angles = torch.outer(levels.double(), _ROTARY_BASE**-exponents)
        return torch.cat((angles.cos(), angles.sin()), -1).float()


def _plain_norm(x: Tensor) -> Tensor:
    return functional.layer_norm(x, x.shape[-1:], eps=_EPS)
