"""A state goes to bytes and back, and the motion goes on as if nothing had happened."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_engine.engine import FloodEngine
from flood_engine.errors import StateError
from flood_engine.flood.config import TextConfig
from flood_engine.noise import GivenNoise, SeededNoise


def advance(engine, state, texts):
    made = [engine.step([state], [engine.encode(text)])[0] for text in texts]
    return np.concatenate([chunk.joints for chunk in made])


SCRIPT = ["walk"] * 7 + ["jump"] * 9


@pytest.mark.parametrize("calls", [0, 1, 4, 15])
def test_from_bytes_the_motion_goes_on_bit_for_bit(make_engine, calls):
    engine, elsewhere = make_engine(), make_engine()
    state = engine.start(5)
    if calls:
        advance(engine, state, SCRIPT[:calls])
    content = engine.to_bytes(state)
    expected = advance(engine, state, SCRIPT)
    np.testing.assert_array_equal(
        advance(elsewhere, elsewhere.from_bytes(content), SCRIPT), expected
    )


@pytest.mark.parametrize("depth", [0, 2, 5])
def test_an_interrupt_survives_bytes(make_engine, depth):
    engine = make_engine()
    state = engine.start(5)
    advance(engine, state, SCRIPT[:9])
    engine.interrupt(state, engine.encode("sit"), depth)
    again = engine.from_bytes(engine.to_bytes(state))
    np.testing.assert_array_equal(
        advance(engine, again, ["sit"] * 6), advance(engine, state, ["sit"] * 6)
    )


def test_a_fork_and_its_origin_do_not_touch_each_other(make_engine):
    engine = make_engine()
    state = engine.start(2)
    advance(engine, state, SCRIPT[:6])
    untouched = engine.to_bytes(state)
    fork = state.fork()
    engine.interrupt(fork, engine.encode("jump"), 4)
    advance(engine, fork, ["jump"] * 20)
    assert engine.to_bytes(state) == untouched
    twin = state.fork()
    np.testing.assert_array_equal(advance(engine, state, SCRIPT), advance(engine, twin, SCRIPT))


def test_going_on_from_an_older_fork_forgets_what_came_after(make_engine):
    engine = make_engine()
    state, forks = engine.start(2), []
    for _ in range(12):
        forks.append(state.fork())
        advance(engine, state, ["walk"])
    first = advance(engine, forks[8].fork(), ["jump"] * 5)
    np.testing.assert_array_equal(first, advance(engine, forks[8], ["jump"] * 5))


def written(engine, calls=8):
    state = engine.start(1)
    advance(engine, state, ["walk"] * calls)
    return engine.to_bytes(state)


def sealed(content: bytes) -> bytes:
    """Give damaged content a checksum that fits."""
    return content[:-16] + hashlib.blake2b(content[:-16], digest_size=16).digest()


def test_any_flipped_byte_is_noticed(make_engine):
    engine = make_engine()
    content = written(engine)
    for place in range(0, len(content), 97):
        damaged = bytearray(content)
        damaged[place] ^= 0x40
        with pytest.raises(StateError):
            engine.from_bytes(bytes(damaged))


def test_any_cut_is_noticed(make_engine):
    engine = make_engine()
    content = written(engine)
    for size in [0, 3, 20, 41, 100, len(content) // 2, len(content) - 1]:
        with pytest.raises(StateError):
            engine.from_bytes(content[:size])
    with pytest.raises(StateError, match="bytes"):
        engine.from_bytes(sealed(content[:400] + bytes(16)))


def test_forged_counters_with_a_fitting_checksum_are_refused(make_engine):
    engine = make_engine()
    content = written(engine)
    body = 26  # after the header
    for name, place in (
        ("first", 0),
        ("prompts", 8),
        ("clock", 16),
        ("settled", 24),
        ("frames", 32),
    ):
        forged = bytearray(content)
        forged[body + place : body + place + 8] = (999).to_bytes(8, "little")
        with pytest.raises(StateError, match=name):
            engine.from_bytes(sealed(bytes(forged)))


def test_numbers_that_are_not_finite_are_refused(make_engine):
    engine = make_engine()
    content = bytearray(written(engine))
    content[-24:-20] = np.float32("nan").tobytes()
    with pytest.raises(StateError, match="not finite"):
        engine.from_bytes(sealed(bytes(content)))


def test_another_model_and_another_version_are_named(make_engine):
    engine, other = make_engine(), make_engine(seed=1)
    content = written(engine)
    with pytest.raises(StateError, match="another model"):
        other.from_bytes(content)
    later = content[:4] + b"\x04\x00" + content[6:]
    with pytest.raises(StateError, match="version 4; this engine reads 3"):
        engine.from_bytes(sealed(later))
    earlier = content[:4] + b"\x02\x00" + content[6:]
    with pytest.raises(StateError, match="version 2; this engine reads 3"):
        engine.from_bytes(sealed(earlier))
    with pytest.raises(StateError, match="no stream state"):
        engine.from_bytes(sealed(b"PICK" + content[4:]))


def test_a_state_belongs_to_the_model_and_not_to_the_path_of_its_text_encoder(
    make_model, read_letters
):
    model = make_model()

    def at(text):
        return FloodEngine(replace(model, config=replace(model.config, text=text)), read_letters)

    content = written(at(TextConfig("umt5", "models/tiny/text_encoder", 128)))
    elsewhere = at(TextConfig("umt5", "/home/x/models/tiny/text_encoder", 128))
    assert elsewhere.to_bytes(elsewhere.from_bytes(content)) == content
    with pytest.raises(StateError, match="another model"):
        at(TextConfig("umt5", "models/tiny/text_encoder", 64)).from_bytes(content)


def test_a_stream_keeps_nothing_of_the_others_it_was_decoded_with(make_engine):
    engine = make_engine()
    states, walk = [engine.start(seed) for seed in range(6)], engine.encode("walk")
    for _ in range(3):
        engine.step(states, [walk] * 6)
    for state in states:
        assert state.decoder.untyped_storage().nbytes() == state.decoder.nbytes


def test_noise_from_an_array_cannot_be_written(make_engine):
    engine = make_engine()
    state = engine.start(noise=GivenNoise(np.zeros((20, 4), np.float32)))
    with pytest.raises(StateError, match="seed"):
        engine.to_bytes(state)


@given(st.integers(0, 2**63), st.integers(0, 7))
def test_a_generator_goes_on_from_its_words(seed, drawn):
    noise = SeededNoise(seed)
    for _ in range(drawn):
        noise.next_row(3)
    again = SeededNoise.from_words(noise.words())
    for size in (1, 2, 5):
        np.testing.assert_array_equal(again.next_row(size), noise.next_row(size))


@given(st.lists(st.integers(0, 2**64 - 1), min_size=6, max_size=6))
def test_words_make_a_generator_or_a_clear_error(words):
    try:
        noise = SeededNoise.from_words(tuple(words))
    except ValueError as error:
        assert "PCG64" in str(error)
    else:
        assert noise.words() == tuple(words)


def test_the_size_of_a_state_does_not_grow(make_engine):
    engine = make_engine(context=8)
    state = engine.start(0)
    sizes = []
    for _ in range(40):
        advance(engine, state, ["walk"])
        sizes.append(len(engine.to_bytes(state)))
    assert len(set(sizes[12:])) == 1
