"""The state of one endless motion, in the hand: fork it, write it to bytes, take it up elsewhere.

Bytes, all little-endian (version 3)::

    "FLST"  u16 version  16 bytes fingerprint of the model  u32 size of the body
    body:
      u64 first, committed, clock, settled, frames;  3 f64 heading, x, z
      f64 guidance, not a number for the model's own;  6 u64 noise generator
      u16 history, u16 steps per latent, each 0 for the model's own
      u16 latents kept, u16 numbers per latent, u16 bound prompts, u16 distinct texts
      texts: u16 size and UTF-8;  for each bound prompt u16, which text
      f32 latents;  u32 size and f32 decoder memory
    16 bytes BLAKE2b of everything before

Prompts travel as texts: their keys follow from the text and the model. Nothing is ever executed,
and every size is checked before it is used. On one backend the continuation is bit for bit the
same.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from flood_engine.errors import StateError
from flood_engine.features import RootState
from flood_engine.flood.checkpoint import Model
from flood_engine.flood.config import StreamConfig
from flood_engine.flood.text import MAX_TEXT_CHARACTERS
from flood_engine.flood.vae import FRAMES_PER_LATENT
from flood_engine.noise import SeededNoise
from flood_engine.stream import LatentState, Prompt

MAX_STATE_BYTES = 16 << 20
"""Longest byte string that is looked at; real states take some 50 to 200 kB."""

_MAGIC, _VERSION = b"FLST", 3
_HEADER = struct.Struct("<4sH16sI")
_FIXED = struct.Struct("<5Q4d6Q6H")
_DIGEST = 16


@dataclass(slots=True)
class StreamState:
    """All that one endless motion is: latents, decoder memory, root. Nothing else is kept."""

    latents: LatentState
    decoder: Tensor
    """[memory size]: the frames that the decoder's layers look back on."""
    root: RootState = field(default_factory=RootState)
    frames: int = 0
    """Frames made so far."""

    @property
    def guidance(self) -> float | None:
        """Scale of the guidance from the next step on, 0 and more; None is the model's own.

        Another one than the model's costs this stream a second row in every batch.
        """
        return self.latents.guidance

    @guidance.setter
    def guidance(self, scale: float | None) -> None:
        self.latents.guidance = scale

    @property
    def history(self) -> int | None:
        """Latents in sight from the next step on; None is the model's own number.

        Valid are ``FloodEngine.histories``; a shorter one forgets nothing, it looks less far back.
        """
        return self.latents.history

    @history.setter
    def history(self, latents: int | None) -> None:
        self.latents.history = latents

    @property
    def steps(self) -> int | None:
        """Denoise steps of each latent from the next on; None is the model's own number.

        Valid are ``FloodEngine.step_counts``; the work is in proportion.
        """
        return self.latents.steps

    @steps.setter
    def steps(self, count: int | None) -> None:
        self.latents.steps = count

    def fork(self) -> StreamState:
        """Return an independent copy that goes on exactly as this one does; takes microseconds."""
        return StreamState(self.latents.fork(), self.decoder.clone(), self.root, self.frames)


def fingerprint(model: Model) -> bytes:
    """Return 16 bytes that tell models apart: configuration, names and samples of the weights."""
    config = model.config.to_json()
    config["text"]["source"] = ""  # a folder as somebody typed it: says where, not what
    digest = hashlib.blake2b(repr(config).encode(), digest_size=16)
    for network in (model.denoiser, model.vae):
        for name, tensor in network.state_dict().items():
            sample = tensor.detach().flatten()[:64].to("cpu", torch.float32)
            digest.update(name.encode() + sample.numpy().tobytes())
    return digest.digest()


def state_to_bytes(state: StreamState, model_print: bytes) -> bytes:
    """Write a state of the model with that fingerprint.

    Raises:
        StateError: If its noise comes from an array instead of a generator.
    """
    latents = state.latents
    if not isinstance(latents.noise, SeededNoise):
        raise StateError("only a stream that was started from a seed can be written to bytes")
    texts = list(dict.fromkeys(prompt.text for prompt in latents.prompts))
    number = {text: n for n, text in enumerate(texts)}
    root = state.root
    body = b"".join(
        (
            _FIXED.pack(
                *(latents.first, latents.committed, latents.clock, latents.settled, state.frames),
                *(root.heading_rad, root.x, root.z),
                math.nan if latents.guidance is None else latents.guidance,
                *latents.noise.words(),
                *(latents.history or 0, latents.steps or 0),
                *latents.latents.shape,
                *(len(latents.prompts), len(texts)),
            ),
            *(_sized(text.encode()) for text in texts),
            np.array([number[p.text] for p in latents.prompts], "<u2").tobytes(),
            _floats(latents.latents),
            struct.pack("<I", state.decoder.numel()),
            _floats(state.decoder),
        )
    )
    written = _HEADER.pack(_MAGIC, _VERSION, model_print, len(body)) + body
    return written + hashlib.blake2b(written, digest_size=_DIGEST).digest()


def state_from_bytes(
    content: bytes, model_print: bytes, encode: Callable[[str], Prompt]
) -> StreamState:
    """Read a state that :func:`state_to_bytes` wrote; ``encode`` turns its texts into prompts.

    What only the schedule can tell (whether the clock fits the latents) is the caller's to check.

    Raises:
        StateError: If the bytes are damaged, of another version or of another model.
    """
    reader = _Reader(_checked_body(content, model_print))
    fixed = reader.unpack(_FIXED)
    first, committed, clock, settled, frames = fixed[:5]
    history, steps, kept, size, bound, distinct = fixed[15:]
    texts = [reader.text() for _ in range(distinct)]
    owners = reader.array("<u2", bound)
    if bound and owners.max() >= distinct:
        raise StateError(f"a latent is bound to text {owners.max()} of {distinct}")
    latents = reader.floats(kept * size).view(kept, size)
    memory = reader.floats(reader.unpack(struct.Struct("<I"))[0])
    reader.end()
    if not np.isfinite(fixed[5:8]).all():
        raise StateError(f"the root is not finite: {fixed[5:8]}")
    try:
        noise = SeededNoise.from_words(fixed[9:15])
    except ValueError as error:
        raise StateError(str(error)) from error
    guidance = None if math.isnan(fixed[8]) else fixed[8]
    if guidance is not None and not 0 <= guidance < math.inf:
        raise StateError(f"the guidance is {guidance}; valid are 0 and more")
    prompts = [encode(text) for text in texts]
    bound_prompts = [prompts[owner] for owner in owners]
    wishes = guidance, history or None, steps or None
    inner = LatentState(noise, latents, bound_prompts, first, committed, clock, settled, *wishes)
    return StreamState(inner, memory, RootState(*fixed[5:8]), frames)


def _checked_body(content: bytes, model_print: bytes) -> bytes:
    if not _HEADER.size + _DIGEST <= len(content) <= MAX_STATE_BYTES:
        raise StateError(f"{len(content)} bytes are no stream state")
    magic, version, made_for, size = _HEADER.unpack_from(content)
    if magic != _MAGIC:
        raise StateError(f"no stream state: it begins with {magic!r}, not {_MAGIC!r}")
    if version != _VERSION:
        raise StateError(f"stream state of version {version}; this engine reads {_VERSION}")
    written, digest = content[:-_DIGEST], content[-_DIGEST:]
    if hashlib.blake2b(written, digest_size=_DIGEST).digest() != digest:
        raise StateError("the stream state is damaged: its checksum does not fit")
    if made_for != model_print:
        raise StateError("the stream state belongs to another model")
    body = written[_HEADER.size :]
    if len(body) != size:
        raise StateError(f"the stream state holds {len(body)} bytes, not the {size} it names")
    return body


class _Reader:
    """Takes a body apart from front to back and refuses to read beyond its end."""

    def __init__(self, body: bytes) -> None:
        self.body, self.place = body, 0

    def take(self, size: int) -> bytes:
        part = self.body[self.place : self.place + size]
        if len(part) != size:
            raise StateError(f"the stream state ends after {len(self.body)} bytes, too early")
        self.place += size
        return part

    def unpack(self, kind: struct.Struct) -> tuple:
        return kind.unpack(self.take(kind.size))

    def array(self, kind: str, count: int) -> np.ndarray:
        return np.frombuffer(self.take(np.dtype(kind).itemsize * count), kind)

    def floats(self, count: int) -> Tensor:
        values = self.array("<f4", count).astype(np.float32)
        if not np.isfinite(values).all():
            raise StateError("the stream state holds numbers that are not finite")
        return torch.from_numpy(values)

    def text(self) -> str:
        try:
            text = self.take(self.unpack(struct.Struct("<H"))[0]).decode()
        except UnicodeDecodeError as error:
            raise StateError(f"a prompt is not UTF-8: {error}") from error
        if len(text) > MAX_TEXT_CHARACTERS:
            raise StateError(f"a prompt has {len(text)} characters")
        return text

    def end(self) -> None:
        if self.place != len(self.body):
            raise StateError(f"{len(self.body) - self.place} bytes too many in the stream state")


def _floats(tensor: Tensor) -> bytes:
    return tensor.detach().to("cpu", torch.float32).numpy().astype("<f4", copy=False).tobytes()


def _sized(text: bytes) -> bytes:
    return struct.pack("<H", len(text)) + text


def check_state(state: StreamState, config: StreamConfig, latent_dim: int, memory: int) -> None:
    """Refuse a state whose counters contradict one another or the model's sizes.

    Raises:
        StateError: Naming what does not fit.
    """
    inner, committed = state.latents, state.latents.committed
    latest = committed - 1 + config.window_size if committed else 0
    promises = {
        "first": (inner.first, max(0, committed + 1 - config.context)),
        "latents": (inner.first + len(inner.latents), inner.clock),
        "numbers per latent": (inner.latents.shape[1], latent_dim),
        "prompts": (inner.first + len(inner.prompts), committed + config.window_size - 1)
        if committed
        else (len(inner.prompts), 0),
        "clock": (inner.clock, min(max(inner.clock, committed), latest)),
        "settled": (min(inner.settled, committed), inner.settled),
        "frames": (state.frames, max(0, (committed - 1) * FRAMES_PER_LATENT + 1)),
        "decoder memory": (state.decoder.numel(), memory),
        "history": (inner.history, _among(inner.history, config.histories)),
        "steps": (inner.steps, _among(inner.steps, config.step_counts)),
    }
    if wrong := {name: pair for name, pair in promises.items() if pair[0] != pair[1]}:
        listed = ", ".join(
            f"{name} {given} (should be {due})" for name, (given, due) in wrong.items()
        )
        raise StateError(f"the stream state contradicts itself or the model: {listed}")


def _among(wish: int | None, valid: Sequence[int]) -> int | None:
    """Return the ``valid`` number that is nearest to ``wish``."""
    return None if wish is None else min(valid, key=lambda number: abs(number - wish))
