"""Models in and out of files: data, never code.

Our folders hold ``config.json``, ``denoiser.safetensors`` and ``vae.safetensors``; upstream's
``config.json``, ``ldf.yaml``, ``model.safetensors`` (or a ``.ckpt``) and ``vae.safetensors`` (or
``vae.ckpt``). Weights may be stored in half precision; they are used in float32.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from flood_engine.errors import CheckpointError
from flood_engine.flood.config import FORMAT, ModelConfig
from flood_engine.flood.denoiser import Denoiser
from flood_engine.flood.sources import BUNDLED, Source, find_source
from flood_engine.flood.tensors import fill, read_tensors
from flood_engine.flood.upstream import measured_bones, read_settings, upstream_config
from flood_engine.flood.vae import CausalVae

__all__ = ["BUNDLED", "Model", "fill", "load_model", "read_config", "read_tensors", "save_model"]

MAX_CONFIG_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Model:
    """Networks with their weights, ready for inference, and their configuration."""

    config: ModelConfig
    denoiser: Denoiser
    vae: CausalVae


def load_model(source: str | Path = "bundled") -> Model:
    """Load a model.

    Args:
        source: ``"bundled"``; the folder of a model, ours or upstream's; a ``.ckpt`` of upstream
            with its VAE beside it; or a Hub id, ``owner/name`` or ``owner/name@revision``.

    Raises:
        CheckpointError: If a file is missing or unreadable, or tensors do not fit.
    """
    files = find_source(source)
    if files.checkpoint is None and _is_ours(files):
        denoiser = read_tensors(files.folder / "denoiser.safetensors")
        vae = read_tensors(files.folder / "vae.safetensors")
        return _ready(read_config(files.folder), denoiser, vae)
    return _load_upstream(files)


def save_model(model: Model, folder: Path, dtype: torch.dtype = torch.float16) -> None:
    """Write a model folder: matrices stored as ``dtype``, vectors (means, norms) in float32."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(model.config.to_json(), indent=2) + "\n"
    (folder / "config.json").write_text(text, encoding="utf-8")
    for name, network in (("denoiser", model.denoiser), ("vae", model.vae)):
        tensors = {
            k: v.to(dtype if v.ndim > 1 else torch.float32).contiguous()
            for k, v in network.state_dict().items()
        }
        path = folder / f"{name}.safetensors"
        save_file(tensors, path)
        path.chmod(0o644)


def read_config(folder: Path) -> ModelConfig:
    """Read ``config.json`` of a model folder of ours."""
    return ModelConfig.from_json(_read_json(folder))


def _read_json(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise CheckpointError(f"{path} is larger than {MAX_CONFIG_BYTES} bytes")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(f"{folder} is no model folder: {error}") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} must hold an object, not {type(content).__name__}")
    return content


def _is_ours(files: Source) -> bool:
    """Tell our folders from upstream's, whose ``config.json`` is the Hub's and says nothing."""
    upstream = files.file("model.safetensors", "model.ckpt", "ldf.yaml") is not None
    return not upstream or _read_json(files.folder).get("format") == FORMAT


def _load_upstream(files: Source) -> Model:
    weights = files.checkpoint or files.file("model.safetensors", "model.ckpt")
    decoder = files.file("vae.safetensors", "vae.ckpt")
    if weights is None or decoder is None:
        lacking = "model.safetensors or model.ckpt" if weights is None else "vae.safetensors"
        raise CheckpointError(f"{files.folder} is no whole model: {lacking} is missing")
    denoiser, vae = read_tensors(weights), read_tensors(decoder)
    text_encoder = files.file("text_encoder/config.json")
    config = upstream_config(
        denoiser,
        vae,
        read_settings(files.file("ldf.yaml")),
        text_encoder and text_encoder.parent,
        read_config(BUNDLED).bone_lengths,
    )
    model = _ready(config, denoiser, vae)
    bones = measured_bones(model.vae, otherwise=config.bone_lengths)
    return replace(model, config=replace(config, bone_lengths=bones))


def _ready(config: ModelConfig, denoiser: dict[str, Tensor], vae: dict[str, Tensor]) -> Model:
    """Build the networks and put the weights in."""
    model = Model(config, Denoiser(config.denoiser), CausalVae(config.vae))
    fill(model.denoiser, denoiser)
    fill(model.vae, vae)
    for network in (model.denoiser, model.vae):
        network.eval().requires_grad_(False)
    model.vae.pack()
    return model
