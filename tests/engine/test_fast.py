"""What the fast forms remember is bounded, shared and correct."""

import gc

import numpy as np
import pytest
import torch

from flood_engine.backends.eager import EagerBackend
from flood_engine.engine import FloodEngine
from flood_engine.fast.field import FusedField
from flood_engine.fast.laid import pad_words
from flood_engine.fast.linear import Linear
from flood_engine.fast.modulation import PATTERNS, ModulationTable
from flood_engine.fast.words import _READINGS, Folder


@pytest.mark.parametrize("gelu", [False, True])
@pytest.mark.parametrize("rows", [1, 5, 60, 200])
def test_packed_weights_give_the_plain_product(rows, gelu):
    torch.manual_seed(0)
    plain, x = torch.nn.Linear(24, 40), torch.randn(rows, 24)
    packed = Linear(plain.weight, plain.bias, torch.float32, gelu)
    expected = plain(x)
    if gelu:
        expected = torch.nn.functional.gelu(expected, approximate="tanh")
    torch.testing.assert_close(packed(x), expected)


def test_the_modulation_table_holds_what_the_embedding_says(make_model):
    model = make_model()
    schedule = model.config.stream.schedule
    table = ModulationTable(model.denoiser, schedule)
    levels = np.arange(schedule.scale + 1)  # all that any number of steps leads to
    made = table.rows(levels)
    time = model.denoiser.time_embedding(
        model.denoiser.sinusoid(torch.from_numpy(levels / schedule.scale).float())
    )
    time6 = model.denoiser.time_projection(time).unflatten(-1, (6, -1))
    for block, rows in zip(model.denoiser.layers(), made.layers, strict=True):
        shift1, scale1, gate1, *_ = (block.modulation + time6).unbind(1)
        for given, wanted in zip(rows, (shift1, 1 + scale1, gate1), strict=False):
            torch.testing.assert_close(given[:, 0], wanted)


def _field_of(engine: FloodEngine) -> FusedField:
    field = engine.backend.velocity
    assert isinstance(field, FusedField)
    return field


def test_patterns_prompts_and_readings_are_remembered_and_bounded(make_model, read_letters):
    engine = FloodEngine(make_model(context=8), read_letters, EagerBackend)
    state, field = engine.start(), _field_of(engine)
    for call in range(90):
        if call % 7 == 3:
            engine.interrupt(state, engine.encode(f"text {call}"), call % 6)
        engine.step([state], [engine.encode(f"text {call}")])
    assert len(field.denoiser.table._known) <= PATTERNS
    assert len(field._readings._known) == _READINGS


def test_a_folded_prompt_goes_with_its_prompt(make_model, read_letters):
    model = make_model()
    engine = FloodEngine(model, read_letters, EagerBackend)
    folder = Folder(model.denoiser, torch.float32)
    prompt = engine._prompts._read("walk")
    assert folder(prompt) is folder(prompt)
    del prompt
    gc.collect()
    assert len(folder._known) == 0


def test_a_running_stream_asks_for_the_same_words_again_and_again(make_model, read_letters):
    engine = FloodEngine(make_model(context=8), read_letters, EagerBackend)
    state, prompt = engine.start(), engine.encode("walk")
    for _ in range(20):
        engine.step([state], [prompt])
    before = list(_field_of(engine)._readings._known)
    for _ in range(5):
        engine.step([state], [prompt])
    assert list(_field_of(engine)._readings._known) == before


def test_padded_words_hide_other_latents_texts_and_the_padding(make_engine):
    engine = make_engine()
    walk, sit = engine.encode("walk"), engine.encode("sit")
    keys, _, hidden = pad_words([[walk, walk, sit]], torch.float32)
    visible = (hidden[0, 0] == 0).numpy()
    tokens = walk.keys.shape[2], sit.keys.shape[2]
    wanted = np.zeros_like(visible)
    wanted[:2, : tokens[0]] = True
    wanted[2, tokens[0] : sum(tokens)] = True
    np.testing.assert_array_equal(visible, wanted)
    torch.testing.assert_close(keys[:, 0, :, : tokens[0]], walk.keys)
    assert not keys[:, 0, :, sum(tokens) :].any()


def test_one_text_is_one_prompt(make_engine):
    engine = make_engine()
    assert engine.encode("walk") is engine.encode("walk")
    for number in range(200):
        engine.encode(str(number))
    assert len(engine._prompts._known) == 64
