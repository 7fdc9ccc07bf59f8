"""Classifier-free guidance, with a scale of each stream's own, and more of it for what is new.

A backend computes two velocities in one pass, vt under the text and v0 under the empty one.
Guidance at scale g is v0 + g (vt - v0), so another scale than the model's costs nothing. A model
that is made for g = 1 needs no v0 and its backend computes none; there a stream with a scale of its
own becomes a second row of the batch, under the empty text.

A model may ask for an *emphasis* e: the first latents under another text than the latent before
them are guided at e g. The body then leaves what it was doing sooner, and is not driven harder
for longer than the change takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from flood_engine.flood.config import StreamConfig
from flood_engine.stream import BranchField, Prompt, Sight


class Guided:
    """Velocity with each stream's scale.

    Args:
        velocity: The denoiser's branches.
        config: Scale of the model's guidance, and its emphasis.
        null_prompt: The empty text.
    """

    def __init__(self, velocity: BranchField, config: StreamConfig, null_prompt: Prompt) -> None:
        self.velocity, self.config, self.null_prompt = velocity, config, null_prompt

    def __call__(self, sight: Sight) -> Tensor:
        """Return the velocity of the last latents in sight, [B, at least the active ones, size]."""
        scales = [self.config.guidance if own is None else own for own in sight.guidance]
        scales = scales or [self.config.guidance] * len(sight.latents)
        if self.config.guidance == 1:
            return self._beside_itself(sight, scales)
        with_text, without = self.velocity(sight).unbind(1)
        weights = with_text.new_tensor(scales)[:, None, None]
        if self.config.emphasis != 1:
            weights = weights * with_text.new_tensor(self._emphases(sight, with_text.shape[1]))
        return torch.lerp(without, with_text, weights)

    def _emphases(self, sight: Sight, count: int) -> list[list[list[float]]]:
        """Return the factor of the scale for the last ``count`` latents, [B, count, 1]."""
        emphasis, latents = self.config.emphasis, self.config.emphasis_latents
        return [
            [[emphasis if new else 1.0] for new in newly_bound(prompts, count, latents)]
            for prompts in sight.prompts
        ]

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


def newly_bound(prompts: Sequence[Prompt], count: int, latents: int) -> list[bool]:
    """Say of each of the last ``count`` latents whether it is one of the first under its text.

    Args:
        prompts: Of all latents in sight. Equal texts are one text; nothing changes at the first.
        count: Of how many it is asked; those before the first in sight are none.
        latents: How many latents after a change are the first.
    """
    recent = prompts[-count - latents :]
    changes = [before.text != after.text for before, after in pairwise(recent)]
    ends = range(len(recent) - count, len(recent))
    return [any(changes[max(0, end - latents) : max(0, end)]) for end in ends]
