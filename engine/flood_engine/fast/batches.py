"""Streams in a full context as batches of fixed sizes, for machinery that is compiled to shapes.

Whatever does not fit (a stream at its start or with a shorter history, more tokens in sight than
were foreseen, a size that is not compiled yet) goes to the eager form, which computes the same.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from flood_engine.fast.field import FusedField
from flood_engine.fast.laid import LaidWords, tokens_of
from flood_engine.fast.modulation import PATTERNS
from flood_engine.fast.static import TOKENS
from flood_engine.stream import Sight

Step: TypeAlias = Callable[..., Tensor]
"""A compiled :class:`flood_engine.fast.static.StaticDenoiser` for one number of streams."""


class BatchedField:
    """Velocities by compiled steps where they fit, by the eager form elsewhere.

    Args:
        eager: Takes what does not fit; also holds the modulation table.
        dtype: Of the compiled steps' inputs.
    """

    def __init__(self, eager: FusedField, dtype: torch.dtype = torch.float32) -> None:
        self.eager, self.dtype = eager, dtype
        self.steps: dict[int, Step] = {}
        """By number of streams; replaced as a whole while streams run."""
        self.words = LaidWords(dtype)
        self._rows: OrderedDict[bytes, tuple[Tensor, Tensor]] = OrderedDict()

    def __call__(self, sight: Sight) -> Tensor:
        """Return velocities of the last latents, [B, branches, min(L, window_size), size]."""
        self.words.next_step()
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
        keys, values, hidden = self.words.of(sight.prompts)
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
            if len(self._rows) > PATTERNS:
                self._rows.popitem(last=False)
        return self._rows[key]


def part_of(sight: Sight, rows: list[int]) -> Sight:
    """Return what is seen of some of the streams."""
    if rows == list(range(len(sight.latents))):
        return sight
    return Sight(sight.latents[rows], sight.levels[rows], [sight.prompts[row] for row in rows])


class BatchedDecoder:
    """Decoding by compiled steps once a stream runs; first latents and odd sizes go elsewhere."""

    def __init__(
        self,
        eager: Callable[[Tensor, Tensor, bool], Tensor],
        memory_size: int,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.eager, self.memory_size, self.dtype = eager, memory_size, dtype
        self.steps: dict[int, Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]] = {}

    def __call__(self, latents: Tensor, memory: Tensor, started: bool) -> Tensor:
        """Return the features [B, 4 or 1, 263] of latents [B, size]; changes ``memory``."""
        made, start = list[Tensor](), 0
        for size in sorted(self.steps, reverse=True) if started else ():
            while len(latents) - start >= size:
                part = slice(start, start + size)
                features, memory[part] = self.steps[size](
                    latents[part].to(self.dtype), memory[part].to(self.dtype)
                )
                made.append(features)
                start += size
        if start < len(latents):
            made.append(self.eager(latents[start:], memory[start:], started))
        return made[0] if len(made) == 1 else torch.cat(made)
