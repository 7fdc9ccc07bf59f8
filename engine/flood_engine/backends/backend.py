"""What every machinery offers: the velocities of latents, and the features they stand for."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from flood_engine.stream import BranchField, Prompt


class LatentDecoder(Protocol):
    """The VAE's decoder, latent by latent."""

    @property
    def memory_size(self) -> int:
        """Numbers that it remembers of one stream."""
        ...

    def __call__(self, latents: Tensor, memory: Tensor, started: bool) -> Tensor:
        """Return the features [B, 4 or 1, 263] of latents [B, latent_dim].

        ``memory`` [B, memory_size] is zeros before a stream's first latent and is changed in place;
        ``started`` says whether a latent came before. The features are the caller's to keep.
        """
        ...


class Backend(Protocol):
    """One model on one machinery in one precision."""

    @property
    def name(self) -> str:
        """As in ``--backend``."""
        ...

    @property
    def precision(self) -> str:
        """As in ``--precision``."""
        ...

    @property
    def velocity(self) -> BranchField:
        """The denoiser, under the text and under the empty one."""
        ...

    @property
    def decode(self) -> LatentDecoder:
        """The decoder."""
        ...

    def prepare(self, prompt: Prompt) -> None:
        """Do for a new prompt what a running stream should not have to wait for."""
        ...

    def warm_up(self) -> None:
        """Compile what running streams will need, so that none of them waits for it."""
        ...
