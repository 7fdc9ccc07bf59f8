"""The words of the training set: sides, moods and persons, and a vocabulary without gaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_engine.training.captions import swap_sides, third_person, wordings
from flood_engine.training.vocabulary import KINDS
from flood_engine.training.window_words import _RULES


@given(words=st.lists(st.sampled_from(["turn", "left", "Right", "clockwise", "rights", "LEFT"])))
def test_swapping_sides_twice_gives_the_text_back(words):
    text = " ".join(words)
    assert swap_sides(swap_sides(text)) == text


def test_sides_are_swapped_and_right_angles_are_not():
    assert swap_sides("turn left, then clockwise") == "turn right, then counterclockwise"
    assert swap_sides("turns Right at right angles") == "turns Left at right angles"
    assert swap_sides("anti-clockwise") == "clockwise"


@pytest.mark.parametrize(
    ("imperative", "third"),
    [
        ("walk forward", "walks forward"),
        ("crouch down and stay low", "crouches down and stays low"),
        ("hurry forward", "hurries forward"),
        ("have a seat", "has a seat"),
    ],
)
def test_imperatives_are_put_into_the_third_person(imperative, third):
    assert third_person(imperative) == third


def test_wordings_speak_in_every_mood_and_person():
    texts = wordings("wave your hand")
    assert {"wave your hand", "she waves the hand", "a person is waving the hand"} <= set(texts)
    assert len(texts) == len(set(texts))


def test_every_kind_that_is_named_exists_and_sides_come_in_pairs():
    assert {kind for _, _, kind in _RULES} <= set(KINDS)
    assert {kind.holds_with for kind in KINDS.values()} - {""} <= set(KINDS)
    for name, kind in KINDS.items():
        if name.endswith("_left"):
            other = KINDS[name.removesuffix("_left") + "_right"]
            assert other.weight == kind.weight
            assert [swap_sides(text) for text in other.texts()] == kind.texts()
