"""The networks on an NVIDIA GPU as CUDA graphs: one replay per denoise step, whatever the mixture.

States stay on the host, so they are forked, saved and moved as on any other backend; a latent and
the decoder's memory are small enough to cross the bus each time.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from flood_engine.backends.eager import DTYPES, EagerBackend
from flood_engine.errors import BackendError, reason_of
from flood_engine.fast.denoiser import FusedDenoiser
from flood_engine.fast.examples import decode_inputs
from flood_engine.fast.field import FusedField
from flood_engine.fast.masked import MaskedField
from flood_engine.fast.static import StaticDecoder
from flood_engine.flood.checkpoint import Model
from flood_engine.stream import Prompt, Sight

_log = logging.getLogger(__name__)

_DEVICE = "cuda"
_BATCHES = (1, 8, 64, 256)
_DRY_RUNS = 3


class CudaGraphBackend:
    """Denoiser and decoder as CUDA graphs of a few batch sizes, as many as the GPU can hold.

    Raises:
        BackendError: If PyTorch sees no NVIDIA GPU, or one that cannot run the model.
    """

    name = "cuda-graph"

    def __init__(self, model: Model, null_prompt: Prompt, precision: str = "float32") -> None:
        if not torch.cuda.is_available():
            raise BackendError("PyTorch sees no NVIDIA GPU")
        self.precision, self._host = precision, EagerBackend(model, null_prompt)
        try:
            self._load(model, null_prompt)
            self._record()
        # out of memory, an older driver, a GPU that this build of PyTorch has no kernels for
        except (RuntimeError, AssertionError) as error:
            raise BackendError(f"the GPU cannot be used: {reason_of(error)}") from error

    def _load(self, model: Model, null_prompt: Prompt) -> None:
        """Bring the model to the GPU, as a copy: the host decodes first latents with its own."""
        device, dtype = torch.device(_DEVICE), DTYPES[self.precision]
        on_device = Model(
            model.config,
            copy.deepcopy(model.denoiser).to(device),
            copy.deepcopy(model.vae).to(device),
        )
        on_device.vae.pack()
        null = prompt_on(null_prompt, device)
        eager = FusedField(FusedDenoiser(on_device.denoiser, model.config.stream, dtype), null)
        self._field = MaskedField(on_device, null, eager, dtype, capture)
        self.decode = GraphDecoder(on_device, self._host)

    def _record(self) -> None:
        """Record ever larger batches while there is memory; what is larger runs in parts."""
        for streams in _BATCHES:
            try:
                self._field.add(streams)
                self.decode.add(streams)
            except RuntimeError as error:
                if not self.decode.graphs:
                    raise
                torch.cuda.synchronize()  # a GPU that is broken for good says so again here
                reason = reason_of(error)
                _log.warning("no CUDA graph for %d streams at a time (%s)", streams, reason)
                return

    def velocity(self, sight: Sight) -> Tensor:
        """Return the velocities of the last latents in sight, on the host."""
        return self._field(sight).cpu()

    def prepare(self, prompt: Prompt) -> None:
        """Nothing: words are copied into their slot when they change."""

    def warm_up(self) -> None:
        """Nothing: all graphs are recorded from the start, within a second."""


class GraphDecoder:
    """Decoding by graphs once a stream runs; first latents are decoded on the host."""

    def __init__(self, model: Model, host: EagerBackend) -> None:
        self.model, self.host, self.memory_size = model, host, host.decode.memory_size
        self.graphs: dict[int, tuple[tuple[Tensor, Tensor], Callable[[], Any]]] = {}

    @torch.inference_mode()
    def add(self, streams: int) -> None:
        """Record the graph of a batch size."""
        inputs = decode_inputs(self.model, streams, self.memory_size)
        self.graphs[streams] = (inputs, capture(StaticDecoder(self.model.vae).eval(), inputs))

    def __call__(self, latents: Tensor, memory: Tensor, started: bool) -> Tensor:
        """Return the features [B, 4 or 1, 263] of latents [B, size]; changes ``memory``."""
        if not started:
            return self.host.decode(latents, memory, started)
        made, largest = list[Tensor](), max(self.graphs)
        for start in range(0, len(latents), largest):
            part = slice(start, start + largest)
            count = len(latents[part])
            inputs, replay = self.graphs[min(size for size in self.graphs if size >= count)]
            inputs[0][:count].copy_(latents[part])
            inputs[1][:count].copy_(memory[part])
            features, kept = replay()
            memory[part] = kept[:count].cpu()
            made.append(features[:count].cpu())
        return torch.cat(made)


def prompt_on(prompt: Prompt, device: torch.device) -> Prompt:
    """Return a copy of a prompt on another device."""
    return Prompt(prompt.text, prompt.keys.to(device), prompt.values.to(device))


def capture(module: nn.Module, inputs: tuple[Tensor, ...]) -> Callable[[], Any]:
    """Record a module on fixed inputs as a CUDA graph; calling the result replays it."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side), torch.inference_mode():
        for _ in range(_DRY_RUNS):
            module(*inputs)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.inference_mode(), torch.cuda.graph(graph):
        outputs = module(*inputs)

    def replay() -> Any:
        graph.replay()
        return outputs

    return replay
