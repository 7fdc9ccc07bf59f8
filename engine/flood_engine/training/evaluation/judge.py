"""The kinematic judge: does this motion show that action, and from when on?

A rule looks at windows of a second or a few (``travel_rules.py``, ``action_rules.py``). What lasts
(walking, staying crouched) must be shown by most windows once the motion has had time to change;
what is done once must be shown by one.  Rules are necessary, not sufficient: a motion can pass and
still look odd.  How often the judge errs on recorded motion is measured by
``python -m flood_engine.training.evaluate --validate-judge DATA``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_engine.training.evaluation.action_rules import ACTION_RULES
from flood_engine.training.evaluation.rule import Rule, frames_of
from flood_engine.training.evaluation.signals import Signals
from flood_engine.training.evaluation.travel_rules import TRAVEL_RULES

RULES: dict[str, Rule] = {**TRAVEL_RULES, **ACTION_RULES}
"""Action -> rule."""

SETTLE_SECS = 2.0
"""After a request a lasting action has this long to begin before its windows are counted."""
MIN_SECS = 0.6
"""Shorter motion is not judged."""
_STRIDE_FRAMES = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a motion obeyed, and if not, why."""

    passed: bool
    held: float
    """Share of the counted windows that show the action."""
    reason: str
    """Empty, or what was missing."""


def windows(rule: Rule, signals: Signals, every: int = _STRIDE_FRAMES) -> list[Signals]:
    """Return the windows of a motion that ``rule`` looks at, one ``every`` few frames.

    A one-time action is also looked for in motion shorter than its window.
    """
    size, frames = frames_of(rule.secs), len(signals)
    if frames < size:
        short = not rule.lasting and frames >= frames_of(MIN_SECS)
        return [signals] if short else []
    starts = range(0, frames - size + 1, every)
    return [signals.cut(start, start + size) for start in starts]


def shows(action: str, signals: Signals) -> bool:
    """Return whether any window of a motion shows ``action``.

    Raises:
        KeyError: If there is no rule for the action.
    """
    rule = RULES[action]
    return any(rule.shown(window) for window in windows(rule, signals))


def obeys(action: str, after: Signals) -> Verdict:
    """Judge all that followed a request for ``action``, from the frame of the request on.

    Raises:
        KeyError: If there is no rule for the action.
    """
    rule = RULES[action]
    counted = after.cut(frames_of(SETTLE_SECS), len(after)) if rule.lasting else after
    shown = [rule.shown(window) for window in windows(rule, counted)]
    held = float(np.mean(shown)) if shown else 0.0
    if held == 0.0 or held < rule.held:
        return Verdict(False, held, "never shown" if held == 0.0 else "not kept up")
    if not rule.whole(after):
        return Verdict(False, held, "something else beside it")
    if not rule.ends(after.cut(len(after) - frames_of(1.0), len(after))):
        return Verdict(False, held, "does not end in its pose")
    return Verdict(True, held, "")
