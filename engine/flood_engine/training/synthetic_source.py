"""What made-up motion is made from, and what a made-up clip is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_engine.features import joints_to_features
from flood_engine.training.mocap import Clip
from flood_engine.training.windows import Window

MIN_FRAMES = 36


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A made-up clip that shows one kind of motion from its first to its last frame."""

    clip: Clip
    kind: str


def synthetic(source: Clip, joints: np.ndarray, how: str, kind: str) -> Synthetic:
    """Return (T, 22, 3) ``joints`` as a clip of ``kind`` that says ``how`` it was made."""
    clip = Clip(
        name=f"{source.name}:{how}",
        shard=source.shard,
        split=source.split,
        flags=source.flags,
        mirrored=source.mirrored,
        joints=joints.astype(np.float32),
        features=joints_to_features(joints, heading=source.heading),
        heading=source.heading,
        captions=(),
        synthetic=how,
    )
    return Synthetic(clip, kind)


def sources(
    clips: list[Clip], windows: list[Window], kinds: tuple[str, ...], frames: int = MIN_FRAMES
) -> list[Window]:
    """Return the human windows of some kinds that are long enough."""
    return [
        window
        for window in windows
        if window.kind in kinds
        and window.frames >= frames
        and not clips[window.clip].shard.startswith("g1_")
    ]


def piece(clips: list[Clip], window: Window) -> np.ndarray:
    """Return a window's joints (T + 1, 22, 3), on the floor."""
    joints = clips[window.clip].joints[window.start : window.stop + 1].copy()
    joints[..., 1] -= window.ground_m
    return joints
