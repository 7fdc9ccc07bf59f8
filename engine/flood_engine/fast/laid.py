"""The words of a batch as compiled steps want them: side by side, padded, with a mask.

While a prompt is replaced the mask changes with every latent, but keys and values only when a
prompt enters or leaves the sight of a stream; so they are remembered apart. What no step has asked
for lately is forgotten: an endless stream meets endlessly many mixtures of prompts.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeAlias, TypeVar

import numpy as np
import torch
from torch import Tensor

from flood_engine.fast.static import HIDDEN_SCORE, TOKENS
from flood_engine.stream import Prompt

Key = TypeVar("Key", bound=Hashable)

Words: TypeAlias = tuple[Tensor, Tensor, Tensor]
"""Keys and values [layers, B, heads, TOKENS, head_dim], and scores [B, 1, L, TOKENS] to add."""

STEPS_REMEMBERED = 32
"""Denoise steps after which what nobody asked for is dropped."""

_MOST_BYTES = 256 << 20


def tokens_of(prompts: Sequence[Prompt]) -> int:
    """Return how many tokens the distinct prompts have together."""
    return sum(prompt.keys.shape[2] for prompt in dict.fromkeys(prompts))


def pad_words(bound: Sequence[Sequence[Prompt]], dtype: torch.dtype) -> Words:
    """Lay the distinct prompts of each stream side by side and hide what a latent must not see."""
    keys, values = _side_by_side([tuple(dict.fromkeys(prompts)) for prompts in bound], dtype)
    return keys, values, _mask(bound, dtype).to(keys.device)


class LaidWords:
    """Remembers the words of the batches that are running.

    Args:
        dtype: Of what is laid out.
    """

    def __init__(self, dtype: torch.dtype) -> None:
        self._dtype = dtype
        self._words: Recent[tuple[tuple[Prompt, ...], ...]] = Recent()
        self._masks: Recent[tuple[tuple[Prompt, ...], ...]] = Recent()

    def next_step(self) -> None:
        """Say that a denoise step of all streams begins."""
        self._words.now += 1
        self._masks.now += 1

    def of(self, bound: Sequence[Sequence[Prompt]]) -> Words:
        """Return the words of a batch; ``bound`` is the prompt of every latent of each stream."""
        whole = tuple(map(tuple, bound))
        distinct = tuple(tuple(dict.fromkeys(prompts)) for prompts in whole)
        keys, values = self._words.get(distinct, lambda: _side_by_side(distinct, self._dtype))
        (mask,) = self._masks.get(whole, lambda: (_mask(whole, self._dtype),))
        return keys, values, mask


class Recent(Generic[Key]):
    """Tensors by what they are made from, dropped when they have not been asked for in a while."""

    def __init__(self) -> None:
        self.now = 0
        self.held_bytes = 0
        self._known: OrderedDict[Key, tuple[int, tuple[Tensor, ...]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: Key, make: Callable[[], tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        """Return what ``make`` makes of ``key``, or has made of it before."""
        known = self._known.get(key)
        made = make() if known is None else known[1]
        self._known[key] = (self.now, made)
        self._known.move_to_end(key)
        if known is None:
            self.held_bytes += _bytes_of(made)
            self._forget()
        return made

    def _forget(self) -> None:
        while len(self._known) > 1:
            asked, oldest = next(iter(self._known.values()))
            if asked >= self.now - STEPS_REMEMBERED and self.held_bytes <= _MOST_BYTES:
                return
            self._known.popitem(last=False)
            self.held_bytes -= _bytes_of(oldest)


def _bytes_of(tensors: tuple[Tensor, ...]) -> int:
    return sum(tensor.nbytes for tensor in tensors)


def _side_by_side(
    distinct: Sequence[tuple[Prompt, ...]], dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    layers, heads, _, size = distinct[0][0].keys.shape
    device = distinct[0][0].keys.device
    shape = (layers, len(distinct), heads, TOKENS, size)
    keys = torch.zeros(shape, dtype=dtype, device=device)
    values = torch.zeros_like(keys)
    for row, prompts in enumerate(distinct):
        start = 0
        for prompt in prompts:
            end = start + prompt.keys.shape[2]
            keys[:, row, :, start:end] = prompt.keys
            values[:, row, :, start:end] = prompt.values
            start = end
    return keys, values


def _mask(bound: Sequence[Sequence[Prompt]], dtype: torch.dtype) -> Tensor:
    """Return the scores to add, on the host."""
    hidden = np.full((len(bound), 1, len(bound[0]), TOKENS), HIDDEN_SCORE, np.float32)
    for row, prompts in enumerate(bound):
        start = 0
        for prompt in dict.fromkeys(prompts):
            end = start + prompt.keys.shape[2]
            readers = [place for place, other in enumerate(prompts) if other is prompt]
            hidden[row, 0, readers, start:end] = 0
            start = end
    return torch.from_numpy(hidden).to(dtype)
