"""Feet: do they slide, sink or hover?

Skating by two published definitions. GMD (Karunratanakul et al., ICCV 2023): a toe is in contact
when it is below 5 cm in two frames on end; a frame skates when a toe in contact moves faster than
0.5 m/s over the ground, now and on average over five frames; ratio over all frames.  Kimodo
(NVIDIA, 2026): a toe below 5 cm is in contact, contact frames faster than 0.2 m/s skate; ratio over
contact frames.  Penetration: lowest foot joint under the floor by more than 2 cm.  Floating:
lowest foot joint more than 5 cm over it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import uniform_filter1d

from flood_engine.engine import FloodEngine
from flood_engine.features import FRAME_RATE_HZ
from flood_engine.humanml import FOOT_JOINTS
from flood_engine.training.evaluation.rollouts import STAND, Progress, Rollout, go_on

GROUNDED: dict[str, tuple[str, tuple[str, ...]]] = {
    "stand": (STAND, ("stand",)),
    "walk forward": ("a person walks forward", ("walk_forward",)),
    "walk backward": ("a person walks backward", ("walk_backward",)),
    "run": ("a person runs", ("run_forward", "run_fast")),
    "walk and turn": (
        "a person walks and turns left",
        ("walk_turn_left", "walk_turn_right"),
    ),
    "punch": ("a person throws punches", ("punch", "punch_left", "punch_right")),
    "kick": ("a person kicks", ("kick", "kick_left", "kick_right")),
    "dance": ("a person dances", ("dance",)),
    "crouch": ("a person crouches", ("crouch", "crouch_down", "squat")),
    "wave": ("a person waves with the right hand", ("wave_left", "wave_right", "gesture")),
}
"""Name -> prompt, and the kinds of recorded motion beside which its feet are put."""
SECS, SETTLE_SECS = 8.0, 2.0
_TOES = [10, 11]
_CONTACT_M, _GMD_SPEED, _KIMODO_SPEED = 0.05, 0.5, 0.2
_SUNK_M, _HOVERING_M = -0.02, 0.05


def foot_figures(joints: np.ndarray) -> dict[str, float]:
    """Return skating, sinking and hovering of (T, 22, 3) joints on the floor y = 0, T >= 6."""
    toes = joints[:, _TOES]
    speed = np.linalg.norm(np.diff(toes[..., [0, 2]], axis=0), axis=-1) * FRAME_RATE_HZ
    low = toes[..., 1] < _CONTACT_M
    both = low[:-1] & low[1:]
    smooth = uniform_filter1d(speed, 5, axis=0, mode="nearest")
    gmd = (both & (speed > _GMD_SPEED) & (smooth > _GMD_SPEED)).any(axis=1)
    contacts = speed[low[:-1]]
    lowest = joints[:, list(FOOT_JOINTS), 1].min(axis=1)
    return {
        "skate_gmd": float(gmd.mean()),
        "skate_kimodo": float((contacts > _KIMODO_SPEED).mean()) if len(contacts) else 0.0,
        "contact_speed_m_per_s": float(contacts.mean()) if len(contacts) else 0.0,
        "sunk": float((lowest < _SUNK_M).mean()),
        "sunk_depth_m": float(np.clip(-lowest, 0, None).mean()),
        "hovering": float((lowest > _HOVERING_M).mean()),
    }


def mean_figures(each: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean of every figure."""
    return {name: float(np.mean([figures[name] for figures in each])) for name in each[0]}


def run_feet(
    engine: FloodEngine, seeds: Sequence[int], progress: Progress | None = None
) -> dict[str, dict[str, float]]:
    """Let every grounded prompt run from standing, under all seeds, and measure its feet."""
    names = [name for name in GROUNDED for _ in seeds]
    rollouts = [Rollout(engine.start(31 * seed + 5), [], []) for _ in GROUNDED for seed in seeds]
    go_on(engine, rollouts, [STAND] * len(rollouts), 1.0, progress)
    go_on(engine, rollouts, [GROUNDED[name][0] for name in names], SECS, progress)
    judged = round((SECS - SETTLE_SECS) * engine.frame_rate_hz)
    figures = [foot_figures(rollout.motion()[-judged:]) for rollout in rollouts]
    return {
        name: mean_figures([f for n, f in zip(names, figures, strict=True) if n == name])
        for name in GROUNDED
    }
