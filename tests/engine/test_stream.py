"""Streams are independent, causal, reproducible, and bind prompts as FloodDiffusion does."""

import numpy as np
import pytest
import torch


def run(engine, seed, texts):
    """Commit one latent per text; return all features, (frames, 263)."""
    state = engine.start(seed)
    chunks = [engine.step([state], [engine.encode(text)])[0] for text in texts]
    return np.concatenate([chunk.features for chunk in chunks])


@pytest.fixture
def engine(make_engine):
    return make_engine()


def test_a_latent_is_one_frame_at_first_and_four_later(engine):
    state, prompt = engine.start(), engine.encode("walk")
    chunks = [engine.step([state], [prompt])[0] for _ in range(4)]
    assert [len(chunk.features) for chunk in chunks] == [1, 4, 4, 4]
    assert [chunk.first_frame for chunk in chunks] == [0, 1, 5, 9]
    assert [chunk.latent for chunk in chunks] == [0, 1, 2, 3]


def test_the_same_seed_and_texts_give_the_same_motion(engine):
    texts = ["walk"] * 10 + ["jump"] * 10
    np.testing.assert_array_equal(run(engine, 7, texts), run(engine, 7, texts))


def test_another_seed_gives_another_motion(engine):
    assert not np.allclose(run(engine, 1, ["walk"] * 4), run(engine, 2, ["walk"] * 4))


def test_a_later_prompt_never_changes_a_committed_frame(engine):
    kept = run(engine, 3, ["walk"] * 15)
    switched = run(engine, 3, ["walk"] * 10 + ["jump"] * 5)
    frames = 4 * 9 + 1
    np.testing.assert_array_equal(kept[:frames], switched[:frames])
    assert not np.allclose(kept[frames:], switched[frames:])


def test_a_prompt_owns_the_latent_that_enters_the_window_with_it(engine):
    state = engine.start()
    texts = ["walk"] * 8 + ["jump"] * 8
    owners = [engine.step([state], [engine.encode(text)])[0].text for text in texts]
    delay = engine.window_size - 1
    assert owners == ["walk"] * (8 + delay) + ["jump"] * (8 - delay)


@pytest.mark.parametrize("context", [5, 12, 30])
def test_a_stream_does_not_depend_on_its_neighbours(make_engine, context):
    engine = make_engine(context=context)
    scripts = {11: ["walk"] * 40, 12: ["sit down"] * 9 + ["run"] * 31, 13: [""] * 40}
    alone = {seed: run(engine, seed, texts) for seed, texts in scripts.items()}
    states = {11: engine.start(11)}
    together: dict[int, list[np.ndarray]] = {seed: [] for seed in scripts}
    for call in range(60):
        if call == 6:
            states[12] = engine.start(12)
        if call == 13:
            states[13] = engine.start(13)
        live = {s: st for s, st in states.items() if len(together[s]) < len(scripts[s])}
        prompts = [engine.encode(scripts[seed][len(together[seed])]) for seed in live]
        for seed, chunk in zip(live, engine.step(list(live.values()), prompts), strict=True):
            together[seed].append(chunk.features)
    for seed, features in alone.items():
        np.testing.assert_allclose(np.concatenate(together[seed]), features, atol=2e-5)


def test_what_a_stream_keeps_is_bounded(make_engine):
    engine = make_engine(context=8)
    state, prompt = engine.start(), engine.encode("walk")
    sizes = []
    for _ in range(60):
        engine.step([state], [prompt])
        latents = state.latents
        sizes.append((len(latents.latents), len(latents.prompts), state.decoder.numel()))
    assert sizes[20:] == [sizes[20]] * 40


def test_guidance_one_skips_the_empty_prompt(make_engine):
    engine = make_engine(guidance=1.0)
    rows = []
    engine.model.denoiser.register_forward_pre_hook(lambda _, inputs: rows.append(len(inputs[0])))
    run(engine, 0, ["walk"] * 3)
    assert set(rows) == {1}


def test_the_prompt_is_read_once_and_not_per_latent(engine):
    calls = []
    engine.model.denoiser.text_embedding.register_forward_hook(lambda *_: calls.append(1))
    prompt, state = engine.encode("walk"), engine.start()
    for _ in range(10):
        engine.step([state], [prompt])
    assert len(calls) == 1


def test_no_gradient_and_no_tensor_leaves_the_engine(engine):
    chunk = engine.step([engine.start()], [engine.encode("walk")])[0]
    for name in ("features", "joints", "velocities", "contacts", "heading_rad"):
        assert isinstance(getattr(chunk, name), np.ndarray)
    assert not torch.is_tensor(chunk.text)
