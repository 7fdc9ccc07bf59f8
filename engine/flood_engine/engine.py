"""The engine: text in, NumPy out. Streams are states that the caller owns and passes in.

>>> engine = load_engine()                          # doctest: +SKIP
>>> state = engine.start(seed=1)                    # doctest: +SKIP
>>> prompt = engine.encode("a person walks")        # doctest: +SKIP
>>> chunk, = engine.step([state], [prompt])         # doctest: +SKIP
>>> chunk.joints.shape                              # doctest: +SKIP
(1, 22, 3)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from flood_engine.features import RootState, recover
from flood_engine.flood.causal import CausalState
from flood_engine.flood.checkpoint import Model, load_model
from flood_engine.flood.text import EncodedTexts, TextEncoder, load_text_encoder
from flood_engine.flood.vae import FRAMES_PER_LATENT
from flood_engine.stream import LatentState, LatentStream, NoiseSource, Prompt, SeededNoise


@dataclass(slots=True)
class StreamState:
    """All that one endless motion is: latents, decoder memory, root. Nothing else is kept."""

    latents: LatentState
    decoder: CausalState = field(default_factory=CausalState)
    root: RootState = field(default_factory=RootState)
    frames: int = 0
    """Frames made so far."""


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
    """A model that any number of streams share."""

    frames_per_latent = FRAMES_PER_LATENT

    def __init__(self, model: Model, text_encoder: TextEncoder) -> None:
        self.model = model
        self.config = model.config
        self.bone_lengths = np.array(model.config.bone_lengths)
        self.frame_rate_hz = model.config.features.frame_rate_hz
        self.window_size = model.config.stream.window_size
        self._texts = EncodedTexts(text_encoder)
        self._stream = LatentStream(model.denoiser, model.config.stream, self.encode(""))

    @torch.inference_mode()
    def encode(self, text: str) -> Prompt:
        """Read a text: a few milliseconds; may be called from any thread.

        Raises:
            PromptError: If the text is too long.
        """
        keys, values = self.model.denoiser.read_text(self._texts(text)[None])
        return Prompt(text, keys[:, 0], values[:, 0])

    def start(self, seed: int = 0, noise: NoiseSource | None = None) -> StreamState:
        """Return a stream before its first frame, at the origin, facing +z."""
        return StreamState(self._stream.start(SeededNoise(seed) if noise is None else noise))

    @torch.inference_mode()
    def step(self, states: Sequence[StreamState], prompts: Sequence[Prompt]) -> list[Chunk]:
        """Commit one latent of every stream under its prompt and return the frames.

        The states are advanced in place. A prompt owns the latent that enters the window now, which
        is committed ``window_size - 1`` calls later.
        """
        if not states:
            return []
        texts = [self._text_of_next(s, p) for s, p in zip(states, prompts, strict=True)]
        latents = self._stream.commit([state.latents for state in states], prompts)
        return [
            self._decode(state, latent, text)
            for state, latent, text in zip(states, latents, texts, strict=True)
        ]

    @staticmethod
    def _text_of_next(state: StreamState, prompt: Prompt) -> str:
        waiting = state.latents
        place = waiting.committed - waiting.first
        return waiting.prompts[place].text if place < len(waiting.prompts) else prompt.text

    def _decode(self, state: StreamState, latent: Tensor, text: str) -> Chunk:
        features = self.model.vae.decode(latent[None, None], state.decoder)[0].numpy()
        motion, state.root = recover(features, state.root)
        chunk = Chunk(
            latent=state.latents.committed - 1,
            first_frame=state.frames,
            features=features,
            joints=motion.joints,
            velocities=motion.velocities,
            contacts=motion.contacts,
            heading_rad=motion.heading_rad,
            text=text,
        )
        state.frames += len(features)
        return chunk


def load_engine(model: str | Path = "bundled", *, threads: int | None = None) -> FloodEngine:
    """Load a model folder (or ``"bundled"``) and its text encoder.

    Args:
        model: Folder of a model, or ``"bundled"``.
        threads: CPU threads of PyTorch, process-wide; None leaves them as they are.

    Raises:
        CheckpointError: If the model or its text encoder cannot be loaded.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    loaded = load_model(model)
    return FloodEngine(loaded, load_text_encoder(loaded.config.text))
