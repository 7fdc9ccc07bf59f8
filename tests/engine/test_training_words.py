"""The words of the training set: sides, moods and persons, and a vocabulary without gaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_engine.training.captions import MAX_WORDINGS, past, swap_sides, third_person, wordings
from flood_engine.training.vocabulary import KINDS
from flood_engine.training.window_words import _RULES, SOME_TURN


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
        ("hop up and down", "hops up and down"),
        ("shadow box", "shadow boxes"),
        ("slowly walk forward", "slowly walks forward"),
    ],
)
def test_imperatives_are_put_into_the_third_person(imperative, third):
    assert third_person(imperative) == third


@pytest.mark.parametrize(
    ("imperative", "before"),
    [
        ("jog and wave", "jogged and waved"),
        ("sit down", "sat down"),
        ("tiptoe", "tiptoed"),
        ("hurry forward", "hurried forward"),
        ("sidestep to the left", "sidestepped to the left"),
    ],
)
def test_imperatives_are_put_into_the_past(imperative, before):
    assert past(imperative) == before


def test_wordings_speak_in_every_mood_person_and_tense():
    texts = wordings("wave your hand")
    assert {
        "wave your hand",
        "Wave your hand!",
        "could you wave your hand?",
        "she waves her hand",
        "a person is waving their hand",
        "a man is waving his hand",
        "he waved his hand",
        "make the character wave their hand",
        "waving your hand",
    } <= set(texts)
    assert len(texts) == len(set(texts))
    there = wordings("turn left where you are standing")
    assert {"he turns left where he is standing", "turn left where you are standing"} <= set(there)
    assert not any(" you " in text for text in there if text.startswith(("he", "she", "a ")))


def test_synonyms_change_a_word_or_the_order_and_keep_the_meaning():
    assert {"walk forwards", "go forward", "stroll forward"} <= set(wordings("walk forward"))
    assert {"slowly walk", "walk at a slow pace"} <= set(wordings("walk slowly"))
    assert not any("stroll" in text for text in wordings("walk quickly"))
    assert not any("forwards" in text for text in wordings("do a forward roll"))


def test_what_is_said_never_starts_to_stop_or_is_keeping_on():
    assert not any("start" in text for text in wordings("stay in place"))
    assert not any("keeping" in text for text in wordings("keep walking"))


def test_no_phrase_of_the_vocabulary_has_too_many_wordings():
    phrases = {phrase for kind in KINDS.values() for phrase in kind.phrases}
    assert max(len(wordings(phrase)) for phrase in phrases) <= MAX_WORDINGS
    assert min(len(wordings(phrase)) for phrase in phrases) >= 30


def test_every_kind_that_is_named_exists_and_sides_come_in_pairs():
    assert {kind for _, _, kind in _RULES} - {SOME_TURN} <= set(KINDS)
    assert {kind.holds_with for kind in KINDS.values()} - {""} <= set(KINDS)
    for name, kind in KINDS.items():
        if name.endswith("_left"):
            other = KINDS[name.removesuffix("_left") + "_right"]
            mirrored = [swap_sides(text) for text in other.texts()]
            if name == "turn_around_left":  # has the words that name no side to itself
                assert set(mirrored) < set(kind.texts())
                continue
            assert other.weight == kind.weight
            assert mirrored == kind.texts()
