"""Changes from every action to every other: how soon, and how smoothly?

A body that is at action A is asked for action B.  Three moments follow the request.  *Onset*: for
an action that lasts, the start of the earliest window that shows B and after which B stays; for
one that is done once, the last frame from which the earliest accepted window still shows all of
it.  *Known*: the end of that window, when an observer who looks at windows of this length could
know.  Windows begin at the request or later.  Pairs that already looked like B are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from flood_engine.engine import FloodEngine
from flood_engine.features import FRAME_RATE_HZ
from flood_engine.training.evaluation.jerk import centred, jerk_figures, largest_jumps
from flood_engine.training.evaluation.judge import MIN_SECS, RULES, shows
from flood_engine.training.evaluation.rollouts import STAND, Progress, Rollout, go_on
from flood_engine.training.evaluation.rule import Rule, frames_of
from flood_engine.training.evaluation.signals import Signals, read_signals

ACTIONS: dict[str, str] = {
    "stand": STAND,
    "walk_forward": "a person walks forward",
    "walk_backward": "a person walks backward",
    "run": "a person runs",
    "walk_turn_left": "a person walks and turns left",
    "jump": "a person jumps",
    "sit_down": "a person sits down",
    "punch": "a person throws punches",
    "kick": "a person kicks",
    "dance": "a person dances",
    "wave_right": "a person waves with the right hand",
    "crouch": "a person crouches",
}
"""Action -> the prompt that asks for it; the prompts are as in the training."""
STAND_SECS, FIRST_SECS, AFTER_SECS = 1.6, 4.0, 5.0
_STAYS_SECS, _STAYS_SHARE = 1.0, 0.8
MODES = ("switch", "interrupt")
DEPTH = 3
"""Depth of the interrupt, latents: the engine's usual one."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change from A to B."""

    first: str
    then: str
    mode: str
    seed: int
    began: bool
    """Whether A was shown before."""
    already: bool
    """Whether the motion showed B when it was asked for."""
    onset_secs: float | None
    known_secs: float | None
    root_jump_m: float
    joint_jump_m: float


def has_interrupt(engine: FloodEngine) -> bool:
    """Return whether the engine can let a prompt take hold at once."""
    return hasattr(engine, "interrupt")


def run_changes(
    engine: FloodEngine,
    seed: int,
    mode: str,
    progress: Progress | None = None,
    actions: Mapping[str, str] = ACTIONS,
) -> tuple[list[Change], list[np.ndarray]]:
    """Make all ordered pairs of one seed; return them and the (60, 22, 3) motion around each."""
    firsts = [Rollout(engine.start(1000 * seed + n), [], []) for n in range(len(actions))]
    go_on(engine, firsts, [STAND] * len(firsts), STAND_SECS, progress)
    go_on(engine, firsts, list(actions.values()), FIRST_SECS, progress)
    pairs = [(a, b) for a in actions for b in actions if a != b]
    by_name = dict(zip(actions, firsts, strict=True))
    rollouts = [by_name[a].fork(7_919 * (seed + 1) + n) for n, (a, _) in enumerate(pairs)]
    asked = rollouts[0].frames
    if mode == "interrupt":
        for rollout, (_, b) in zip(rollouts, pairs, strict=True):
            engine.interrupt(rollout.state, engine.encode(actions[b]), DEPTH)
    go_on(engine, rollouts, [actions[b] for _, b in pairs], AFTER_SECS, progress)
    lead = 0 if mode == "interrupt" else (engine.window_size - 1) * engine.frames_per_latent
    motions = [rollout.motion() for rollout in rollouts]
    changes = [
        _change(pair, mode, seed, joints, asked, asked + lead)
        for pair, joints in zip(pairs, motions, strict=True)
    ]
    return changes, [centred(joints, asked + lead) for joints in motions]


def _change(
    pair: tuple[str, str], mode: str, seed: int, joints: np.ndarray, asked: int, owned: int
) -> Change:
    first, then = pair
    signals = read_signals(joints)
    before = signals.cut(asked - frames_of(FIRST_SECS), asked)
    rule = rule_after(first, then)
    when = moments(rule, signals.cut(asked, len(signals)))
    return Change(
        first,
        then,
        mode,
        seed,
        began=shows(first, before),
        already=rule.shown(before.cut(len(before) - frames_of(rule.secs), len(before))),
        onset_secs=when[0] if when else None,
        known_secs=when[1] if when else None,
        root_jump_m=largest_jumps(joints, owned)[0],
        joint_jump_m=largest_jumps(joints, owned)[1],
    )


def rule_after(first: str, then: str) -> Rule:
    """Return the rule for ``then`` after ``first``: from a crouch one sits without going down."""
    low = first == "crouch" and then == "sit_down"
    return RULES["sit"] if low else RULES[then]


def moments(rule: Rule, after: Signals) -> tuple[float, float] | None:
    """Return onset and known, seconds after the first frame of ``after``, or None if never."""
    size = frames_of(rule.secs)
    starts = range(max(0, len(after) - size + 1))
    shown = np.array([rule.shown(after.cut(at, at + size)) for at in starts], dtype=bool)
    if not rule.lasting:
        found = np.flatnonzero(shown)
        if len(found) == 0:
            return None
        end = int(found[0]) + size
        return _tightest(rule, after, int(found[0]), end) / FRAME_RATE_HZ, end / FRAME_RATE_HZ
    stays = frames_of(_STAYS_SECS)
    for at in np.flatnonzero(shown):
        if shown[at : at + stays].mean() >= _STAYS_SHARE:
            return float(at) / FRAME_RATE_HZ, float(at + size) / FRAME_RATE_HZ
    return None


def _tightest(rule: Rule, after: Signals, start: int, end: int) -> int:
    """Return the last frame from which ``[frame, end)`` still shows the action."""
    latest = range(end - frames_of(MIN_SECS), start, -1)
    return next((at for at in latest if rule.shown(after.cut(at, end))), start)


def summary(changes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures over stored changes of one mode; what never came counts as infinite."""
    fair = [c for c in changes if c["began"] and not c["already"]]
    came = [c for c in fair if c["onset_secs"] is not None]
    return {
        "pairs": len(changes),
        "first_not_shown": sum(not c["began"] for c in changes),
        "already_shown": sum(c["already"] for c in changes),
        "counted": len(fair),
        "came": len(came),
        "onset_median_secs": _quantile([c["onset_secs"] for c in fair], 0.5),
        "onset_p90_secs": _quantile([c["onset_secs"] for c in fair], 0.9),
        "known_median_secs": _quantile([c["known_secs"] for c in fair], 0.5),
        "root_jump_p95_m": _quantile([c["root_jump_m"] for c in changes], 0.95),
        "joint_jump_p95_m": _quantile([c["joint_jump_m"] for c in changes], 0.95),
        "by_target": {
            then: {
                "counted": len(each),
                "came": sum(c["onset_secs"] is not None for c in each),
                "onset_median_secs": _quantile([c["onset_secs"] for c in each], 0.5),
            }
            for then in ACTIONS
            if (each := [c for c in fair if c["then"] == then])
        },
    }


def _quantile(values: Sequence[float | None], share: float) -> float | None:
    """Return a quantile in which None counts as later than all; None if it falls there."""
    ordered = sorted(np.inf if value is None else value for value in values)
    if not ordered:
        return None
    value = ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return None if np.isinf(value) else float(value)


def smoothness(windows: Sequence[np.ndarray], reference: dict[str, Any]) -> dict[str, Any]:
    """Return the jerk of the changes and how it compares with recorded motion."""
    figures = jerk_figures(windows, reference["mean"])
    return {
        **figures,
        "peak_against_real": figures["peak"] / reference["peak"],
        "sample_peak_against_real": figures["sample_peak_p95"] / reference["sample_peak_p95"],
    }
