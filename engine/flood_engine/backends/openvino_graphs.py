"""The networks on OpenVINO: on CPUs the fastest machinery we know. The extra ``openvino``.

OpenVINO fuses the small operations between the matrix products, which cost PyTorch as much time as
the products themselves at a few dozen rows. One graph per number of streams; what fits none of them
runs eagerly.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.jit._trace import TracerWarning

from flood_engine.backends.eager import DTYPES, EagerBackend
from flood_engine.errors import BackendError, reason_of
from flood_engine.fast.batches import BatchedDecoder, BatchedField
from flood_engine.fast.examples import decode_inputs, step_inputs
from flood_engine.fast.static import StaticDecoder, StaticDenoiser
from flood_engine.flood.checkpoint import Model
from flood_engine.stream import Prompt

_log = logging.getLogger(__name__)

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
        eager, self._dtype = EagerBackend(model, null_prompt, "float32"), DTYPES[precision]
        self._hints = {
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            "INFERENCE_NUM_THREADS": threads or torch.get_num_threads(),
            "PERFORMANCE_HINT": "LATENCY",
        }
        self._compile = _compiler(self._hints)
        self.velocity = BatchedField(eager.velocity, self._dtype)
        self.decode = BatchedDecoder(eager.decode, eager.decode.memory_size, self._dtype)
        self._eager, self._model, self._null = eager, model, null_prompt
        self._add(_BATCHES[0])

    def prepare(self, prompt: Prompt) -> None:
        """Fold a prompt before a stream needs it."""
        self._eager.prepare(prompt)

    def warm_up(self) -> None:
        """Make the graphs for many streams. Streams may run meanwhile, in another thread.

        Without one, for which a line in the log says why, the smaller graphs serve.
        """
        for streams in _BATCHES:
            try:
                if streams not in self.velocity.steps:
                    self._add(streams)
            except BackendError as error:
                _log.warning("no graph for %d streams at a time (%s)", streams, reason_of(error))

    @torch.inference_mode()
    def _add(self, streams: int) -> None:
        model = self._model
        step = StaticDenoiser(model.denoiser, model.config.stream, self._null).eval()
        denoise = self._compile(step, step_inputs(model, self._null, streams), self._dtype)
        size = self.decode.memory_size
        decoder, inputs = StaticDecoder(model.vae).eval(), decode_inputs(model, streams, size)
        decode = self._compile(decoder, inputs, self._dtype)
        # running streams look into these from another thread: they are replaced, never changed
        steps, decoders = self.velocity.steps, self.decode.steps
        self.velocity.steps = {**steps, streams: lambda *inputs: denoise(*inputs)[0]}
        self.decode.steps = {**decoders, streams: lambda *inputs: _pair(decode(*inputs))}


def _pair(outputs: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Return features and memory as the decoder's two outputs."""
    features, memory = outputs
    return features, memory


def _compiler(hints: dict[str, Any]) -> Callable[..., Callable[..., list[Tensor]]]:
    """Return what makes a graph of a module, example inputs and the type that inputs come in."""
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

    def compile_module(
        network: nn.Module, example: tuple[Tensor, ...], dtype: torch.dtype = torch.float32
    ) -> Callable[..., Any]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", TracerWarning)  # shapes are fixed here
                warnings.simplefilter("ignore", DeprecationWarning)  # OpenVINO reads traces
                graph = openvino.convert_model(network, example_input=example)
            for port, tensor in zip(graph.inputs, example, strict=True):
                port.get_node().set_partial_shape(openvino.PartialShape(list(tensor.shape)))
            graph.validate_nodes_and_infer_types()
            if dtype is torch.bfloat16:  # else every input is rounded anew at each step
                graph = _with_bfloat16_inputs(openvino, graph)
            request = core.compile_model(graph, "CPU", hints).create_infer_request()
        except RuntimeError as error:
            raise BackendError(f"OpenVINO cannot run this model: {error}") from error

        held = list[Tensor | None]([None] * len(example))

        def run(*inputs: Tensor) -> list[Tensor]:
            for number, tensor in enumerate(inputs):
                if tensor is not held[number]:  # most inputs stay for many steps
                    held[number] = whole = tensor.contiguous()
                    request.set_input_tensor(number, _shared(openvino, whole))
            request.infer()
            count = len(graph.outputs)
            # the request reuses its buffers: what is returned must be its own
            return [
                torch.from_numpy(request.get_output_tensor(n).data.copy()) for n in range(count)
            ]

        return run

    return compile_module


def _with_bfloat16_inputs(openvino: Any, graph: Any) -> Any:
    steps = openvino.preprocess.PrePostProcessor(graph)
    for number in range(len(graph.inputs)):
        steps.input(number).tensor().set_element_type(openvino.Type.bf16)
    return steps.build()


def _shared(openvino: Any, tensor: Tensor) -> Any:
    """Return OpenVINO's view of a tensor. NumPy has no bfloat16, so the bits pass as integers."""
    if tensor.dtype is not torch.bfloat16:
        return openvino.Tensor(tensor.numpy(), shared_memory=True)
    bits = tensor.view(torch.int16).numpy()
    return openvino.Tensor(bits, openvino.Shape(list(tensor.shape)), openvino.Type.bf16)
