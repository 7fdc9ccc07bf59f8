"""What is remembered of texts has a bound in bytes besides the one in number."""

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_engine.backends.eager import EagerBackend
from flood_engine.engine import FloodEngine
from flood_engine.fast import words
from flood_engine.fast.field import FusedField
from flood_engine.flood import text as texts_of
from flood_engine.flood.remembered import Remembered
from flood_engine.flood.text import EncodedTexts
from flood_engine.prompts import KnownPrompts


@given(st.lists(st.integers(0, 120), max_size=40), st.integers(1, 5), st.integers(0, 200))
def test_neither_bound_is_passed_and_the_last_stays(sizes, capacity, most):
    known = Remembered(int, lambda size: size, capacity, most)
    for size in sizes:
        assert known(str(size)) == size
        assert known.held_bytes == sum(known._known.values())
        assert len(known) <= capacity
        assert known.held_bytes <= most or len(known) == 1
        assert next(reversed(known._known)) == str(size)


def test_two_threads_that_ask_for_one_new_text_get_one_object():
    both = threading.Barrier(2)

    def make(text: str) -> list[str]:
        both.wait(10)
        return [text]

    known = Remembered(make, len, 4, 100)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(known, ["walk", "walk"])
    assert first is second
    assert known.held_bytes == 1


def folded_bytes(prompt) -> int:
    return (1 + prompt.keys.shape[1]) * (prompt.keys.nbytes + prompt.values.nbytes)


def test_long_prompts_are_forgotten_before_they_fill_the_memory(make_model, read_letters):
    denoiser = make_model().denoiser
    one = folded_bytes(KnownPrompts(read_letters, denoiser)("x" * 100))
    known = KnownPrompts(read_letters, denoiser, most_bytes=4 * one)
    alive = [weakref.ref(known("x" * 99 + chr(97 + number))) for number in range(12)]
    gc.collect()
    assert sum(prompt() is not None for prompt in alive) == 4
    assert known("short").text == "short"


def test_a_folded_prompt_takes_what_is_counted_for_it(make_model, read_letters):
    model = make_model()
    engine = FloodEngine(model, read_letters, EagerBackend)
    prompt = engine.encode("walk a little")
    folded = engine.backend.velocity.denoiser.folder(prompt)  # type: ignore[attr-defined]
    counted = folded_bytes(prompt) - prompt.keys.nbytes - prompt.values.nbytes
    assert folded.nbytes == counted


def test_features_of_texts_are_bounded_in_bytes(read_letters, monkeypatch):
    monkeypatch.setattr(texts_of, "_MOST_BYTES", 3 * read_letters("x" * 50).nbytes)
    known = EncodedTexts(read_letters)
    for number in range(9):
        known("x" * 49 + str(number))
    assert len(known._known) == 3


@pytest.mark.parametrize("kept", [1, 5])
def test_readings_keep_no_more_of_what_streams_have_left_behind(
    make_model, read_letters, monkeypatch, kept
):
    engine = FloodEngine(make_model(context=8), read_letters, EagerBackend)
    field = engine.backend.velocity
    assert isinstance(field, FusedField)
    one = field.denoiser.folder(engine.encode("00 walks")).nbytes
    monkeypatch.setattr(words, "_MOST_BYTES", kept * one)
    state, readings = engine.start(), field._readings
    for number in range(30):
        engine.step([state], [engine.encode(f"{number:02} walks")])
        assert readings.held_bytes <= kept * one or len(readings._known) == 1
    assert readings.held_bytes >= one
