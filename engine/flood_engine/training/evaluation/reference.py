"""Figures of recorded motion to put beside a model's, kept in ``reference.json``.

``python -m flood_engine.training.evaluate --make-reference DATA`` makes the file from a motion
capture folder; running an evaluation needs only the file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from flood_engine.features import HEIGHT, POSITIONS
from flood_engine.training.evaluation.feet import GROUNDED, foot_figures, mean_figures
from flood_engine.training.evaluation.jerk import WINDOW_FRAMES, jerk_figures, jumps
from flood_engine.training.evaluation.judge import RULES
from flood_engine.training.evaluation.validate import Confusion, validate_judge
from flood_engine.training.mocap import Clip, load_mocap
from flood_engine.training.windows import Window, find_windows

STORED = Path(__file__).with_name("reference.json")
"""The package's own figures, of the motion that the bundled model learnt from."""
_EVERY_FRAMES = 120
_LEAST_FRAMES = 20


def load_reference(path: Path = STORED) -> dict[str, Any]:
    """Read stored figures."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_reference(data: Path, path: Path = STORED) -> dict[str, Any]:
    """Measure the recorded motion of ``data`` and the judge's errors on it, and store both."""
    mocap = load_mocap(data, mirror=False)
    clips = list(mocap.clips)
    figures = {
        "made_with": "python -m flood_engine.training.evaluate --make-reference DATA",
        "clips": len(clips),
        "minutes": round(sum(len(clip.joints) for clip in clips) / 1200, 1),
        "jerk": _jerk(clips),
        "jumps_m": _jumps(clips),
        "range": pose_range(mocap.split("train")),
        "feet": _feet(clips, find_windows(clips)),
        "judge": {result.split: judge_errors(result) for result in validate_judge(data)},
    }
    path.write_text(json.dumps(_rounded(figures), indent=1) + "\n", encoding="utf-8")
    return figures


def judge_errors(result: Confusion) -> dict[str, list[int]]:
    """Return for each action: stretches of it, found, kept; stretches of others, found, kept."""
    errors = {}
    for action in RULES:
        right, wrong = result.right(action), result.wrong(action)
        errors[action] = [
            *(right.stretches, right.found, right.kept),
            *(wrong.stretches, wrong.found, wrong.kept),
        ]
    return errors


def pose_range(clips: list[Clip]) -> dict[str, list[float]]:
    """Return the lowest and highest root height and joint places in the heading frame, metres."""
    poses = [clip.features[:, HEIGHT : POSITIONS.stop] for clip in clips]
    return {
        "low": np.min([pose.min(axis=0) for pose in poses], axis=0).tolist(),
        "high": np.max([pose.max(axis=0) for pose in poses], axis=0).tolist(),
    }


def _jerk(clips: list[Clip]) -> dict[str, float]:
    windows = [
        clip.joints[start : start + WINDOW_FRAMES].astype(np.float64)
        for clip in clips
        for start in range(0, len(clip.joints) - WINDOW_FRAMES + 1, _EVERY_FRAMES)
    ]
    return jerk_figures(windows, None)


def _jumps(clips: list[Clip]) -> dict[str, float]:
    each = [jumps(clip.joints.astype(np.float64)) for clip in clips]
    root, joint = (np.concatenate(values) for values in zip(*each, strict=True))
    return {
        "root_p50": float(np.percentile(root, 50)),
        "root_p99": float(np.percentile(root, 99)),
        "joint_p50": float(np.percentile(joint, 50)),
        "joint_p99": float(np.percentile(joint, 99)),
    }


def _feet(clips: list[Clip], windows: list[Window]) -> dict[str, dict[str, float]]:
    feet = {}
    for name, (_, kinds) in GROUNDED.items():
        each = []
        for window in windows:
            if window.kind in kinds and window.frames >= _LEAST_FRAMES:
                joints = clips[window.clip].joints[window.start : window.stop].astype(np.float64)
                each.append(foot_figures(joints - np.array([0.0, window.ground_m, 0.0])))
        feet[name] = {**mean_figures(each), "stretches": len(each)}
    return feet


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
