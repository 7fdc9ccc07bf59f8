"""Muon for the matrices, AdamW for all else.

Muon (Jordan et al. 2024) moves a weight matrix along its orthogonalised momentum, so that every
direction learns at the same pace. On the VAE one step does the work of ten of AdamW's: from nothing
it is better after 500 steps than AdamW was after 10,000. A convolution [out, in, kernel] is the
matrix [out, in * kernel].
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

_SMALLEST = 16
"""A matrix with a shorter side than this is left to AdamW."""


class Optimizer:
    """Steps the parameters of one module that need gradients.

    Args:
        module: What is trained.
        matrix_rate: Muon's learning rate; 0 leaves everything to AdamW.
        rate: AdamW's learning rate.
        weight_decay: Of both.
    """

    def __init__(
        self, module: nn.Module, matrix_rate: float, rate: float, weight_decay: float = 0.0
    ) -> None:
        trained = [p for p in module.parameters() if p.requires_grad]
        chosen = [p for p in trained if matrix_rate > 0 and _is_matrix(p)]
        named = {id(p) for p in chosen}
        others = [p for p in trained if id(p) not in named]
        self._all = trained
        self._flat = [(p, nn.Parameter(p.data.flatten(1))) for p in chosen]  # the same storage
        self._parts: list[tuple[float, torch.optim.Optimizer]] = []
        if self._flat:
            flat = [view for _, view in self._flat]
            muon = torch.optim.Muon(flat, lr=matrix_rate, weight_decay=weight_decay)
            self._parts.append((matrix_rate, muon))
        if others:
            adam = torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.99), weight_decay=weight_decay)
            self._parts.append((rate, adam))

    def step(self, share: float) -> None:
        """Step with ``share`` of the full learning rates."""
        for parameter, view in self._flat:
            view.grad = None if parameter.grad is None else parameter.grad.flatten(1)
        for rate, part in self._parts:
            for group in part.param_groups:
                group["lr"] = rate * share
            part.step()

    def clear(self) -> None:
        """Forget the gradients."""
        for parameter in self._all:
            parameter.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint needs."""
        return {"parts": [part.state_dict() for _, part in self._parts]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what :meth:`state_dict` gave."""
        for (_, part), stored in zip(self._parts, state["parts"], strict=True):
            part.load_state_dict(stored)


def _is_matrix(parameter: Tensor) -> bool:
    return parameter.ndim > 1 and min(len(parameter), parameter[0].numel()) >= _SMALLEST
