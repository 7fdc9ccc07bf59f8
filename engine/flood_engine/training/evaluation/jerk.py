"""Jerk and jumps: is a change of motion as smooth as recorded motion?

Jerk is FlowMDM's (Barquero et al., CVPR 2024): the third difference of joint positions, without
division by time, so its unit is m/frame^3; its L1 length over x, y, z; the largest over the 22
joints; averaged over all samples frame by frame.  *Peak jerk* (PJ) is the highest point of that
mean curve, *area under jerk* (AUJ) the sum of its distances from the mean jerk of recorded motion.
Windows are 3 s long, centred on the change.  Times 8000 gives m/s^3 at 20 frames per second.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flood_engine.features import FRAME_RATE_HZ

WINDOW_FRAMES = 60
PER_SECOND_CUBED = FRAME_RATE_HZ**3
"""Factor from m/frame^3 to m/s^3."""


def jerk_curve(joints: np.ndarray) -> np.ndarray:
    """Return the (T - 3,) jerk of (T, 22, 3) joints, m/frame^3."""
    return np.abs(np.diff(joints, n=3, axis=0)).sum(axis=-1).max(axis=-1)


def centred(joints: np.ndarray, frame: int) -> np.ndarray:
    """Return the (60, 22, 3) joints around ``frame``.

    Raises:
        ValueError: If the motion does not reach 1.5 s to both sides.
    """
    half = WINDOW_FRAMES // 2
    if frame < half or len(joints) < frame + half:
        raise ValueError(f"frame {frame} of {len(joints)} has no {half} frames on both sides")
    return joints[frame - half : frame + half]


def jerk_figures(windows: Sequence[np.ndarray], real_mean: float | None) -> dict[str, float]:
    """Return peak and area of the mean curve of (60, 22, 3) windows, and each sample's own peak.

    Without ``real_mean``, the windows' own mean takes its place.
    """
    curves = np.stack([jerk_curve(window) for window in windows])
    mean = curves.mean(axis=0)
    base = float(mean.mean()) if real_mean is None else real_mean
    return {
        "samples": len(curves),
        "mean": float(mean.mean()),
        "peak": float(mean.max()),
        "area": float(np.abs(mean - base).sum()),
        "sample_peak_median": float(np.median(curves.max(axis=1))),
        "sample_peak_p95": float(np.percentile(curves.max(axis=1), 95)),
    }


def jumps(joints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far root and worst joint land from where they were heading, (T - 2,), metres.

    The place expected of a frame is the straight continuation of the two frames before it.
    """
    off = np.linalg.norm(np.diff(joints, n=2, axis=0), axis=-1)
    return off[:, 0], off.max(axis=1)


def largest_jumps(joints: np.ndarray, frame: int, reach: int = 6) -> tuple[float, float]:
    """Return the largest jump of root and joints within ``reach`` frames of ``frame``, metres."""
    root, joint = jumps(joints[max(0, frame - reach - 2) : frame + reach])
    return float(root.max()), float(joint.max())
