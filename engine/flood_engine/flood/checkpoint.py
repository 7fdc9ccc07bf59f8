"""Model folders: ``config.json``, ``denoiser.safetensors``, ``vae.safetensors``. Data, never code.

Weights may be stored in half precision; they are used in float32. Missing, unexpected and wrongly
shaped tensors are all listed by name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from flood_engine.errors import CheckpointError
from flood_engine.flood.config import ModelConfig
from flood_engine.flood.denoiser import Denoiser
from flood_engine.flood.vae import CausalVae

BUNDLED = Path(__file__).parent.parent / "bundled"
"""Folder of the model that comes with the package."""

_PREFIXES = ("model.", "ldf_model.")


@dataclass(frozen=True, slots=True)
class Model:
    """Networks with their weights, ready for inference, and their configuration."""

    config: ModelConfig
    denoiser: Denoiser
    vae: CausalVae


def load_model(source: str | Path = "bundled") -> Model:
    """Load a model folder; ``"bundled"`` is the one in the package.

    Raises:
        CheckpointError: If a file is missing or unreadable, or tensors do not fit.
    """
    folder = BUNDLED if str(source) == "bundled" else Path(source)
    config = read_config(folder)
    denoiser, vae = Denoiser(config.denoiser), CausalVae(config.vae)
    fill(denoiser, read_tensors(folder / "denoiser.safetensors"), _PREFIXES)
    fill(vae, read_tensors(folder / "vae.safetensors"))
    for network in (denoiser, vae):
        network.eval().requires_grad_(False)
    vae.pack()
    return Model(config, denoiser, vae)


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
    """Read ``config.json`` of a model folder."""
    path = folder / "config.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(f"{folder} is no model folder: {error}") from error
    except ValueError as error:
        raise CheckpointError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} must hold an object, not {type(content).__name__}")
    return ModelConfig.from_json(content)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file."""
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error


def fill(network: nn.Module, tensors: dict[str, Tensor], prefixes: tuple[str, ...] = ()) -> None:
    """Put tensors into a network, one of ``prefixes`` stripped from their names if all have it.

    Raises:
        CheckpointError: Listing every missing, unexpected and wrongly shaped tensor.
    """
    for prefix in prefixes:
        if tensors and all(name.startswith(prefix) for name in tensors):
            tensors = {name.removeprefix(prefix): value for name, value in tensors.items()}
            break
    wanted = network.state_dict()
    problems = [f"missing: {name}" for name in wanted if name not in tensors]
    problems += [f"unexpected: {name}" for name in tensors if name not in wanted]
    problems += [
        f"wrong shape: {name} is {list(tensors[name].shape)}, needed {list(value.shape)}"
        for name, value in wanted.items()
        if name in tensors and tensors[name].shape != value.shape
    ]
    if problems:
        listed = "\n  ".join(problems)
        raise CheckpointError(f"the weights do not fit {type(network).__name__}:\n  {listed}")
    network.load_state_dict(tensors)
