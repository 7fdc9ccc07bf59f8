"""A clip without a clock: prompts at given times in, all frames of the motion out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.live.engine_port import Chunk, Engine, poses_of
from flood_bridge.motion.frames import Pose

MAX_SECS = 600.0


@dataclass(frozen=True, slots=True)
class Motion:
    """Frames at the model's own rate."""

    poses: list[Pose]
    features: np.ndarray
    """(T, 263)"""
    prompts: tuple[tuple[int, str], ...]
    """At which frame each prompt begins to own the motion."""


def check_script(script: Sequence[tuple[float, str]], seconds: float) -> None:
    """Refuse a script whose times do not begin at 0, rise, and end before ``seconds``.

    Raises:
        ConfigError: Naming the time that is wrong.
    """
    if not 0 < seconds <= MAX_SECS:
        raise ConfigError(f"--seconds is {seconds}; valid are more than 0 to {MAX_SECS:g}")
    last = -1.0
    for start_secs, text in script:
        if not last < start_secs < seconds:
            raise ConfigError(
                f"--then {start_secs:g} {text!r}: times must rise and be below --seconds"
                f" ({seconds:g})"
            )
        last = start_secs


def make_motion(
    engine: Engine,
    script: Sequence[tuple[float, str]],
    seconds: float,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Motion:
    """Return ``seconds`` of motion that follows ``script``: (start in seconds, text), rising.

    Nothing waits for a clock here, so each prompt is given early enough to own the motion from
    its very time on, rounded to latents.
    """
    total = max(1, round(seconds * engine.frame_rate_hz))
    latents_hz = engine.frame_rate_hz / engine.frames_per_latent
    cues = [(round(start * latents_hz), engine.encode(text)) for start, text in script]
    state, chunks, made = engine.start(seed), list[Chunk](), 0
    prompts: list[tuple[int, str]] = []
    while made < total:
        entering = 0 if not chunks else len(chunks) + engine.window_size - 1
        prompt = [each for first, each in cues if first <= entering][-1]
        (chunk,) = engine.step([state], [prompt])
        if not prompts or prompts[-1][1] != chunk.text:
            prompts.append((made, chunk.text))
        chunks.append(chunk)
        made += len(chunk.joints)
        progress(min(made, total), total)
    poses = [pose for chunk in chunks for pose in poses_of(chunk)]
    features = np.concatenate([chunk.features for chunk in chunks])
    return Motion(poses[:total], features[:total], tuple(prompts))
