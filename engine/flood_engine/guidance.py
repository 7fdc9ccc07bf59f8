"""Guidance of a stream's own, on machinery that knows only the model's.

Classifier-free guidance is linear: at scale g the velocity is v(g) = v0 + g (vt - v0), with vt
under the text and v0 under the empty one. A backend computes v(g) for the model's own scale; under
the empty text the same call returns v0. Both give every other scale, v(h) = v0 + h / g (v(g) - v0),
on any backend, at the price of a second row in the batch for the streams that ask for it.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from flood_engine.stream import Prompt, Sight, VelocityField


class OwnGuidance:
    """Velocity with each stream's scale.

    Args:
        velocity: The denoiser under the model's own guidance.
        scale: Of that guidance; at 0 the words mean nothing and other scales change nothing.
        null_prompt: The empty text.
    """

    def __init__(self, velocity: VelocityField, scale: float, null_prompt: Prompt) -> None:
        self.velocity, self.scale, self.null_prompt = velocity, scale, null_prompt

    def __call__(self, sight: Sight) -> Tensor:
        """Return the velocity of the last latents in sight, [B, at least the active ones, size]."""
        rows = self._rows(sight)
        if not rows:
            return self.velocity(sight)
        nothing = [[self.null_prompt] * sight.latents.shape[1]] * len(rows)
        both = self.velocity(
            Sight(
                torch.cat((sight.latents, sight.latents[rows])),
                np.concatenate((sight.levels, sight.levels[rows])),
                sight.prompts + nothing,
            )
        )
        count = len(sight.latents)
        guided, without = both[:count].clone(), both[count:]
        share = [(sight.guidance[row] or 0.0) / self.scale for row in rows]
        weight = torch.tensor(share).to(guided)[:, None, None]
        guided[rows] = torch.lerp(without, guided[rows], weight)
        return guided

    def _rows(self, sight: Sight) -> list[int]:
        """Return which streams want another scale than the model's."""
        if self.scale == 0:
            return []
        wanted = enumerate(sight.guidance)
        return [row for row, scale in wanted if scale is not None and scale != self.scale]
