"""Many streams at once: the defined starts, forks of them, and what they do after a request.

All streams of a seed that start alike share the start: it is run once, forked, and each fork goes
on with noise of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from flood_engine.engine import FloodEngine
from flood_engine.noise import SeededNoise
from flood_engine.state import StreamState
from flood_engine.training.evaluation.signals import read_signals

STAND = "a person stands still"
_SCRIPTS: dict[str, tuple[tuple[float, str], ...]] = {
    "standing": ((2.0, STAND),),
    "walking": ((1.0, STAND), (3.0, "a person walks forward")),
    "sitting": ((1.4, STAND), (4.2, "a person sits down")),
}
_TRIES = 5
BATCH = 56
"""Streams that one call of the engine advances."""

Progress = Callable[[float], None]
"""Is told how many seconds of motion were made."""


@dataclass(slots=True)
class Rollout:
    """A stream and all it has done so far."""

    state: StreamState
    joints: list[np.ndarray]
    """(n, 22, 3) of every chunk, metres."""
    features: list[np.ndarray]
    """(n, 263) of every chunk."""

    @property
    def frames(self) -> int:
        """Frames made so far."""
        return sum(len(chunk) for chunk in self.joints)

    def motion(self) -> np.ndarray:
        """Return all joints, (T, 22, 3)."""
        return np.concatenate(self.joints)

    def fork(self, seed: int) -> Rollout:
        """Return a copy that goes on with the noise of ``seed``."""
        state = self.state.fork()
        state.latents.noise = SeededNoise(seed)
        return Rollout(state, self.joints.copy(), self.features.copy())


def calls_of(engine: FloodEngine, seconds: float) -> int:
    """Return how many latents make ``seconds`` of motion."""
    return max(1, round(seconds * engine.frame_rate_hz / engine.frames_per_latent))


def go_on(
    engine: FloodEngine,
    rollouts: Sequence[Rollout],
    texts: Sequence[str],
    seconds: float,
    progress: Progress | None = None,
) -> None:
    """Let every stream run for ``seconds`` under its text, in batches."""
    for first in range(0, len(rollouts), BATCH):
        batch = rollouts[first : first + BATCH]
        prompts = [engine.encode(text) for text in texts[first : first + BATCH]]
        for _ in range(calls_of(engine, seconds)):
            chunks = engine.step([rollout.state for rollout in batch], prompts)
            for rollout, chunk in zip(batch, chunks, strict=True):
                rollout.joints.append(chunk.joints)
                rollout.features.append(chunk.features)
            if progress is not None:
                progress(len(batch) * engine.frames_per_latent / engine.frame_rate_hz)


def begin(engine: FloodEngine, start: str, seed: int) -> tuple[Rollout, bool]:
    """Bring a new stream into a start, and say whether it got there.

    A seed that misses the start (a sitter that stays standing) is replaced, a few times.
    """
    rollout, reached = _begin_once(engine, start, seed)
    for attempt in range(1, _TRIES):
        if reached:
            break
        rollout, reached = _begin_once(engine, start, seed + 100_000 * attempt)
    return rollout, reached


def _begin_once(engine: FloodEngine, start: str, seed: int) -> tuple[Rollout, bool]:
    rollout = Rollout(engine.start(seed), [], [])
    for seconds, text in _SCRIPTS[start]:
        go_on(engine, [rollout], [text], seconds)
    return rollout, _is_at(start, rollout.motion())


def _is_at(start: str, joints: np.ndarray) -> bool:
    s = read_signals(joints)
    last = s.cut(len(s) - 8, len(s))
    if start == "sitting":
        return bool((last.hips < 0.7).all())
    tall = bool((last.hips > 0.8).all() and (last.tilt < 40).all())
    return tall and (bool(last.forward.mean() > 0.4) if start == "walking" else True)
