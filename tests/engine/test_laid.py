"""Words of running batches are laid out once, and forgotten when nobody asks for them any more."""

import gc
import sys

import pytest
import torch

from flood_engine.backends.eager import EagerBackend
from flood_engine.engine import FloodEngine
from flood_engine.fast.batches import BatchedDecoder, BatchedField
from flood_engine.fast.laid import STEPS_REMEMBERED, LaidWords, Recent, pad_words
from flood_engine.fast.static import StaticDecoder, StaticDenoiser


@pytest.fixture
def texts(make_engine):
    engine = make_engine()
    return [engine.encode(f"walk {number}") for number in range(60)]


def test_remembered_words_are_those_laid_out_anew(texts):
    laid = LaidWords(torch.float32)
    for bound in ([texts[:3]], [texts[:2] + texts[:1]], [[texts[1]] * 3], [texts[:3], texts[3:6]]):
        for _ in range(2):
            for made, wanted in zip(laid.of(bound), pad_words(bound, torch.float32), strict=True):
                torch.testing.assert_close(made, wanted, rtol=0, atol=0)


def test_while_a_prompt_moves_through_the_window_only_the_mask_is_made_anew(texts):
    laid, (old, new) = LaidWords(torch.float32), texts[:2]
    keys, values, mask = laid.of([[old, old, old, new]])
    again = laid.of([[old, old, new, new]])
    assert again[0] is keys
    assert again[1] is values
    assert not torch.equal(again[2], mask)
    assert laid.of([[new, old, old, old]])[0] is not keys  # laid out in another order


def test_what_no_step_asked_for_lately_is_dropped_and_what_all_ask_for_is_kept(texts):
    laid = LaidWords(torch.float32)
    kept = laid.of([[texts[0]] * 4])[0]
    for step in range(4 * STEPS_REMEMBERED):
        laid.next_step()
        assert laid.of([[texts[0]] * 4])[0] is kept
        laid.of([[texts[step % 59 + 1], texts[(step // 59 + step) % 59 + 1]]])
        assert len(laid._words) <= STEPS_REMEMBERED + 3
        assert len(laid._masks) <= STEPS_REMEMBERED + 3


class Batched:
    """The fixed shapes that compilers are given, not compiled."""

    name, precision = "batched", "float32"

    def __init__(self, model, null_prompt):
        eager = EagerBackend(model, null_prompt)
        self.velocity = BatchedField(eager.velocity)
        self.velocity.steps = {1: StaticDenoiser(model.denoiser, model.config.stream, null_prompt)}
        self.decode = BatchedDecoder(eager.decode, eager.decode.memory_size)
        self.decode.steps = {1: StaticDecoder(model.vae)}
        self.prepare, self.warm_up = eager.prepare, eager.warm_up


@pytest.mark.parametrize("backend", [EagerBackend, Batched])
def test_a_stream_whose_prompts_change_for_ever_keeps_no_more_memory(
    make_model, read_letters, backend
):
    engine = FloodEngine(make_model(context=8), read_letters, backend)
    state = engine.start()

    def run(latents):
        for number in range(latents):
            text = f"step {number // 3 % 70}"  # more texts than are remembered
            engine.step([state], [engine.encode(text)])
        gc.collect()
        return sys.getallocatedblocks()

    before = run(220)
    assert run(220) - before < 220  # not even one small object for each latent


def test_what_is_kept_is_bounded_in_bytes_whatever_the_sizes(monkeypatch):
    monkeypatch.setattr("flood_engine.fast.laid._MOST_BYTES", 1000)
    kept: Recent[int] = Recent()
    for key, size in enumerate((900, 10, 80, 10, 500, 400, 2000, 30)):
        kept.get(key, lambda size=size: (torch.zeros(size, dtype=torch.uint8),))
        alive = sum(made[0].nbytes for _, made in kept._known.values())
        assert kept.held_bytes == alive
        assert alive <= 1000 or len(kept) == 1
