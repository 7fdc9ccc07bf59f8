"""Reads a folder of BVH files and their ``captions.csv`` (see bvh_captions.py).

The files of one directory are taken to come from one tool: unit and up axis are found for all of
them together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flood_engine.errors import DataError
from flood_engine.training.bvh import read_bvh
from flood_engine.training.bvh_body import (
    body_joints,
    is_z_up,
    leg_length,
    metres_per_unit,
    on_common_body,
    toes_point_ahead,
)
from flood_engine.training.bvh_captions import CAPTIONS_FILE, read_caption_table
from flood_engine.training.dataset_cleaning import LEG_M, face_ahead, refusal_reason
from flood_engine.training.mocap import (
    Clip,
    MocapSet,
    Refusal,
    late_caption,
    make_clip,
    mirror_clip,
)

MAX_FILES = 100_000
_SHARD = "bvh"


@dataclass(frozen=True, slots=True)
class _Recording:
    """The joints of one file, in its own unit and axes."""

    name: str
    joints: np.ndarray
    cut_s: float


def load_bvh_folder(
    folder: Path | str,
    *,
    mirror: bool = True,
    on_progress: Callable[[int, int], None] | None = None,
) -> MocapSet:
    """Read every ``.bvh`` below ``folder`` that ``captions.csv`` describes.

    Unit and up axis are found per directory.  ``on_progress`` is told the number of files done
    and the number of all files.

    Raises:
        DataError: If ``captions.csv`` is missing or wrong, or no file is usable.  A file that
            cannot be read or that no body could have moved is refused by name instead.
    """
    folder = Path(folder)
    files = _files(folder)
    described = read_caption_table(folder / CAPTIONS_FILE, set(files))
    refused: list[Refusal] = []
    clips: list[Clip] = []
    for recordings in _read(files, described.keys(), refused, on_progress):
        for recording, joints, reason in _upright(recordings):
            if reason:
                refused.append(Refusal(recording.name, reason))
                continue
            about = described[recording.name]
            captions = about.captions(recording.cut_s)
            clip = make_clip(recording.name, joints, captions, shard=_SHARD, split=about.split)
            if len(clip.captions) < len(captions):
                refused.append(Refusal(recording.name, late_caption(clip)))
                continue
            clips += [clip, mirror_clip(clip)] if mirror else [clip]
    if not clips:
        first = f", the first because: {refused[0].reason}" if refused else ""
        raise DataError(f"{folder} holds no usable clip; {len(refused)} were refused{first}")
    return MocapSet(tuple(clips), tuple(refused))


def _read(
    files: dict[str, Path],
    described: Collection[str],
    refused: list[Refusal],
    on_progress: Callable[[int, int], None] | None,
) -> list[list[_Recording]]:
    """Return the recordings of each directory; those that cannot be read go to ``refused``."""
    by_directory: dict[Path, list[_Recording]] = {}
    for done, (name, path) in enumerate(files.items(), start=1):
        if on_progress is not None:
            on_progress(done, len(files))
        if name not in described:
            refused.append(Refusal(name, f"{CAPTIONS_FILE} does not describe it"))
            continue
        try:
            recording = _Recording(name, *body_joints(read_bvh(path)))
        except DataError as error:
            refused.append(Refusal(name, str(error)))
        else:
            by_directory.setdefault(path.parent, []).append(recording)
    return list(by_directory.values())


def _files(folder: Path) -> dict[str, Path]:
    """Return all BVH files by their path below ``folder`` without the ending, sorted."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".bvh")
    if len(paths) > MAX_FILES:
        raise DataError(f"{folder} holds {len(paths)} BVH files, more than {MAX_FILES}")
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in paths}


def _upright(recordings: list[_Recording]) -> Iterator[tuple[_Recording, np.ndarray, str]]:
    """Give each recording in metres, y up, facing +z on the common body, or why it cannot be."""
    raw = [recording.joints for recording in recordings]
    unit, z_up = metres_per_unit(raw), is_z_up(raw)
    for recording in recordings:
        joints = recording.joints * unit
        if z_up:
            joints = np.stack([joints[..., 0], joints[..., 2], -joints[..., 1]], axis=-1)
        reason = _file_reason(joints)
        if not reason:
            try:
                joints = face_ahead(on_common_body(joints))
            except DataError as error:
                reason = str(error)
        yield recording, joints, reason or refusal_reason(joints)


def _file_reason(joints: np.ndarray) -> str:
    """Return why joints in metres, on the file's own bones, cannot be right."""
    leg = leg_length(joints)
    if not LEG_M[0] <= leg <= LEG_M[1]:
        return (
            f"legs are {leg:.2f} m long in the unit of this directory; valid is {LEG_M[0]} to "
            f"{LEG_M[1]}"
        )
    if not toes_point_ahead(joints):
        return "toes point backwards: left and right are swapped, or the axes are left-handed"
    return ""
