"""Human motion to measure retargeting on: recordings in a folder, and streams of the model.

Read are ``smpl22.npz`` (the layout of docs/training.md), ``.npz`` files with ``joints`` (what
``flood-bridge render -o CLIP.npz`` writes) and ``.npy`` files of (T, 22, 3) joint positions as
HumanML3D has them; 20 frames a second all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.frames import Pose

PERIOD_SECS = 0.05
MIN_FRAMES, MAX_FRAMES = 40, 400
MAX_FILES = 1000


@dataclass(frozen=True, slots=True)
class HumanClip:
    """A name and its poses."""

    name: str
    poses: list[Pose]


def poses_from(joints: np.ndarray) -> list[Pose]:
    """Return poses of joint positions (T, 22, 3), with the velocities to the next."""
    joints = np.asarray(joints, dtype=np.float64)
    velocities = np.diff(joints, axis=0, append=joints[-1:]) / PERIOD_SECS
    none = np.zeros(4, dtype=bool)
    return [Pose(at, to, none, 0.0) for at, to in zip(joints, velocities, strict=True)]


def read_clips(folder: Path, most: int) -> list[HumanClip]:
    """Return at most ``most`` clips of a folder, spread evenly over all of them.

    Each is cut to its first 20 s; clips of less than 2 s are left out.

    Raises:
        ConfigError: If there is no folder or nothing readable in it.
    """
    if not folder.is_dir():
        raise ConfigError(f"--clips is {str(folder)!r}, which is no folder")
    packed = folder / "smpl22.npz"
    found = list(_packed(packed, most) if packed.is_file() else _files(folder, most))
    if not found:
        raise ConfigError(
            f"--clips: in {folder} is no smpl22.npz, and no .npz or .npy with (T, 22, 3) joints of"
            f" {MIN_FRAMES} frames or more"
        )
    return found


def spread(count: int, most: int) -> list[int]:
    """Return at most ``most`` of the numbers below ``count``, evenly."""
    if count <= most:
        return list(range(count))
    return np.linspace(0, count - 1, most).round().astype(int).tolist()


def _packed(path: Path, most: int) -> Iterator[HumanClip]:
    with np.load(path, allow_pickle=False) as stored:
        names, offset = stored["clip"], stored["offset"]
        root, places = stored["root"], stored["pos"]
    long = [n for n in range(len(names)) if offset[n + 1] - offset[n] >= MIN_FRAMES]
    for pick in spread(len(long), most):
        clip = long[pick]
        rows = slice(int(offset[clip]), int(min(offset[clip + 1], offset[clip] + MAX_FRAMES)))
        joints = root[rows, None].astype(np.float64) + places[rows]
        yield HumanClip(str(names[clip]), poses_from(joints))


def _files(folder: Path, most: int) -> Iterator[HumanClip]:
    paths = sorted([*folder.glob("*.npz"), *folder.glob("*.npy")])[:MAX_FILES]
    readable = [(path.stem, joints) for path in paths if (joints := _joints(path)) is not None]
    for pick in spread(len(readable), most):
        name, joints = readable[pick]
        yield HumanClip(name, poses_from(joints[:MAX_FRAMES]))


def _joints(path: Path) -> np.ndarray | None:
    try:
        stored = np.load(path, allow_pickle=False)
        joints = stored if path.suffix == ".npy" else stored["joints"]
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"--clips: {path} cannot be read: {error}") from error
    fits = joints.ndim == 3 and joints.shape[1:] == (22, 3) and len(joints) >= MIN_FRAMES
    return joints if fits and np.isfinite(joints).all() else None
