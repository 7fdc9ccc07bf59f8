"""Small random networks for the engine's tests."""

import numpy as np
import pytest
import torch
from hypothesis import settings

from flood_engine.engine import FloodEngine
from flood_engine.flood.checkpoint import Model
from flood_engine.flood.config import (
    DenoiserConfig,
    FeatureConfig,
    ModelConfig,
    StreamConfig,
    TextConfig,
    VaeConfig,
)
from flood_engine.flood.denoiser import Denoiser
from flood_engine.flood.vae import CausalVae

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")

TEXT_DIM = 12


def small_config(**stream) -> ModelConfig:
    return ModelConfig(
        DenoiserConfig(4, 32, 48, 16, 4, 2, TEXT_DIM),
        VaeConfig(263, 4, 8, 12),
        StreamConfig(**({"context": 12, "guidance": 3.0} | stream)),
        TextConfig(),
        FeatureConfig("clean"),
        tuple([0.0] + [0.2] * 21),
    )


def small_model(seed: int = 0, **stream) -> Model:
    torch.manual_seed(seed)
    config = small_config(**stream)
    denoiser, vae = Denoiser(config.denoiser).eval(), CausalVae(config.vae).eval()
    vae.pack()
    return Model(config, denoiser.requires_grad_(False), vae.requires_grad_(False))


def letters(text: str) -> torch.Tensor:
    """Stand in for a text encoder: one fixed random row per character, one for the end."""
    rows = [np.random.default_rng(ord(c)).standard_normal(TEXT_DIM) for c in text + "\0"]
    return torch.tensor(np.array(rows), dtype=torch.float32)


def small_engine(seed: int = 0, **stream) -> FloodEngine:
    return FloodEngine(small_model(seed, **stream), letters)


@pytest.fixture
def make_engine():
    return small_engine


@pytest.fixture
def make_model():
    return small_model


@pytest.fixture
def read_letters():
    return letters
