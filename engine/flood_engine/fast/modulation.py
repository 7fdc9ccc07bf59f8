"""Modulation by noise level, tabulated: the window only ever shows ``num_steps + 1`` levels.

What the time embedding says about a level does not depend on anything else, so it is computed once
for each level; what a whole pattern of levels (one per latent in sight) selects is remembered too,
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

_PATTERNS = 8


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
        device = denoiser.head.head.weight.device
        levels = torch.arange(schedule.num_steps + 1, dtype=torch.float64, device=device)
        time = denoiser.time_embedding(denoiser.sinusoid((levels / schedule.num_steps).float()))
        time6 = denoiser.time_projection(time).unflatten(-1, (6, -1))
        layers = torch.stack([block.modulation + time6 for block in denoiser.layers()])
        layers[:, :, (1, 4)] += 1
        self.layers = layers.permute(1, 0, 2, 3).contiguous()
        """[levels, layers, 6, H]"""
        self.head = denoiser.head.modulation + time[:, None]
        self.head[:, 1] += 1
        self._unit = schedule.window_size
        self._known: OrderedDict[bytes, Modulation] = OrderedDict()

    def rows(self, levels: np.ndarray) -> Modulation:
        """Return the modulation of a pattern of levels (L,), in units of ``1 / Schedule.scale``."""
        key = levels.tobytes()
        if key not in self._known:
            self._known[key] = self._gather(torch.from_numpy(levels // self._unit))
            if len(self._known) > _PATTERNS:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def _gather(self, index: Tensor) -> Modulation:
        index = index.to(self.layers.device)
        entries = self.layers[index].permute(1, 2, 0, 3).contiguous()[..., None, :]
        head = self.head[index].transpose(0, 1).contiguous()[..., None, :]
        return Modulation([tuple(layer.unbind(0)) for layer in entries], (head[0], head[1]))
