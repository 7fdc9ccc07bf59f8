"""The configuration of a model folder that FloodDiffusion's authors wrote.

Sizes are read off the tensors, so that any size loads. ``ldf.yaml`` (data, never code) says what
shapes cannot: heads, schedule, guidance, text encoder, under ``model: params:`` with upstream's
names. Bone lengths stand nowhere in it; they are measured on what the VAE decodes at rest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from flood_engine.errors import CheckpointError
from flood_engine.features import recover_joints
from flood_engine.flood.config import (
    DenoiserConfig,
    FeatureConfig,
    ModelConfig,
    StreamConfig,
    TextConfig,
    VaeConfig,
)
from flood_engine.flood.fields import shown
from flood_engine.flood.tensors import without_prefix
from flood_engine.flood.vae import CausalVae
from flood_engine.humanml import PARENTS

MAX_YAML_BYTES = 1 << 20

_TEXTS = {768: ("google/umt5-base", 128, 5.0), 4096: ("google/umt5-xxl", 512, 6.0)}
"""By text width: encoder, tokens and guidance of the tiny and the full model."""

_FIXED = {"prediction_type": "vel", "causal": False, "time_embedding_scale": 1.0}
"""Settings that this engine has one value for."""

_LEG_BONES = [4, 5, 7, 8]


def upstream_config(
    denoiser: dict[str, Tensor],
    vae: dict[str, Tensor],
    settings: dict[str, Any],
    text_encoder: Path | None,
    bone_lengths: tuple[float, ...],
) -> ModelConfig:
    """Return the configuration of upstream's weights.

    Args:
        denoiser: Its tensors, with or without a prefix.
        vae: Its tensors, with or without a prefix.
        settings: What :func:`read_settings` has read.
        text_encoder: Folder of the text encoder, if there is one beside the weights.
        bone_lengths: (22,) metres.

    Raises:
        CheckpointError: If a setting is not one that this engine has.
    """
    for name, value in _FIXED.items():
        if settings.get(name, value) != value:
            given = shown(settings[name])
            raise CheckpointError(f"ldf.yaml: {name} is {given}; known is {value!r}")
    sizes = _denoiser_sizes(denoiser, settings)
    source, tokens, guidance = _TEXTS.get(sizes.text_dim, ("", 128, 5.0))
    source = str(text_encoder) if text_encoder else settings.get("model_name", source)
    return ModelConfig(
        denoiser=sizes,
        vae=_vae_sizes(vae),
        stream=StreamConfig(
            window_size=_number(settings, "chunk_size", 5),
            num_steps=_number(settings, "noise_steps", 10),
            guidance=float(_number(settings, "cfg_scale", guidance)),
        ),
        text=TextConfig("umt5", source, _number(settings, "text_len", tokens)),
        features=FeatureConfig("humanml3d"),
        bone_lengths=bone_lengths,
    )


def read_settings(path: Path | None) -> dict[str, Any]:
    """Return the denoiser's settings in an ``ldf.yaml``; none without a file.

    Raises:
        CheckpointError: If it is no such file.
    """
    if path is None:
        return {}
    import yaml  # noqa: PLC0415 - upstream's folders alone need it

    try:
        if path.stat().st_size > MAX_YAML_BYTES:
            raise CheckpointError(f"{path} is larger than {MAX_YAML_BYTES} bytes")
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise CheckpointError(f"{path} cannot be read as YAML: {error}") from error
    model = content.get("model") if isinstance(content, dict) else None
    settings = model.get("params") if isinstance(model, dict) else None
    if not isinstance(settings, dict):
        raise CheckpointError(f"{path} has no section model: params:")
    return settings


@torch.inference_mode()
def measured_bones(vae: CausalVae, otherwise: tuple[float, ...]) -> tuple[float, ...]:
    """Return the 22 bone lengths of the body that latents of zero decode to, in metres.

    ``otherwise`` is returned if that is no body, as with random weights.
    """
    features = vae.decode(torch.zeros(1, 8, vae.config.latent_dim))[0].numpy()
    joints, _ = recover_joints(features)
    bones = joints[:, 1:] - joints[:, list(PARENTS[1:])]
    lengths = np.median(np.linalg.norm(bones, axis=-1), axis=0)
    legs = lengths[[joint - 1 for joint in _LEG_BONES]]
    if not (np.isfinite(lengths).all() and lengths.min() > 0.01 and lengths.max() < 1.0):
        return otherwise
    if not 0.25 < legs.min() <= legs.max() < 0.6:
        return otherwise
    return (0.0, *(round(float(length), 4) for length in lengths))


def _denoiser_sizes(tensors: dict[str, Tensor], settings: dict[str, Any]) -> DenoiserConfig:
    names = (
        "patch_embedding.weight",
        "text_embedding.0.weight",
        "time_embedding.0.weight",
        "blocks.0.ffn.0.weight",
    )
    tensors = without_prefix(tensors, dict.fromkeys(names))
    patch, text, time, ffn = (_matrix(tensors, name) for name in names)
    layers = {name.split(".")[1] for name in tensors if name.startswith("blocks.")}
    return DenoiserConfig(
        latent_dim=patch.shape[1],
        hidden=patch.shape[0],
        ffn=ffn.shape[0],
        freq=time.shape[1],
        heads=_number(settings, "num_heads", 8),
        layers=len(layers),
        text_dim=text.shape[1],
    )


def _vae_sizes(tensors: dict[str, Tensor]) -> VaeConfig:
    names = ("model.encoder.conv1.weight", "model.decoder.conv1.weight")
    tensors = without_prefix(tensors, dict.fromkeys((*names, "mean", "std")))
    encoder, decoder = (_matrix(tensors, name) for name in names)
    return VaeConfig(encoder.shape[1], decoder.shape[1], encoder.shape[0], decoder.shape[0])


def _matrix(tensors: dict[str, Tensor], name: str) -> Tensor:
    value = tensors.get(name)
    if value is None or value.ndim < 2:
        given = "missing" if value is None else f"of shape {list(value.shape)}"
        raise CheckpointError(f"these are no weights of FloodDiffusion: {name} is {given}")
    return value


def _number(settings: dict[str, Any], name: str, default: Any) -> Any:
    value = settings.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 100_000:
        raise CheckpointError(f"ldf.yaml: {name} is {shown(value)}; a positive number is needed")
    if isinstance(default, int) and value != int(value):
        raise CheckpointError(f"ldf.yaml: {name} is {value}; a whole number is needed")
    return type(default)(value)
