"""One denoise step as a module of fixed shapes: what compilers and graph captures are given.

The same mathematics as :mod:`flood_engine.fast.denoiser`, written without decisions: every stream
shows a full context, its prompts' tokens are padded to :data:`TOKENS` with a mask, and the empty
prompt of guidance, which never changes, is part of the weights.

The layers are these modules' own, on the model's numbers: ``.to()`` changes a module in place, and
the model, which other forms share, must stay as it is.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from flood_engine.fast.words import Folder
from flood_engine.flood.causal import CausalState
from flood_engine.flood.config import StreamConfig
from flood_engine.flood.denoiser import Block, Denoiser
from flood_engine.flood.vae import CausalVae, decoder_layout
from flood_engine.stream import Prompt

TOKENS = 64
"""Tokens of all prompts in sight of one stream; with more, the eager form takes over."""

HIDDEN_SCORE = -1e4
"""What is added to the score of a token that a latent must not see."""

_EPS = 1e-6


class StaticBlock(nn.Module):
    """One block with fused projections; rotary pairs lie half a head apart instead of side by side.

    Args:
        block: The trained block.
        keys: Of the empty prompt, folded: [H, heads * tokens].
        values: Likewise: [heads * tokens, H], or [1, H] for a single token.
    """

    query_gain: Tensor
    key_gain: Tensor
    words_gain: Tensor
    null_keys: Tensor
    null_values: Tensor

    def __init__(self, block: Block, keys: Tensor, values: Tensor) -> None:
        super().__init__()
        attention, words, norm = block.self_attn, block.cross_attn, block.norm3
        self.heads = attention.heads
        hidden = attention.q.weight.shape[0]
        size = hidden // self.heads
        halves = torch.arange(hidden).view(self.heads, size // 2, 2).transpose(1, 2).flatten()
        query, key, value = attention.q, attention.k, attention.v
        self.qkv = _linear(
            torch.cat((query.weight[halves], key.weight[halves], value.weight)),
            torch.cat((query.bias[halves], key.bias[halves], value.bias)),
        )
        self.output, self.words_output = (_linear(o.weight, o.bias) for o in (attention.o, words.o))
        self.words_query = _linear(
            words.q.weight * norm.weight, words.q.bias + words.q.weight @ norm.bias
        )
        widen, self.gelu, narrow = cast("tuple[nn.Linear, nn.GELU, nn.Linear]", tuple(block.ffn))
        self.widen, self.narrow = (_linear(w.weight, w.bias) for w in (widen, narrow))
        self.register_buffer("query_gain", attention.norm_q.weight[halves] * size**-0.5)
        self.register_buffer("key_gain", attention.norm_k.weight[halves].clone())
        self.register_buffer("words_gain", words.norm_q.weight * size**-0.5)
        self.register_buffer("null_keys", keys)
        self.register_buffer("null_values", values)

    def look_around(
        self, x: Tensor, rows: Tensor, turns: Tensor, bias: Tensor | None, active: int
    ) -> Tensor:
        """Self-attention of the last ``active`` of [B, L, H]; ``rows`` is [6, 1 or B, L, H]."""
        y = _norm(x) * rows[1] + rows[0]
        hidden = x.shape[-1]
        weight, offset = self.qkv.weight, self.qkv.bias
        if active == x.shape[1]:
            query, key, value = self.qkv(y).split(hidden, -1)
        else:
            query = functional.linear(y[:, -active:], weight[:hidden], offset[:hidden])
            key, value = functional.linear(y, weight[hidden:], offset[hidden:]).split(hidden, -1)
        q = _turn(self._split(_rms(query, self.query_gain)), turns[:, -active:])
        k = _turn(self._split(_rms(key, self.key_gain)), turns)
        scores = q @ k.transpose(-1, -2)
        seen = (scores if bias is None else scores + bias).softmax(-1) @ self._split(value)
        return x[:, -active:] + rows[2][:, -active:] * self.output(self._merge(seen))

    def read(self, x: Tensor, keys: Tensor, values: Tensor, bias: Tensor, guided: bool) -> Tensor:
        """Cross-attention: the first half of [B, L, H] reads words, the second the empty prompt."""
        query = _rms(self.words_query(_norm(x)), None)
        with_text = query[: len(keys)]
        scores = self._split(with_text * self.words_gain) @ keys.transpose(-1, -2)
        seen = (scores + bias[:, :, -x.shape[1] :]).softmax(-1) @ values
        found = self.words_output(self._merge(seen))
        if guided:
            found = torch.cat((found, self._read_nothing(query[len(keys) :])))
        return x + found

    def _read_nothing(self, query: Tensor) -> Tensor:
        if self.null_values.shape[0] == 1:  # a single token leaves no choice
            return self.null_values.expand_as(query)
        scores = (query @ self.null_keys).unflatten(-1, (self.heads, -1))
        return scores.softmax(-1).flatten(-2) @ self.null_values

    def think(self, x: Tensor, rows: Tensor) -> Tensor:
        """Feed-forward; ``rows`` is [6, 1 or B, at least as many latents as x, H]."""
        last = rows[3:, :, -x.shape[1] :]
        y = _norm(x) * last[1] + last[0]
        return x + last[2] * self.narrow(self.gelu(self.widen(y)))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def _merge(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2).flatten(2)


class StaticDenoiser(nn.Module):
    """Velocities [B, branches, window_size, size] of B streams with a full context."""

    turns: Tensor

    def __init__(self, denoiser: Denoiser, config: StreamConfig, null_prompt: Prompt) -> None:
        super().__init__()
        self.guided, self.active = config.guidance != 1, config.window_size
        patch, head = denoiser.patch_embedding, denoiser.head.head
        self.embedding = _linear(patch.weight.flatten(1), patch.bias)
        self.head = _linear(head.weight, head.bias)
        folded = Folder(denoiser, torch.float32)(null_prompt)
        self.blocks = nn.ModuleList(
            StaticBlock(block, folded.keys[n], folded.values[n])
            for n, block in enumerate(denoiser.layers())
        )
        cos, sin = denoiser.rotary_cos, denoiser.rotary_sin
        turns = torch.stack((cos[: config.context], sin[: config.context]))
        self.register_buffer("turns", turns)

    def forward(
        self,
        latents: Tensor,
        rows: Tensor,
        head: Tensor,
        keys: Tensor,
        values: Tensor,
        hidden: Tensor,
        unborn: Tensor | None = None,
    ) -> Tensor:
        """Return the velocities of the active latents.

        Args:
            latents: [B, L, size]
            rows: Modulation [layers, 6, 1 or B, L, H], scales as 1 + scale.
            head: Modulation of the output [2, 1 or B, L, H].
            keys: Of the words, [layers, B, heads, TOKENS, head_dim].
            values: Likewise.
            hidden: [B, 1, L, TOKENS], :data:`HIDDEN_SCORE` where a latent must not see a token.
            unborn: [B, 1, 1, L], :data:`HIDDEN_SCORE` where a stream has no latent yet.
        """
        guided, last = self.guided, len(self.blocks) - 1
        x = self.embedding(latents)
        for number, block in enumerate(self.blocks):
            assert isinstance(block, StaticBlock)
            active = self.active if number == last else latents.shape[1]
            if number == 0:  # both branches are the same until the first words
                x = block.look_around(x, rows[0], self.turns, unborn, active)
                x = torch.cat((x, x)) if guided else x
                rows, head, unborn = self._for_branches(rows, head, unborn, guided)
            else:
                x = block.look_around(x, rows[number], self.turns, unborn, active)
            x = block.read(x, keys[number], values[number], hidden, guided)
            x = block.think(x, rows[number])
        shift, scale = head[:, :, -self.active :].unbind(0)
        velocity = self.head(_norm(x) * scale + shift)
        return torch.stack(velocity.chunk(2), 1) if guided else velocity[:, None]

    @staticmethod
    def _for_branches(
        rows: Tensor, head: Tensor, unborn: Tensor | None, guided: bool
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Repeat what is given per stream for the second branch of guidance."""
        if guided and rows.shape[2] > 1:
            rows, head = rows.repeat(1, 1, 2, 1, 1), head.repeat(1, 2, 1, 1)
        if guided and unborn is not None:
            unborn = unborn.repeat(2, 1, 1, 1)
        return rows, head, unborn


class StaticDecoder(nn.Module):
    """One latent of a running stream to four frames, the memory going in and out as one row."""

    def __init__(self, vae: CausalVae) -> None:
        super().__init__()
        self.vae, self.layout = vae, decoder_layout(vae)

    def forward(self, latents: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """[B, size], [B, memory size] -> features [B, 4, 263], memory [B, memory size]"""
        sizes = [frames * channels for _, frames, channels in self.layout]
        parts = zip(self.layout, memory.split(sizes, 1), strict=True)
        tails = {name: part.unflatten(1, (frames, -1)) for (name, frames, _), part in parts}
        state = CausalState(True, tails)
        features = self.vae.decode(latents[:, None], state)
        kept = [state.tails[name].flatten(1) for name, _, _ in self.layout]
        return features, torch.cat(kept, 1)


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    """Return a layer on these numbers, shared where they lie in order; its parameters are new."""
    layer = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    layer.weight = nn.Parameter(weight.detach().contiguous(), requires_grad=False)
    layer.bias = nn.Parameter(bias.detach().contiguous(), requires_grad=False)
    return layer


def _norm(x: Tensor) -> Tensor:
    return functional.layer_norm(x, x.shape[-1:], eps=_EPS)


def _rms(x: Tensor, gain: Tensor | None) -> Tensor:
    normed = x * torch.rsqrt(x.square().mean(-1, keepdim=True) + _EPS)
    return normed if gain is None else normed * gain


def _turn(x: Tensor, turns: Tensor) -> Tensor:
    """Turn [B, heads, L, d] by ``turns`` [2, L, d / 2]: cosines and sines."""
    first, second = x.chunk(2, -1)
    cos, sin = turns.unbind(0)
    return torch.cat((first * cos - second * sin, first * sin + second * cos), -1)
