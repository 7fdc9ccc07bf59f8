"""Latents out of noise while the window slides, for many streams in one batch.

A :class:`LatentState` is all that one stream of latents is; the caller owns it and passes it in.
One :meth:`LatentStream.commit` runs the denoise steps that finish the next latent of every given
stream: ``num_steps / window_size`` of them once a stream runs, all ``num_steps`` for its first.

Prompts bind as in FloodDiffusion: the first call attaches its prompt to the first ``window_size``
latents, call n to latent ``n + window_size - 1``, the one that enters the window with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from flood_engine.flood.config import StreamConfig
from flood_engine.flood.denoiser import Denoiser, TextContext
from flood_engine.window import Schedule


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A text as the denoiser reads it, computed once however long it stays in force."""

    text: str
    keys: Tensor
    """[layers, heads, tokens, head_dim]"""
    values: Tensor
    """[layers, heads, tokens, head_dim]"""


class NoiseSource(Protocol):
    """Where a stream's initial noise comes from, one row per latent, in order."""

    def next_row(self, size: int) -> np.ndarray:
        """Return the (size,) float32 noise with which the next latent starts."""
        ...


class SeededNoise:
    """Normal noise from a stream's own generator."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.Generator(np.random.PCG64(seed))

    def next_row(self, size: int) -> np.ndarray:
        """Draw the next row."""
        return self.generator.standard_normal(size, dtype=np.float32)


class GivenNoise:
    """Noise from an array (latents, size): for parity with recorded runs."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows: Iterator[np.ndarray] = iter(rows)

    def next_row(self, size: int) -> np.ndarray:
        """Return the next row of the array."""
        row = next(self.rows)
        if row.shape != (size,):
            raise ValueError(f"a noise row has shape {row.shape}; this model needs ({size},)")
        return row


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


class LatentStream:
    """Runs a denoiser over streams; keeps nothing about any of them."""

    def __init__(
        self,
        denoiser: Denoiser,
        config: StreamConfig,
        null_prompt: Prompt,
        schedule: Schedule | None = None,
    ) -> None:
        self.denoiser, self.config, self.null_prompt = denoiser, config, null_prompt
        self.schedule = config.schedule if schedule is None else schedule

    def start(self, noise: NoiseSource) -> LatentState:
        """Return a stream before its first latent."""
        weight = self.denoiser.head.head.weight
        return LatentState(noise, weight.new_zeros(0, self.denoiser.config.latent_dim))

    @torch.inference_mode()
    def commit(self, states: Sequence[LatentState], prompts: Sequence[Prompt]) -> Tensor:
        """Advance every stream by one latent and return them, [len(states), latent_dim].

        ``prompts`` are the texts now in force, one per stream. The states are changed in place.
        """
        groups: dict[int, list[LatentState]] = defaultdict(list)
        for state, prompt in zip(states, prompts, strict=True):
            self._bind(state, prompt)
            groups[min(state.committed, self.config.context)].append(state)
        for group in groups.values():
            self._denoise(group)
        return torch.stack([self._finish(state) for state in states])

    def _bind(self, state: LatentState, prompt: Prompt) -> None:
        bound = state.first + len(state.prompts)
        wanted = state.committed + self.config.window_size
        state.prompts.extend([prompt] * (wanted - bound))

    def _denoise(self, states: list[LatentState]) -> None:
        """Run the steps of this call on streams that see equally many latents."""
        for steps in zip(
            *(self.schedule.steps_to_commit(s.committed) for s in states), strict=True
        ):
            windows = [self.schedule.active_window(step) for step in steps]
            for state, (_, end) in zip(states, windows, strict=True):
                self._draw_until(state, end)
            spans = [(max(0, end - self.config.context), end) for _, end in windows]
            velocity = self._velocity(states, steps, spans)
            for row, state in enumerate(states):
                (start, end), (left, _) = windows[row], spans[row]
                active = state.latents[start - state.first : end - state.first]
                active += velocity[row, start - left : end - left] / self.schedule.num_steps

    def _velocity(
        self, states: list[LatentState], steps: Sequence[int], spans: Sequence[tuple[int, int]]
    ) -> Tensor:
        """Return the guided velocity of the latents in sight, [B, L, latent_dim]."""
        latents = torch.stack(
            [
                s.latents[left - s.first : end - s.first]
                for s, (left, end) in zip(states, spans, strict=True)
            ]
        )
        levels = np.stack(
            [
                self.schedule.noise_levels(step, *span)
                for step, span in zip(steps, spans, strict=True)
            ]
        )
        bound = [
            s.prompts[left - s.first : end - s.first]
            for s, (left, end) in zip(states, spans, strict=True)
        ]
        noise_levels = torch.from_numpy(levels).to(latents)
        scale = self.config.guidance
        if scale == 1:
            return self.denoiser(latents, noise_levels, text_context(bound))
        nothing = [[self.null_prompt] * latents.shape[1]] * len(states)
        both = self.denoiser(
            latents.repeat(2, 1, 1), noise_levels.repeat(2, 1), text_context(bound + nothing)
        )
        with_text, without = both.chunk(2)
        return scale * with_text - (scale - 1) * without

    def _draw_until(self, state: LatentState, end: int) -> None:
        missing = end - state.first - len(state.latents)
        if missing > 0:
            size = state.latents.shape[1]
            rows = np.stack([state.noise.next_row(size) for _ in range(missing)])
            state.latents = torch.cat((state.latents, torch.from_numpy(rows).to(state.latents)))

    def _finish(self, state: LatentState) -> Tensor:
        latent = state.latents[state.committed - state.first].clone()
        state.committed += 1
        keep_from = max(0, state.committed + self.config.window_size - self.config.context)
        surplus = keep_from - state.first
        if surplus > 0:
            state.latents = state.latents[surplus:]
            del state.prompts[:surplus]
            state.first = keep_from
        return latent


def text_context(bound: Sequence[Sequence[Prompt]]) -> TextContext:
    """Lay the distinct prompts of each stream side by side and say which latent sees which tokens.

    Args:
        bound: For each stream, the prompt of every latent in sight.
    """
    rows = [_side_by_side(prompts) for prompts in bound]
    width = max(keys.shape[2] for keys, _, _ in rows)
    return TextContext(
        torch.stack([_pad_tokens(keys, width) for keys, _, _ in rows], 1),
        torch.stack([_pad_tokens(values, width) for _, values, _ in rows], 1),
        torch.stack([functional.pad(v, (0, width - v.shape[1])) for _, _, v in rows])[:, None],
    )


def _side_by_side(prompts: Sequence[Prompt]) -> tuple[Tensor, Tensor, Tensor]:
    distinct = list({id(p): p for p in prompts}.values())
    number = {id(p): n for n, p in enumerate(distinct)}
    owner = torch.cat([torch.full((p.keys.shape[2],), n) for n, p in enumerate(distinct)])
    reader = torch.tensor([number[id(p)] for p in prompts])
    keys = torch.cat([p.keys for p in distinct], 2)
    values = torch.cat([p.values for p in distinct], 2)
    return keys, values, (reader[:, None] == owner[None]).to(keys.device)


def _pad_tokens(x: Tensor, width: int) -> Tensor:
    return functional.pad(x, (0, 0, 0, width - x.shape[2]))
