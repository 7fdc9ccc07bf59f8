"""Which kind of motion the words of a caption name: its action class and its first sentence."""

from __future__ import annotations

import re

import numpy as np

from flood_engine.features import HEIGHT
from flood_engine.training.mocap import Caption, Clip
from flood_engine.training.vocabulary import KINDS

_SEATED_HIPS_M = 0.68

SEQUENCE_WORDS = re.compile(r"\bthen\b|start(s|ing)? from|and stop|come to a stop")
"""Words of captions that tell a sequence and fit no cut piece of it."""
LOCOMOTION = {"walk_forward", "run_forward", "jog"}
"""Kinds that the kinematics refine further."""
_RULES: tuple[tuple[str, str, str], ...] = (
    # action, pattern in the first sentence, kind; first match wins, "" matches every action
    (
        "walk",
        r", then (turns|stops)|starts from|and (then )?stops|and turns|in a curve",
        "walk_forward",
    ),
    ("", r", then ", "sequence"),
    ("stand", r"crouches on top", "crouch"),
    ("stand", r"fighting stance|boxing stance", "fighting_stance"),
    ("stand", r"stands still$|^a person stops|on top of a box|stands still and listens", "stand"),
    ("stand", r"", "stand_other"),
    ("walk", r"crouch|sneak|stealth", "sneak"),
    ("walk", r"forward, backward|around", "walk_other"),
    ("walk", r"uneven|zombie|stiff|hunched|arms|terrain|carefully", "walk_styled"),
    ("walk", r"in place", "walk_in_place"),
    ("walk", r"waves", "walk_styled"),
    ("walk", r"", "walk_forward"),
    ("run", r"in place", "jog_in_place"),
    ("run", r"dives|over something", "run_jump"),
    ("run", r"walks and|stops|aiming|stretched back|diagonally", "run_other"),
    ("run", r"jog", "jog"),
    ("run", r"", "run_forward"),
    ("turn", r"in the air|in a dance", "spin"),
    ("turn", r"around to the left", "turn_around_left"),
    ("turn", r"around to the right", "turn_around_right"),
    ("turn", r"left", "turn_left"),
    ("turn", r"right", "turn_right"),
    ("jump", r"lands from", "other"),
    ("jump", r"degrees to the left", "jump_turn_left"),
    ("jump", r"degrees to the right", "jump_turn_right"),
    ("jump", r"twists|spins", "spin"),
    ("jump", r"^a person runs", "run_jump"),
    ("jump", r"hop|jumps up and down", "hop"),
    ("jump", r"forward", "jump_forward"),
    ("jump", r"", "jump"),
    ("sit", r"dangle", "climb_stay"),
    ("sit", r"drives|cross-legged", "other"),
    ("sit", r"sits down", "sit_down"),
    ("sit", r"", "sit"),
    ("stand_up", r"bends over", "pick_up"),
    ("stand_up", r"lying|ground", "get_up"),
    ("stand_up", r"", "stand_up"),
    ("punch", r"kick", "punch_kick"),
    ("punch", r"stance|angry|pumps", "fighting_stance"),
    ("punch", r"left hand|left jab", "punch_left"),
    ("punch", r"right hand|right jab|right cross", "punch_right"),
    ("punch", r"", "punch"),
    ("kick", r"punch", "punch_kick"),
    ("kick", r"left", "kick_left"),
    ("kick", r"right", "kick_right"),
    ("kick", r"", "kick"),
    ("wave", r"with the left hand", "wave_left"),
    ("wave", r"with the right hand", "wave_right"),
    ("wave", r"directs|refuse|walks", "gesture"),
    ("wave", r"", "wave"),
    ("gesture", r"talks", "talk"),
    ("gesture", r"hands up", "raise_arms"),
    ("gesture", r"gun", "shoot"),
    ("gesture", r"", "gesture"),
    ("crouch", r"ducks", "duck_run"),
    ("crouch", r"squat", "squat"),
    ("crouch", r"^a person crouches down", "crouch_down"),
    ("crouch", r"stands up again", "other"),
    ("crouch", r"sneak|walks", "sneak"),
    ("crouch", r"kneel", "kneel"),
    ("crouch", r"", "crouch"),
    ("climb", r"dangles|hangs|holds on|swings|stands on|stands at", "climb_stay"),
    ("climb", r"down the (steps|stairs)", "stairs_down"),
    ("climb", r"(steps|stairs)", "stairs_up"),
    ("climb", r"climbs down", "climb_down"),
    ("climb", r"climbs up", "climb_up"),
    ("climb", r"walks slowly", "walk_other"),
    ("climb", r"", "climb_stay"),
    ("dance", r"break", "breakdance"),
    ("dance", r"arabesque|pirouette|jete|acrobatic", "dance"),
    ("dance", r"", "dance"),
    ("exercise", r"jacks", "jumping_jacks"),
    ("exercise", r"twists|toes|reaches up", "stretch"),
    ("exercise", r"victory", "celebrate"),
    ("exercise", r"arms high", "raise_arms"),
    ("exercise", r"knees", "walk_in_place"),
    ("exercise", r"", "exercise"),
)


def kind_of_caption(clip: Clip, caption: Caption) -> str:
    """Return the kind of a caption by its action class, its words and, for seats, the hips."""
    first = caption.texts[0]
    rules = (
        kind
        for action, pattern, kind in _RULES
        if action in ("", caption.action) and re.search(pattern, first)
    )
    kind = next(rules, caption.action if caption.action in KINDS else "other")
    if kind in ("sit", "sit_down", "stand_up"):
        hips = clip.features[caption.start : caption.stop, HEIGHT]
        seated = np.median(hips) if kind == "sit" else hips.min()
        if seated > _SEATED_HIPS_M:
            return "sit_high" if kind == "sit" else "other"
    return _with_side(clip, caption, kind)


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
