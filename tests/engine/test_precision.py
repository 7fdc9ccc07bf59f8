"""A backend that computes in bfloat16 leaves the model that it shares with others in float32."""

import copy
from functools import partial

import numpy as np
import pytest
import torch

from flood_engine.backends import compiled, cuda_graph
from flood_engine.backends.compiled import CompiledBackend
from flood_engine.backends.cuda_graph import CudaGraphBackend
from flood_engine.backends.eager import EagerBackend
from flood_engine.backends.plain import PlainBackend
from flood_engine.engine import FloodEngine
from flood_engine.fast.masked import MaskedField, no_capture
from flood_engine.fast.static import TOKENS

LONG = "w" * (TOKENS + 6)
"""More tokens than fixed shapes foresee."""


class MaskedBfloat16:
    """The step that CUDA graphs record, not recorded."""

    name, precision = "masked", "bfloat16"

    def __init__(self, model, null_prompt):
        eager = EagerBackend(model, null_prompt, "bfloat16")
        self.velocity = MaskedField(model, null_prompt, eager.velocity, torch.bfloat16, no_capture)
        self.velocity.add(1)
        self.decode, self.prepare, self.warm_up = eager.decode, eager.prepare, eager.warm_up


@pytest.fixture
def no_machinery(monkeypatch):
    """Let backends run without their machinery: no compiler, no GPU, the same modules."""
    monkeypatch.setattr(compiled, "_BATCHES", (1,))
    monkeypatch.setattr(compiled.torch, "compile", lambda module, dynamic: module)
    monkeypatch.setattr(compiled.shutil, "which", lambda name: name)
    monkeypatch.setattr(cuda_graph, "_BATCHES", (1,))
    monkeypatch.setattr(cuda_graph, "_DEVICE", "cpu")
    monkeypatch.setattr(cuda_graph, "capture", no_capture)
    monkeypatch.setattr(cuda_graph.torch.cuda, "is_available", lambda: True)


BACKENDS = [
    MaskedBfloat16,
    partial(CompiledBackend, precision="bfloat16"),
    partial(CudaGraphBackend, precision="bfloat16"),
]


def played(engine):
    """Return the motion of a stream whose words become more than foreseen, and fewer again."""
    state = engine.start(3)
    texts = ["walk"] * 14 + [LONG] * 3 + ["walk"] * 14
    return np.concatenate([engine.step([state], [engine.encode(t)])[0].features for t in texts])


@pytest.mark.parametrize("backend", BACKENDS, ids=["masked", "compiled", "cuda-graph"])
@pytest.mark.usefixtures("no_machinery")
def test_bfloat16_stays_close_and_changes_nothing_of_the_model(make_model, read_letters, backend):
    model = make_model(context=12)
    before = copy.deepcopy(model.denoiser.state_dict())
    engine = FloodEngine(model, read_letters, backend)
    engine.backend.warm_up()
    rough, exact = played(engine), played(FloodEngine(model, read_letters, PlainBackend))
    error = np.sqrt(np.mean((rough - exact) ** 2) / np.mean(exact**2))
    assert 0 < error < 0.05
    for name, value in model.denoiser.state_dict().items():
        assert value.dtype is torch.float32, name
        assert torch.equal(value, before[name]), name


@pytest.mark.usefixtures("no_machinery")
def test_a_state_goes_from_bfloat16_to_another_backend_of_the_same_model(make_model, read_letters):
    model = make_model(context=12)
    rough = FloodEngine(model, read_letters, partial(CompiledBackend, precision="bfloat16"))
    rough.backend.warm_up()
    content = rough.to_bytes(rough.start(1))
    assert FloodEngine(model, read_letters, EagerBackend).from_bytes(content).frames == 0
