"""The words of the training set: mirrored captions and short everyday forms of one action.

Motion capture captions are template English; users type "walk", "wave your hand!", "could you
sit down?", "make him jump", "she is boxing".  :func:`wordings` spreads one imperative phrase over
moods, persons, tenses and a few synonyms.
"""

from __future__ import annotations

import re

from flood_engine.training.verbs import continuous, first_verb, past, third_person

__all__ = ["MAX_WORDINGS", "continuous", "past", "swap_sides", "third_person", "wordings"]

MAX_WORDINGS = 64
"""Upper bound of the wordings of one phrase."""

_SWAPS = {
    "left": "right",
    "clockwise": "counterclockwise",
    "left-handed": "right-handed",
}
_SWAPS |= {right: left for left, right in _SWAPS.items()}
_SIDE_WORD = re.compile(
    r"\b(anti-?clockwise|counter-?clockwise|clockwise|lefts?|rights?)\b(?! angles?\b)",
    re.IGNORECASE,
)
_COUNTERCLOCKWISE = re.compile(r"^(anti|counter)-?clockwise$")

_SUBJECTS_THIRD = (
    "a person", "the person", "someone", "somebody", "he", "she", "a man", "a woman",
    "the character", "a figure", "the robot",
)  # fmt: skip
_SUBJECTS_ING = ("a person", "someone", "he", "she", "the character", "a man")
_SUBJECTS_PAST = ("a person", "he", "she", "the character")
_NOUNS = ("a person", "someone", "a woman")
"""Whoever is named without a verb: "a person walking"."""
_PRONOUNS = {
    "he": "he is", "him": "he is", "man": "he is", "she": "she is", "her": "she is",
    "woman": "she is", "robot": "it is",
}  # fmt: skip
_CAUSED = ("make him", "make her", "make the character", "let the character", "have the person")
_POSSESSIVES = {
    "he": "his", "him": "his", "man": "his", "she": "her", "her": "her", "woman": "her",
    "robot": "its",
}  # fmt: skip
_NO_BEGINNING = {"keep", "stop", "stay", "wait", "stand", "idle", "freeze", "halt", "remain"}
"""Verbs nobody is asked to start with ("start staying"); "stand up" is another matter."""

_SYNONYMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"(?<!a )\bforward\b", "forwards"),
        (r"\bforwards\b", "forward"),
        (r"\bbackward\b", "backwards"),
        (r"\bbackwards\b", "backward"),
        (r"\bquickly\b", "fast"),
        (r"\bfast\b", "quickly"),
        (r"\bslowly$", "at a slow pace"),
        (r"\b(quickly|fast)$", "at a fast pace"),
        (r"\bon the spot\b", "in place"),
        (r"\bin place\b", "on the spot"),
        (r"\b(on the spot|in place)\b", "where you are standing"),
        (r"\b(on the spot|in place)\b", "without leaving the spot"),
        (r"\bstraight ahead$", "in a straight line"),
        (r"^walk (?=forward|backward|straight|in a ci|in a cu)", "go "),
        (r"^walk(?=$| forward$| forwards$| around$)", "stroll"),
        (r"^jump(?=$| (up|high|forward|ahead|into|and))", "leap"),
        (r"(?<=^punch with the )(left|right) hand$", r"\1 fist"),
        (r"(?<=^kick with the )(left|right) leg$", r"\1 foot"),
        (r"(?<=^wave )with the (left|right) hand$", r"with the \1 arm"),
        (r"\bwith the (left|right) (hand|leg)$", r"with your \1 \2"),
        (r"\b(to|in a curve to|in a circle to) the (?=left|right)", r"\1 your "),
        (r"\b(up|down) the stairs$", r"\1 the steps"),
        (r"^stand still$", "stand motionless"),
        (r"^(\w+) (slowly|quickly|briskly)\b", r"\2 \1"),
        (r"^(\w+) (slowly|quickly|briskly) (\w+)$", r"\1 \3 \2"),
    )
)
"""Patterns in a phrase and what else people say there; each alone makes one more phrase."""


def swap_sides(text: str) -> str:
    """Swap left with right and clockwise with counterclockwise, keeping upper case.

    "right angle" is no side and stays.
    """
    return _SIDE_WORD.sub(lambda match: _swapped_word(match.group(0)), text)


def _swapped_word(word: str) -> str:
    lower = word.lower()
    if _COUNTERCLOCKWISE.match(lower):
        other = "clockwise"
    elif lower.endswith("s"):
        other = _SWAPS[lower[:-1]] + "s"
    else:
        other = _SWAPS[lower]
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other


def wordings(imperative: str) -> list[str]:
    """Return everyday wordings of one imperative phrase, without doubles.

    The phrase comes in every mood, person and tense; its synonyms come as imperative, as a
    statement and as a noun phrase.  "your" follows the person: "she waves her hand".  There are
    at most :data:`MAX_WORDINGS`.
    """
    texts = [*_imperatives(imperative), *_statements(imperative), *_caused(imperative)]
    for other in _synonyms(imperative):
        texts += [other, _said_of("a person", third_person(other)), *_progressive(other)[:2]]
    return list(dict.fromkeys(texts))[:MAX_WORDINGS]


def _imperatives(phrase: str) -> list[str]:
    texts = [phrase, f"{phrase}!", f"{phrase}.", _sentence(phrase), f"{_capital(phrase)}!"]
    texts += [f"please {phrase}", f"{phrase}, please", f"Please {phrase}.", f"now {phrase}"]
    texts += [f"can you {phrase}?", f"could you {phrase}?", f"I want you to {phrase}"]
    return [*texts, *_beginnings(phrase)]


def _beginnings(phrase: str) -> list[str]:
    verb = first_verb(phrase)
    if verb in _NO_BEGINNING and not phrase.startswith("stand up"):
        return []
    start = _said_of("a person", f"starts {continuous(phrase)}")
    return [f"start {continuous(phrase)}", start, _said_of("he", f"begins to {phrase}")]


def _statements(phrase: str) -> list[str]:
    third, before = third_person(phrase), past(phrase)
    texts = [_said_of(subject, third) for subject in _SUBJECTS_THIRD]
    texts += [_sentence(_said_of(subject, third)) for subject in ("a person", "the man")]
    texts += [_said_of(subject, before) for subject in _SUBJECTS_PAST]
    return [*texts, *_progressive(phrase)]


def _progressive(phrase: str) -> list[str]:
    """Return "walking", "a person walking", "she is walking"; none for "keep walking"."""
    if first_verb(phrase) == "keep":
        return []
    ing = continuous(phrase)
    texts = [_said_of("", ing), *(_said_of(noun, ing) for noun in _NOUNS)]
    texts += [_said_of(subject, f"is {ing}") for subject in _SUBJECTS_ING]
    return [*texts, _sentence(_said_of("a person", f"is {ing}"))]


def _caused(phrase: str) -> list[str]:
    return [_said_of(cause, phrase) for cause in _CAUSED]


def _synonyms(phrase: str) -> list[str]:
    """Return the phrases that say the same by one other word or another word order."""
    others = (pattern.sub(words, phrase) for pattern, words in _SYNONYMS)
    return [other for other in dict.fromkeys(others) if other != phrase]


def _said_of(subject: str, words: str) -> str:
    """Put ``words`` behind the subject and make "your" and "you are" the subject's own."""
    last = subject.rpartition(" ")[2]
    if subject:
        words = re.sub(r"\byou are\b", _PRONOUNS.get(last, "they are"), words)
        words = re.sub(r"\byour\b", _POSSESSIVES.get(last, "their"), words)
    return f"{subject} {words}".strip()


def _sentence(text: str) -> str:
    return f"{_capital(text)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
