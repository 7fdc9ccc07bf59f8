"""Machinery that is seen but does not work is replaced, with one line that says why."""

import logging
import subprocess

import numpy as np
import pytest
import torch

from flood_engine.backends import compiled, cuda_graph, openvino_graphs
from flood_engine.backends.choose import choose_backend
from flood_engine.backends.compiled import CompiledBackend
from flood_engine.backends.cuda_graph import CudaGraphBackend
from flood_engine.backends.eager import EagerBackend
from flood_engine.engine import FloodEngine
from flood_engine.errors import BackendError, reason_of
from flood_engine.fast.masked import no_capture


@pytest.fixture
def lines(caplog):
    """Return a function that tells what was logged."""
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records]


@pytest.fixture
def broken_gpu(monkeypatch):
    """Let PyTorch see a GPU that it cannot use, as with a driver that is too old."""
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


@pytest.fixture
def small_gpu(monkeypatch):
    """Let the processor pass for a GPU; return a dictionary of what a batch of a size raises."""
    failures: dict[int, Exception] = {}

    def capture(module, inputs):
        if error := failures.get(len(inputs[0])):
            raise error
        return no_capture(module, inputs)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    monkeypatch.setattr(cuda_graph, "_DEVICE", "cpu")
    monkeypatch.setattr(cuda_graph, "capture", capture)
    return failures


@pytest.mark.usefixtures("broken_gpu")
def test_a_gpu_that_cannot_be_used_is_passed_over_by_auto(make_model, read_letters, lines):
    engine = FloodEngine(make_model(), read_letters, choose_backend("auto"))
    assert engine.backend.name in ("openvino", "eager")
    (line,) = lines()
    assert line.startswith("the GPU cannot be used: ")
    assert line.endswith("; the processor takes over")


@pytest.mark.usefixtures("broken_gpu")
def test_a_gpu_that_cannot_be_used_is_replaced_by_eager(make_model, read_letters, lines):
    engine = FloodEngine(make_model(), read_letters, choose_backend("cuda-graph"))
    assert engine.backend.name == "eager"
    (line,) = lines()
    assert line.startswith("backend cuda-graph cannot run here (the GPU cannot be used: ")


def moved(engine):
    """Return the last frames of ten streams after a while."""
    states, prompt = [engine.start(seed) for seed in range(10)], engine.encode("walk")
    for _ in range(2):
        engine.step(states, [prompt] * 10)
    chunks = engine.step(states, [prompt] * 10)
    return np.concatenate([chunk.features for chunk in chunks])


def test_where_memory_ends_the_smaller_graphs_serve(make_model, read_letters, small_gpu, lines):
    model = make_model()
    small_gpu[64] = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.\nMore")
    engine = FloodEngine(model, read_letters, CudaGraphBackend)
    backend = engine.backend
    assert isinstance(backend, CudaGraphBackend)
    assert set(backend._field.slots) == set(backend.decode.graphs) == {1, 8}
    assert lines() == [
        "no CUDA graph for 64 streams at a time (CUDA out of memory. Tried to allocate 2 GiB.)"
    ]
    wanted = moved(FloodEngine(model, read_letters, EagerBackend))
    np.testing.assert_allclose(moved(engine), wanted, atol=2e-5)


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("no"), RuntimeError("no kernel image")])
def test_a_gpu_that_cannot_hold_one_stream_is_none(make_model, read_letters, small_gpu, error):
    small_gpu[1] = error
    with pytest.raises(BackendError, match=f"the GPU cannot be used: {error}"):
        FloodEngine(make_model(), read_letters, CudaGraphBackend)


def test_a_gpu_that_breaks_for_good_on_a_larger_batch_is_none(
    make_model, read_letters, small_gpu, monkeypatch
):
    def still_broken():
        raise RuntimeError("an illegal memory access was encountered")

    small_gpu[8] = RuntimeError("capture failed")
    monkeypatch.setattr(torch.cuda, "synchronize", still_broken)
    with pytest.raises(BackendError, match="illegal memory access"):
        FloodEngine(make_model(), read_letters, CudaGraphBackend)


@pytest.mark.parametrize(
    "error",
    [RuntimeError("backend='inductor' raised:\nCppCompileError: no <omp.h>"), OSError("disk full")],
)
def test_a_compiler_that_fails_leaves_the_streams_to_eager(
    make_model, read_letters, lines, monkeypatch, error
):
    def fail(*inputs):
        raise error

    monkeypatch.setattr(compiled.shutil, "which", lambda name: name)
    monkeypatch.setattr(compiled.torch, "compile", lambda module, dynamic: fail)
    model = make_model()
    engine = FloodEngine(model, read_letters, CompiledBackend)
    engine.backend.warm_up()
    assert engine.backend.name == "eager"
    assert lines() == [
        f"backend compiled cannot compile here ({reason_of(error)}); eager takes over"
    ]
    wanted = moved(FloodEngine(model, read_letters, EagerBackend))
    np.testing.assert_array_equal(moved(engine), wanted)


def test_without_a_graph_for_many_streams_openvino_goes_on_with_one(
    make_model, read_letters, lines, monkeypatch
):
    pytest.importorskip("openvino")
    engine = FloodEngine(make_model(), read_letters, openvino_graphs.OpenVinoBackend)

    def fail(*graph):
        raise BackendError("OpenVINO cannot run this model: no memory")

    monkeypatch.setattr(engine.backend, "_compile", fail)
    engine.backend.warm_up()
    assert lines() == [
        "no graph for 8 streams at a time (OpenVINO cannot run this model: no memory)"
    ]
    moved(engine)


def test_the_reason_of_an_error_is_one_line():
    assert (
        reason_of(RuntimeError("raised:\n  CppCompileError: x\nmore"))
        == "raised: CppCompileError: x"
    )
    assert reason_of(ValueError("\nfirst\nsecond")) == "first"
    assert reason_of(AssertionError()) == "AssertionError"
    assert "exit status 1" in reason_of(subprocess.CalledProcessError(1, "g++"))
