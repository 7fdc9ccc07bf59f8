"""What a model in training is asked for, in words of its training (see chosen.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from flood_engine.training.held_out import may_train
from flood_engine.training.vocabulary import KINDS

_SAME = (
    "stand", "walk_forward", "walk_backward", "walk_slowly", "walk_quickly", "jog",
    "walk_turn_left", "walk_turn_right", "run_turn_left", "run_turn_right", "turn_left",
    "turn_right", "jump", "jump_forward", "hop", "sit", "sit_down", "stand_up", "punch",
    "punch_left", "punch_right", "kick", "kick_left", "kick_right", "dance", "wave_left",
    "wave_right", "crouch", "sneak", "squat", "jog_in_place", "jumping_jacks", "raise_arms",
    "pick_up", "drink", "cartwheel",
)  # fmt: skip
ACTIONS: Mapping[str, str] = {name: name for name in _SAME} | {
    "run": "run_forward",
    "turn_around": "turn_around_left",
    "sidestep_left": "walk_left",
    "sidestep_right": "walk_right",
    "march_in_place": "walk_in_place",
    "climb": "climb_up",
}
"""What the judge knows, and the kind of motion whose words ask for it."""
_STARTS = {"sit": ("sitting",), "stand_up": ("sitting",), "stand": ("standing", "walking")}


@dataclass(frozen=True, slots=True)
class Choosing:
    """Settings of the choice."""

    asked: int = 24
    """How often each action is asked for from its starts."""
    changes: int = 12
    """How often each action is asked for in the midst of others."""
    guidance: tuple[float, ...] = (1.5, 2.0, 2.5, 3.0)
    kept: float = 0.75
    """Of the streams of each action that obeyed, this share competes: whose bones change least."""
    more: Mapping[str, int] = field(default_factory=dict)
    """Actions that are asked for more often: how many times as often."""


@dataclass(frozen=True, slots=True)
class Try:
    """One request."""

    action: str
    text: str
    start: str
    """A start of the evaluation's; empty: the midst of another action."""
    midst: str
    """What was asked for before, in the midst of which ``text`` comes."""
    guidance: float


def all_tries(rows: Mapping[str, int], choosing: Choosing, rng: np.random.Generator) -> list[Try]:
    """Return all that is asked, action after action; ``rows`` are the texts that are known."""
    words = {name: texts for name in ACTIONS if (texts := _known_words(name, rows))}
    found = []
    for action, known in words.items():
        more, starts = choosing.more.get(action, 1), _STARTS.get(action, ("standing",))
        asked = choosing.asked * more
        froms = [(starts[number % len(starts)], "") for number in range(asked)]
        others = [text for other in words if other != action for text in words[other]]
        if others:
            froms += [("", str(rng.choice(others))) for _ in range(choosing.changes * more)]
        for start, midst in froms:
            text, guidance = str(rng.choice(known)), float(rng.choice(choosing.guidance))
            found.append(Try(action, text, start, midst, guidance))
    return found


def _known_words(action: str, rows: Mapping[str, int]) -> list[str]:
    """Return the words of the training that ask for an action."""
    return [t for t in _words_for(action, ACTIONS[action]) if t in rows and may_train(t)]


def _words_for(action: str, kind: str) -> list[str]:
    """Return how people ask for an action; where the judge wants a side, the words name it."""
    side = action.rpartition("_")[2]
    texts = KINDS[kind].texts()
    return [text for text in texts if side in text] if side in ("left", "right") else texts
