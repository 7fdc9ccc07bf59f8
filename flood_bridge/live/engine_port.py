"""What the daemon needs of an engine: text in, NumPy out. ``flood_engine`` has this shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np

from flood_bridge.motion.frames import Pose

Prompt: TypeAlias = Any
"""An encoded text; only the engine looks into it."""

StreamState: TypeAlias = Any
"""All that one endless motion is; only the engine looks into it.

``fork()`` returns an independent copy: both go on alike under the same prompts. Three numbers
may be set for the next step on, None being the model's own: ``guidance``, the scale of its
guidance; ``history``, the latents it sees; ``steps``, the denoise steps of each latent."""

Clock: TypeAlias = Callable[[], float]
"""Returns the seconds since the daemon's start; never runs backwards."""


class Chunk(Protocol):
    """The frames of one committed latent: one for a stream's first latent, then four each."""

    @property
    def features(self) -> np.ndarray:
        """(n, 263) motion features."""
        ...

    @property
    def joints(self) -> np.ndarray:
        """(n, 22, 3) metres."""
        ...

    @property
    def velocities(self) -> np.ndarray:
        """(n, 22, 3) metres per second towards the next frame."""
        ...

    @property
    def contacts(self) -> np.ndarray:
        """(n, 4) bool."""
        ...

    @property
    def heading_rad(self) -> np.ndarray:
        """(n,) radians, unwrapped."""
        ...

    @property
    def text(self) -> str:
        """The prompt that the latent was bound to."""
        ...


def poses_of(chunk: Chunk) -> list[Pose]:
    """Return the frames of ``chunk``, one by one."""
    rows = zip(
        chunk.joints, chunk.velocities, chunk.contacts, chunk.heading_rad.tolist(), strict=True
    )
    return [Pose(*row) for row in rows]


class Engine(Protocol):
    """A streaming text-to-motion model that any number of streams share."""

    @property
    def frame_rate_hz(self) -> float:
        """Frames per second of motion."""
        ...

    @property
    def frames_per_latent(self) -> int:
        """Frames that each latent but the first becomes."""
        ...

    @property
    def window_size(self) -> int:
        """Latents being denoised at a time: a prompt owns the latent that enters there."""
        ...

    @property
    def histories(self) -> range:
        """What a state's ``history`` may be."""
        ...

    @property
    def step_counts(self) -> Sequence[int]:
        """What a state's ``steps`` may be, rising."""
        ...

    @property
    def bone_lengths(self) -> np.ndarray:
        """(22,) metres, from each joint's parent."""
        ...

    def encode(self, text: str) -> Prompt:
        """Read a text; may be called from any thread."""
        ...

    def start(self, seed: int = 0) -> StreamState:
        """Return a stream before its first frame."""
        ...

    def interrupt(self, state: StreamState, prompt: Prompt, depth: int = 3) -> None:
        """Give every latent that is not final to ``prompt`` and take ``depth`` of them back."""
        ...

    def to_bytes(self, state: StreamState) -> bytes:
        """Write a stream's state."""
        ...

    def from_bytes(self, content: bytes) -> StreamState:
        """Read what :meth:`to_bytes` wrote."""
        ...

    def step(self, states: Sequence[StreamState], prompts: Sequence[Prompt]) -> Sequence[Chunk]:
        """Commit one latent of every stream, in place, and return the frames."""
        ...
