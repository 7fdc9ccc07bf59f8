"""The VAE's decoder rearranged for inference, latent by latent, exact up to rounding.

Each convolution finds its look-back in one row of memory per stream; its weights are laid out for
the processor's matrix kernels. Running streams only: a stream's first latent, one frame instead of
four, is left to the training form.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional

from flood_engine.fast.linear import Linear
from flood_engine.flood.causal import CausalConv, ChannelNorm, ResidualBlock
from flood_engine.flood.vae import CausalVae, Decoder, DecoderStage, decoder_layout

_EPS = 1e-26
"""Keeps silence finite; the training form divides by max(length, 1e-12)."""


class StreamConv:
    """A causal convolution on [B, T, C] whose look-back lies in the stream's memory."""

    def __init__(self, conv: CausalConv, place: slice) -> None:
        self.kernel, self.inputs = conv.kernel, conv.weight.shape[1]
        self.place = place
        self.linear = Linear(conv.weight.transpose(1, 2).flatten(1), conv.bias, torch.float32)

    def __call__(self, x: Tensor, memory: Tensor) -> Tensor:
        """[B, T, in] -> [B, T, out]; the memory then ends with the frames just seen."""
        if self.kernel == 1:
            return self.linear(x)
        tail = memory[:, self.place].unflatten(1, (self.kernel - 1, self.inputs))
        seen = torch.cat((tail, x), 1)
        tail.copy_(seen[:, 1 - self.kernel :])
        # taps lie behind one another in memory already: each output frame reads one long row
        shape = (x.shape[0], x.shape[1], self.kernel * self.inputs)
        return self.linear(seen.as_strided(shape, (seen.stride(0), self.inputs, 1)).contiguous())


class FusedDecoder:
    """Features of running streams."""

    @torch.inference_mode()
    def __init__(self, vae: CausalVae) -> None:
        self.vae, self._places, start = vae, dict[str, slice](), 0
        for name, frames, channels in decoder_layout(vae):
            self._places[name] = slice(start, start + frames * channels)
            start += frames * channels
        self.memory_size = start
        decoder = cast("Decoder", vae.model["decoder"])
        middle, head = cast("Any", decoder.middle), cast("Any", decoder.head)
        self._first = self._conv(decoder.conv1)
        self._early = self._residual(middle["0"])
        self._norm, self._mix = _gain(middle["1"]), self._conv(middle["2"])
        self._late = self._residual(middle["3"])
        self._stages = [self._stage(stage) for stage in cast("Any", decoder.upsamples)]
        self._last_norm, self._last = _gain(head["0"]), self._conv(head["2"])
        self._start = self._conv(cast("CausalConv", vae.model["conv2"]))

    def __call__(self, latents: Tensor, memory: Tensor) -> Tensor:
        """Return the features [B, 4, 263] of latents [B, size]; changes ``memory`` in place."""
        x = self._first(self._start(latents[:, None], memory), memory)
        x = _through(self._early, x, memory)
        x = self._mix(_normed(x, self._norm), memory)
        x = _through(self._late, x, memory)
        for blocks, doubling in self._stages:
            y = x
            for block in blocks:
                y = _through(block, y, memory)
            if doubling is not None:
                y = doubling(y, memory).unflatten(-1, (2, -1)).flatten(1, 2)
                x = x.repeat_interleave(2, dim=1)
                y = y.add_(x)
            x = y
        x = self._last(functional.silu(_normed(x, self._last_norm)), memory)
        return torch.addcmul(self.vae.mean, x, self.vae.std)

    def _conv(self, conv: CausalConv) -> StreamConv:
        return StreamConv(conv, self._places.get(conv.name, slice(0, 0)))

    def _residual(self, block: ResidualBlock) -> Residual:
        inner = cast("Any", block.residual)
        return [
            (_gain(inner[norm]), self._conv(inner[conv])) for norm, conv in (("0", "2"), ("3", "6"))
        ]

    def _stage(self, stage: DecoderStage) -> tuple[list[Residual], StreamConv | None]:
        layers = cast("Any", stage.upsamples)
        blocks = [self._residual(layers[str(n)]) for n in range(2)]
        return blocks, self._conv(layers["2"].time_conv) if stage.doubles else None


Residual = list[tuple[Tensor, StreamConv]]
"""Norm gains and convolutions of one residual block."""


def _gain(norm: ChannelNorm) -> Tensor:
    return norm.gamma[:, 0].clone()


def _normed(x: Tensor, gain: Tensor) -> Tensor:
    return functional.rms_norm(x, gain.shape, gain, _EPS)


def _through(block: Residual, x: Tensor, memory: Tensor) -> Tensor:
    y = x
    for gain, conv in block:
        y = conv(functional.silu(_normed(y, gain)), memory)
    return y.add_(x)
