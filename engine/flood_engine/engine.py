"""The engine: text in, NumPy out. Streams are states that the caller owns and passes in.

>>> engine = load_engine()                          # doctest: +SKIP
>>> state = engine.start(seed=1)                    # doctest: +SKIP
>>> prompt = engine.encode("a person walks")        # doctest: +SKIP
>>> chunk, = engine.step([state], [prompt])         # doctest: +SKIP
>>> chunk.joints.shape                              # doctest: +SKIP
(1, 22, 3)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from flood_engine.backends.backend import Backend
from flood_engine.backends.choose import choose_backend
from flood_engine.backends.plain import PlainBackend
from flood_engine.features import recover
from flood_engine.flood.checkpoint import Model, load_model
from flood_engine.flood.text import TextEncoder, load_text_encoder
from flood_engine.flood.vae import FRAMES_PER_LATENT
from flood_engine.guidance import Guided
from flood_engine.noise import NoiseSource, SeededNoise
from flood_engine.prompts import KnownPrompts
from flood_engine.state import (
    StreamState,
    check_state,
    fingerprint,
    state_from_bytes,
    state_to_bytes,
)
from flood_engine.stream import LatentStream, Prompt


@dataclass(frozen=True, slots=True)
class Chunk:
    """The frames of one committed latent: one for a stream's first latent, then four each."""

    latent: int
    """Number of the latent, from 0."""
    first_frame: int
    """Number of the chunk's first frame, from 0."""
    features: np.ndarray
    """(n, 263) float32"""
    joints: np.ndarray
    """(n, 22, 3) float64, metres, world (x left, y up, z forward at the start)"""
    velocities: np.ndarray
    """(n, 22, 3) float64, m/s towards the next frame"""
    contacts: np.ndarray
    """(n, 4) bool: left ankle, left foot, right ankle, right foot"""
    heading_rad: np.ndarray
    """(n,) float64; 0 faces +z, positive is a turn to the left"""
    text: str
    """The prompt that the latent was bound to."""


class FloodEngine:
    """A model that any number of streams share.

    Args:
        model: Networks and configuration.
        text_encoder: Reads texts as the model was trained to.
        backend: On which machinery it runs; without one, the plain networks.

    Raises:
        CheckpointError: If the text encoder is not one that the model was made for.
    """

    frames_per_latent = FRAMES_PER_LATENT

    def __init__(
        self,
        model: Model,
        text_encoder: TextEncoder,
        backend: Callable[[Model, Prompt], Backend] = PlainBackend,
    ) -> None:
        self.model = model
        self.config = model.config
        self.bone_lengths = np.array(model.config.bone_lengths)
        self.frame_rate_hz = model.config.features.frame_rate_hz
        self.window_size = model.config.stream.window_size
        self.histories = model.config.stream.histories
        """What a state's ``history`` may be; the last is the model's own."""
        self.step_counts = model.config.stream.step_counts
        """What a state's ``steps`` may be."""
        self._prompts = KnownPrompts(text_encoder, model.denoiser)
        nothing, stream = self._prompts(""), model.config.stream
        self.backend = backend(model, nothing)
        velocity = Guided(self.backend.velocity, stream, nothing)
        self._stream = LatentStream(velocity, model.config.denoiser.latent_dim, stream)

    def encode(self, text: str) -> Prompt:
        """Read a text: a few milliseconds unless it is remembered; may be called from any thread.

        Raises:
            PromptError: If the text is too long.
        """
        prompt = self._prompts(text)
        self.backend.prepare(prompt)
        return prompt

    def start(self, seed: int = 0, noise: NoiseSource | None = None) -> StreamState:
        """Return a stream before its first frame, at the origin, facing +z."""
        latents = self._stream.start(SeededNoise(seed) if noise is None else noise)
        return StreamState(latents, torch.zeros(self.backend.decode.memory_size))

    @torch.inference_mode()
    def step(self, states: Sequence[StreamState], prompts: Sequence[Prompt]) -> list[Chunk]:
        """Commit one latent of every stream under its prompt and return the frames.

        The states are advanced in place. A prompt owns the latent that enters the window now, which
        is committed ``window_size - 1`` calls later. Streams join and leave between calls as they
        like: what one becomes does not depend on the others.

        Raises:
            ValueError: If a state's ``history`` or ``steps`` is none that this model can have.
        """
        if not states:
            return []
        texts = [_text_of_next(s, p) for s, p in zip(states, prompts, strict=True)]
        latents = self._stream.commit([state.latents for state in states], prompts)
        features = self._decode(states, latents)
        return [_chunk(*each) for each in zip(states, features, texts, strict=True)]

    def interrupt(self, state: StreamState, prompt: Prompt, depth: int = 3) -> None:
        """Let ``prompt`` take hold at once: the next latent already follows it.

        Every latent that is not final is re-pointed to ``prompt`` and made noisier by ``depth``
        latent-times; 0 re-points only, ``window_size`` forgets the window altogether. The next
        :meth:`step` of this state runs the denoise steps that were undone besides its own.

        Raises:
            ValueError: If ``depth`` is not between 0 and ``window_size``.
        """
        self._stream.interrupt(state.latents, prompt, depth)

    def to_bytes(self, state: StreamState) -> bytes:
        """Write a state: :meth:`from_bytes` takes it up in any process that has this model.

        Raises:
            StateError: If the state was not started from a seed.
        """
        return state_to_bytes(state, self._fingerprint)

    def from_bytes(self, content: bytes) -> StreamState:
        """Read a state that :meth:`to_bytes` wrote. Texts that are not remembered are read again.

        Raises:
            StateError: If the bytes are damaged or belong to another model or version.
        """
        state = state_from_bytes(content, self._fingerprint, self.encode)
        check_state(
            state,
            self.config.stream,
            self.config.denoiser.latent_dim,
            self.backend.decode.memory_size,
        )
        return state

    @cached_property
    def _fingerprint(self) -> bytes:
        return fingerprint(self.model)

    def _decode(self, states: Sequence[StreamState], latents: Tensor) -> list[np.ndarray]:
        """Return each stream's features: (1, 263) for its first latent, (4, 263) later."""
        features: list[np.ndarray] = [np.empty(0)] * len(states)
        for started in (False, True):
            rows = [row for row, s in enumerate(states) if (s.frames > 0) is started]
            if rows:
                memory = torch.stack([states[row].decoder for row in rows])
                made = self.backend.decode(latents[rows], memory, started).numpy()
                for place, row in enumerate(rows):
                    # a view would keep the memory of the whole batch alive
                    states[row].decoder = memory[place].clone()
                    features[row] = made[place]
        return features


def _text_of_next(state: StreamState, prompt: Prompt) -> str:
    waiting = state.latents
    place = waiting.committed - waiting.first
    return waiting.prompts[place].text if place < len(waiting.prompts) else prompt.text


def _chunk(state: StreamState, features: np.ndarray, text: str) -> Chunk:
    motion, state.root = recover(features, state.root)
    state.frames += len(features)
    return Chunk(
        latent=state.latents.committed - 1,
        first_frame=state.frames - len(features),
        features=features,
        joints=motion.joints,
        velocities=motion.velocities,
        contacts=motion.contacts,
        heading_rad=motion.heading_rad,
        text=text,
    )


def load_engine(
    model: str | Path = "bundled",
    *,
    threads: int | None = None,
    backend: str = "auto",
    precision: str = "auto",
) -> FloodEngine:
    """Load a model folder (or ``"bundled"``) and its text encoder.

    Args:
        model: Folder of a model, or ``"bundled"``.
        threads: CPU threads of PyTorch, process-wide; None leaves them as they are.
        backend: ``auto``, ``eager``, ``compiled``, ``openvino``, ``cuda-graph`` or ``plain``; one
            that cannot run here is replaced by ``eager`` with a line in the log.
        precision: ``auto`` (float32), ``float32`` or ``bfloat16``.

    Raises:
        CheckpointError: If the model or its text encoder cannot be loaded.
        BackendError: If there is no such backend or precision.
    """
    kind = choose_backend(backend, precision)
    if threads is not None:
        torch.set_num_threads(threads)
    loaded = load_model(model)
    return FloodEngine(loaded, load_text_encoder(loaded.config.text), kind)
