"""The networks on OpenVINO: on CPUs the fastest machinery we know. The extra ``openvino``.

OpenVINO fuses the small operations between the matrix products, which cost PyTorch as much time as
the products themselves at a few dozen rows. One graph per number of streams; what fits none of them
runs eagerly.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.jit._trace import TracerWarning

from flood_engine.backends.eager import EagerBackend
from flood_engine.errors import BackendError
from flood_engine.fast.batches import BatchedDecoder, BatchedField
from flood_engine.fast.examples import decode_inputs, step_inputs
from flood_engine.fast.static import StaticDecoder, StaticDenoiser
from flood_engine.flood.checkpoint import Model
from flood_engine.stream import Prompt

_HINTS = {"float32": "f32", "bfloat16": "bf16"}
_BATCHES = (1, 8)
"""Numbers of streams that graphs are made for; others are put together from these."""


class OpenVinoBackend:
    """Fused networks as OpenVINO graphs; compiles the single stream at once.

    Raises:
        BackendError: If OpenVINO is not installed or cannot run the graphs here.
    """

    name = "openvino"

    def __init__(
        self, model: Model, null_prompt: Prompt, precision: str = "float32", threads: int = 0
    ) -> None:
        self.precision = precision
        # bfloat16 is for the graphs; what runs eagerly stays exact
        eager = EagerBackend(model, null_prompt, "float32")
        self._hints = {
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            "INFERENCE_NUM_THREADS": threads or torch.get_num_threads(),
            "PERFORMANCE_HINT": "LATENCY",
        }
        self._compile = _compiler(self._hints)
        self.velocity = BatchedField(eager.velocity)
        self.decode = BatchedDecoder(eager.decode, eager.decode.memory_size)
        self._eager, self._model, self._null = eager, model, null_prompt
        self._add(_BATCHES[0])

    def prepare(self, prompt: Prompt) -> None:
        """Fold a prompt before a stream needs it."""
        self._eager.prepare(prompt)

    def warm_up(self) -> None:
        """Make the graphs for many streams. Streams may run meanwhile, in another thread."""
        for streams in _BATCHES:
            if streams not in self.velocity.steps:
                self._add(streams)

    @torch.inference_mode()
    def _add(self, streams: int) -> None:
        model = self._model
        step = StaticDenoiser(model.denoiser, model.config.stream, self._null).eval()
        denoise = self._compile(step, step_inputs(model, self._null, streams))
        size = self.decode.memory_size
        decode = self._compile(StaticDecoder(model.vae).eval(), decode_inputs(model, streams, size))
        # running streams look into these from another thread: they are replaced, never changed
        steps, decoders = self.velocity.steps, self.decode.steps
        self.velocity.steps = {**steps, streams: lambda *inputs: denoise(*inputs)[0]}
        self.decode.steps = {**decoders, streams: lambda *inputs: _pair(decode(*inputs))}


def _pair(outputs: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Return features and memory as the decoder's two outputs."""
    features, memory = outputs
    return features, memory


def _compiler(hints: dict[str, Any]) -> Callable[..., Callable[..., list[Tensor]]]:
    # OpenVINO reports its use to its makers as soon as it is imported. Nothing here calls home, and
    # without its reporter it stays silent: then it uses a stub of its own.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise BackendError(
            'OpenVINO is not installed: pip install "flood-bridge[openvino]"'
        ) from error
    core = openvino.Core()

    def compile_module(network: nn.Module, example: tuple[Tensor, ...]) -> Callable[..., Any]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", TracerWarning)  # shapes are fixed here
                warnings.simplefilter("ignore", DeprecationWarning)  # OpenVINO reads traces
                graph = openvino.convert_model(network, example_input=example)
            for port, tensor in zip(graph.inputs, example, strict=True):
                port.get_node().set_partial_shape(openvino.PartialShape(list(tensor.shape)))
            graph.validate_nodes_and_infer_types()
            request = core.compile_model(graph, "CPU", hints).create_infer_request()
        except RuntimeError as error:
            raise BackendError(f"OpenVINO cannot run this model: {error}") from error

        def run(*inputs: Tensor) -> list[Tensor]:
            for number, tensor in enumerate(inputs):
                array = tensor.contiguous().numpy()
                request.set_input_tensor(number, openvino.Tensor(array, shared_memory=True))
            request.infer()
            count = len(graph.outputs)
            # the request reuses its buffers: what is returned must be its own
            return [
                torch.from_numpy(request.get_output_tensor(n).data.copy()) for n in range(count)
            ]

        return run

    return compile_module
