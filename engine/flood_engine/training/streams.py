"""Endless-looking training streams: captioned stretches of motion joined in feature space.

A stream is a chain of segments of 2 to 8 seconds.  The next segment either goes on in the same
recording or is a newly drawn kind of motion, entered where it fits the current pose best; half of
all streams begin with standing on the floor.  Each latent of the causal VAE (4 frames, the first
one 1 frame) carries the prompt of the segment that covers its last frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from flood_engine.errors import DataError
from flood_engine.features import FEATURE_SIZE, FRAME_RATE_HZ
from flood_engine.training.mocap import Clip
from flood_engine.training.segments import Stitcher
from flood_engine.training.world import build_world

FRAMES_PER_LATENT = 4
MAX_VALUES = 4_000_000_000
"""Bound on the size of one set of streams, in numbers."""


@dataclass(frozen=True, slots=True)
class Streams:
    """Prompted motion for training."""

    features: np.ndarray
    """(count, 4 * (latents - 1) + 1, 263) features, not normalised."""
    prompt_ids: np.ndarray
    """(count, latents) int32 indices into ``texts``."""
    kind_ids: np.ndarray
    """(count, latents) int16 indices into ``kinds``."""
    texts: list[str]
    kinds: list[str]
    seconds_by_kind: dict[str, float]
    seconds_by_origin: dict[str, float]
    """Seconds of recorded motion, of robot motion, and of each way of making motion up."""


def build_streams(
    clips: list[Clip],
    count: int,
    latents: int,
    seed: int,
    *,
    dtype: type = np.float16,
    on_progress: Callable[[int], None] | None = None,
) -> Streams:
    """Stitch ``count`` streams of ``latents`` latents; the same seed gives the same streams."""
    frames = FRAMES_PER_LATENT * (latents - 1) + 1
    if count < 1 or latents < 2 or count * frames * FEATURE_SIZE > MAX_VALUES:
        raise DataError(
            f"cannot build {count} streams of {latents} latents; expected at least 1 of 2 or more, "
            f"and at most {MAX_VALUES} numbers in all"
        )
    rng = np.random.default_rng(seed)
    stitcher = Stitcher(build_world(clips, rng), rng)
    features = np.empty((count, frames, FEATURE_SIZE), dtype=dtype)
    prompt_ids = np.empty((count, latents), dtype=np.int32)
    kind_ids = np.empty((count, latents), dtype=np.int16)
    last_frames = FRAMES_PER_LATENT * np.arange(latents)
    for i in range(count):
        motion, prompts, kinds = stitcher.stream(frames)
        features[i] = motion
        prompt_ids[i] = prompts[last_frames]
        kind_ids[i] = kinds[last_frames]
        if on_progress is not None:
            on_progress(i + 1)
    return Streams(
        features,
        prompt_ids,
        kind_ids,
        stitcher.world.texts,
        stitcher.world.kinds,
        {kind: n / FRAME_RATE_HZ for kind, n in stitcher.by_kind.most_common()},
        {origin: n / FRAME_RATE_HZ for origin, n in stitcher.by_origin.most_common()},
    )
