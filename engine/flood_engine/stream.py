"""Latents out of noise while the window slides, for many streams in one batch.

A :class:`LatentState` is all that one stream of latents is; the caller owns it and passes it in.
One :meth:`LatentStream.commit` runs the denoise steps that finish the next latent of every given
stream: ``num_steps / window_size`` of them once a stream runs, all ``num_steps`` for its first.
How many steps, and how far back the denoiser looks, a stream may choose anew before every latent.

Prompts bind as in FloodDiffusion: the first call attaches its prompt to the first ``window_size``
latents, call n to latent ``n + window_size - 1``, the one that enters the window with it.

:meth:`LatentStream.interrupt` is for a prompt that cannot wait: it re-points the latents that are
not final yet and winds the stream's clock back, so that they are noisier again and follow the new
words. The next commit makes the lost steps good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from flood_engine.flood.config import StreamConfig
from flood_engine.noise import NoiseSource
from flood_engine.window import Schedule


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Prompt:
    """A text as the denoiser reads it, computed once however long it stays in force."""

    text: str
    keys: Tensor
    """[layers, heads, tokens, head_dim]"""
    values: Tensor
    """[layers, heads, tokens, head_dim]"""


@dataclass(slots=True)
class LatentState:
    """One stream of latents: those still in sight, and what they are bound to."""

    noise: NoiseSource
    latents: Tensor
    """[kept, latent_dim], oldest first."""
    prompts: list[Prompt] = field(default_factory=list)
    """The prompt of every kept latent and of those about to enter the window."""
    first: int = 0
    """Number of the first kept latent."""
    committed: int = 0
    """Latents that are final."""
    clock: int = 0
    """Latent-times that the slope has moved, in however many steps. An interrupt winds it back."""
    settled: int = 0
    """Latents before this one are clean history, whatever a clock that was wound back says."""
    guidance: float | None = None
    """Scale of the classifier-free guidance; None is the model's own."""
    history: int | None = None
    """Latents in sight, the active window included; None is the model's own number."""
    steps: int | None = None
    """Denoise steps per latent; None is the model's own number."""

    def fork(self) -> LatentState:
        """Return an independent copy that goes on exactly as this one does."""
        return LatentState(
            self.noise.fork(),
            self.latents.clone(),
            self.prompts.copy(),
            self.first,
            self.committed,
            self.clock,
            self.settled,
            self.guidance,
            self.history,
            self.steps,
        )


@dataclass(frozen=True, slots=True)
class Sight:
    """What the denoiser sees of B streams in one step: L latents each, the active ones last."""

    latents: Tensor
    """[B, L, latent_dim]"""
    levels: np.ndarray
    """(B, L) int64, noise levels in units of ``1 / Schedule.scale``; 0 is clean."""
    prompts: list[list[Prompt]]
    """For each stream, the prompt of every latent in sight."""
    guidance: Sequence[float | None] = ()
    """For each stream its own scale of guidance, or None; empty if nobody has one."""


@dataclass(slots=True)
class _Run:
    """One stream while it makes a latent."""

    state: LatentState
    schedule: Schedule
    history: int
    step: int
    """The denoise step that comes next."""

    @property
    def missing(self) -> int:
        """Steps until the next latent is final."""
        return self.schedule.end_of_commit(self.state.committed) - self.step

    @property
    def in_sight(self) -> int:
        """Latents that the next step sees."""
        return min(self.history, self.schedule.active_window(self.step)[1])

    def levels(self, left: int, end: int) -> np.ndarray:
        """Return the level counts of latents ``left`` to ``end`` before the next step."""
        counts = self.schedule.level_counts(self.step, left, end)
        settled = max(0, self.state.settled - left)
        if counts[:settled].any():  # a clock that was wound back
            counts = counts.copy()
            counts[:settled] = 0
        return counts


class BranchField(Protocol):
    """A denoiser on some machinery, without guidance: see ``flood_engine.backends``."""

    def __call__(self, sight: Sight) -> Tensor:
        """Return velocities [B, 2, L, size], under the text and under the empty one.

        L is at least the active latents, the last in sight. A model whose guidance is 1 has but
        one branch, under the text: [B, 1, L, size].
        """
        ...


class VelocityField(Protocol):
    """A denoiser under guidance: see ``flood_engine.guidance``."""

    def __call__(self, sight: Sight) -> Tensor:
        """Return the velocity of the last latents in sight, [B, at least the active ones, size]."""
        ...


class LatentStream:
    """Runs a denoiser over streams; keeps nothing about any of them."""

    def __init__(
        self,
        velocity: VelocityField,
        latent_dim: int,
        config: StreamConfig,
        schedule: Schedule | None = None,
    ) -> None:
        self.velocity, self.latent_dim, self.config = velocity, latent_dim, config
        self.schedule = config.schedule if schedule is None else schedule
        own = self.schedule.steps_per_latent
        others = {steps: self.schedule.with_steps(steps) for steps in config.step_counts}
        self._schedules = others | {None: self.schedule, own: self.schedule}

    def start(self, noise: NoiseSource) -> LatentState:
        """Return a stream before its first latent."""
        return LatentState(noise, torch.zeros(0, self.latent_dim))

    @torch.inference_mode()
    def commit(self, states: Sequence[LatentState], prompts: Sequence[Prompt]) -> Tensor:
        """Advance every stream by one latent and return them, [len(states), latent_dim].

        ``prompts`` are the texts now in force, one per stream. The states are changed in place.
        Streams that need more steps than others (at their start, after an interrupt, by their own
        choice) run them first; the last steps of the call are common to all.

        Raises:
            ValueError: If a stream asks for a history or for steps that this model cannot have.
        """
        runs = [self._run(state) for state in states]
        for state, prompt in zip(states, prompts, strict=True):
            self._bind(state, prompt)
        for remaining in range(max(run.missing for run in runs), 0, -1):
            groups: dict[int, list[_Run]] = defaultdict(list)
            for run in runs:
                if run.missing >= remaining:
                    groups[run.in_sight].append(run)
            for group in groups.values():
                self._denoise(group)
        return torch.stack([self._finish(state) for state in states])

    @torch.inference_mode()
    def interrupt(self, state: LatentState, prompt: Prompt, depth: int) -> None:
        """Re-point every latent that is not final to ``prompt`` and make it noisier by ``depth``.

        A latent at noise level t goes to t' = min(1, t + depth / window_size): fresh noise is mixed
        in so that it is (1 - t') data + t' noise, as in training. Latents at level 1 leave the
        window and enter again later. Final latents stay clean.

        Raises:
            ValueError: If ``depth`` is not between 0 and the window's size.
        """
        clock = self.schedule.wound_back(state.clock, state.committed, depth)
        place = state.committed - state.first
        state.prompts[place:] = [prompt] * (len(state.prompts) - place)
        if clock == state.clock:
            return
        span = (state.committed, state.first + len(state.latents))
        pace = self.schedule.steps_per_latent
        before = self.schedule.level_counts(state.clock * pace, *span)
        after = self.schedule.level_counts(clock * pace, *span)
        kept = int((after < self.schedule.scale).sum())
        state.latents = state.latents[: place + kept].clone()
        scale = self.schedule.scale
        for row, old, new in zip(
            state.latents[place:], before / scale, after / scale, strict=False
        ):
            _blend_noise(row, float(old), float(new), state.noise, self.config.noise_scale)
        state.clock, state.settled = clock, state.committed

    def _run(self, state: LatentState) -> _Run:
        histories = self.config.histories
        if state.history is not None and state.history not in histories:
            raise ValueError(
                f"the history is {state.history} latents; this model's is"
                f" {histories[0]} to {histories[-1]}"
            )
        schedule = self._schedules.get(state.steps)
        if schedule is None:
            valid = ", ".join(map(str, self.config.step_counts))
            raise ValueError(f"{state.steps} steps per latent; valid are {valid}")
        history = self.config.context if state.history is None else state.history
        return _Run(state, schedule, history, state.clock * schedule.steps_per_latent)

    def _bind(self, state: LatentState, prompt: Prompt) -> None:
        bound = state.first + len(state.prompts)
        wanted = state.committed + self.config.window_size
        state.prompts.extend([prompt] * (wanted - bound))

    def _denoise(self, runs: list[_Run]) -> None:
        """Run one step on streams that see equally many latents."""
        windows = [run.schedule.active_window(run.step) for run in runs]
        for run, (_, end) in zip(runs, windows, strict=True):
            self._draw_until(run.state, end)
        velocity = self.velocity(self._sight(runs, [end for _, end in windows]))
        steps = velocity.new_tensor([run.schedule.num_steps for run in runs])
        velocity = velocity / steps[:, None, None]
        for row, (run, (start, end)) in enumerate(zip(runs, windows, strict=True)):
            state = run.state
            count = end - max(start, state.settled)
            place = end - state.first
            state.latents[place - count : place] += velocity[row, velocity.shape[1] - count :]
            run.step += 1

    def _sight(self, runs: list[_Run], ends: list[int]) -> Sight:
        """Return what the streams show up to latent ``ends``; all see equally many."""
        spans = [(max(0, end - runs[0].in_sight), end) for end in ends]
        states = [run.state for run in runs]
        places = [
            slice(left - s.first, end - s.first)
            for s, (left, end) in zip(states, spans, strict=True)
        ]
        return Sight(
            torch.stack([s.latents[place] for s, place in zip(states, places, strict=True)]),
            np.array([run.levels(*span) for run, span in zip(runs, spans, strict=True)]),
            [s.prompts[place] for s, place in zip(states, places, strict=True)],
            [state.guidance for state in states],
        )

    def _draw_until(self, state: LatentState, end: int) -> None:
        missing = end - state.first - len(state.latents)
        if missing > 0:
            rows = np.array([state.noise.next_row(self.latent_dim) for _ in range(missing)])
            rows *= np.float32(self.config.noise_scale)
            state.latents = torch.cat((state.latents, torch.from_numpy(rows).to(state.latents)))

    def _finish(self, state: LatentState) -> Tensor:
        latent = state.latents[state.committed - state.first].clone()
        state.committed += 1
        state.clock = state.committed - 1 + self.config.window_size
        # an interrupt may narrow the window to one latent, and then sees that much further back
        keep_from = max(0, state.committed + 1 - self.config.context)
        surplus = keep_from - state.first
        if surplus > 0:
            state.latents = state.latents[surplus:]
            del state.prompts[:surplus]
            state.first = keep_from
        return latent


def _blend_noise(
    row: Tensor, before: float, after: float, noise: NoiseSource, noise_scale: float
) -> None:
    """Take a latent (1 - t) data + t noise from level t = ``before`` to ``after``, in place.

    The data's share shrinks by a = (1 - t') / (1 - t) and with it the old noise; what its deviation
    then lacks of t' is made up by fresh, independent noise, scaled as all noise of the model is.
    """
    share = (1 - after) / (1 - before)
    missing = max(0.0, after**2 - (share * before) ** 2) ** 0.5
    fresh = torch.from_numpy(noise.next_row(row.shape[0]))
    row.mul_(share).add_(fresh, alpha=noise_scale * missing)
