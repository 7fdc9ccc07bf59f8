"""What the model itself can do, where a judge has seen that it did it: more streams to train on.

A model is asked for actions in words of its training, many times over and under guidance of several
strengths, from standing and from the midst of other actions.  Of what the kinematic judge accepts,
those streams whose bones keep their length best join the training, and of these only the better
half: that which came sooner, or, of an action that can be shown more or less plainly, which is the
plainer.  The rest is dropped.  So the model sees those of its own ways that obey more often than
those that do not: rejection sampling, as in RAFT [1].

The judge is the evaluation's own.  Training texts are asked here and held-out texts there, but a
motion that misleads the judge would be taught: look at the pictures.

[1] Dong et al., TMLR 2023, https://arxiv.org/abs/2304.06767
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from flood_engine.engine import FloodEngine
from flood_engine.humanml import PARENTS
from flood_engine.training.evaluation.judge import RULES
from flood_engine.training.evaluation.obedience import (
    JUDGED_SECS,
    judge_after,
    signals_after,
)
from flood_engine.training.evaluation.rollouts import (
    BATCH,
    STAND,
    Rollout,
    begin,
    calls_of,
    go_on,
)
from flood_engine.training.evaluation.rule import widest_turn
from flood_engine.training.evaluation.signals import Signals
from flood_engine.training.evaluation.transitions import moments
from flood_engine.training.own_requests import Choosing, Try, all_tries
from flood_engine.training.train_denoiser import LatentStreams

_CURVES = ("walk_turn_left", "walk_turn_right", "run_turn_left", "run_turn_right")
_PLAINNESS: Mapping[str, Callable[[Signals], float]] = {
    **dict.fromkeys(_CURVES, lambda s: -widest_turn(s)),  # the sooner half turns ever tighter
    "dance": lambda s: float(s.liveliness.mean()),
    "march_in_place": lambda s: -widest_turn(s),
    "sneak": lambda s: float(((s.hips < 0.85) & (s.tilt > 18) & (s.forward > 0.15)).mean()),
    "walk_slowly": lambda s: float(((s.forward > 0.15) & (s.forward < 0.8)).mean()),
    "walk_forward": lambda s: float((s.forward > 0.5).mean()),
    "sidestep_left": lambda s: float(s.sideways.mean()),
    "sidestep_right": lambda s: -float(s.sideways.mean()),
}
"""How plainly an action that the judge has accepted is shown; the greater the plainer."""
_MIDST_SECS = 3.0
"""How long the action that is left for another has lasted."""
_LATENTS = 45
"""Latents of a stream: two seconds of standing and all that is judged, or what fits of others."""

_UNNAMED = 0
"""Row of the empty text, to which what was done before a request is bound where the training does
not have the sentence of the start ("a person stands still").  The model was never taught what it
means, and shall not learn from itself that it means whatever it then did."""


@dataclass(slots=True)
class _Shown:
    """One stream that is being made, with its latents and the texts that these are bound to."""

    asked_for: Try
    rollout: Rollout
    asked_at: int
    latents: list[Tensor]
    texts: list[str]


def choose(
    engine: FloodEngine,
    rows: Mapping[str, int],
    choosing: Choosing,
    seed: int,
    progress: Callable[[int], object] = lambda _: None,
) -> tuple[LatentStreams, Counter[str], Counter[str]]:
    """Ask, judge and keep.

    Args:
        engine: The model.
        rows: Row, from 1 on, of each training text in the text table.
        choosing: Settings.
        seed: Of the wordings and of all noise.
        progress: Is told how many streams were judged.

    Returns:
        The streams that were kept; by action how often it was asked for, and how often kept.
    """
    rng = np.random.default_rng(seed)
    tries = all_tries(rows, choosing, rng)
    rng.shuffle(tries)  # type: ignore[arg-type]
    asked, obeyed = Counter[str](), defaultdict[tuple[str, bool], list[_Shown]](list)
    for first in range(0, len(tries), BATCH):
        for shown in _show(engine, tries[first : first + BATCH], seed * 1000 + first):
            action = shown.asked_for.action
            asked[action] += 1
            if judge_after(action, shown.rollout.motion(), shown.asked_at).passed:
                obeyed[action, bool(shown.asked_for.midst)].append(shown)
        progress(min(len(tries), first + BATCH))
    best = [_best(engine, found, choosing.kept) for found in obeyed.values()]
    streams = [each for found in best for each in found]
    kept = Counter(each.asked_for.action for each in streams)
    return _streams(streams, rows), asked, kept


def _show(engine: FloodEngine, tries: Sequence[Try], seed: int) -> list[_Shown]:
    """Let one batch of streams do what is asked."""
    starts = {start: begin(engine, start, seed) for start in {t.start for t in tries if t.start}}
    midst = _midst(engine, [each.midst for each in tries if each.midst], seed)
    shown = []
    for row, each in enumerate(tries):
        rollout, reached = (midst.pop(0), True) if each.midst else starts[each.start]
        if reached:
            fork = rollout.fork(1_000_003 * (seed + 1) + row)
            fork.state.latents.guidance = each.guidance
            shown.append(_Shown(each, fork, fork.frames, *_past(fork)))
    prompts = [engine.encode(each.asked_for.text) for each in shown]
    for _ in range(calls_of(engine, JUDGED_SECS)):
        chunks = engine.step([each.rollout.state for each in shown], prompts)
        for each, chunk in zip(shown, chunks, strict=True):
            latents = each.rollout.state.latents
            each.rollout.joints.append(chunk.joints)
            each.latents.append(latents.latents[latents.committed - 1 - latents.first].clone())
            each.texts.append(chunk.text)
    return shown


def _midst(engine: FloodEngine, texts: Sequence[str], seed: int) -> list[Rollout]:
    """Return streams that have stood and are now in the midst of other actions."""
    rollouts = [Rollout(engine.start(1000 * seed + row), [], []) for row in range(len(texts))]
    go_on(engine, rollouts, [STAND] * len(texts), _MIDST_SECS)
    go_on(engine, rollouts, texts, _MIDST_SECS)
    return rollouts


def _past(rollout: Rollout) -> tuple[list[Tensor], list[str]]:
    """Return the latents still in sight of a stream, and what they are bound to."""
    state = rollout.state.latents
    count = state.committed - state.first
    latents = [row.clone() for row in state.latents[:count]]
    return latents, [prompt.text for prompt in state.prompts[:count]]


def _best(engine: FloodEngine, shown: Sequence[_Shown], share: float) -> list[_Shown]:
    """Return streams of one action: of the given share whose bones change least the better half."""

    def bone_error_m(each: _Shown) -> float:
        joints = each.rollout.motion()
        bones = np.linalg.norm(joints[:, 1:] - joints[:, list(PARENTS[1:])], axis=-1)
        return float(np.abs(bones - engine.bone_lengths[1:]).max())

    best = sorted(shown, key=bone_error_m)[: max(1, round(share * len(shown)))]
    return sorted(best, key=_merit, reverse=True)[: (len(best) + 1) // 2]


def _merit(each: _Shown) -> float:
    """Return how plainly, or else how soon, an action is shown that the judge has accepted."""
    action, motion = each.asked_for.action, each.rollout.motion()
    signals = signals_after(motion, each.asked_at)
    if plainness := _PLAINNESS.get(action):
        return plainness(signals)
    when = moments(RULES[action], signals)
    return -when[0] if when else -JUDGED_SECS


def _streams(chosen: Sequence[_Shown], rows: Mapping[str, int]) -> LatentStreams:
    whole = [each for each in chosen if len(each.latents) >= _LATENTS]
    if not whole:
        return LatentStreams(torch.zeros(0, _LATENTS, 1), torch.zeros(0, _LATENTS).long())
    latents = torch.stack([torch.stack(each.latents[-_LATENTS:]) for each in whole])
    texts = [[rows.get(text, _UNNAMED) for text in each.texts[-_LATENTS:]] for each in whole]
    return LatentStreams(latents, torch.tensor(texts))
