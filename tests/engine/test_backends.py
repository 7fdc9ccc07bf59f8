"""Every machinery computes what the training form computes, in any mixture of streams."""

import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from flood_engine.backends import compiled
from flood_engine.backends.choose import choose_backend
from flood_engine.backends.compiled import CompiledBackend
from flood_engine.backends.cuda_graph import CudaGraphBackend
from flood_engine.backends.eager import EagerBackend
from flood_engine.backends.openvino_graphs import OpenVinoBackend
from flood_engine.backends.plain import PlainBackend, PlainDecoder
from flood_engine.engine import FloodEngine
from flood_engine.errors import BackendError
from flood_engine.fast.batches import TOKENS, BatchedDecoder, BatchedField
from flood_engine.fast.decoder import FusedDecoder
from flood_engine.fast.masked import MaskedField, no_capture
from flood_engine.fast.static import StaticDecoder, StaticDenoiser


@pytest.fixture
def build(make_model, read_letters):
    """Make an engine; called again with the same model it differs in nothing but the backend."""

    def make(backend=PlainBackend, model=None, read=read_letters):
        return FloodEngine(make_model(context=12) if model is None else model, read, backend)

    return make


class StaticShapes:
    """The module that compilers are given, not compiled."""

    name, precision = "static", "float32"

    def __init__(self, model, null_prompt):
        eager = EagerBackend(model, null_prompt)
        step = StaticDenoiser(model.denoiser, model.config.stream, null_prompt)
        self.runs = []
        self.velocity = BatchedField(eager.velocity)
        for size in (1, 2):
            self.velocity.steps[size] = self.counted(size, step)
        self.decode = BatchedDecoder(eager.decode, eager.decode.memory_size)
        self.decode.steps = dict.fromkeys((1, 2), StaticDecoder(model.vae))
        self.prepare, self.warm_up = eager.prepare, eager.warm_up

    def counted(self, size, step):
        def run(*inputs):
            self.runs.append(size)
            return step(*inputs)

        return run


class Masked:
    """The step that CUDA graphs record, not recorded."""

    name, precision = "masked", "float32"

    def __init__(self, model, null_prompt):
        eager = EagerBackend(model, null_prompt)
        self.velocity = MaskedField(model, null_prompt, eager.velocity, torch.float32, no_capture)
        for size in (1, 4):
            self.velocity.add(size)
        self.decode, self.prepare, self.warm_up = eager.decode, eager.prepare, eager.warm_up


def act(engine, script):
    """Run characters that start, change their minds and interrupt at different times."""
    states, made = {}, {}
    for call in range(22):
        for seed, (start, _, _) in script.items():
            if call == start:
                states[seed], made[seed] = engine.start(seed), []
        for seed, (_, interrupt, depth) in script.items():
            if call == interrupt:
                engine.interrupt(states[seed], engine.encode("jump"), depth)
        prompts = [engine.encode("jump" if call >= script[s][1] else "walk") for s in states]
        for seed, chunk in zip(states, engine.step(list(states.values()), prompts), strict=True):
            made[seed].append(chunk.features)
    return np.concatenate([frames for seed in made for frames in made[seed]])


CROWD = {1: (0, 15, 3), 2: (0, 17, 1), 3: (4, 14, 5)}
ALONE = {5: (0, 15, 2)}


@pytest.mark.parametrize("guidance", [3.0, 1.0])
@pytest.mark.parametrize("script", [ALONE, CROWD], ids=["alone", "crowd"])
@pytest.mark.parametrize("backend", [EagerBackend, StaticShapes, Masked])
def test_fast_forms_compute_what_the_training_form_computes(
    build, make_model, backend, script, guidance
):
    model = make_model(context=12, guidance=guidance)
    plain, fast = build(model=model), build(backend, model)
    np.testing.assert_allclose(act(fast, script), act(plain, script), atol=2e-5)


def test_fixed_shapes_take_the_steps_of_a_full_context(build):
    engine = build(StaticShapes)
    act(engine, CROWD)
    assert {1, 2} == set(engine.backend.runs)


def test_a_single_token_for_the_empty_text_needs_no_query(build, read_letters):
    def single(text):
        return read_letters(text)[:-1] if text else read_letters(text)

    expected = act(build(read=single), CROWD)
    for backend in (EagerBackend, StaticShapes, Masked):
        made = act(build(backend, read=single), CROWD)
        np.testing.assert_allclose(made, expected, atol=2e-5)


def test_more_tokens_in_sight_than_foreseen_are_computed_all_the_same(build):
    words, motions = "".join(map(chr, range(60, 60 + TOKENS))), []
    for backend in (PlainBackend, StaticShapes, Masked):
        engine = build(backend)
        state = engine.start(3)
        texts = ["walk"] * 13 + [words] * 3
        steps = [engine.step([state], [engine.encode(text)])[0].features for text in texts]
        motions.append(np.concatenate(steps))
    for motion in motions[1:]:
        np.testing.assert_allclose(motion, motions[0], atol=2e-5)


def test_bfloat16_stays_close(build):
    exact = act(build(), ALONE)
    rough = act(build(partial(EagerBackend, precision="bfloat16")), ALONE)
    error = np.sqrt(np.mean((rough - exact) ** 2) / np.mean(exact**2))
    assert 0 < error < 0.02


def test_what_neighbours_do_changes_no_bit_while_the_batch_is_as_large(build):
    engine = build(EagerBackend)

    def first_of_two(text):
        states = [engine.start(1), engine.start(2)]
        prompts = [engine.encode("walk"), engine.encode(text)]
        return np.concatenate([engine.step(states, prompts)[0].features for _ in range(16)])

    np.testing.assert_array_equal(first_of_two("stand"), first_of_two("kicks"))


def test_decoding_latent_by_latent_leaves_the_same_memory_in_every_form(make_model):
    model = make_model()
    plain, static = PlainDecoder(model.vae), StaticDecoder(model.vae)
    memory = torch.zeros(2, plain.memory_size)
    with torch.inference_mode():
        plain(torch.randn(2, 4), memory, False)
        other = memory.clone()
        latents = torch.randn(2, 4)
        expected = plain(latents, memory, True)
        features, kept = static(latents, other)
        fused = other.clone()
        features_too = FusedDecoder(model.vae)(latents, fused)
    for made, remembered in ((features, kept), (features_too, fused)):
        torch.testing.assert_close(made, expected)
        torch.testing.assert_close(remembered, memory)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(BackendError, match=r"no backend 'tpu'.*eager.*openvino"):
        choose_backend("tpu")
    with pytest.raises(BackendError, match=r"no precision 'int3'.*bfloat16"):
        choose_backend("eager", "int3")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_backend_that_cannot_run_is_replaced_with_one_line(build, caplog):
    with caplog.at_level(logging.WARNING):
        engine = build(choose_backend("cuda-graph"))
    assert engine.backend.name == "eager"
    assert [r.getMessage() for r in caplog.records] == [
        "backend cuda-graph cannot run here (PyTorch sees no NVIDIA GPU); eager takes over"
    ]


@pytest.mark.skipif(find_spec("openvino") is None, reason="the extra openvino is not installed")
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 2e-5), ("bfloat16", 0.1)])
def test_openvino_computes_the_same(build, precision, tolerance):
    engine = build(partial(OpenVinoBackend, precision=precision))
    assert set(engine.backend.velocity.steps) == {1}
    assert sys.modules["openvino_telemetry"] is None  # nothing is reported to anyone
    np.testing.assert_allclose(act(engine, ALONE), act(build(), ALONE), atol=tolerance)


@pytest.mark.skipif(find_spec("openvino") is None, reason="the extra openvino is not installed")
def test_streams_run_while_graphs_are_made_and_then_go_over_to_them(build):
    engine, plain = build(OpenVinoBackend), build()
    begun, stepped = threading.Event(), threading.Event()
    compile_graph = engine.backend._compile

    def held_up(*graph):
        begun.set()
        assert stepped.wait(30)
        return compile_graph(*graph)

    engine.backend._compile = held_up
    state, walk = engine.start(5), engine.encode("walk")
    with ThreadPoolExecutor(1) as other:
        warmed = other.submit(engine.backend.warm_up)
        assert begun.wait(30)
        for _ in range(14):
            engine.step([state], [walk])
        assert set(engine.backend.velocity.steps) == {1}
        stepped.set()
        warmed.result(60)
    assert set(engine.backend.velocity.steps) == set(engine.backend.decode.steps) == {1, 8}
    # one stream more than the largest graph takes, each soon with other words
    prompts = [engine.encode("sit" * number) for number in range(9)]
    crowd, same = ([state.fork() for _ in prompts] for _ in range(2))
    for _ in range(2):
        chunks = zip(engine.step(crowd, prompts), plain.step(same, prompts), strict=True)
        for made, wanted in chunks:
            np.testing.assert_allclose(made.features, wanted.features, atol=2e-5)


@pytest.mark.slow
def test_torch_compile_computes_the_same_and_is_not_asked_before_it_is_warm(build, monkeypatch):
    monkeypatch.setattr(compiled, "_BATCHES", (1,))  # every batch size costs a minute to compile
    engine = build(CompiledBackend)
    assert engine.backend.velocity.steps == {}
    engine.backend.warm_up()
    np.testing.assert_allclose(act(engine, ALONE), act(build(), ALONE), atol=2e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no NVIDIA GPU")
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-3), ("bfloat16", 0.1)])
def test_cuda_graphs_compute_the_same(build, precision, tolerance):
    engine = build(partial(CudaGraphBackend, precision=precision))
    np.testing.assert_allclose(act(engine, CROWD), act(build(), CROWD), atol=tolerance)
