"""Command: check a folder of captioned motion, tell what it teaches, and write all features.

``python -m flood_engine.training.prepare --data DIR --out DIR`` reads any layout of
docs/training.md, prints the refused clips with reasons and the minutes of every kind of motion,
and writes ``features.npz`` (arrays ``features`` (F, 263), ``offset`` (N + 1,), ``clip``,
``split``, ``mirrored``; no pickles) and ``refused.csv``.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from pathlib import Path
from typing import get_args

import numpy as np

from flood_engine.errors import FloodEngineError
from flood_engine.features import FRAME_RATE_HZ, HeadingRule
from flood_engine.training.dataset import find_layout, load_dataset
from flood_engine.training.gaps import gaps
from flood_engine.training.mocap import MocapSet
from flood_engine.training.windows import Window, find_windows

FRAMES_PER_MINUTE = 60 * FRAME_RATE_HZ


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, or 2 when the data cannot be used."""
    parser = argparse.ArgumentParser(prog="flood_engine.training.prepare", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of any layout")
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--no-mirror", action="store_true", help="leave out mirror images")
    parser.add_argument(
        "--heading",
        choices=get_args(HeadingRule),
        default="clean",
        help='definition of the heading; "humanml3d" keeps the vectors of that data set',
    )
    options = parser.parse_args(arguments)
    try:
        _say(f"reading {options.data}, layout {find_layout(options.data)} ...")
        mocap = load_dataset(
            options.data,
            mirror=not options.no_mirror,
            heading=options.heading,
            on_progress=_progress,
        )
        _say("")
        _report(mocap, find_windows(list(mocap.clips)))
        path = write_features(mocap, options.out)
        write_refusals(mocap, options.out)
    except (FloodEngineError, OSError) as error:
        _say(f"error: {error}")
        return 2
    _say(f"wrote {path} ({path.stat().st_size / 1e6:.0f} MB)")
    return 0


def write_features(mocap: MocapSet, folder: Path) -> Path:
    """Write the features of all clips to ``folder/features.npz`` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "features.npz"
    lengths = [len(clip.features) for clip in mocap.clips]
    np.savez(
        path,
        features=np.concatenate([clip.features for clip in mocap.clips]),
        offset=np.concatenate([[0], np.cumsum(lengths)]),
        clip=np.array([clip.name for clip in mocap.clips]),
        split=np.array([clip.split for clip in mocap.clips]),
        mirrored=np.array([clip.mirrored for clip in mocap.clips]),
    )
    return path


def write_refusals(mocap: MocapSet, folder: Path) -> Path:
    """Write every refused clip and its reason to ``folder/refused.csv`` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "refused.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("clip", "reason"))
        table.writerows((refusal.clip, refusal.reason) for refusal in mocap.refused)
    return path


def minutes_by_kind(windows: list[Window]) -> dict[str, float]:
    """Return the minutes of each kind of motion, longest first; overlaps count for each kind."""
    frames: Counter[str] = Counter()
    for window in windows:
        frames[window.kind] += window.frames
    return {kind: count / FRAMES_PER_MINUTE for kind, count in frames.most_common()}


def _report(mocap: MocapSet, windows: list[Window]) -> None:
    for split in ("train", "val"):
        clips = mocap.split(split)
        minutes = sum(len(clip.features) for clip in clips) / FRAMES_PER_MINUTE
        _say(f"{split}: {len(clips)} clips, {minutes:.1f} min")
    _say(f"refused: {len(mocap.refused)}")
    for refusal in mocap.refused:
        _say(f"  {refusal.clip}: {refusal.reason}")
    counts = Counter(window.kind for window in windows)
    for kind, minutes in minutes_by_kind(windows).items():
        _say(f"  {kind:<18} {minutes:6.2f} min in {counts[kind]:4d} windows")
    for gap in gaps([w for w in windows if mocap.clips[w.clip].split == "train"]):
        _say(f"warning: {gap}")


def _progress(done: int, total: int) -> None:
    if done % 50 == 0 or done == total:
        sys.stdout.write(f"\r{done}/{total} clips")
        sys.stdout.flush()


def _say(line: str) -> None:
    print(line)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
