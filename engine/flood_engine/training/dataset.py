"""One way to read captioned motion, whatever its layout: see docs/training.md.

===========  =====================================================================
layout       the folder holds
===========  =====================================================================
mocap        ``smpl22.npz``, ``clips.jsonl``, ``captions.jsonl`` (mocap.py)
humanml3d    ``new_joint_vecs/``, ``texts/``, ``train.txt``, ``val.txt`` (humanml3d_set.py)
bvh          ``captions.csv`` and ``.bvh`` files, in folders too (bvh_set.py)
===========  =====================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from flood_engine.errors import DataError
from flood_engine.features import HeadingRule
from flood_engine.training.bvh_captions import CAPTIONS_FILE
from flood_engine.training.bvh_set import load_bvh_folder
from flood_engine.training.humanml3d_set import load_humanml3d
from flood_engine.training.mocap import MocapSet, load_mocap

Layout = Literal["mocap", "humanml3d", "bvh"]

_SIGNS: tuple[tuple[Layout, str], ...] = (
    ("mocap", "smpl22.npz"),
    ("humanml3d", "new_joint_vecs"),
    ("bvh", CAPTIONS_FILE),
)


def find_layout(folder: Path | str) -> Layout:
    """Return the layout of a folder.

    Raises:
        DataError: If it is no folder, or has the signs of none or of several layouts.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder")
    found: dict[Layout, str] = {layout: sign for layout, sign in _SIGNS if (folder / sign).exists()}
    if len(found) != 1:
        valid = ", ".join(f"{sign} ({layout})" for layout, sign in _SIGNS)
        has = " and ".join(found.values()) or "none of them"
        raise DataError(f"{folder} must hold exactly one of {valid}; it has {has}")
    return next(iter(found))


def load_dataset(
    folder: Path | str,
    *,
    mirror: bool = True,
    heading: HeadingRule = "clean",
    on_progress: Callable[[int, int], None] | None = None,
) -> MocapSet:
    """Read, check, mirror and encode all clips of a folder in any of the layouts.

    Args:
        folder: The data.
        mirror: Also give every clip's mirror image, left and right swapped in its words.
        heading: Definition of the heading in the features; "humanml3d" only for that layout.
        on_progress: Told the number of clips read and the number of all clips.

    Raises:
        DataError: If the folder cannot be read, or holds no usable clip.
    """
    layout = find_layout(folder)
    if layout == "humanml3d":
        return load_humanml3d(folder, mirror=mirror, heading=heading, on_progress=on_progress)
    if heading != "clean":
        raise DataError(f'{folder} has the layout {layout}; heading "{heading}" needs humanml3d')
    read = load_mocap if layout == "mocap" else load_bvh_folder
    return read(folder, mirror=mirror, on_progress=on_progress)
