"""Obedience: does the body do what the sentence says, over prompts, wordings and seeds?

Each prompt is asked of a body in its defined start (standing, walking, sitting) and all that
follows within seven seconds of the request is judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from flood_engine.engine import FloodEngine
from flood_engine.training.evaluation.judge import Verdict, obeys
from flood_engine.training.evaluation.requests import Request
from flood_engine.training.evaluation.rollouts import Progress, begin, go_on
from flood_engine.training.evaluation.signals import Signals, read_signals

JUDGED_SECS = 7.0
_CONTEXT_FRAMES = 10
"""Frames before the request that the smoothing of signals may see."""

REQUIRED = (
    "stand still", "walk forward", "walk backward", "walk slowly", "run",
    "turn left while walking", "turn right while walking", "turn around on the spot", "jump",
    "sit down", "stand up", "punch", "kick", "dance", "wave with the left hand",
    "wave with the right hand", "crouch",
)  # fmt: skip
"""Groups of which each must reach :data:`GROUP_GOAL`."""
GOAL, GROUP_GOAL = 0.9, 0.8


def judge_requests(
    engine: FloodEngine,
    requests: Sequence[Request],
    seed: int,
    progress: Progress | None = None,
) -> list[Verdict]:
    """Ask all requests under one seed and judge each."""
    starts = {start: begin(engine, start, seed) for start in {r.start for r in requests}}
    rollouts = [
        starts[request.start][0].fork(1_000_003 * (seed + 1) + row)
        for row, request in enumerate(requests)
    ]
    asked = [rollout.frames for rollout in rollouts]
    go_on(engine, rollouts, [request.prompt for request in requests], JUDGED_SECS, progress)
    verdicts = []
    for request, rollout, frame in zip(requests, rollouts, asked, strict=True):
        if not starts[request.start][1]:
            verdicts.append(Verdict(False, 0.0, f"did not get to {request.start} before"))
            continue
        verdicts.append(judge_after(request.action, rollout.motion(), frame))
    return verdicts


def judge_after(action: str, joints: np.ndarray, asked: int) -> Verdict:
    """Judge (T, 22, 3) joints from the frame ``asked`` on; motion that is not finite fails."""
    if not np.isfinite(joints).all():
        return Verdict(False, 0.0, "not finite")
    return obeys(action, signals_after(joints, asked))


def signals_after(joints: np.ndarray, asked: int) -> Signals:
    """Measure (T, 22, 3) joints from the frame ``asked`` on."""
    before = max(0, asked - _CONTEXT_FRAMES)
    signals = read_signals(joints[before:])
    return signals.cut(asked - before, len(signals))


@dataclass(frozen=True, slots=True)
class Tally:
    """Passes of one canonical prompt over its wordings and all seeds."""

    group: str
    action: str
    passed: int
    asked: int
    by_wording: dict[str, int]
    reasons: dict[str, int]

    @property
    def share(self) -> float:
        """Passes per question."""
        return self.passed / self.asked


def tally(requests: Sequence[Request], by_seed: Sequence[Sequence[dict[str, Any]]]) -> list[Tally]:
    """Count verdicts (as stored, one list per seed) by group, in the order of the requests."""
    rows: dict[str, list[tuple[Request, dict[str, Any]]]] = defaultdict(list)
    for verdicts in by_seed:
        for request, verdict in zip(requests, verdicts, strict=True):
            rows[request.group].append((request, verdict))
    return [_tally_group(group, members) for group, members in rows.items()]


def _tally_group(group: str, members: list[tuple[Request, dict[str, Any]]]) -> Tally:
    wordings: dict[str, int] = defaultdict(int)
    reasons: dict[str, int] = defaultdict(int)
    for request, verdict in members:
        wordings[request.prompt] += int(verdict["passed"])
        if not verdict["passed"]:
            reasons[verdict["reason"]] += 1
    return Tally(
        group, members[0][0].action, sum(wordings.values()), len(members), dict(wordings),
        dict(reasons),
    )  # fmt: skip
