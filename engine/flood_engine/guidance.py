"""Classifier-free guidance, with a scale of each stream's own.

A backend computes two velocities in one pass, vt under the text and v0 under the empty one.
Guidance at scale g is v0 + g (vt - v0), so another scale than the model's costs nothing. A model
that is made for g = 1 needs no v0 and its backend computes none; there a stream with a scale of its
own becomes a second row of the batch, under the empty text.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from flood_engine.stream import BranchField, Prompt, Sight


class Guided:
    """Velocity with each stream's scale.

    Args:
        velocity: The denoiser's branches.
        scale: Of the model's guidance.
        null_prompt: The empty text.
    """

    def __init__(self, velocity: BranchField, scale: float, null_prompt: Prompt) -> None:
        self.velocity, self.scale, self.null_prompt = velocity, scale, null_prompt

    def __call__(self, sight: Sight) -> Tensor:
        """Return the velocity of the last latents in sight, [B, at least the active ones, size]."""
        scales = [self.scale if own is None else own for own in sight.guidance]
        scales = scales or [self.scale] * len(sight.latents)
        if self.scale == 1:
            return self._beside_itself(sight, scales)
        with_text, without = self.velocity(sight).unbind(1)
        return torch.lerp(without, with_text, with_text.new_tensor(scales)[:, None, None])

    def _beside_itself(self, sight: Sight, scales: list[float]) -> Tensor:
        """Guide the streams that want it by a second row each; the others are as they are."""
        rows = [row for row, scale in enumerate(scales) if scale != 1]
        if not rows:
            return self.velocity(sight)[:, 0]
        nothing = [[self.null_prompt] * sight.latents.shape[1]] * len(rows)
        both = self.velocity(
            Sight(
                torch.cat((sight.latents, sight.latents[rows])),
                np.concatenate((sight.levels, sight.levels[rows])),
                sight.prompts + nothing,
            )
        )[:, 0]
        count = len(sight.latents)
        guided, without = both[:count].clone(), both[count:]
        weight = guided.new_tensor([scales[row] for row in rows])[:, None, None]
        guided[rows] = torch.lerp(without, guided[rows], weight)
        return guided
