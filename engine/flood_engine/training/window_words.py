"""Which kind of motion the words of a caption name: its action class and its first sentence.

The rules were written for the captions of the bundled model's data; they read the plain form of a
sentence (:mod:`caption_words`), so that other subjects and a full stop make no difference.  Where
words leave it open, the motion decides: how walks go, how far a turn goes, whether a seat is taken.
"""

from __future__ import annotations

import re

import numpy as np

from flood_engine.features import HEIGHT
from flood_engine.training.caption_words import plain, stands
from flood_engine.training.mocap import Caption, Clip
from flood_engine.training.vocabulary import KINDS

_SEATED_HIPS_M = 0.68
_UPRIGHT_HIPS_M = 0.8
_ON_FEET = re.compile(r"\bst(and|ood|op)|halt")

SEQUENCE_WORDS = re.compile(r"\bthen\b|start(s|ing)? from|and stop|com(e|es|ing) to a stop")
"""Words of captions that tell a sequence and fit no cut piece of it."""
LOCOMOTION = {"walk_forward", "run_forward", "jog"}
"""Kinds that the kinematics refine further."""
SOME_TURN = "turn"
"""No kind of its own: a turn whose words name no side, or both; the kinematics name it."""
_RULES: tuple[tuple[str, str, str], ...] = (
    # action, pattern in the first sentence, kind; first match wins, "" matches every action
    (
        "walk",
        r"\bthen (turns|stops)|starts from|and (then )?stops|and turns|in a curve"
        r"|turns (back )?around|\bcircles?\b",
        "walk_forward",
    ),
    ("", r", then ", "sequence"),
    ("stand", r"crouches on top", "crouch"),
    ("stand", r"fighting stance|boxing stance", "fighting_stance"),
    ("stand", r"", "stand_other"),  # or "stand", if that is all that is said
    ("walk", r"crouch|sneak|stealth", "sneak"),
    ("walk", r"forward, backward|around", "walk_other"),
    ("walk", r"uneven|zombie|stiff|hunched|arms|terrain|carefully", "walk_styled"),
    ("walk", r"limp|stagger|stumbl|drunk|injur|balanc", "walk_styled"),
    ("walk", r"in place|on the spot", "walk_in_place"),
    ("walk", r"waves", "walk_styled"),
    ("walk", r"", "walk_forward"),
    ("run", r"in place|on the spot", "jog_in_place"),
    ("run", r"dives|over something", "run_jump"),
    ("run", r"walks and|stops|aiming|stretched back|diagonally", "run_other"),
    ("run", r"jog", "jog"),
    ("run", r"", "run_forward"),
    ("turn", r"in the air|in a dance", "spin"),
    ("turn", r"\bthen\b|left.*\bright|right.*\bleft", SOME_TURN),
    ("turn", r"around (to|on) (the|his|her|their|its) left", "turn_around_left"),
    ("turn", r"around (to|on) (the|his|her|their|its) right", "turn_around_right"),
    ("turn", r"left", "turn_left"),
    ("turn", r"\bright", "turn_right"),
    ("turn", r"", SOME_TURN),
    ("jump", r"lands from", "other"),
    ("jump", r"(degrees|turn\w*|spin\w*) (to )?((the|his|her|their|its) )?left", "jump_turn_left"),
    (
        "jump",
        r"(degrees|turn\w*|spin\w*) (to )?((the|his|her|their|its) )?right",
        "jump_turn_right",
    ),
    ("jump", r"twists|spins", "spin"),
    ("jump", r"^a person runs", "run_jump"),
    ("jump", r"hop|jump\w* up and down", "hop"),
    ("jump", r"forward", "jump_forward"),
    ("jump", r"", "jump"),
    ("sit", r"dangle", "climb_stay"),
    ("sit", r"drives|cross-legged", "other"),
    ("sit", r"\bs[ia]t\w* (back )?down|\b(takes?|taking|took) a seat", "sit_down"),
    ("sit", r"", "sit"),
    ("stand_up", r"bends over", "pick_up"),
    ("stand_up", r"lying|laying|ground|floor", "get_up"),
    ("stand_up", r"", "stand_up"),
    ("punch", r"kick", "punch_kick"),
    ("punch", r"stance|angry|pumps", "fighting_stance"),
    ("punch", r"left (hand|fist|arm|jab|hook|punch|uppercut)", "punch_left"),
    ("punch", r"right (hand|fist|arm|jab|hook|punch|uppercut|cross)", "punch_right"),
    ("punch", r"", "punch"),
    ("kick", r"punch", "punch_kick"),
    ("kick", r"left", "kick_left"),
    ("kick", r"right", "kick_right"),
    ("kick", r"", "kick"),
    ("wave", r"with (the|his|her|their|its) left (hand|arm)", "wave_left"),
    ("wave", r"with (the|his|her|their|its) right (hand|arm)", "wave_right"),
    ("wave", r"directs|refuse|walks", "gesture"),
    ("wave", r"", "wave"),
    ("gesture", r"talks|talking", "talk"),
    ("gesture", r"(arms|hands) (high |straight )?(up|over|above)\b", "raise_arms"),
    ("gesture", r"gun", "shoot"),
    ("gesture", r"", "gesture"),
    ("crouch", r"\br[ua]n.*\bduck", "duck_run"),
    ("crouch", r"squat\w* down$", "crouch_down"),
    ("crouch", r"squat", "squat"),
    ("crouch", r"^(a person )?(is )?(crouch|duck)\w* down", "crouch_down"),
    ("crouch", r"stands up again", "other"),
    ("crouch", r"sneak|walks", "sneak"),
    ("crouch", r"kneel|knelt", "kneel"),
    ("crouch", r"", "crouch"),
    ("climb", r"dangles|hangs|holds on|swings|stands on|stands at", "climb_stay"),
    ("climb", r"\bup\b.*\bdown\b|\bdown\b.*\bup\b", "climb_stay"),  # no words fit both ways
    ("climb", r"(\bdown\b|descend).*(\bsteps|stair)|stairs down", "stairs_down"),
    ("climb", r"\bsteps|stair", "stairs_up"),
    ("climb", r"climb\w* down|\bdown\b.*ladder|descend", "climb_down"),
    ("climb", r"climb\w* up|climb\w* (a|the) ladder|\bup\b.*ladder|ascend", "climb_up"),
    ("climb", r"walks slowly", "walk_other"),
    ("climb", r"", "climb_stay"),
    ("dance", r"break", "breakdance"),
    ("dance", r"arabesque|pirouette|jete|acrobatic", "dance"),
    ("dance", r"", "dance"),
    ("exercise", r"jacks", "jumping_jacks"),
    ("exercise", r"twists|toes|reaches up|stretch", "stretch"),
    ("exercise", r"victory", "celebrate"),
    ("exercise", r"arms high", "raise_arms"),
    ("exercise", r"(rais|lift)\w* (the |his |her |their |both )*knees", "walk_in_place"),
    ("exercise", r"", "exercise"),
)


def kind_of_caption(clip: Clip, caption: Caption) -> str:
    """Return the kind of a caption by its action class, its words and the height of the hips.

    :data:`SOME_TURN` says that only the motion can tell which turn it is.
    """
    first = plain(caption.texts[0])
    rules = (
        kind
        for action, pattern, kind in _RULES
        if action in ("", caption.action) and re.search(pattern, first)
    )
    kind = next(rules, caption.action if caption.action in KINDS else "other")
    hips = clip.features[caption.start : caption.stop, HEIGHT]
    if kind == "stand_other" and stands(first):
        # whoever "waits" may do so on a chair
        low = np.median(hips) < _SEATED_HIPS_M and not _ON_FEET.search(first)
        kind = "other" if low else "stand"
    return _with_side(clip, caption, _at_height(kind, hips))


def _at_height(kind: str, hips: np.ndarray) -> str:
    """Correct a kind by the (T,) heights of the hips, metres: words do not name the seat."""
    if kind == "sit":
        if hips[0] > _UPRIGHT_HIPS_M and hips.min() < _SEATED_HIPS_M:
            return "sit_down"
        return kind if np.median(hips) <= _SEATED_HIPS_M else "sit_high"
    if kind in ("sit_down", "stand_up"):
        return kind if hips.min() <= _SEATED_HIPS_M else "other"
    return kind


def _with_side(clip: Clip, caption: Caption, kind: str) -> str:
    """Name the waving hand where the caption does not: the raised, moving wrist."""
    if kind != "wave":
        return kind
    joints = clip.joints[caption.start : caption.stop]
    raised = [
        float(np.clip(joints[:, wrist, 1] - joints[:, elbow, 1], 0, None).mean())
        for wrist, elbow in ((20, 18), (21, 19))
    ]
    if max(raised) > 3 * min(raised) + 0.02:
        return "wave_left" if raised[0] > raised[1] else "wave_right"
    return kind
