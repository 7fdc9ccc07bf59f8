"""English verbs of imperative phrases: "walk and wave" as walks, walking, walked and waved.

Only the first verb of a phrase and the verbs after " and " are changed; an adverb that stands
first ("slowly walk") stays where it is.  The tables hold the verbs of motion that have no rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_ING = {
    "be": "being", "lie": "lying", "die": "dying", "sit": "sitting", "run": "running",
    "jog": "jogging", "hop": "hopping", "spin": "spinning", "step": "stepping", "get": "getting",
    "stop": "stopping", "swim": "swimming", "squat": "squatting", "hit": "hitting",
    "jab": "jabbing", "chop": "chopping", "flip": "flipping", "skip": "skipping",
    "sprint": "sprinting", "box": "boxing", "chat": "chatting", "trot": "trotting",
    "pat": "patting", "drop": "dropping", "cut": "cutting", "put": "putting", "slip": "slipping",
    "bob": "bobbing", "dab": "dabbing", "shrug": "shrugging", "tiptoe": "tiptoeing",
    "sidestep": "sidestepping", "clap": "clapping", "nod": "nodding", "bat": "batting",
    "slap": "slapping", "tap": "tapping", "beg": "begging", "zip": "zipping", "hug": "hugging",
}  # fmt: skip
_PAST = {
    "be": "was", "bend": "bent", "do": "did", "drink": "drank", "fall": "fell", "fight": "fought",
    "get": "got", "go": "went", "have": "had", "hit": "hit", "hold": "held", "keep": "kept",
    "kneel": "knelt", "lie": "lay", "put": "put", "cut": "cut", "rise": "rose", "run": "ran",
    "say": "said", "shoot": "shot", "sit": "sat", "sleep": "slept", "spin": "spun",
    "stand": "stood", "swim": "swam", "swing": "swung", "take": "took", "throw": "threw",
    "catch": "caught", "give": "gave", "make": "made", "ride": "rode", "drive": "drove",
    "lead": "led", "eat": "ate", "read": "read", "write": "wrote", "come": "came", "bind": "bound",
    "shake": "shook", "sweep": "swept", "sing": "sang", "draw": "drew", "hang": "hung",
}  # fmt: skip
_COMPOUNDS = {"shadow"}
"""First halves of two-word verbs: "shadow box" becomes "shadow boxes"."""
_NO_VERB = {"down", "up", "back", "forth", "left", "right", "out", "in", "around", "low"}
"""Words after " and " that are no verb: "hop up and down"."""


def third_person(phrase: str) -> str:
    """Turn "walk forward" into "walks forward" (also after " and ")."""
    return _conjugate(phrase, _third)


def continuous(phrase: str) -> str:
    """Turn "walk forward" into "walking forward" (also after " and ")."""
    return _conjugate(phrase, _ing)


def past(phrase: str) -> str:
    """Turn "walk forward" into "walked forward" (also after " and ")."""
    return _conjugate(phrase, _past)


def first_verb(phrase: str) -> str:
    """Return the verb of the phrase's first part."""
    words = phrase.split(" ")
    return words[_verb_index(words)]


def _conjugate(phrase: str, form: Callable[[str], str]) -> str:
    first, *others = phrase.split(" and ")
    return " and ".join([_with_verb(first, form), *(_after_and(part, form) for part in others)])


def _after_and(part: str, form: Callable[[str], str]) -> str:
    return part if part.split(" ", maxsplit=1)[0] in _NO_VERB else _with_verb(part, form)


def _with_verb(part: str, form: Callable[[str], str]) -> str:
    words = part.split(" ")
    index = _verb_index(words)
    return " ".join([*words[:index], form(words[index]), *words[index + 1 :]])


def _verb_index(words: list[str]) -> int:
    """Return where the verb stands: behind "then", an adverb, or the first half of itself."""
    before = [word == "then" or word.endswith("ly") or word in _COMPOUNDS for word in words[:-1]]
    return before.index(False) if False in before else len(words) - 1


def _third(verb: str) -> str:
    if verb in ("have", "be"):
        return {"have": "has", "be": "is"}[verb]
    if re.search(r"(s|x|z|ch|sh|[^eo]o)$", verb):
        return verb + "es"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + "s"


def _ing(verb: str) -> str:
    if verb in _ING:
        return _ING[verb]
    if verb.endswith("e") and not verb.endswith(("ee", "oe")):
        return verb[:-1] + "ing"
    return verb + "ing"


def _past(verb: str) -> str:
    if verb in _PAST:
        return _PAST[verb]
    if verb.endswith("e"):
        return verb + "d"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ied"
    return _ing(verb).removesuffix("ing") + "ed"
