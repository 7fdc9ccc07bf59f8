"""Modulation by noise level, tabulated: the window only ever shows a few dozen levels.

What the time embedding says about a level does not depend on anything else, so it is computed once
for each level that any number of steps leads to (49 of them for a window of 4: 1.9 MB with the
bundled model); what a whole pattern of levels (one per latent in sight) selects is remembered too,
because a running stream shows the same few patterns for ever.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from flood_engine.flood.denoiser import Denoiser
from flood_engine.window import Schedule

PATTERNS = 12
"""Patterns remembered: streams in their steady state show one for each step of a latent, which are
ten with 1, 2, 3 and 4 steps side by side."""


@dataclass(frozen=True, slots=True)
class Modulation:
    """Rows for one pattern of L levels; scales are stored as 1 + scale."""

    layers: list[tuple[Tensor, ...]]
    """For each layer shift1, scale1, gate1, shift2, scale2, gate2, each [L, 1, H]."""
    head: tuple[Tensor, Tensor]
    """Shift and scale before the output, each [L, 1, H]."""


class ModulationTable:
    """All modulation that a model can need."""

    @torch.inference_mode()
    def __init__(self, denoiser: Denoiser, schedule: Schedule) -> None:
        # the model's own levels by themselves: products round by the number of their rows, and so
        # these stay what they are whatever others there are
        every = torch.arange(schedule.scale + 1)
        own = every % (schedule.scale // schedule.num_steps) == 0
        order = torch.cat((every[own], every[~own]))
        parts = [_entries(denoiser, every[part].double() / schedule.scale) for part in (own, ~own)]
        layers, head = (torch.cat(each) for each in zip(*parts, strict=True))
        place = order.argsort().to(layers.device)
        self.layers = layers[place]
        """[levels, layers, 6, H]; the row of a level is its count, see ``Schedule.level_counts``"""
        self.head = head[place]
        """[levels, 2, H]"""
        self._known: OrderedDict[bytes, Modulation] = OrderedDict()

    def rows(self, levels: np.ndarray) -> Modulation:
        """Return the modulation of a pattern of levels (L,), in units of ``1 / Schedule.scale``."""
        key = levels.tobytes()
        if key not in self._known:
            self._known[key] = self._gather(torch.from_numpy(levels))
            if len(self._known) > PATTERNS:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def _gather(self, index: Tensor) -> Modulation:
        index = index.to(self.layers.device)
        entries = self.layers[index].permute(1, 2, 0, 3).contiguous()[..., None, :]
        head = self.head[index].transpose(0, 1).contiguous()[..., None, :]
        return Modulation([tuple(layer.unbind(0)) for layer in entries], (head[0], head[1]))


def _entries(denoiser: Denoiser, levels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the modulation of levels (n,): [n, layers, 6, H], [n, 2, H], scales as 1 + scale."""
    device = denoiser.head.head.weight.device
    time = denoiser.time_embedding(denoiser.sinusoid(levels.to(device).float()))
    time6 = denoiser.time_projection(time).unflatten(-1, (6, -1))
    layers = torch.stack([block.modulation + time6 for block in denoiser.layers()], 1)
    layers[:, :, (1, 4)] += 1
    head = denoiser.head.modulation + time[:, None]
    head[:, 1] += 1
    return layers, head
