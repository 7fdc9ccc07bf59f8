"""What rules on words read of a caption, whoever wrote it, and which wordings are standing.

Captions of different sources say the same of "a person", "the man", "she" or nobody, with a full
stop or without.  The rules of :mod:`window_words` are written for one plain form of all these.
"""

from __future__ import annotations

import re

_SUBJECT = re.compile(
    r"^(?:(?:he|she|they|it|you|someone|somebody)"
    r"|(?:(?:an?|the|this|one|another) (?:[\w-]+ )??)?"
    r"(?:person|man|woman|guy|lady|boy|girl|child|human|individual|figure|character|robot|actor"
    r"|actress|performer|dancer|subject|humanoid|avatar))\b(?!')"
)

_STAND = r"(?:stands?|standing|stood)"
_WAIT = r"(?:waits?|waited|waiting|idles?|idled|idling|halts?)"
_KEEP = r"(?:stays?|stayed|staying|remains?|remained|remaining|keeps?|kept|keeping|is|was|are)"
_STILL = (
    r"(?:(?:very |completely |perfectly |quite |totally )?"
    r"(?:still|motionless|unmoving|immobile|idle|upright|in place))"
)
_NOTHING = r"(?:(?:do(?:es)? |is |are )?not mov(?:e|ing)|do(?:es|ing)? nothing)"
_HOW = (
    _STILL,
    _NOTHING,
    r"there|here|alone|straight|tall|idly|quietly|calmly|patiently|relaxed|normally|naturally",
    r"in position|at rest|facing forwards?|on the (?:spot|floor|ground)|on (?:both|two) feet",
    r"in (?:one|a|the same|a single) (?:place|spot|position)",
    r"for (?:\w+ ){1,3}(?:while|time|bit|moments?|seconds?)",
    r"(?:and |while )(?:waits?|waiting|listens?|listening|" + _NOTHING + ")",
    r"without (?:any )?(?:moving|movement|motion)",
    r"(?:with )?(?:(?:both|the|his|her|their|its) ){0,2}(?:arms|hands)"
    r"(?: (?:hanging|resting|relaxed|naturally|loosely|down"
    r"|(?:at|by|on) (?:(?:both|the|his|her|their|its) )?sides?))+",
    r"(?:with )?(?:(?:both|the|his|her|their|its) ){0,2}(?:feet|legs) "
    r"(?:together|apart|shoulder[- ]width(?: apart)?)",
)
"""What may be said of standing and leaves it standing."""
_TAIL = rf"(?:,? (?:{'|'.join(_HOW)}))*$"
_STANDS = re.compile(
    r"^(?:a person )?(?:(?:is|was|are|just|simply) )*"
    rf"(?:{_STAND}|{_WAIT}|{_NOTHING}|{_KEEP} (?:{_STAND}|{_STILL})){_TAIL}"
    rf"|(?<!while )\b{_STAND} still{_TAIL}"
    r"|^(?:a person )?(?:is )?"
    r"(?:stop(?:s|ped|ping)?|(?:comes?|came|coming) to a (?:stop|halt|standstill))\b"
    r"|on top of a box"
)


def plain(sentence: str) -> str:
    """Return a sentence as the rules read it: lower case, no last stop, said of "a person".

    A sentence that names nobody ("stand still") stays without.
    """
    words = " ".join(sentence.lower().split()).rstrip(" .!?,;:")
    return _SUBJECT.sub("a person", words, count=1)


def stands(sentence: str) -> bool:
    """Tell whether a plain sentence says that a body stands on both feet and does no more.

    Whatever else is said ("on one leg", "with raised arms", "and looks around") makes it another
    way of standing; what is not understood counts as said.
    """
    return _STANDS.search(sentence) is not None
