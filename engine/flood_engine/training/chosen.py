"""What the model itself can do, where a judge has seen that it did it: more streams to train on.

A model is asked for actions in words of its training, many times over and under guidance of several
strengths.  Of what the kinematic judge accepts, those streams whose bones keep their length best
join the training; the rest is dropped.  So the model sees those of its own ways that obey more
often than those that do not: rejection sampling, as in RAFT [1].

The judge is the evaluation's own.  Training texts are asked here and held-out texts there, but a
motion that misleads the judge would be taught: look at the pictures.

[1] Dong et al., TMLR 2023, https://arxiv.org/abs/2304.06767
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from flood_engine.engine import FloodEngine
from flood_engine.humanml import PARENTS
from flood_engine.training.evaluation.obedience import JUDGED_SECS, judge_after
from flood_engine.training.evaluation.rollouts import BATCH, Rollout, begin, calls_of
from flood_engine.training.held_out import may_train
from flood_engine.training.train_denoiser import LatentStreams
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
_OTHER_STARTS = ("standing",)
_LATENTS = 45
"""Latents of a stream: two seconds of standing and all that is judged, or what fits of others."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """Settings of the choice."""

    asked: int = 24
    """How often each action is asked for."""
    guidance: tuple[float, ...] = (1.5, 2.0, 2.5, 3.0)
    kept: float = 0.75
    """Of the streams of each action that obeyed, this share stays: whose bones change least."""
    more: Mapping[str, int] = field(default_factory=dict)
    """Actions that are asked for more often: how many times as often."""


@dataclass(frozen=True, slots=True)
class _Try:
    action: str
    start: str
    text: str
    guidance: float


@dataclass(slots=True)
class _Shown:
    """One stream that is being made, with its latents and the texts that these are bound to."""

    asked_for: _Try
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
        rows: Row of each training text in the text table.
        choosing: Settings.
        seed: Of the wordings and of all noise.
        progress: Is told how many streams were judged.

    Returns:
        The streams that were kept; by action how often it was asked for, and how often kept.
    """
    rng = np.random.default_rng(seed)
    tries = _tries(rows, choosing, rng)
    rng.shuffle(tries)  # type: ignore[arg-type]
    asked, obeyed = Counter[str](), defaultdict[str, list[_Shown]](list)
    for first in range(0, len(tries), BATCH):
        for shown in _show(engine, tries[first : first + BATCH], seed * 1000 + first):
            action = shown.asked_for.action
            asked[action] += 1
            if judge_after(action, shown.rollout.motion(), shown.asked_at).passed:
                obeyed[action].append(shown)
        progress(min(len(tries), first + BATCH))
    best = {action: _best(engine, found, choosing.kept) for action, found in obeyed.items()}
    kept = Counter({action: len(found) for action, found in best.items()})
    return _streams([each for found in best.values() for each in found], rows), asked, kept


def _tries(rows: Mapping[str, int], choosing: Choosing, rng: np.random.Generator) -> list[_Try]:
    found = []
    for action, kind in ACTIONS.items():
        texts = [text for text in _words_for(action, kind) if text in rows and may_train(text)]
        starts = _STARTS.get(action, _OTHER_STARTS)
        for number in range(choosing.asked * choosing.more.get(action, 1) if texts else 0):
            text, guidance = rng.choice(texts), rng.choice(choosing.guidance)
            found.append(_Try(action, starts[number % len(starts)], str(text), float(guidance)))
    return found


def _words_for(action: str, kind: str) -> list[str]:
    """Return how people ask for an action; where the judge wants a side, the words name it."""
    side = action.rpartition("_")[2]
    texts = KINDS[kind].texts()
    return [text for text in texts if side in text] if side in ("left", "right") else texts


def _show(engine: FloodEngine, tries: Sequence[_Try], seed: int) -> list[_Shown]:
    """Let one batch of streams do what is asked."""
    starts = {start: begin(engine, start, seed) for start in {each.start for each in tries}}
    shown = []
    for row, each in enumerate(tries):
        rollout, reached = starts[each.start]
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


def _past(rollout: Rollout) -> tuple[list[Tensor], list[str]]:
    """Return the latents still in sight of a stream, and what they are bound to."""
    state = rollout.state.latents
    count = state.committed - state.first
    latents = [row.clone() for row in state.latents[:count]]
    return latents, [prompt.text for prompt in state.prompts[:count]]


def _best(engine: FloodEngine, shown: Sequence[_Shown], share: float) -> list[_Shown]:
    """Return the given share of the streams, at least one: those whose bones change least."""

    def bone_error_m(each: _Shown) -> float:
        joints = each.rollout.motion()
        bones = np.linalg.norm(joints[:, 1:] - joints[:, list(PARENTS[1:])], axis=-1)
        return float(np.abs(bones - engine.bone_lengths[1:]).max())

    return sorted(shown, key=bone_error_m)[: max(1, round(share * len(shown)))]


def _streams(chosen: Sequence[_Shown], rows: Mapping[str, int]) -> LatentStreams:
    whole = [each for each in chosen if len(each.latents) >= _LATENTS]
    if not whole:
        return LatentStreams(torch.zeros(0, _LATENTS, 1), torch.zeros(0, _LATENTS).long())
    latents = torch.stack([torch.stack(each.latents[-_LATENTS:]) for each in whole])
    texts = [[rows[text] for text in each.texts[-_LATENTS:]] for each in whole]
    return LatentStreams(latents, torch.tensor(texts))
