"""The denoiser rearranged for inference, exact up to rounding.

Against the training form (:mod:`flood_engine.flood.denoiser`):

* modulation comes from a table; the affine norm before cross-attention is part of its query;
* query and key are one product; the softmax scale is part of the query norm's weight;
* cross-attention is folded into the prompt (:mod:`flood_engine.fast.words`);
* both branches of guidance share the first self-attention: only words tell them apart;
* in the last layer only the active latents go on once keys and values are made.

Rows are ordered latent first, then branch and stream: the active rows of all streams are then one
block at the end, and modulation is one broadcast row per latent.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from flood_engine.fast.linear import Linear
from flood_engine.fast.modulation import Modulation, ModulationTable
from flood_engine.fast.words import Folder, Reading
from flood_engine.flood.config import StreamConfig
from flood_engine.flood.denoiser import Block, Denoiser

_EPS = 1e-6


@dataclass(frozen=True, slots=True)
class FusedLayer:
    """The weights of one block, fused and folded."""

    query: Linear
    query_key: Linear
    key: Linear
    value: Linear
    output: Linear
    query_gain: Tensor
    key_gain: Tensor
    words_query: Linear
    widen: Linear
    narrow: Linear


@torch.inference_mode()
def fuse(block: Block, dtype: torch.dtype) -> FusedLayer:
    """Rearrange the weights of a block."""
    attention, words, norm = block.self_attn, block.cross_attn, block.norm3
    q, k = attention.q, attention.k
    size = q.weight.shape[0] // attention.heads
    return FusedLayer(
        query=Linear(q.weight, q.bias, dtype),
        query_key=Linear(torch.cat((q.weight, k.weight)), torch.cat((q.bias, k.bias)), dtype),
        key=Linear(k.weight, k.bias, dtype),
        value=Linear(attention.v.weight, attention.v.bias, dtype),
        output=Linear(attention.o.weight, attention.o.bias, dtype),
        query_gain=attention.norm_q.weight * size**-0.5,
        key_gain=attention.norm_k.weight.detach(),
        words_query=Linear(
            words.q.weight * norm.weight, words.q.bias + words.q.weight @ norm.bias, dtype
        ),
        widen=Linear(block.ffn[0].weight, block.ffn[0].bias, dtype, gelu=True),  # type: ignore[arg-type]
        narrow=Linear(block.ffn[2].weight, block.ffn[2].bias, dtype),  # type: ignore[arg-type]
    )


class FusedDenoiser:
    """Velocities of the active latents of streams that show the same pattern of noise levels."""

    def __init__(self, denoiser: Denoiser, config: StreamConfig, dtype: torch.dtype) -> None:
        self.config, self.dtype = config, dtype
        self.heads = denoiser.config.heads
        self.hidden = denoiser.config.hidden
        self.layers = [fuse(block, dtype) for block in denoiser.layers()]
        self.table = ModulationTable(denoiser, config.schedule)
        self.folder = Folder(denoiser, dtype)
        self.embedding = denoiser.patch_embedding
        self.head = denoiser.head.head
        angles = torch.complex(denoiser.rotary_cos, denoiser.rotary_sin)
        self.turns = angles[:, : int((denoiser.rotary_sin != 0).any(0).sum())].contiguous()

    def __call__(
        self, latents: Tensor, modulation: Modulation, reading: Reading, last: Reading
    ) -> Tensor:
        """Return the velocities of the last latents, [B, branches, active, size].

        Args:
            latents: [B, L, latent_dim]
            modulation: Of the L levels that all streams show.
            reading: Of the rows (latent, branch, stream): L x 2 x B, or L x B without guidance.
            last: The same of the active latents alone, for the last layer.
        """
        streams, length, _ = latents.shape
        guided = self.config.guidance != 1
        active = min(length, self.config.window_size)
        x = self.embedding(latents.transpose(0, 1))
        x = self._look_around(0, x, modulation, active)
        if guided:
            x = x.repeat(1, 2, 1)
        for number in range(len(self.layers)):
            if number:
                x = self._look_around(number, x, modulation, active)
            x = self._read(number, x, last if number == len(self.layers) - 1 else reading)
            x = self._think(number, x, modulation)
        shift, scale = (entry[-active:] for entry in modulation.head)
        velocity = self.head(torch.addcmul(shift, _plain_norm(x[-active:]), scale))
        return velocity.unflatten(1, (-1, streams)).permute(2, 1, 0, 3)

    def _look_around(self, number: int, x: Tensor, modulation: Modulation, active: int) -> Tensor:
        """Self-attention on [L, B, H]; in the last layer only the active latents look."""
        layer, rows = self.layers[number], x.shape[0]
        shift, scale, gate = modulation.layers[number][:3]
        y = torch.addcmul(shift, _plain_norm(x), scale).to(self.dtype)
        if number == len(self.layers) - 1:
            x, gate = x[-active:], gate[-active:]
            query, key = layer.query(y[-active:]), layer.key(y)
        else:
            query, key = layer.query_key(y).split(self.hidden, -1)
        query = self._turn(query, layer.query_gain, rows - x.shape[0])
        key = self._turn(key, layer.key_gain, 0)
        seen = self._attend(query, key, layer.value(y))
        return torch.addcmul(x, gate, layer.output(seen))

    def _turn(self, x: Tensor, gain: Tensor, first: int) -> Tensor:
        """Normalise queries or keys over all heads and turn them by their positions."""
        normed = functional.rms_norm(x.float(), (self.hidden,), gain, _EPS)
        pairs = torch.view_as_complex(normed.unflatten(-1, (self.heads, -1, 2)))
        turns = self.turns[first : first + x.shape[0], None, None]
        pairs[..., : turns.shape[-1]].mul_(turns)
        return normed

    def _attend(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Softmax attention of [Lq, B, H] over [L, B, H]; the scale is in the query already."""
        q, k, v = (self._by_head(each) for each in (query, key, value.float()))
        weights = torch.bmm(q, k.transpose(1, 2)).softmax(-1)
        return torch.bmm(weights, v).transpose(0, 1).reshape(query.shape)

    def _by_head(self, x: Tensor) -> Tensor:
        """[L, B, H] -> [B heads, L, head_dim] without a copy: the order of rows allows it."""
        return x.view(x.shape[0], x.shape[1] * self.heads, -1).transpose(0, 1)

    def _read(self, number: int, x: Tensor, reading: Reading) -> Tensor:
        """Cross-attention, prompt by prompt."""
        rows = x.view(-1, self.hidden)
        layer = self.layers[number]
        sorted_rows = _plain_norm(rows)[reading.order[: reading.choosing]]
        query = layer.words_query(sorted_rows)
        query = functional.rms_norm(query.float(), (self.hidden,), None, _EPS).to(self.dtype)
        found = rows.new_empty(len(rows), self.hidden, dtype=self.dtype)
        for folded, start, end in reading.parts:
            if folded.tokens == 1:
                found[start:end] = folded.values[number]
                continue
            scores = torch.mm(query[start:end], folded.keys[number])
            weights = scores.view(-1, self.heads, folded.tokens).softmax(-1)
            torch.mm(weights.view(scores.shape), folded.values[number], out=found[start:end])
        return x + found[reading.place].view(x.shape)

    def _think(self, number: int, x: Tensor, modulation: Modulation) -> Tensor:
        """Feed-forward on [L, B, H]."""
        layer = self.layers[number]
        shift, scale, gate = (entry[-x.shape[0] :] for entry in modulation.layers[number][3:])
        y = torch.addcmul(shift, _plain_norm(x), scale)
        return torch.addcmul(x, gate, layer.narrow(layer.widen(y)))


def _plain_norm(x: Tensor) -> Tensor:
    return torch.layer_norm(x, x.shape[-1:], eps=_EPS)
