"""The active window: which latents one denoise step works on, and how noisy each is.

FloodDiffusion [1] keeps latents on a triangular noise schedule: committed latents on the left
are clean, those still to come are pure noise, and the ``window_size`` latents between them fall
linearly from one to the other. Each denoise step moves that slope right by
``window_size / num_steps`` latents.

Positions are integers here. The reference truncates a floating-point time instead, so its first
latent misses its last ``num_steps / window_size`` updates; see ``docs/parity.md``.

Between two commits the slope lies where it lies, in how many steps it ever got there: a stream's
clock therefore counts latent-times, and its number of steps may change from latent to latent.
Levels are counted in parts so fine that every number of steps meets them.

[1] Cai et al., CVPR 2026, https://arxiv.org/abs/2512.03520. Upstream names: ``chunk_size`` is our
    ``window_size``, ``noise_steps`` our ``num_steps``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

import numpy as np

STEP_COUNTS = (1, 2, 3, 4)
"""Denoise steps per latent that a stream may have, whatever its model's own are."""


@lru_cache(maxsize=256)
def _falling(first: int, step: int, highest: int, count: int) -> np.ndarray:
    counts = np.clip(first + step * np.arange(count, dtype=np.int64), 0, highest)
    counts.flags.writeable = False
    return counts


@dataclass(frozen=True, slots=True)
class Schedule:
    """How fast the slope moves and how steep it is.

    Raises:
        ValueError: If ``num_steps`` is not a positive multiple of ``window_size``, or ``parts`` of
            the steps per latent.
    """

    window_size: int = 5
    """Latents that are denoised together (the paper's n_s)."""
    num_steps: int = 10
    """Denoise steps that one latent goes through from noise to data."""
    parts: int = 0
    """Into how many parts the fall from one latent's level to the next one's is divided; 0 is as
    many as the steps per latent and all :data:`STEP_COUNTS` divide."""

    def __post_init__(self) -> None:
        if self.window_size < 1 or self.num_steps < 1 or self.num_steps % self.window_size:
            raise ValueError(
                "num_steps must be a positive multiple of window_size,"
                f" not {self.num_steps} and {self.window_size}"
            )
        own = self.steps_per_latent
        object.__setattr__(self, "parts", self.parts or math.lcm(own, *STEP_COUNTS))
        if self.parts < 1 or self.parts % own:
            raise ValueError(f"{own} steps per latent do not divide {self.parts} parts")

    @property
    def steps_per_latent(self) -> int:
        """Denoise steps between two commits once the stream runs."""
        return self.num_steps // self.window_size

    @property
    def scale(self) -> int:
        """What stands for a noise level of 1 where levels are counted in integers."""
        return self.window_size * self.parts

    def with_steps(self, steps_per_latent: int) -> Self:
        """Return the schedule with other steps, its levels counted in the same parts.

        Raises:
            ValueError: If they do not divide the parts.
        """
        return replace(self, num_steps=self.window_size * steps_per_latent)

    def active_window(self, step: int) -> tuple[int, int]:
        """Return ``[start, end)``, the latents that denoise step ``step`` updates."""
        position = step * self.window_size // self.num_steps
        return max(0, position - self.window_size + 1), position + 1

    def noise_levels(self, step: int, start: int, end: int) -> np.ndarray:
        """Return the level of latents ``start..end-1`` before ``step``: 0 is clean, 1 is noise.

        Returns:
            float64 array of shape ``(end - start,)``.
        """
        return self.level_counts(step, start, end) / self.scale

    def level_counts(self, step: int, start: int, end: int) -> np.ndarray:
        """Return :meth:`noise_levels` as integers, in units of ``1 / scale``.

        Returns:
            int64 array of shape ``(end - start,)``, not to be written to: running streams ask
            for the same few again and again.
        """
        first = self.scale + start * self.parts - step * (self.parts // self.steps_per_latent)
        return _falling(first, self.parts, self.scale, end - start)

    def end_of_commit(self, latent: int) -> int:
        """Return the number of denoise steps after which ``latent`` is final."""
        return latent * self.steps_per_latent + self.num_steps

    def steps_to_commit(self, latent: int) -> range:
        """Return the denoise steps of the call that commits ``latent``, if nothing interrupts.

        The first call runs all ``num_steps``; every later one ``steps_per_latent``.
        """
        stop = self.end_of_commit(latent)
        return range(0 if latent == 0 else stop - self.steps_per_latent, stop)

    def wound_back(self, clock: int, committed: int, depth: int) -> int:
        """Return the clock, in latent-times, ``depth`` before, for a prompt that cannot wait.

        Every level rises by ``depth / window_size``. The clock never goes back beyond the time at
        which the first uncommitted latent is pure noise: there is nothing left to undo before it.

        Raises:
            ValueError: If ``depth`` is not between 0 and ``window_size``.
        """
        if not 0 <= depth <= self.window_size:
            raise ValueError(f"depth must be between 0 and {self.window_size}, not {depth}")
        return min(clock, max(committed, clock - depth))
