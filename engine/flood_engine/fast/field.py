"""Velocities of any mixture of streams by the fused denoiser."""

from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor

from flood_engine.fast.denoiser import FusedDenoiser
from flood_engine.fast.words import Readings
from flood_engine.stream import Prompt, Sight

_TOGETHER = 16
"""Streams computed at a time: more would only push one another's rows out of the cache."""


class FusedField:
    """Sorts streams by their pattern of noise levels and runs those that agree together."""

    def __init__(self, denoiser: FusedDenoiser, null_prompt: Prompt) -> None:
        self.denoiser, self.null_prompt = denoiser, null_prompt
        # the last layer reads fewer rows than the others, so it has readings of its own
        self._readings = Readings(denoiser.folder)

    def __call__(self, sight: Sight) -> Tensor:
        """Return velocities of the last latents, [B, branches, min(L, window_size), size]."""
        patterns: dict[bytes, list[int]] = defaultdict(list)
        for row, levels in enumerate(sight.levels):
            patterns[levels.tobytes()].append(row)
        parts = [
            (rows[start : start + _TOGETHER])
            for rows in patterns.values()
            for start in range(0, len(rows), _TOGETHER)
        ]
        velocities = [self._together(sight, rows) for rows in parts]
        if len(parts) == 1:
            return velocities[0]
        order = torch.tensor([row for rows in parts for row in rows])
        return torch.cat(velocities)[order.argsort().to(velocities[0].device)]

    def _together(self, sight: Sight, rows: list[int]) -> Tensor:
        length = sight.latents.shape[1]
        active = min(length, self.denoiser.config.window_size)
        bound = [sight.prompts[row] for row in rows]
        latents = sight.latents if len(rows) == len(sight.latents) else sight.latents[rows]
        nothing = [] if self.denoiser.config.guidance == 1 else [self.null_prompt] * len(rows)
        prompts = [p for place in range(length) for p in [*(b[place] for b in bound), *nothing]]
        width = len(prompts) // length
        device = latents.device
        return self.denoiser(
            latents,
            self.denoiser.table.rows(sight.levels[rows[0]]),
            self._readings.of(prompts, device),
            self._readings.of(prompts[-active * width :], device),
        )
