"""Motions that the recordings lack, made from those they have.

Turning walks (the path of a straight walk bent by a constant yaw rate), backward walks (forward
walks played in reverse), turns on the spot (turns to the other side in reverse) and waves with a
named hand (one arm of a standing or walking body replaced); see also :mod:`standing_motions` and
:mod:`paces`.  Every such clip says how it was made in :attr:`Clip.synthetic`.
"""

from __future__ import annotations

import itertools

import numpy as np

from flood_engine.features import FRAME_RATE_HZ
from flood_engine.training.footwork import about_y
from flood_engine.training.mocap import Clip
from flood_engine.training.paces import other_paces
from flood_engine.training.standing_motions import (
    crouches,
    pickings_up,
    raised_arms,
    squats,
    turns_on_the_spot,
)
from flood_engine.training.synthetic_source import Synthetic, piece, sources, synthetic
from flood_engine.training.waving import wave_arm
from flood_engine.training.windows import Window

_HANGING_M = 0.25
_WALKS = ("walk_forward", "walk_slowly", "walk_quickly")
_RUNS = ("run_forward", "jog", "run_fast")


def make_synthetic(
    clips: list[Clip], windows: list[Window], rng: np.random.Generator
) -> list[Synthetic]:
    """Make every kind of synthetic motion from recorded windows; deterministic for a given rng."""
    made = [*_turning(clips, windows, rng), *_reversed_walks(clips, windows, rng)]
    made += _reversed_turns(clips, windows)
    made += _waving(clips, windows, rng, ("stand",), "wave", 160)
    made += _waving(clips, windows, rng, _WALKS, "walk_wave", 60)
    made += turns_on_the_spot(clips, windows, rng, 160)
    made += crouches(clips, windows, rng, 70)
    made += squats(clips, windows, rng, 40)
    made += pickings_up(clips, windows, rng, 60)
    made += raised_arms(clips, windows, rng, 40)
    made += other_paces(clips, windows, rng)
    return made


def bend_path(joints: np.ndarray, turn_rad: float) -> np.ndarray:
    """Bend (T, 22, 3) joints so that the heading gains ``turn_rad`` evenly, left positive.

    The root's steps turn with the body, so a straight walk becomes an arc; limbs stay as they
    are in the heading frame.
    """
    angles = np.linspace(0.0, turn_rad, len(joints))
    steps = np.diff(joints[:, 0], axis=0) * np.array([1.0, 0.0, 1.0])
    bent_steps = about_y(steps, (angles[1:] + angles[:-1]) / 2)
    planar = joints[:, :1] * np.array([1.0, 0.0, 1.0])
    path = np.concatenate([planar[0], planar[0] + np.cumsum(bent_steps, axis=0)])
    return (about_y(joints - planar, angles[:, None]) + path[:, None]).astype(np.float32)


def _turning(clips: list[Clip], windows: list[Window], rng: np.random.Generator) -> list[Synthetic]:
    made = []
    for kinds, name, fastest in ((_WALKS, "walk", 55.0), (_RUNS, "run", 75.0)):
        found = sources(clips, windows, kinds)
        for side, window in itertools.product((1.0, -1.0), found):
            rate = rng.uniform(25.0, fastest)
            degrees = float(np.clip(rate * window.frames / FRAME_RATE_HZ, 50.0, 200.0))
            joints = bend_path(piece(clips, window), np.deg2rad(side * degrees))
            kind = f"{name}_turn_{'left' if side > 0 else 'right'}"
            made.append(synthetic(clips[window.clip], joints, "bent path", kind))
    return made


def _reversed_walks(
    clips: list[Clip], windows: list[Window], rng: np.random.Generator
) -> list[Synthetic]:
    found = sources(clips, windows, ("walk_forward", "walk_slowly"))
    chosen = rng.permutation(len(found))[:100]
    return [
        synthetic(clips[found[i].clip], piece(clips, found[i])[::-1], "reversed", "walk_backward")
        for i in chosen
    ]


def _reversed_turns(clips: list[Clip], windows: list[Window]) -> list[Synthetic]:
    kinds = {f"{turn}_{side}" for turn in ("turn", "turn_around") for side in ("left", "right")}
    made = []
    for window in sources(clips, windows, tuple(sorted(kinds)), 16):
        turn, side = window.kind.rsplit("_", 1)
        kind = f"{turn}_{'right' if side == 'left' else 'left'}"
        joints = piece(clips, window)[::-1]
        made.append(synthetic(clips[window.clip], joints, "reversed", kind))
    return made


def _waving(
    clips: list[Clip],
    windows: list[Window],
    rng: np.random.Generator,
    bases: tuple[str, ...],
    name: str,
    count: int,
) -> list[Synthetic]:
    found = [w for w in sources(clips, windows, bases, 44) if _arms_hang(piece(clips, w))]
    made = []
    for i in rng.permutation(len(found))[:count]:
        joints = piece(clips, found[i])
        frames = int(min(len(joints), rng.integers(60, 220)))
        begin = int(rng.integers(0, len(joints) - frames + 1))
        side = "left" if rng.random() < 0.5 else "right"
        waved = wave_arm(joints[begin : begin + frames], side, rng)
        made.append(synthetic(clips[found[i].clip], waved, "arm replaced", f"{name}_{side}"))
    return made


def _arms_hang(joints: np.ndarray) -> bool:
    """Tell whether both wrists stay well below their shoulders."""
    below = joints[:, [16, 17], 1] - joints[:, [20, 21], 1]
    return bool(np.percentile(below, 5) > _HANGING_M)
