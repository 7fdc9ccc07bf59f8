"""Linear layers whose weights are laid out once for the processor's matrix kernels (oneDNN)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_ROWS = 60
"""Rows to expect: one stream of the default context, with and without its words."""


def _onednn_works() -> bool:
    """Whether this build of PyTorch has the packed kernels that its own compiler uses."""
    if not torch.backends.mkldnn.is_available():
        return False
    try:
        weight = torch.ones(16, 16)
        packed = torch.ops.mkldnn._reorder_linear_weight(weight, 1)
        made = torch.ops.mkldnn._linear_pointwise(weight[:1], packed, None, "gelu", [], "tanh")
    except (AttributeError, RuntimeError):  # absent, or other arguments: the plain layer serves
        return False
    return bool(torch.allclose(made, functional.gelu(torch.full((1, 16), 16.0))))


_PACKED = _onednn_works()


class Linear:
    """``y = x W^T + b`` on rows, with or without the tanh form of GELU behind it.

    Args:
        weight: [outputs, inputs]
        bias: [outputs]
        dtype: Of weights, inputs and outputs.
        gelu: Whether GELU follows.
    """

    def __init__(
        self, weight: Tensor, bias: Tensor, dtype: torch.dtype, gelu: bool = False
    ) -> None:
        self.dtype = dtype
        self.weight = weight.detach().to(dtype).contiguous()
        self.bias = bias.detach().to(dtype).contiguous()
        self.activation = "gelu" if gelu else "none"
        self.packed = _PACKED and weight.device.type == "cpu"
        if self.packed:
            self.weight = torch.ops.mkldnn._reorder_linear_weight(self.weight, _ROWS)

    def __call__(self, x: Tensor) -> Tensor:
        """[..., inputs] -> [..., outputs]"""
        x = x.to(self.dtype)
        if self.packed:
            return torch.ops.mkldnn._linear_pointwise(
                x, self.weight, self.bias, self.activation, [], "tanh"
            )
        y = functional.linear(x, self.weight, self.bias)
        return functional.gelu(y, approximate="tanh") if self.activation == "gelu" else y
