"""Which action a free sentence names, for data sets whose captions carry no action class.

The rule: the words of every action are looked for in the order of :data:`_WORDS`, and words once
taken are not read again ("stands up" is not "stand", "throws a punch" is not "throw").  Standing
and turning count only where nothing else is named.  One action left is the answer, several are a
"sequence", none is "other".  Of several sentences about one stretch the majority decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

SEQUENCE = "sequence"
OTHER = "other"

_THROWN = r"(?: \w+){0,2} (?:punch|jab|hook|uppercut|cross)\w*"
_WHOSE = r"(?: (?:up|both|of|his|her|their|its|the|an?|one|left|right)){0,4}"
_LIMBS = rf"{_WHOSE} (?:arm|hand|elbow|shoulder|leg|knee|foot|feet|heel|head)s?\b"
_STEPS = r"(?: \w+){0,2} (?:stairs?|steps|staircase|stairway|ladder)"
_WORDS: tuple[tuple[str, str], ...] = (
    (
        "stand_up",
        r"(?:stand|get|got|stood|rise|rising|rose)\w*(?: back)? up|ris(?:es?|ing) from"
        r"|(?:ris|get|got|rose)\w* to (?:the|his|her|their) feet",
    ),
    (
        "pick_up",
        rf"(?:pick|lift)\w*(?!{_LIMBS})(?: \w+){{0,3}} up|(?:pick|lift)\w* something",
    ),
    ("cartwheel", r"cart-?\s?wheel\w*"),
    ("flip", r"somersault\w*|(?:back|front)-?\s?flip\w*|flip(?:s|ped|ping)?"),
    ("basketball", r"basketball|dribbl\w+"),
    ("sword", r"sword\w*|fenc(?:es|ing)"),
    ("shoot", r"(?:shoot|aim)(?:s|ing)?|(?:gun|rifle|pistol)s?"),
    ("martial", r"karate|kung-?\s?fu|martial arts?|taekwondo|tai chi|kata"),
    (
        "dance",
        r"\w*danc\w+|mov\w+ to (?:the )?music|groov\w+|waltz\w*|salsa|cha-?\s?cha\w*|ballet"
        r"|pirouett\w+|jig",
    ),
    (
        "exercise",
        r"jumping jacks?|(?:push|sit|chin)[- ]?ups|(?:push|sit|chin)-up|exercis\w+|stretch\w*"
        r"|lunges?|work(?:s|ing)? out|warm(?:s|ing)? up",
    ),
    (
        "climb",
        rf"(?:climb|clamber|ascend|descend)\w*|(?:walk|go|run|step)\w* (?:up|down){_STEPS}"
        r"|ladder|(?:the|some) (?:stairs|steps)",
    ),
    (
        "punch",
        rf"(?:throw|land)\w*{_THROWN}|(?:punch|jab|uppercut)\w*|(?<!\ba )(?<!\bthe )box(?:es|ing)?"
        r"|(?:hit|strik)\w*(?: \w+){0,3} (?:hand|fist)s?",
    ),
    ("kick", r"kick\w*"),
    ("wave", r"wav(?:es?|ed|ing)"),
    ("sit", r"(?:sit|sat)(?:s|ting)?(?: down)?|seated|(?:takes?|taking|has|have) a seat"),
    ("crouch", r"(?:crouch|squat|duck|kneel)\w*|knelt"),
    ("crawl", r"crawl\w*"),
    ("swim", r"(?:sw[ia]m)(?:s|ming)?"),
    ("laugh", r"(?:laugh|giggl)\w*"),
    ("drink", r"(?:drink|dr[au]nk)\w*"),
    ("wash", r"(?:wash|scrub)\w*|wip(?:es?|ed|ing)|clean(?:s|ed|ing)?"),
    ("bow", r"bow(?:s|ed|ing)?"),
    ("throw", r"(?:throw|thr[eo]w|toss)\w*"),
    ("push", r"(?:push|shov)\w*"),
    ("lie", r"(?:lie|lay)s?(?: down)?|lying|laying|laid"),
    ("fall", r"(?:fall|collaps)\w*|fell|trip(?:s|ped|ping)?"),
    ("roll", r"roll(?:s|ed|ing)?"),
    ("hit", r"flinch\w*|(?:is|gets?|got) hit"),
    ("jump", r"(?:jump|leap)\w*|leapt|hop(?:s|ped|ping)?"),
    ("run", r"run(?:s|ning)?|ran|(?:jog|sprint|dash)\w*|rac(?:es|ing)"),
    (
        "walk",
        r"(?:walk|stroll|march|wander|strut|sneak|tiptoe|limp|stagger|ambl|strid)\w*"
        r"|pac(?:es|ed|ing)|step(?:s|ped|ping)?|sidestep\w*",
    ),
    (
        "gesture",
        r"(?:gestur|signal|point|clap)\w*"
        rf"|rais(?:es?|ed|ing)(?: \w+){{0,3}} (?:arm|hand)s?|lift\w*{_WHOSE} (?:arm|hand)s?",
    ),
    ("turn", r"(?:turn|rotat|pivot|twirl)\w*|spin(?:s|ning)?|spun"),
    (
        "stand",
        r"stand(?:s|ing)?|stood|still|idl(?:e|es|ing)|wait\w*|stay\w*|motionless|not mov(?:e|ing)"
        r"|do(?:es|ing)? nothing|stop(?:s|ped|ping)?|halts?|standstill",
    ),
)
_PATTERNS = tuple((action, re.compile(rf"\b(?:{words})\b")) for action, words in _WORDS)
_WEAK = ("stand", "turn")

ACTIONS = frozenset({action for action, _ in _WORDS} | {SEQUENCE, OTHER})
"""Every action class that a caption may carry."""


def action_of(sentence: str) -> str:
    """Return the action class that ``sentence`` names by the rule above."""
    named, rest = [], sentence.lower()
    for action, pattern in _PATTERNS:
        rest, count = pattern.subn("#", rest)
        if count:
            named.append(action)
    for weak in _WEAK:
        if weak in named and len(named) > 1:
            named.remove(weak)
    if len(named) > 1:
        return SEQUENCE
    return named[0] if named else OTHER


def agreed_action(sentences: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the action that most sentences name, and them with those that name it first.

    Of equally frequent actions that of the earlier sentence wins.
    """
    actions = [action_of(sentence) for sentence in sentences]
    counts = Counter(actions)
    best = max(actions, key=lambda action: (counts[action], -actions.index(action)))
    pairs = sorted(zip(actions, sentences, strict=True), key=lambda pair: pair[0] != best)
    return best, tuple(sentence for _, sentence in pairs)
