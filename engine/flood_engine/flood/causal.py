"""Causal building blocks of the VAE, with streaming state that the caller owns.

Arrays are [B, T, C] (time before channels). Every layer that looks back takes its look-back frames
from a :class:`CausalState` and leaves the new ones there, so one code path serves a whole clip (a
fresh state that is thrown away) and a stream fed latent by latent.

The first frame of a stream is special in FloodDiffusion's VAE: it is one latent by itself, is
neither doubled by the decoder nor halved by the encoder, and every later latent holds four frames.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(slots=True)
class CausalState:
    """What the layers remember of a stream: plain tensors by the name of the layer."""

    started: bool = False
    """Whether the first frame has passed."""
    tails: dict[str, Tensor] = field(default_factory=dict)
    """Layer name -> [B, look-back frames, C]"""

    def extend(self, name: str, x: Tensor, frames: int) -> Tensor:
        """Put the last ``frames`` frames seen by layer ``name`` (zeros at first) before ``x``."""
        tail = self.tails.get(name)
        if tail is None:
            tail = x.new_zeros(x.shape[0], frames, x.shape[2])
        extended = torch.cat((tail.to(x.dtype), x), 1)
        self.tails[name] = extended[:, extended.shape[1] - frames :]
        return extended


class CausalConv(nn.Module):
    """A convolution over time that sees only the present and the past.

    The weight keeps upstream's layout [out, in, kernel]; it is applied as one matrix product over
    the kernel's frames side by side, which is the fastest form on a CPU.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.name = ""
        self.kernel = kernel
        bound = (inputs * kernel) ** -0.5
        self.weight = nn.Parameter(torch.empty(outputs, inputs, kernel).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self._packed: Tensor | None = None

    def pack(self) -> None:
        """Keep the matrix form of the weight: for inference, after loading."""
        self._packed = self._matrix().detach().contiguous()

    def forward(self, x: Tensor, state: CausalState) -> Tensor:
        """[B, T, in] -> [B, T, out]"""
        if self.kernel > 1:
            x = state.extend(self.name, x, self.kernel - 1)
        return self.apply_to(x)

    def apply_to(self, x: Tensor, stride: int = 1) -> Tensor:
        """Convolve frames that already have their look-back in front."""
        matrix = self._matrix() if self._packed is None else self._packed
        last = x.shape[1] - self.kernel + 1
        if last == 1:  # the frames lie side by side already
            return functional.linear(x.flatten(1)[:, None], matrix, self.bias)
        taps = [x[:, k : k + last : stride] for k in range(self.kernel)]
        return functional.linear(torch.cat(taps, -1), matrix, self.bias)

    def _matrix(self) -> Tensor:
        return self.weight.transpose(1, 2).flatten(1)


class ChannelNorm(nn.Module):
    """L2-normalises over channels and scales (upstream: ``RMS_norm``)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """[B, T, C] -> [B, T, C]"""
        gain = self.gamma[:, 0] * x.shape[-1] ** 0.5
        return functional.normalize(x, dim=-1) * gain


class ResidualBlock(nn.Module):
    """Norm, SiLU, convolution, twice, beside the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.residual = nn.ModuleDict(
            {
                "0": ChannelNorm(channels),
                "2": CausalConv(channels, channels, 3),
                "3": ChannelNorm(channels),
                "6": CausalConv(channels, channels, 3),
            }
        )

    def forward(self, x: Tensor, state: CausalState) -> Tensor:
        """[B, T, C] -> [B, T, C]"""
        y = self.residual["2"](functional.silu(self.residual["0"](x)), state)
        return x + self.residual["6"](functional.silu(self.residual["3"](y)), state)


class Downsample(nn.Module):
    """Halves the frame rate; the first frame of a stream passes unchanged."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.time_conv = CausalConv(channels, channels, 3)

    def forward(self, x: Tensor, state: CausalState) -> Tensor:
        """[B, T, C] -> [B, T / 2, C], or (T + 1) / 2 at the start of a stream."""
        conv = self.time_conv
        if state.started:
            return conv.apply_to(state.extend(conv.name, x, 1), stride=2)
        state.tails[conv.name] = x[:, -1:]
        first = x[:, :1]
        return first if x.shape[1] == 1 else torch.cat((first, conv.apply_to(x, stride=2)), 1)


class Upsample(nn.Module):
    """Doubles the frame rate; the first frame of a stream passes unchanged."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.time_conv = CausalConv(channels, 2 * channels, 3)

    def forward(self, x: Tensor, state: CausalState) -> Tensor:
        """[B, T, C] -> [B, 2 T, C], or 2 T - 1 at the start of a stream."""
        if state.started:
            return self._double(x, state)
        first = x[:, :1]
        return first if x.shape[1] == 1 else torch.cat((first, self._double(x[:, 1:], state)), 1)

    def _double(self, x: Tensor, state: CausalState) -> Tensor:
        halves = self.time_conv(x, state)
        return halves.unflatten(-1, (2, -1)).flatten(1, 2)


def halve(x: Tensor, state: CausalState) -> Tensor:
    """Average pairs of frames: the encoder's shortcut. A stream's first frame pairs with a zero."""
    if not state.started:
        x = functional.pad(x, (0, 0, 1, 0))
    return x.unflatten(1, (-1, 2)).mean(2)


def double(x: Tensor, state: CausalState) -> Tensor:
    """Repeat every frame: the decoder's shortcut. A stream's first frame stays single."""
    repeated = x.repeat_interleave(2, dim=1)
    return repeated if state.started else repeated[:, 1:]
