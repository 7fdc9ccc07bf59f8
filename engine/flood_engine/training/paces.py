"""The same walk slower or faster: recordings hold half a minute of slow walking and of jogging."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

from flood_engine.features import FRAME_RATE_HZ
from flood_engine.training.mocap import Clip
from flood_engine.training.synthetic_source import Synthetic, piece, sources, synthetic
from flood_engine.training.windows import Window

_CHANGES = (
    # from kinds, to kind, wanted m/s, allowed change of pace, how many
    (("walk_forward",), "walk_slowly", (0.48, 0.72), (0.45, 0.8), 60),
    (("walk_forward",), "walk_quickly", (1.7, 2.0), (1.2, 1.6), 40),
    (("run_forward",), "jog", (1.9, 2.5), (0.6, 0.85), 40),
)


def change_pace(joints: np.ndarray, pace: float) -> np.ndarray:
    """Return (T, 22, 3) joints played at ``pace`` times their speed, at the same frame rate."""
    times = np.arange(0.0, len(joints) - 1, pace)
    return CubicSpline(np.arange(len(joints)), joints.astype(np.float64))(times).astype(np.float32)


def other_paces(
    clips: list[Clip], windows: list[Window], rng: np.random.Generator
) -> list[Synthetic]:
    """Make slow and quick walks and jogs out of walks and runs."""
    made = []
    for kinds, kind, wanted, (least, most), count in _CHANGES:
        found = sources(clips, windows, kinds)
        for i in rng.permutation(len(found))[:count]:
            joints = piece(clips, found[i])
            steps = np.linalg.norm(np.diff(joints[:, 0, [0, 2]], axis=0), axis=1)
            pace = rng.uniform(*wanted) / (float(steps.mean()) * FRAME_RATE_HZ)
            if least <= pace <= most:
                changed = change_pace(joints, pace)
                made.append(synthetic(clips[found[i].clip], changed, "other pace", kind))
    return made
