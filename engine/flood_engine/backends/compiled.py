"""The networks through ``torch.compile``: needs a C++ compiler on the machine, and patience."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable

import torch
from torch import Tensor

from flood_engine.backends.eager import DTYPES, EagerBackend
from flood_engine.errors import BackendError, reason_of
from flood_engine.fast.batches import BatchedDecoder, BatchedField
from flood_engine.fast.examples import decode_inputs, step_inputs
from flood_engine.fast.static import StaticDecoder, StaticDenoiser
from flood_engine.flood.checkpoint import Model
from flood_engine.stream import Prompt

_log = logging.getLogger(__name__)

_BATCHES = (1, 8)


class CompiledBackend:
    """Eager at first; once :meth:`warm_up` has compiled the graphs, streams go over to them.

    The denoiser computes in ``precision``, the decoder in float32.

    Raises:
        BackendError: If there is no C++ compiler.
    """

    name = "compiled"

    def __init__(self, model: Model, null_prompt: Prompt, precision: str = "float32") -> None:
        if shutil.which("g++") is None and shutil.which("clang++") is None:
            raise BackendError("torch.compile needs a C++ compiler (g++ or clang++)")
        self.precision, self._model, self._null = precision, model, null_prompt
        self._eager = EagerBackend(model, null_prompt, precision)
        self.velocity = BatchedField(self._eager.velocity, DTYPES[precision])
        self.decode = BatchedDecoder(self._eager.decode, self._eager.decode.memory_size)

    def prepare(self, prompt: Prompt) -> None:
        """Fold a prompt before a stream needs it."""
        self._eager.prepare(prompt)

    def warm_up(self) -> None:
        """Compile, for minutes at worst. Streams may run meanwhile, in another thread.

        What cannot be compiled here stays eager, with one line in the log.
        """
        try:
            self._compile()
        except (RuntimeError, OSError) as error:  # a compiler that is there and does not work
            if not self.velocity.steps:
                self.name = "eager"
            reason = reason_of(error)
            _log.warning("backend compiled cannot compile here (%s); eager takes over", reason)

    @torch.inference_mode()
    def _compile(self) -> None:
        model, dtype = self._model, DTYPES[self.precision]
        step = StaticDenoiser(model.denoiser, model.config.stream, self._null).to(dtype).eval()
        for streams in _BATCHES:
            denoise = torch.compile(step, dynamic=False)
            denoise(*step_inputs(model, self._null, streams, dtype))
            decode = torch.compile(StaticDecoder(model.vae).eval(), dynamic=False)
            decode(*decode_inputs(model, streams, self.decode.memory_size))
            # running streams look into these from another thread: they are replaced, never changed
            self.velocity.steps = {**self.velocity.steps, streams: _without_gradients(denoise)}
            self.decode.steps = {**self.decode.steps, streams: decode}


def _without_gradients(step: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Run under the mode in which the step was compiled, else it would be compiled again."""
    return torch.inference_mode()(step)
