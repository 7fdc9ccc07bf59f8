"""Streams in a full context as batches of fixed sizes, for machinery that is compiled to shapes.

Whatever does not fit (a stream at its start, more tokens in sight than were foreseen, a size that
is not compiled yet) goes to the eager form, which computes the same.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from flood_engine.fast.field import FusedField
from flood_engine.fast.static import HIDDEN_SCORE, TOKENS
from flood_engine.stream import Prompt, Sight

Step: TypeAlias = Callable[..., Tensor]
"""A compiled :class:`flood_engine.fast.static.StaticDenoiser` for one number of streams."""

_REMEMBERED_BYTES = 256 << 20


class BatchedField:
    """Velocity by compiled steps where they fit, by the eager form elsewhere.

    Args:
        eager: Takes what does not fit; also holds the modulation table.
        dtype: Of the compiled steps' inputs.
    """

    def __init__(self, eager: FusedField, dtype: torch.dtype = torch.float32) -> None:
        self.eager, self.dtype = eager, dtype
        self.steps: dict[int, Step] = {}
        """By number of streams; replaced as a whole while streams run."""
        self._words: OrderedDict[tuple[int, ...], tuple[Words, tuple[Prompt, ...]]] = OrderedDict()
        self._rows: OrderedDict[bytes, tuple[Tensor, Tensor]] = OrderedDict()

    def __call__(self, sight: Sight) -> Tensor:
        """Return the velocity of the last latents in sight, [B, min(L, window_size), size]."""
        parts = list(self._parts(sight))
        made = [self._run(part_of(sight, rows), compiled) for rows, compiled in parts]
        if len(made) == 1:
            return made[0]
        order = torch.tensor([row for rows, _ in parts for row in rows])
        return torch.cat(made)[order.argsort()]

    def _parts(self, sight: Sight) -> list[tuple[list[int], bool]]:
        """Sort rows into batches, and say of each whether a compiled step takes it."""
        fitting: dict[bytes, list[int]] = defaultdict(list)
        other: list[int] = []
        full = sight.latents.shape[1] == self.eager.denoiser.config.context
        for row, levels in enumerate(sight.levels):
            fits = full and tokens_of(sight.prompts[row]) <= TOKENS
            (fitting[levels.tobytes()] if fits else other).append(row)
        parts = list[tuple[list[int], bool]]()
        for rows in fitting.values():
            start = 0
            for size in sorted(self.steps, reverse=True):
                while len(rows) - start >= size:
                    parts.append((rows[start : start + size], True))
                    start += size
            other += rows[start:]
        return [*parts, (other, False)] if other else parts

    def _run(self, sight: Sight, compiled: bool) -> Tensor:
        if not compiled:
            return self.eager(sight)
        keys, values, hidden = self._words_of(sight.prompts)
        rows, head = self._rows_of(sight.levels[0])
        step = self.steps[len(sight.latents)]
        return step(sight.latents.to(self.dtype), rows, head, keys, values, hidden).float()

    def _rows_of(self, levels: np.ndarray) -> tuple[Tensor, Tensor]:
        key = levels.tobytes()
        if key not in self._rows:
            modulation = self.eager.denoiser.table.rows(levels)
            rows = torch.stack([torch.stack(layer) for layer in modulation.layers])
            head = torch.stack(modulation.head)
            self._rows[key] = (
                rows.permute(0, 1, 3, 2, 4).to(self.dtype).contiguous(),
                head.transpose(1, 2).to(self.dtype).contiguous(),
            )
            if len(self._rows) > 8:
                self._rows.popitem(last=False)
        return self._rows[key]

    def _words_of(self, bound: Sequence[Sequence[Prompt]]) -> Words:
        prompts = tuple(prompt for stream in bound for prompt in stream)
        key = tuple(map(id, prompts))
        if key not in self._words:
            # the prompts are kept beside their tensors: the key lives by their identity
            self._words[key] = (pad_words(bound, self.dtype), prompts)
            held = sum(words[0].nbytes * 2 for words, _ in self._words.values())
            while held > _REMEMBERED_BYTES and len(self._words) > 1:
                _, (words, _) = self._words.popitem(last=False)
                held -= words[0].nbytes * 2
        self._words.move_to_end(key)
        return self._words[key][0]


Words: TypeAlias = tuple[Tensor, Tensor, Tensor]
"""Keys and values [layers, B, heads, TOKENS, head_dim], and scores [B, 1, L, TOKENS] to add."""


def tokens_of(prompts: Sequence[Prompt]) -> int:
    """Return how many tokens the distinct prompts have together."""
    return sum(prompt.keys.shape[2] for prompt in dict.fromkeys(prompts))


def pad_words(bound: Sequence[Sequence[Prompt]], dtype: torch.dtype) -> Words:
    """Lay the distinct prompts of each stream side by side and hide what a latent must not see."""
    layers, heads, _, size = bound[0][0].keys.shape
    device = bound[0][0].keys.device
    keys = torch.zeros(layers, len(bound), heads, TOKENS, size, dtype=dtype, device=device)
    values = torch.zeros_like(keys)
    hidden = np.full((len(bound), 1, len(bound[0]), TOKENS), HIDDEN_SCORE, np.float32)
    for row, prompts in enumerate(bound):
        start = 0
        for prompt in dict.fromkeys(prompts):
            end = start + prompt.keys.shape[2]
            keys[:, row, :, start:end] = prompt.keys
            values[:, row, :, start:end] = prompt.values
            readers = [place for place, other in enumerate(prompts) if other is prompt]
            hidden[row, 0, readers, start:end] = 0
            start = end
    return keys, values, torch.from_numpy(hidden).to(device, dtype)


def part_of(sight: Sight, rows: list[int]) -> Sight:
    """Return what is seen of some of the streams."""
    if rows == list(range(len(sight.latents))):
        return sight
    return Sight(sight.latents[rows], sight.levels[rows], [sight.prompts[row] for row in rows])


class BatchedDecoder:
    """Decoding by compiled steps once a stream runs; first latents and odd sizes go elsewhere."""

    def __init__(self, eager: Callable[[Tensor, Tensor, bool], Tensor], memory_size: int) -> None:
        self.eager, self.memory_size = eager, memory_size
        self.steps: dict[int, Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]] = {}

    def __call__(self, latents: Tensor, memory: Tensor, started: bool) -> Tensor:
        """Return the features [B, 4 or 1, 263] of latents [B, size]; changes ``memory``."""
        made, start = list[Tensor](), 0
        for size in sorted(self.steps, reverse=True) if started else ():
            while len(latents) - start >= size:
                part = slice(start, start + size)
                features, memory[part] = self.steps[size](latents[part], memory[part])
                made.append(features)
                start += size
        if start < len(latents):
            made.append(self.eager(latents[start:], memory[start:], started))
        return made[0] if len(made) == 1 else torch.cat(made)
