"""Retrieval: do motion and text find each other in a space learnt from recorded motion?

R-precision: of 32 texts, is a motion's own among the nearest 1, 2, 3?  FID-like: Frechet distance
between the embeddings of generated and recorded motion.  The evaluator is small, ours, and learnt
from the 1.8 hours that the bundled model learnt from, so it forgives what that data forgives; its
figures rank our own models and are **not comparable** with tables on HumanML3D or KIT.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from flood_engine.engine import FloodEngine
from flood_engine.flood.config import TextConfig
from flood_engine.flood.text import TextEncoder, load_text_encoder
from flood_engine.training.evaluation.encoders import (
    FRAMES,
    TEXT,
    Examples,
    JointSpace,
    cut_features,
    train_space,
)
from flood_engine.training.evaluation.requests import Request
from flood_engine.training.evaluation.rollouts import Progress, begin, go_on
from flood_engine.training.held_out import may_train
from flood_engine.training.mocap import MocapSet, Split, load_mocap
from flood_engine.training.vocabulary import KINDS
from flood_engine.training.windows import Window, find_windows

STEPS = 1_500
POOL = 32
_TEXTS_PER_KIND = 12
_OWN_TEXTS = 3
_LEAST_FRAMES = 24
_SKIPPED = {"other", "sequence", "climb_stay"}


def read_examples(mocap: MocapSet, split: Split, encoder: TextEncoder | None) -> Examples:
    """Return the stretches of a split with their sentences and their kind's everyday texts.

    Without an encoder the table of texts is empty.
    """
    clips = mocap.split(split)
    found = [w for w in find_windows(clips) if w.frames >= _LEAST_FRAMES and w.kind not in _SKIPPED]
    names = sorted({w.kind for w in found})
    rows: dict[str, int] = {}
    usual = {name: _usual_texts(name) for name in names}
    texts = [
        [rows.setdefault(t, len(rows)) for t in (*own_texts(w), *usual[w.kind])] for w in found
    ]
    keep = [number for number, known in enumerate(texts) if known]
    return Examples(
        [clips[found[n].clip].features[found[n].start : found[n].stop] for n in keep],
        np.array([names.index(found[n].kind) for n in keep]),
        [texts[n] for n in keep],
        torch.zeros(0, TEXT) if encoder is None else text_rows(list(rows), encoder),
    )


def own_texts(window: Window) -> list[str]:
    """Return a few of a recording's own sentences."""
    return [text for text in window.texts if may_train(text)][:_OWN_TEXTS]


def _usual_texts(kind: str) -> list[str]:
    """Return a spread of everyday texts of a kind, none of them of the evaluation's own list."""
    texts = [t for t in KINDS[kind].texts() if may_train(t)]
    return texts[:: max(1, len(texts) // _TEXTS_PER_KIND)]


def text_rows(texts: Sequence[str], encoder: TextEncoder) -> Tensor:
    """Return the mean token features of texts, [n, 384]."""
    return torch.stack([encoder(text).mean(0) for text in texts])


def make_evaluator(
    data: Path, steps: int = STEPS, progress: Callable[[float], None] | None = None
) -> JointSpace:
    """Train the evaluator on the train split of a motion capture folder."""
    encoder = load_text_encoder(TextConfig())
    return train_space(read_examples(load_mocap(data), "train", encoder), steps, 0, progress)


@torch.inference_mode()
def retrieve(
    engine: FloodEngine,
    space: JointSpace,
    data: Path,
    requests: Sequence[Request],
    seeds: Sequence[int],
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the figures of held-out recorded motion and of the model's answers to ``requests``."""
    encoder = load_text_encoder(TextConfig())
    mocap = load_mocap(data)
    recorded = read_examples(mocap, "val", encoder)
    real_motion = _embed(space, [cut_features(f) for f in recorded.features])
    real_text = space.text(recorded.table[[rows[0] for rows in recorded.texts]])
    made, asked = _answers(engine, requests, seeds, progress)
    made_motion = _embed(space, made)
    made_text = space.text(text_rows([request.prompt for request in asked], encoder))
    groups = np.unique([request.group for request in asked], return_inverse=True)[1]
    learnt = read_examples(mocap, "train", None)
    base = _embed(space, [cut_features(f) for f in learnt.features])
    return {
        "recorded": {
            "motions": len(real_motion),
            **r_precision(real_motion, real_text, recorded.kinds),
            "fid_like": frechet(real_motion.numpy(), base.numpy()),
        },
        "generated": {
            "motions": len(made_motion),
            **r_precision(made_motion, made_text, groups),
            "fid_like": frechet(made_motion.numpy(), base.numpy()),
        },
        "chance": {f"top{k}": k / POOL for k in (1, 2, 3)},
    }


def _answers(
    engine: FloodEngine,
    requests: Sequence[Request],
    seeds: Sequence[int],
    progress: Progress | None,
) -> tuple[list[np.ndarray], list[Request]]:
    """Return (FRAMES, 263) of each answer, from one second after the request on."""
    motions, asked = [], []
    for seed in seeds:
        starts = {start: begin(engine, start, seed)[0] for start in {r.start for r in requests}}
        rollouts = [starts[r.start].fork(9_973 * (seed + 1) + n) for n, r in enumerate(requests)]
        before = [rollout.frames for rollout in rollouts]
        go_on(engine, rollouts, [r.prompt for r in requests], 1.0 + FRAMES / 20, progress)
        for rollout, frames, request in zip(rollouts, before, requests, strict=True):
            features = np.concatenate(rollout.features)
            motions.append(cut_features(features, frames + round(engine.frame_rate_hz)))
            asked.append(request)
    return motions, asked


def _embed(space: JointSpace, motions: Sequence[np.ndarray]) -> Tensor:
    with torch.inference_mode():
        return space.motion(torch.from_numpy(np.stack(motions)).float())


def r_precision(motion: Tensor, text: Tensor, groups: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """Return how often a motion's own text is among the nearest 1, 2, 3 of 32.

    The 31 others are drawn from other groups; fewer groups than 32 repeat.
    """
    rng = np.random.default_rng(seed)
    near = (motion @ text.T).numpy()
    ranks = []
    for row in range(len(near)):
        others = np.flatnonzero(groups != groups[row])
        if len(others) == 0:
            continue
        drawn = rng.choice(others, POOL - 1, replace=len(others) < POOL - 1)
        ranks.append(int((near[row, drawn] >= near[row, row]).sum()))
    found = np.array(ranks)
    return {f"top{k}": float((found < k).mean()) for k in (1, 2, 3)}


def frechet(made: np.ndarray, recorded: np.ndarray) -> float:
    """Return the Frechet distance of two clouds (n, d), covariances shrunk a little for small n."""
    ridge = 1e-4 * np.eye(made.shape[1])
    first, second = np.cov(made.T) + ridge, np.cov(recorded.T) + ridge
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    middle = np.linalg.eigvalsh(root @ second @ root)
    gap = float(((made.mean(axis=0) - recorded.mean(axis=0)) ** 2).sum())
    return (
        gap
        + float(np.trace(first) + np.trace(second))
        - 2 * float(np.sqrt(np.clip(middle, 0, None)).sum())
    )
