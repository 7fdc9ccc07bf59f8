"""Cross-attention with the prompt folded into it.

The keys and values of a prompt never change, so whatever is linear around them is multiplied in
once: the query norm's weight and the softmax scale into the keys, the output projection into the
values. For one prompt of P tokens the whole of cross-attention after the query is then

    softmax per head (q K) V,   K [H, heads P],  V [heads P, H]

two plain matrix products over just those latents that read the prompt; no mask, no padding. The
output's bias rides along in V, because the weights of each head sum to one. A prompt of a single
token (UMT5's empty text) leaves the softmax no choice: its latents all receive one constant row.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from flood_engine.flood.denoiser import Denoiser
from flood_engine.stream import Prompt

_READINGS = 64
_MOST_BYTES = 256 << 20
"""Of the folded prompts that readings keep alive; the last reading stays in any case."""


@dataclass(frozen=True, slots=True)
class Folded:
    """One prompt for all layers."""

    tokens: int
    keys: Tensor
    """[layers, H, heads * tokens]"""
    values: Tensor
    """[layers, heads * tokens, H]; of a single token [layers, 1, H], the heads added up"""

    @property
    def nbytes(self) -> int:
        """Memory that it takes: a full-size model folds 512 tokens to 270 MB."""
        return self.keys.nbytes + self.values.nbytes


class Folder:
    """Folds prompts into the cross-attention of a denoiser and remembers them while they live."""

    @torch.inference_mode()
    def __init__(self, denoiser: Denoiser, dtype: torch.dtype) -> None:
        attentions = [block.cross_attn for block in denoiser.layers()]
        heads = denoiser.config.heads
        size = denoiser.config.hidden // heads
        self.dtype = dtype
        gains = torch.stack([a.norm_q.weight for a in attentions])
        self._gain = gains.unflatten(1, (heads, 1, size)) * size**-0.5
        outputs = torch.stack([a.o.weight for a in attentions])
        self._output = outputs.unflatten(2, (heads, size)).permute(0, 2, 3, 1)
        """[layers, heads, head_dim, H]"""
        biases = torch.stack([a.o.bias for a in attentions])
        self._bias = (biases / heads)[:, None, None]
        self._known: WeakKeyDictionary[Prompt, Folded] = WeakKeyDictionary()

    def __call__(self, prompt: Prompt) -> Folded:
        """Return the folded form of a prompt: some milliseconds the first time."""
        folded = self._known.get(prompt)
        if folded is None:
            folded = self._known[prompt] = self._fold(prompt)
        return folded

    @torch.inference_mode()
    def _fold(self, prompt: Prompt) -> Folded:
        layers, heads, tokens, size = prompt.keys.shape
        values = prompt.values.to(self._bias) @ self._output + self._bias
        if tokens == 1:
            constant = values.sum(1).to(self.dtype)
            return Folded(1, constant.new_zeros(layers, heads * size, 0), constant)
        keys = values.new_zeros(layers, heads, size, heads, tokens)
        own = torch.arange(heads)
        keys[:, own, :, own] = (prompt.keys.to(values) * self._gain).permute(1, 0, 3, 2)
        return Folded(
            tokens,
            keys.flatten(3).flatten(1, 2).to(self.dtype),
            values.flatten(1, 2).contiguous().to(self.dtype),
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """Which rows read which prompt, as row numbers sorted by prompt; single tokens come last."""

    order: Tensor
    """[rows] the row at each sorted place"""
    place: Tensor
    """[rows] the sorted place of each row"""
    choosing: int
    """Rows at the front whose prompts have several tokens, so that they need a query."""
    parts: list[tuple[Folded, int, int]]
    """A prompt and the sorted places of its rows: first and one past the last."""
    prompts: tuple[Prompt, ...]
    """Of every row: keeps the objects alive whose identity the key is made of."""


class Readings:
    """Finds who reads what, and remembers it while the prompts in sight stay the same."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._known: OrderedDict[tuple[int, ...], Reading] = OrderedDict()

    def of(self, prompts: Sequence[Prompt], device: torch.device) -> Reading:
        """Return the reading of rows with these prompts."""
        key = tuple(map(id, prompts))
        if key not in self._known:
            self._known[key] = self._sort(tuple(prompts), device)
            while len(self._known) > 1 and self._are_too_many():
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def _are_too_many(self) -> bool:
        return len(self._known) > _READINGS or self.held_bytes > _MOST_BYTES

    @property
    def held_bytes(self) -> int:
        """Memory of all prompts that the readings keep alive, each counted once."""
        parts = [part for reading in self._known.values() for part in reading.parts]
        return sum(folded.nbytes for folded in {id(part[0]): part[0] for part in parts}.values())

    def _sort(self, prompts: tuple[Prompt, ...], device: torch.device) -> Reading:
        rows: dict[Prompt, list[int]] = {}
        for row, prompt in enumerate(prompts):
            rows.setdefault(prompt, []).append(row)
        groups = [(self.folder(prompt), numbers) for prompt, numbers in rows.items()]
        groups.sort(key=lambda group: group[0].tokens == 1)
        parts, start = list[tuple[Folded, int, int]](), 0
        for folded, numbers in groups:
            parts.append((folded, start, start + len(numbers)))
            start += len(numbers)
        order = torch.tensor([row for _, numbers in groups for row in numbers], device=device)
        choosing = sum(len(numbers) for folded, numbers in groups if folded.tokens > 1)
        return Reading(order, order.argsort(), choosing, parts, prompts)
