"""What is newly asked for is guided harder, for as many latents as the model says and no more."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from flood_engine.backends.eager import EagerBackend
from flood_engine.backends.plain import PlainBackend
from flood_engine.engine import FloodEngine
from flood_engine.errors import CheckpointError
from flood_engine.flood.config import StreamConfig
from flood_engine.guidance import Guided, newly_bound
from flood_engine.stream import Prompt, Sight

EMPHASIS = {"emphasis": 1.5, "emphasis_latents": 3}
SCRIPT = ["walk"] * 6 + ["jump"] * 8


def prompt(text: str) -> Prompt:
    return Prompt(text, torch.empty(0), torch.empty(0))


def run(engine, texts, state=None, seed=3):
    state = engine.start(seed) if state is None else state
    made = [engine.step([state], [engine.encode(text)])[0].features for text in texts]
    return np.concatenate(made)


@given(st.text("ab", min_size=1, max_size=12), st.integers(1, 5), st.data())
def test_a_latent_is_new_until_so_many_have_followed_a_change(letters, latents, data):
    count = data.draw(st.integers(1, len(letters) + 3))  # machinery of fixed sizes gives more
    expected = [False] * (count - len(letters))
    for place in range(max(0, len(letters) - count), len(letters)):
        same = len(letters[: place + 1]) - len(letters[: place + 1].rstrip(letters[place]))
        expected.append(same <= latents and same <= place)
    assert newly_bound([prompt(each) for each in letters], count, latents) == expected


def test_the_scale_is_emphasised_where_the_text_is_new_and_its_own_elsewhere():
    branches = torch.stack((torch.ones(2, 4, 1), torch.zeros(2, 4, 1)), 1)
    guided = Guided(
        lambda sight: branches[: len(sight.latents)],
        StreamConfig(guidance=2.0, **EMPHASIS),
        prompt(""),
    )
    rows = [[prompt(each) for each in row] for row in ("aaabbbbb", "aaaaaaaa")]
    sight = Sight(torch.zeros(2, 8, 1), np.zeros((2, 8), np.int64), rows, [None, 4.0])
    assert guided(sight)[..., 0].tolist() == [[3.0, 3.0, 2.0, 2.0], [4.0, 4.0, 4.0, 4.0]]


@pytest.mark.parametrize("backend", [PlainBackend, EagerBackend])
def test_a_change_is_made_otherwise_and_what_comes_before_it_is_not(
    make_model, read_letters, backend
):
    usual = run(FloodEngine(make_model(), read_letters, backend), SCRIPT)
    made = run(FloodEngine(make_model(**EMPHASIS), read_letters, backend), SCRIPT)
    change = np.abs(made - usual).max(axis=1).nonzero()[0][0]
    assert change >= 4 * 6 - 3  # the latent that is made when the first "jump" enters the window
    assert np.abs(made - usual).max() > 1e-2


def test_the_same_text_again_changes_no_bit(make_model, read_letters):
    model = make_model(**EMPHASIS)
    engine, other = (FloodEngine(model, read_letters) for _ in range(2))
    state = engine.start(3)
    usual = run(engine, ["walk"] * 10)
    first = run(engine, ["walk"] * 5, state)
    again = other.from_bytes(engine.to_bytes(state))  # another prompt object, the same text
    np.testing.assert_array_equal(np.concatenate((first, run(other, ["walk"] * 5, again))), usual)


@pytest.mark.parametrize("cut", range(6, 12))
def test_a_state_saved_in_the_midst_of_a_change_goes_on_bit_for_bit(make_engine, cut):
    engine = make_engine(**EMPHASIS)
    state, whole = engine.start(3), run(engine, SCRIPT)
    first = run(engine, SCRIPT[:cut], state)
    state = engine.from_bytes(engine.to_bytes(state))
    np.testing.assert_array_equal(np.concatenate((first, run(engine, SCRIPT[cut:], state))), whole)


def test_a_neighbours_change_changes_no_bit(make_engine):
    engine = make_engine(**EMPHASIS)

    def beside(texts):
        states = [engine.start(1), engine.start(2)]
        walk = engine.encode("walk")
        chunks = [engine.step(states, [walk, engine.encode(text)])[0] for text in texts]
        return np.concatenate([chunk.features for chunk in chunks])

    np.testing.assert_array_equal(beside(SCRIPT), beside(["walk"] * len(SCRIPT)))


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        ({"emphasis": -0.5}, "emphasis is -0.5; valid are numbers from 0 to 4"),
        ({"emphasis": float("nan")}, "emphasis is nan"),
        ({"emphasis": 2.0, "emphasis_latents": 0}, "emphasis_latents is 0"),
        ({"emphasis": 2.0, "guidance": 1.0}, "guidance of 1"),
    ],
)
def test_an_emphasis_that_is_none_is_refused(stream, reason):
    with pytest.raises(CheckpointError, match=reason):
        StreamConfig(**stream)
