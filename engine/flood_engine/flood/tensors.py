"""Weights from files, as data: safetensors, and PyTorch checkpoints unpickled as weights only.

A Lightning checkpoint of FloodDiffusion has the weights under ``state_dict`` and, under
``ema_state``, their exponential moving average as a list in the order of the parameters. The
average is what upstream samples with, so it is preferred.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from flood_engine.errors import CheckpointError, reason_of

MAX_LISTED = 40
"""Most tensors that an error names; the rest is counted."""


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read a ``.safetensors`` or ``.ckpt`` file.

    Raises:
        CheckpointError: If it cannot be read, or holds anything but weights.
    """
    try:
        return _read_checkpoint(path) if path.suffix == ".ckpt" else load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error


def fill(network: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Put tensors into a network; a prefix that all their names share is taken off.

    Raises:
        CheckpointError: Listing every missing, unexpected and wrongly shaped tensor, and those that
            hold anything but finite floating-point numbers.
    """
    wanted = network.state_dict()
    tensors = without_prefix(tensors, wanted)
    problems = [
        f"missing: {name} {list(value.shape)}"
        for name, value in wanted.items()
        if name not in tensors
    ]
    problems += [
        f"unexpected: {name} {list(value.shape)}"
        for name, value in tensors.items()
        if name not in wanted
    ]
    problems += [
        f"wrong shape: {name} is {list(tensors[name].shape)}, needed {list(value.shape)}"
        for name, value in wanted.items()
        if name in tensors and tensors[name].shape != value.shape
    ]
    problems += [
        f"{problem}: {name}"
        for name, value in wanted.items()
        if name in tensors
        and tensors[name].shape == value.shape
        and (problem := _problem_of(tensors[name]))
    ]
    if problems:
        raise CheckpointError(_refusal(type(network).__name__, problems))
    network.load_state_dict(tensors)


def without_prefix(tensors: dict[str, Tensor], wanted: dict[str, Any]) -> dict[str, Tensor]:
    """Take off the leading ``model.``, ``ldf_model.`` or the like that fits ``wanted`` best."""
    hits = Counter[str]()
    for name in tensors:
        parts = name.split(".")
        starts = (".".join(parts[n:]) for n in range(len(parts)))
        hits.update(name[: len(name) - len(start)] for start in starts if start in wanted)
    prefix = max(hits, key=lambda each: (hits[each], -len(each)), default="")
    return {name.removeprefix(prefix): value for name, value in tensors.items()}


def _refusal(network: str, problems: list[str]) -> str:
    shown = problems[:MAX_LISTED]
    if len(problems) > MAX_LISTED:
        shown.append(f"and {len(problems) - MAX_LISTED} more")
    listed = "\n  ".join(shown)
    return f"the weights do not fit {network}:\n  {listed}"


def _read_checkpoint(path: Path) -> dict[str, Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # nothing has run: whatever a damaged file makes torch stumble over
        raise CheckpointError(
            f"{path} is refused: it cannot be read as weights alone ({reason_of(error)})"
        ) from error
    weights = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(weights, dict) or not _are_tensors(weights.values()):
        raise CheckpointError(f"{path} has no state_dict of tensors")
    if not all(isinstance(name, str) for name in weights):
        raise CheckpointError(f"{path} has a state_dict whose tensors are not called by names")
    ema = content.get("ema_state")
    shadows = ema.get("shadow_params") if isinstance(ema, dict) else None
    return weights if shadows is None else _averaged(path, weights, shadows)


def _averaged(path: Path, weights: dict[str, Tensor], shadows: Any) -> dict[str, Tensor]:
    """Return ``weights`` with the parameters replaced by their averages.

    The list has no names. Its order is that of the state dict without what is no parameter: the
    buffers (a VAE's ``mean`` and ``std``).
    """
    parameters = [n for n in weights if n.rsplit(".", 1)[-1] not in ("mean", "std")]
    shapes = [tuple(weights[name].shape) for name in parameters]
    if (
        not isinstance(shadows, list)
        or not _are_tensors(shadows)
        or [tuple(shadow.shape) for shadow in shadows] != shapes
    ):
        raise CheckpointError(
            f"{path}: ema_state does not fit state_dict; its shadow_params must be a list of"
            f" {len(parameters)} tensors in the order of the parameters"
        )
    return {**weights, **dict(zip(parameters, shadows, strict=True))}


def _are_tensors(values: Any) -> bool:
    """Say whether all are plain tensors: not sparse, nested or quantized, and with content."""
    return all(
        isinstance(value, Tensor)
        and value.layout is torch.strided
        and value.device.type == "cpu"
        and not (value.is_nested or value.is_quantized)
        for value in values
    )


def _problem_of(tensor: Tensor) -> str:
    if not tensor.is_floating_point():
        return f"not floating-point but {tensor.dtype}"
    return "" if tensor.float().isfinite().all() else "not finite"
