"""The causal VAE: 4 frames of 263 features <-> 1 latent, with explicit streaming state.

FloodDiffusion's 1-D version of the "Wan" video VAE. Frames come as 1, then 4, 4, 4 ...: n latents
stand for ``4 (n - 1) + 1`` frames. Decoding latent by latent gives what decoding all at once gives.
Parameter names are upstream's.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from flood_engine.flood.causal import (
    CausalConv,
    CausalState,
    ChannelNorm,
    Downsample,
    ResidualBlock,
    Upsample,
    double,
    halve,
)
from flood_engine.flood.config import VaeConfig

FRAMES_PER_LATENT = 4


class EncoderStage(nn.Module):
    """A residual block, halved in time when ``halves``, beside an average."""

    def __init__(self, channels: int, halves: bool) -> None:
        super().__init__()
        self.halves = halves
        layers: dict[str, nn.Module] = {"0": ResidualBlock(channels)}
        if halves:
            layers["1"] = Downsample(channels)
        self.downsamples = nn.ModuleDict(layers)

    def forward(self, x: Tensor, state: CausalState) -> Tensor:
        """[B, T, C] -> [B, T or about T / 2, C]"""
        y = x
        for layer in self.downsamples.values():
            y = layer(y, state)
        return y + halve(x, state) if self.halves else y


class DecoderStage(nn.Module):
    """Two residual blocks, doubled in time beside a plain repeat when ``doubles``."""

    def __init__(self, channels: int, doubles: bool) -> None:
        super().__init__()
        layers: dict[str, nn.Module] = {str(i): ResidualBlock(channels) for i in range(2)}
        if doubles:
            layers["2"] = Upsample(channels)
        self.doubles = doubles
        self.upsamples = nn.ModuleDict(layers)

    def forward(self, x: Tensor, state: CausalState) -> Tensor:
        """[B, T, C] -> [B, T or about 2 T, C]"""
        y = x
        for layer in self.upsamples.values():
            y = layer(y, state)
        return y + double(x, state) if self.doubles else y


class Middle(nn.ModuleDict):
    """Residual, norm, 1x1 convolution, residual."""

    def __init__(self, channels: int) -> None:
        super().__init__(
            {
                "0": ResidualBlock(channels),
                "1": ChannelNorm(channels),
                "2": CausalConv(channels, channels, 1),
                "3": ResidualBlock(channels),
            }
        )

    def forward(self, x: Tensor, state: CausalState) -> Tensor:
        """[B, T, C] -> [B, T, C]"""
        x = self["2"](self["1"](self["0"](x, state)), state)
        return self["3"](x, state)


class Head(nn.ModuleDict):
    """Norm, SiLU, convolution to the output width."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__({"0": ChannelNorm(channels), "2": CausalConv(channels, outputs, 3)})

    def forward(self, x: Tensor, state: CausalState) -> Tensor:
        """[B, T, C] -> [B, T, outputs]"""
        return self["2"](functional.silu(self["0"](x)), state)


class Encoder(nn.Module):
    """Features to the statistics of latents, a quarter as many."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        width = config.encoder_dim
        self.conv1 = CausalConv(config.feature_dim, width, 3)
        self.downsamples = nn.ModuleList(
            EncoderStage(width, halves) for halves in (True, True, False)
        )
        self.middle = Middle(width)
        self.head = Head(width, 2 * config.latent_dim)

    def forward(self, x: Tensor, state: CausalState) -> Tensor:
        """[B, T, features] -> [B, n, 2 latent_dim]"""
        x = self.conv1(x, state)
        for stage in self.downsamples:
            x = stage(x, state)
        return self.head(self.middle(x, state), state)


class Decoder(nn.Module):
    """Latents to features, four times as many."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        width = config.decoder_dim
        self.conv1 = CausalConv(config.latent_dim, width, 3)
        self.middle = Middle(width)
        self.upsamples = nn.ModuleList(
            DecoderStage(width, doubles) for doubles in (True, True, False)
        )
        self.head = Head(width, config.feature_dim)

    def forward(self, x: Tensor, state: CausalState) -> Tensor:
        """[B, n, latent_dim] -> [B, T, features]"""
        x = self.middle(self.conv1(x, state), state)
        for stage in self.upsamples:
            x = stage(x, state)
        return self.head(x, state)


class CausalVae(nn.Module):
    """Features [B, T, 263] <-> latents [B, n, latent_dim]; ``mean``, ``std`` normalise features."""

    mean: Tensor
    std: Tensor

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = config
        latent = config.latent_dim
        self.register_buffer("mean", torch.zeros(config.feature_dim))
        self.register_buffer("std", torch.ones(config.feature_dim))
        self.model = nn.ModuleDict(
            {
                "encoder": Encoder(config),
                "conv1": CausalConv(2 * latent, 2 * latent, 1),
                "conv2": CausalConv(latent, latent, 1),
                "decoder": Decoder(config),
            }
        )
        for name, module in self.named_modules():
            if isinstance(module, CausalConv):
                module.name = name

    def pack(self) -> None:
        """Prepare the weights for inference; call after loading, not before training."""
        for module in self.modules():
            if isinstance(module, CausalConv):
                module.pack()

    def encode(self, features: Tensor, state: CausalState | None = None) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance of the latents, each [B, n, latent_dim].

        T must be ``4 (n - 1) + 1`` at the start of a stream and ``4 n`` within one.
        """
        state = CausalState() if state is None else state
        x = (features - self.mean) / self.std
        statistics = self.model["conv1"](self.model["encoder"](x, state), state)
        state.started = True
        mean, log_variance = statistics.chunk(2, -1)
        return mean, log_variance

    def decode(self, latents: Tensor, state: CausalState | None = None) -> Tensor:
        """Return the features of ``latents``: ``4 n`` frames, three fewer at a stream's start."""
        return self.decode_normalised(latents, state) * self.std + self.mean

    def decode_normalised(self, latents: Tensor, state: CausalState | None = None) -> Tensor:
        """Return features before de-normalisation: what the training loss compares."""
        state = CausalState() if state is None else state
        x = self.model["decoder"](self.model["conv2"](latents, state), state)
        state.started = True
        return x


def decoder_layout(vae: CausalVae) -> list[tuple[str, int, int]]:
    """Return what decoding remembers of a stream: (layer name, look-back frames, channels)."""
    convolutions = [m for m in vae.model["decoder"].modules() if isinstance(m, CausalConv)]
    return [(c.name, c.kernel - 1, c.weight.shape[1]) for c in convolutions if c.kernel > 1]
