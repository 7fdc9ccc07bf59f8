"""Which machinery runs the model: by name, or the best that this machine has."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import torch

from flood_engine.backends.backend import Backend
from flood_engine.backends.compiled import CompiledBackend
from flood_engine.backends.cuda_graph import CudaGraphBackend
from flood_engine.backends.eager import EagerBackend
from flood_engine.backends.openvino_graphs import OpenVinoBackend
from flood_engine.backends.plain import PlainBackend
from flood_engine.errors import BackendError
from flood_engine.flood.checkpoint import Model
from flood_engine.stream import Prompt

_log = logging.getLogger(__name__)

PRECISIONS = ("auto", "float32", "bfloat16")

_KINDS: dict[str, Callable[..., Backend]] = {
    "plain": lambda model, null_prompt, precision: PlainBackend(model, null_prompt),
    "eager": EagerBackend,
    "compiled": CompiledBackend,
    "openvino": OpenVinoBackend,
    "cuda-graph": CudaGraphBackend,
}

BACKENDS = ("auto", *_KINDS)


def choose_backend(
    name: str = "auto", precision: str = "auto"
) -> Callable[[Model, Prompt], Backend]:
    """Return what makes the backend for a model.

    ``auto`` takes CUDA graphs where there is a GPU, then OpenVINO where it is installed, then eager
    PyTorch. A backend that cannot run here is replaced by eager, with one line in the log; so is,
    for ``auto``, a GPU that is seen but cannot be used, by what comes next.
    ``precision`` ``auto`` is float32.

    Raises:
        BackendError: If the name or the precision is unknown.
    """
    if name not in BACKENDS:
        raise BackendError(f"no backend {name!r}; there are {', '.join(BACKENDS)}")
    if precision not in PRECISIONS:
        raise BackendError(f"no precision {precision!r}; there are {', '.join(PRECISIONS)}")
    wanted = "float32" if precision == "auto" else precision
    return partial(_first_that_runs, name, wanted)


def _first_that_runs(name: str, precision: str, model: Model, null_prompt: Prompt) -> Backend:
    for candidate in _candidates(name):
        try:
            return _KINDS[candidate](model, null_prompt, precision=precision)
        except BackendError as error:
            if name != "auto":
                _log.warning("backend %s cannot run here (%s); eager takes over", name, error)
            elif candidate == "cuda-graph":
                _log.warning("%s; the processor takes over", error)
    return EagerBackend(model, null_prompt, precision)


def _candidates(name: str) -> list[str]:
    if name != "auto":
        return [name]
    return ["cuda-graph", "openvino"] if torch.cuda.is_available() else ["openvino"]
