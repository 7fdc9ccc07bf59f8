"""Motion as NumPy arrays in one file, written and read without pickle.

Keys (``T`` frames; quaternions wxyz; axes of :mod:`flood_bridge.motion`)::

    format        str, "flood_bridge.clip/1"
    joints        (T, 22, 3) float32, world positions, metres
    rate_hz       float64
    prompts       str, JSON: [[first frame, text], ...]
    joint_names   (22,) str                     parents       (22,) int64, -1 for the pelvis
    contacts      (T, 4) bool, where known      features      (T, 263) float32, where known
    rest_offsets  (22, 3) float64, the T-pose, where known
    avatar_root   (T, 3) float64                avatar_wxyz   (T, 22, 4) float64, where known
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np

from flood_bridge.errors import ConfigError, ProtocolError
from flood_bridge.motion.frames import AvatarFrame
from flood_bridge.motion.skeleton import JOINT_NAMES, NUM_JOINTS, PARENTS, Skeleton
from flood_bridge.render.clip import Clip

FORMAT = "flood_bridge.clip/1"
MAX_BYTES = 1 << 30
"""The most that a file may unpack to: a guard against archives made to fill the memory."""


def write_npz(path: Path, clip: Clip) -> None:
    """Write all that ``clip`` holds."""
    arrays: dict[str, np.ndarray] = {
        "format": np.array(FORMAT),
        "joints": clip.joints.astype(np.float32),
        "rate_hz": np.array(clip.rate_hz, dtype=np.float64),
        "prompts": np.array(json.dumps(clip.prompts)),
        "joint_names": np.array(JOINT_NAMES),
        "parents": np.array(PARENTS, dtype=np.int64),
    }
    if clip.contacts is not None:
        arrays["contacts"] = clip.contacts
    if clip.features is not None:
        arrays["features"] = np.asarray(clip.features, dtype=np.float32)
    if clip.skeleton is not None:
        arrays["rest_offsets"] = clip.skeleton.offsets
    if clip.avatar is not None:
        arrays["avatar_root"] = np.stack([frame.root_position for frame in clip.avatar])
        arrays["avatar_wxyz"] = np.stack([frame.local_wxyz for frame in clip.avatar])
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def read_npz(path: Path | str) -> Clip:
    """Return the clip in a file of :func:`write_npz`.

    Raises:
        ProtocolError: If the file is not one, is damaged, or unpacks to more than 1 GiB.
        OSError: If it cannot be opened.
    """
    path = Path(path)
    try:
        _check_unpacked_size(path)
        with np.load(path, allow_pickle=False) as file:
            return _clip({key: file[key] for key in file.files})
    except (ConfigError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ProtocolError(f"{path} is not a clip of the format {FORMAT}: {error}") from error


def _check_unpacked_size(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > MAX_BYTES:
        raise ValueError(f"it unpacks to {size} bytes; valid is up to {MAX_BYTES}")


def _clip(arrays: dict[str, np.ndarray]) -> Clip:
    if str(arrays["format"]) != FORMAT:
        raise ValueError(f"its format is {str(arrays['format'])!r}")
    offsets = arrays.get("rest_offsets")
    if offsets is not None and offsets.shape != (NUM_JOINTS, 3):
        raise ValueError(f"rest_offsets are {offsets.shape}; valid is ({NUM_JOINTS}, 3)")
    return Clip(
        joints=arrays["joints"],
        rate_hz=float(arrays["rate_hz"]),
        prompts=tuple((int(at), str(text)) for at, text in json.loads(str(arrays["prompts"]))),
        contacts=arrays.get("contacts"),
        skeleton=None if offsets is None else Skeleton(offsets.astype(np.float64)),
        avatar=_avatar(arrays.get("avatar_root"), arrays.get("avatar_wxyz")),
        features=arrays.get("features"),
    )


def _avatar(roots: np.ndarray | None, turns: np.ndarray | None) -> tuple[AvatarFrame, ...] | None:
    if roots is None or turns is None:
        return None
    if roots.shape[1:] != (3,) or turns.shape != (len(roots), NUM_JOINTS, 4):
        raise ValueError(f"avatar_root is {roots.shape} and avatar_wxyz {turns.shape}")
    return tuple(AvatarFrame(root, turn) for root, turn in zip(roots, turns, strict=True))
