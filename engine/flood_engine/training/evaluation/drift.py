"""Ten minutes of one prompt: does the motion stay finite, on the ground, in shape and in place?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from flood_engine.engine import Chunk, FloodEngine
from flood_engine.features import HEIGHT, POSITIONS
from flood_engine.humanml import FOOT_JOINTS, PARENTS
from flood_engine.training.evaluation.rollouts import STAND, Progress

PROMPTS = (
    STAND,
    "a person walks forward",
    "a person runs",
    "a person dances",
    "a person sits down",
    "a person waves with the right hand",
)
MINUTES = 10.0
STANDING_SPEED = 0.05
"""The root of a standing body may move this fast, m/s, on average over a second."""
_RANGE_MARGIN_M = 0.1
_CALLS_PER_BLOCK = 50
_ALLOWED_OUTSIDE = 0.001
_GROUND_M, _FOOT_DRIFT_M, _BONE_M = 0.08, 0.03, 0.02
"""The feet of recorded sitters hang 5 to 7 cm over the floor; hence the first."""


@dataclass(slots=True)
class Log:
    """What is kept of one long stream: small numbers per frame or per block of ten seconds."""

    finite: bool = True
    outside: int = 0
    frames: int = 0
    foot_m: list[np.ndarray] = field(default_factory=list)
    """(n,) height of the lowest foot joint, by block."""
    root_m: list[np.ndarray] = field(default_factory=list)
    """(n, 2) place of the root, by block."""
    bones_m: list[np.ndarray] = field(default_factory=list)
    """(21,) mean bone lengths, by block."""


def run_drift(
    engine: FloodEngine,
    pose_range: dict[str, Any],
    minutes: float = MINUTES,
    prompts: Sequence[str] = PROMPTS,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Run all prompts side by side, each for ``minutes``, and judge each."""
    low = np.array(pose_range["low"]) - _RANGE_MARGIN_M
    high = np.array(pose_range["high"]) + _RANGE_MARGIN_M
    states = [engine.start(seed=77 + number) for number in range(len(prompts))]
    wanted = [engine.encode(text) for text in prompts]
    logs = [Log() for _ in prompts]
    latents_per_sec = engine.frame_rate_hz / engine.frames_per_latent
    blocks = max(2, round(minutes * 60 * latents_per_sec / _CALLS_PER_BLOCK))
    for _ in range(blocks):
        chunks = [engine.step(states, wanted) for _ in range(_CALLS_PER_BLOCK)]
        for row, log in enumerate(logs):
            _note(log, [step[row] for step in chunks], low, high)
        if progress is not None:
            progress(len(prompts) * _CALLS_PER_BLOCK / latents_per_sec)
    rate = engine.frame_rate_hz
    return [_verdict(text, log, rate) for text, log in zip(prompts, logs, strict=True)]


def _note(log: Log, chunks: Sequence[Chunk], low: np.ndarray, high: np.ndarray) -> None:
    joints = np.concatenate([chunk.joints for chunk in chunks])
    features = np.concatenate([chunk.features for chunk in chunks])
    log.finite &= bool(np.isfinite(features).all() and np.isfinite(joints).all())
    pose = features[:, HEIGHT : POSITIONS.stop]
    log.outside += int(((pose < low) | (pose > high)).any(axis=1).sum())
    log.frames += len(pose)
    log.foot_m.append(joints[:, list(FOOT_JOINTS), 1].min(axis=1))
    log.root_m.append(joints[:, 0][:, [0, 2]])
    bones = joints[:, 1:] - joints[:, list(PARENTS[1:])]
    log.bones_m.append(np.linalg.norm(bones, axis=-1).mean(axis=0))


def _verdict(prompt: str, log: Log, rate_hz: float) -> dict[str, Any]:
    root, foot = np.concatenate(log.root_m), np.concatenate(log.foot_m)
    second = round(rate_hz)
    speeds = np.linalg.norm(root[second:] - root[:-second], axis=1)
    settled = speeds[3 * second :]
    part = max(1, len(log.foot_m) // 10)
    first = slice(1, 1 + part)  # after the change of pose that the prompt itself brings
    early, late = np.concatenate(log.foot_m[first]), np.concatenate(log.foot_m[-part:])
    bone_change = np.mean(log.bones_m[-part:], axis=0) - np.mean(log.bones_m[first], axis=0)
    figures = {
        "prompt": prompt,
        "minutes": len(root) / rate_hz / 60,
        "finite": log.finite,
        "outside_range": log.outside / log.frames,
        "foot_median_m": float(np.median(foot)),
        "foot_p1_m": float(np.percentile(foot, 1)),
        "foot_p99_m": float(np.percentile(foot, 99)),
        "foot_drift_m": float(np.median(late) - np.median(early)),
        "bone_drift_m": float(np.abs(bone_change).max()),
        "root_speed_mean": float(settled.mean()),
        "root_speed_p99": float(np.percentile(settled, 99)),
        "net_way_m": float(np.linalg.norm(root[-1] - root[0])),
    }
    return {**figures, "failed": _failures(figures, still=prompt == STAND)}


def _failures(figures: dict[str, Any], *, still: bool) -> list[str]:
    tests = {
        "not finite": not figures["finite"],
        "pose outside the data's range": not figures["outside_range"] <= _ALLOWED_OUTSIDE,
        "off the ground": not abs(figures["foot_median_m"]) <= _GROUND_M,
        "foot height drifts": not abs(figures["foot_drift_m"]) <= _FOOT_DRIFT_M,
        "bones change": not figures["bone_drift_m"] <= _BONE_M,
        "wanders": still and not figures["root_speed_mean"] <= STANDING_SPEED,
    }
    return [name for name, failed in tests.items() if failed]
