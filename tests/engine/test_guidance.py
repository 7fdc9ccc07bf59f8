"""A stream's own guidance is that of a model made with it, and nobody else's business."""

import numpy as np
import pytest
import torch

from flood_engine.backends.eager import EagerBackend
from flood_engine.backends.plain import PlainBackend
from flood_engine.engine import FloodEngine
from flood_engine.errors import StateError

SCRIPT = ["walk"] * 6 + ["jump"] * 8


def run(engine, guidance, texts=SCRIPT, seed=3):
    state = engine.start(seed)
    state.guidance = guidance
    made = [engine.step([state], [engine.encode(text)])[0].features for text in texts]
    return np.concatenate(made)


@pytest.mark.parametrize("backend", [PlainBackend, EagerBackend])
@pytest.mark.parametrize(
    ("own", "scale"), [(3.0, 0.0), (3.0, 1.0), (3.0, 1.7), (3.0, 6.0), (1.0, 3.0), (0.0, 2.0)]
)
def test_own_guidance_makes_what_a_model_of_that_guidance_makes(
    make_model, read_letters, backend, own, scale
):
    usual = FloodEngine(make_model(guidance=own), read_letters, backend)
    other = FloodEngine(make_model(guidance=scale), read_letters, backend)
    made, expected = run(usual, scale), run(other, None)
    np.testing.assert_allclose(made, expected, atol=2e-4)
    assert np.abs(made - run(usual, None)).max() > 1e-2


def test_the_models_own_scale_is_the_usual_path_bit_for_bit(make_engine):
    engine = make_engine()
    np.testing.assert_array_equal(run(engine, 3.0), run(engine, None))


def test_one_streams_guidance_does_not_reach_the_others(make_engine):
    engine = make_engine()
    states = [engine.start(seed) for seed in range(3)]
    states[1].guidance = 6.0
    made = [[] for _ in states]
    for text in SCRIPT:
        for row, chunk in enumerate(engine.step(states, [engine.encode(text)] * 3)):
            made[row].append(chunk.features)
    for seed, guidance in enumerate([None, 6.0, None]):
        alone = run(engine, guidance, seed=seed)
        np.testing.assert_allclose(np.concatenate(made[seed]), alone, atol=2e-4)


def test_own_guidance_costs_no_row_and_changes_no_bit_of_others(make_engine):
    engine, rows = make_engine(), []
    inner = engine._stream.velocity.velocity
    engine._stream.velocity.velocity = lambda sight: rows.append(len(sight.latents)) or inner(sight)

    def beside(guidance):
        states = [engine.start(1), engine.start(2)]
        states[1].guidance = guidance
        prompts = [engine.encode("walk")] * 2
        return np.concatenate([engine.step(states, prompts)[0].features for _ in range(4)])

    np.testing.assert_array_equal(beside(6.0), beside(None))
    assert set(rows) == {2}


@pytest.mark.parametrize("guidance", [None, 0.0, 4.5])
def test_forks_and_bytes_keep_it(make_engine, guidance):
    engine = make_engine()
    state = engine.start(1)
    state.guidance = guidance
    engine.step([state], [engine.encode("walk")])
    for again in (state.fork(), engine.from_bytes(engine.to_bytes(state))):
        assert again.guidance == guidance


@pytest.mark.parametrize("wrong", [-1.0, float("inf")])
def test_a_saved_scale_that_is_none_is_refused(make_engine, wrong):
    engine = make_engine()
    state = engine.start(1)
    state.guidance = wrong
    with pytest.raises(StateError, match="guidance"):
        engine.from_bytes(engine.to_bytes(state))


def test_what_the_backend_returned_is_not_changed(make_engine):
    engine, kept = make_engine(), []
    inner = engine._stream.velocity.velocity

    def watched(sight):
        made = inner(sight)
        kept.append((made, made.clone()))
        return made

    engine._stream.velocity.velocity = watched
    run(engine, 6.0)
    assert all(torch.equal(made, before) for made, before in kept)
