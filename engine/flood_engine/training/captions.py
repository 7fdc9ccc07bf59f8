"""The words of the training set: mirrored captions and short everyday forms of one action.

Motion capture captions are template English; users type "walk", "wave your hand!", "she is
boxing".  :func:`wordings` spreads one imperative phrase over moods, persons and tenses.
"""

from __future__ import annotations

import re
from collections.abc import Callable

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

_IRREGULAR_ING = {
    "be": "being", "lie": "lying", "die": "dying", "sit": "sitting", "run": "running",
    "jog": "jogging", "hop": "hopping", "spin": "spinning", "step": "stepping", "get": "getting",
    "stop": "stopping", "swim": "swimming", "squat": "squatting", "hit": "hitting",
    "jab": "jabbing", "chop": "chopping", "flip": "flipping", "skip": "skipping",
    "sprint": "sprinting", "box": "boxing", "chat": "chatting", "trot": "trotting",
    "pat": "patting", "drop": "dropping", "cut": "cutting", "put": "putting", "slip": "slipping",
    "bob": "bobbing", "dab": "dabbing", "shrug": "shrugging", "tiptoe": "tiptoeing",
}  # fmt: skip
_SUBJECTS_THIRD = (
    "a person", "the person", "someone", "somebody", "he", "she", "a man", "a woman",
    "the character", "a figure", "the robot",
)  # fmt: skip
_SUBJECTS_ING = ("a person is", "someone is", "he is", "she is", "the character is", "a man is")


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


def third_person(phrase: str) -> str:
    """Turn "walk forward" into "walks forward" (also after " and ")."""
    return _conjugate(phrase, _third)


def continuous(phrase: str) -> str:
    """Turn "walk forward" into "walking forward" (also after " and ")."""
    return _conjugate(phrase, _ing)


def wordings(imperative: str) -> list[str]:
    """Return everyday wordings of one imperative phrase, without doubles.

    "your" becomes "the" in the third person, so that "wave your hand" stays English.
    """
    plain = imperative.replace("your ", "the ")
    third, ing = third_person(plain), continuous(plain)
    texts = [imperative, f"{imperative}!", f"{imperative}.", f"please {imperative}"]
    texts += [f"now {imperative}", f"start {ing}", ing]
    texts += [f"{subject} {third}" for subject in _SUBJECTS_THIRD]
    texts += [f"{subject} {ing}" for subject in _SUBJECTS_ING]
    return list(dict.fromkeys(texts))


def _conjugate(phrase: str, form: Callable[[str], str]) -> str:
    parts = phrase.split(" and ")
    joined = []
    for part in parts:
        verb, _, rest = part.partition(" ")
        joined.append(f"{form(verb)} {rest}".strip() if verb != "then" else part)
    return " and ".join(joined)


def _third(verb: str) -> str:
    if verb == "have":
        return "has"
    if re.search(r"(s|x|z|ch|sh|o)$", verb):
        return verb + "es"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + "s"


def _ing(verb: str) -> str:
    if verb in _IRREGULAR_ING:
        return _IRREGULAR_ING[verb]
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    return verb + "ing"
