"""Motions that the recordings lack, made from those they have.

Turning walks (the path of a straight walk bent by a constant yaw rate), backward walks (forward
walks played in reverse), turns on the spot (turns to the other side in reverse) and waves with a
named hand (one arm of a standing or walking body replaced).  Every such clip says how it was made
in :attr:`Clip.synthetic`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_engine.features import FRAME_RATE_HZ, joints_to_features
from flood_engine.training.mocap import Clip
from flood_engine.training.waving import wave_arm
from flood_engine.training.windows import Window

MIN_FRAMES = 36
_WALKS = ("walk_forward", "walk_slowly", "walk_quickly")
_RUNS = ("run_forward", "jog", "run_fast")


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A made-up clip that shows one kind of motion from its first to its last frame."""

    clip: Clip
    kind: str


def make_synthetic(
    clips: list[Clip], windows: list[Window], rng: np.random.Generator
) -> list[Synthetic]:
    """Make every kind of synthetic motion from recorded windows; deterministic for a given rng."""
    made = [*_turning(clips, windows, rng), *_reversed_walks(clips, windows, rng)]
    made += _reversed_turns(clips, windows)
    made += _waving(clips, windows, rng, ("stand",), "wave", 160)
    made += _waving(clips, windows, rng, _WALKS, "walk_wave", 60)
    return made


def bend_path(joints: np.ndarray, turn_rad: float) -> np.ndarray:
    """Bend (T, 22, 3) joints so that the heading gains ``turn_rad`` evenly, left positive.

    The root's steps turn with the body, so a straight walk becomes an arc; limbs stay as they
    are in the heading frame.
    """
    angles = np.linspace(0.0, turn_rad, len(joints))
    steps = np.diff(joints[:, 0], axis=0) * np.array([1.0, 0.0, 1.0])
    bent_steps = _about_y(steps, (angles[1:] + angles[:-1]) / 2)
    planar = joints[:, :1] * np.array([1.0, 0.0, 1.0])
    path = np.concatenate([planar[0], planar[0] + np.cumsum(bent_steps, axis=0)])
    return (_about_y(joints - planar, angles[:, None]) + path[:, None]).astype(np.float32)


def _about_y(vectors: np.ndarray, angle_rad: np.ndarray) -> np.ndarray:
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1)


def _synthetic(source: Clip, joints: np.ndarray, how: str, kind: str) -> Synthetic:
    clip = Clip(
        name=f"{source.name}:{how}",
        shard=source.shard,
        split=source.split,
        flags=source.flags,
        mirrored=source.mirrored,
        joints=joints.astype(np.float32),
        features=joints_to_features(joints, heading="clean"),
        captions=(),
        synthetic=how,
    )
    return Synthetic(clip, kind)


def _sources(
    clips: list[Clip], windows: list[Window], kinds: tuple[str, ...], frames: int = MIN_FRAMES
) -> list[Window]:
    return [
        window
        for window in windows
        if window.kind in kinds
        and window.frames >= frames
        and not clips[window.clip].shard.startswith("g1_")
    ]


def _piece(clips: list[Clip], window: Window) -> np.ndarray:
    joints = clips[window.clip].joints[window.start : window.stop + 1].copy()
    joints[..., 1] -= window.ground_m
    return joints


def _turning(clips: list[Clip], windows: list[Window], rng: np.random.Generator) -> list[Synthetic]:
    made = []
    for kinds, name, fastest in ((_WALKS, "walk", 55.0), (_RUNS, "run", 65.0)):
        for window in _sources(clips, windows, kinds):
            rate = rng.uniform(20.0, fastest)
            degrees = float(np.clip(rate * window.frames / FRAME_RATE_HZ, 50.0, 200.0))
            side = rng.choice([-1.0, 1.0])
            joints = bend_path(_piece(clips, window), np.deg2rad(side * degrees))
            kind = f"{name}_turn_{'left' if side > 0 else 'right'}"
            made.append(_synthetic(clips[window.clip], joints, "bent path", kind))
    return made


def _reversed_walks(
    clips: list[Clip], windows: list[Window], rng: np.random.Generator
) -> list[Synthetic]:
    sources = _sources(clips, windows, ("walk_forward", "walk_slowly"))
    chosen = rng.permutation(len(sources))[:100]
    return [
        _synthetic(
            clips[sources[i].clip], _piece(clips, sources[i])[::-1], "reversed", "walk_backward"
        )
        for i in chosen
    ]


def _reversed_turns(clips: list[Clip], windows: list[Window]) -> list[Synthetic]:
    kinds = {f"{turn}_{side}" for turn in ("turn", "turn_around") for side in ("left", "right")}
    made = []
    for window in _sources(clips, windows, tuple(sorted(kinds)), 16):
        turn, side = window.kind.rsplit("_", 1)
        kind = f"{turn}_{'right' if side == 'left' else 'left'}"
        joints = _piece(clips, window)[::-1]
        made.append(_synthetic(clips[window.clip], joints, "reversed", kind))
    return made


def _waving(
    clips: list[Clip],
    windows: list[Window],
    rng: np.random.Generator,
    bases: tuple[str, ...],
    name: str,
    count: int,
) -> list[Synthetic]:
    sources = _sources(clips, windows, bases, 44)
    made = []
    for i in rng.permutation(len(sources))[:count]:
        joints = _piece(clips, sources[i])
        frames = int(min(len(joints), rng.integers(44, 130)))
        begin = int(rng.integers(0, len(joints) - frames + 1))
        side = "left" if rng.random() < 0.5 else "right"
        waved = wave_arm(joints[begin : begin + frames], side, rng)
        made.append(_synthetic(clips[sources[i].clip], waved, "arm replaced", f"{name}_{side}"))
    return made
