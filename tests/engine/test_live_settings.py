"""History and steps are each stream's own, change between any two latents, and are exact."""

import hashlib

import numpy as np
import pytest
import torch

from flood_engine.backends.eager import EagerBackend
from flood_engine.backends.plain import PlainBackend
from flood_engine.engine import FloodEngine
from flood_engine.errors import StateError
from flood_engine.fast.masked import MaskedField, no_capture

SCRIPT = ["walk"] * 9 + ["jump"] * 11


class Masked:
    """The step that CUDA graphs record, not recorded."""

    name, precision = "masked", "float32"

    def __init__(self, model, null_prompt):
        eager = EagerBackend(model, null_prompt)
        self.recorded = 0

        def capture(*graph):
            self.recorded += 1
            return no_capture(*graph)

        self.velocity = MaskedField(model, null_prompt, eager.velocity, torch.float32, capture)
        self.velocity.add(4)
        self.decode, self.prepare, self.warm_up = eager.decode, eager.prepare, eager.warm_up


def run(engine, seed=3, texts=SCRIPT, changes=None, interrupts=None):
    """Return the features of one stream; ``changes`` are (history, steps) by call."""
    state, made = engine.start(seed), []
    for call, text in enumerate(texts):
        if interrupts and call in interrupts:
            engine.interrupt(state, engine.encode("sit"), interrupts[call])
        if changes and call in changes:
            state.history, state.steps = changes[call]
        made.append(engine.step([state], [engine.encode(text)])[0].features)
    return np.concatenate(made)


@pytest.mark.parametrize("backend", [PlainBackend, EagerBackend, Masked])
@pytest.mark.parametrize(("history", "steps"), [(6, None), (9, None), (None, 1), (7, 3), (None, 4)])
def test_own_settings_make_what_a_model_of_those_settings_makes(
    make_model, read_letters, backend, history, steps
):
    usual = FloodEngine(make_model(context=12), read_letters, backend)
    own = {"context": history or 12, "num_steps": 5 * (steps or 2)}
    other = FloodEngine(make_model(**own), read_letters, PlainBackend)
    made = run(usual, changes={0: (history, steps)})
    np.testing.assert_allclose(made, run(other), atol=5e-5)
    assert np.abs(made - run(usual)).max() > 1e-3


@pytest.mark.parametrize("backend", [PlainBackend, EagerBackend])
def test_naming_the_models_own_settings_changes_no_bit(make_model, read_letters, backend):
    engine = FloodEngine(make_model(context=12), read_letters, backend)
    named = run(engine, changes={0: (12, 2), 7: (None, None), 9: (12, 2)})
    np.testing.assert_array_equal(named, run(engine))


@pytest.mark.parametrize("depth", [0, 3, 5])
def test_steps_and_back_again_before_a_latent_change_no_bit(make_engine, depth):
    """The clock counts latents: there is nothing to convert, also where it was wound back."""
    engine = make_engine()
    state, jump = engine.start(1), engine.encode("jump")
    for _ in range(8):
        engine.step([state], [engine.encode("walk")])
    engine.interrupt(state, jump, depth)
    before = engine.to_bytes(state)
    for steps in (1, 3, 4, None):
        state.steps = steps
        assert state.latents.clock == 12 - min(depth, 4)
    assert engine.to_bytes(state) == before
    twin = engine.from_bytes(before)
    twin.steps, state.steps = 4, 4
    for _ in range(6):
        (one,), (two,) = (engine.step([each], [jump]) for each in (state, twin))
        np.testing.assert_array_equal(one.features, two.features)


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [None, 2, 5])
def test_a_latent_takes_the_steps_that_are_set_from_the_next_one_on(make_engine, steps, depth):
    engine, calls = make_engine(), []
    engine.model.denoiser.register_forward_pre_hook(lambda *_: calls.append(1))
    state, walk = engine.start(1), engine.encode("walk")
    for _ in range(8):
        engine.step([state], [walk])
    state.steps = steps
    if depth is not None:
        engine.interrupt(state, walk, depth)
    calls.clear()
    engine.step([state], [walk])
    assert len(calls) == steps * (1 + min(depth or 0, 4))
    calls.clear()
    engine.step([state], [walk])
    assert len(calls) == steps


def test_a_shorter_history_hides_what_lies_before_it_and_forgets_nothing(make_engine):
    engine = make_engine(context=12)
    state, walk = engine.start(2), engine.encode("walk")
    for _ in range(20):
        engine.step([state], [walk])
    state.history = 7
    changed = state.fork()
    # with 7 in sight, 2 to 3 final latents are: all that is older may be anything
    changed.latents.latents[: changed.latents.committed - changed.latents.first - 3] += 1.0
    (one,), (two,) = (engine.step([each], [walk]) for each in (state, changed))
    np.testing.assert_array_equal(one.features, two.features)
    for each in (state, changed):
        each.history = None
    (one,), (two,) = (engine.step([each], [walk]) for each in (state, changed))
    assert not np.array_equal(one.features, two.features)


@pytest.mark.parametrize("backend", [PlainBackend, EagerBackend, Masked])
def test_streams_of_all_settings_share_a_batch_and_none_touches_another(
    make_model, read_letters, backend
):
    engine = FloodEngine(make_model(context=12), read_letters, backend)
    plans = {
        1: ({}, {}),
        2: ({0: (None, 1), 9: (None, 4)}, {}),
        3: ({4: (6, 3), 15: (12, 2)}, {11: 5}),
        4: ({2: (8, None), 8: (8, 1)}, {8: 2}),
        5: ({6: (None, 3)}, {6: 3, 7: 1}),
    }
    alone = {s: run(engine, s, changes=c, interrupts=i) for s, (c, i) in plans.items()}
    states = {seed: engine.start(seed) for seed in plans}
    together = {seed: [] for seed in plans}
    for call, text in enumerate(SCRIPT):
        for seed, (changes, interrupts) in plans.items():
            if call in interrupts:
                engine.interrupt(states[seed], engine.encode("sit"), interrupts[call])
            if call in changes:
                states[seed].history, states[seed].steps = changes[call]
        chunks = engine.step(list(states.values()), [engine.encode(text)] * len(states))
        for seed, chunk in zip(states, chunks, strict=True):
            together[seed].append(chunk.features)
    for seed, features in alone.items():
        np.testing.assert_allclose(np.concatenate(together[seed]), features, atol=5e-5)


def test_changing_settings_records_nothing_anew(make_model, read_letters):
    engine = FloodEngine(make_model(context=12), read_letters, Masked)
    run(engine, changes={3: (None, 1), 6: (7, 4), 9: (12, 3), 12: (None, None)})
    assert isinstance(engine.backend, Masked)
    assert engine.backend.recorded == 1


@pytest.mark.parametrize("settings", [(None, None), (6, 1), (12, 4), (9, None)])
def test_forks_and_bytes_keep_them(make_engine, settings):
    engine = make_engine()
    state, walk = engine.start(1), engine.encode("walk")
    state.history, state.steps = settings
    for _ in range(9):
        engine.step([state], [walk])
    twins = [state.fork(), engine.from_bytes(engine.to_bytes(state))]
    (wanted,) = engine.step([state], [walk])
    for again in twins:
        assert (again.history, again.steps) == settings
        np.testing.assert_array_equal(engine.step([again], [walk])[0].features, wanted.features)


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("history", 5, "the history is 5 latents; this model's is 6 to 12"),
        ("history", 13, "the history is 13 latents; this model's is 6 to 12"),
        ("steps", 5, "5 steps per latent; valid are 1, 2, 3, 4"),
        ("steps", 0, "0 steps per latent"),
    ],
)
def test_what_the_model_cannot_have_is_refused_before_anything_changes(
    make_engine, name, wrong, message
):
    engine = make_engine()
    state, walk = engine.start(1), engine.encode("walk")
    engine.step([state], [walk])
    before = engine.to_bytes(state)
    setattr(state, name, wrong)
    with pytest.raises(ValueError, match=message):
        engine.step([state], [walk])
    setattr(state, name, None)
    assert engine.to_bytes(state) == before


@pytest.mark.parametrize(("place", "name"), [(120, "history"), (122, "steps")])
def test_forged_settings_with_a_fitting_checksum_are_refused(make_engine, place, name):
    engine = make_engine()
    content = bytearray(engine.to_bytes(engine.start(1)))
    content[26 + place] = 99  # after the header
    sealed = bytes(content[:-16]) + hashlib.blake2b(content[:-16], digest_size=16).digest()
    with pytest.raises(StateError, match=f"{name} 99"):
        engine.from_bytes(sealed)


def test_a_window_that_fills_the_context_leaves_no_choice_of_history(make_engine):
    assert list(make_engine(context=5).histories) == [5]
    assert list(make_engine(context=7).histories) == [6, 7]
    assert make_engine(num_steps=30).step_counts == (1, 2, 3, 4, 6)
