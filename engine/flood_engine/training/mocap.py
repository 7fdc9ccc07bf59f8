"""Captioned motion capture on one common 22-joint skeleton, checked, mirrored, as features.

Reads a folder with ``smpl22.npz`` (keys ``clip``, ``offset``, ``uni_root``, ``uni_pos``),
``clips.jsonl`` and ``captions.jsonl``: 20 frames per second, metres, y up, body's left = +x.
Clips that no body could have moved are refused by name, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from flood_engine.errors import DataError
from flood_engine.features import FRAME_RATE_HZ, HeadingRule, joints_to_features
from flood_engine.humanml import MIRROR
from flood_engine.training.captions import swap_sides
from flood_engine.training.dataset_cleaning import drop_to_floor, refusal_reason

__all__ = [
    "Caption",
    "Clip",
    "MocapSet",
    "Refusal",
    "Split",
    "cut_captions",
    "drop_to_floor",
    "late_caption",
    "load_mocap",
    "make_clip",
    "mirror_clip",
    "mirror_joints",
    "refusal_reason",
]

Split = Literal["train", "val"]


@dataclass(frozen=True, slots=True)
class Caption:
    """What one stretch of a clip shows: feature frames [start, stop) and its sentences."""

    start: int
    stop: int
    action: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording (or its mirror image), as joints and features."""

    name: str
    shard: str
    split: str
    flags: tuple[str, ...]
    mirrored: bool
    joints: np.ndarray
    """(T, 22, 3) float32, metres, standing on y = 0."""
    features: np.ndarray
    """(T - 1, 263) float32."""
    captions: tuple[Caption, ...]
    synthetic: str = ""
    """How the motion was made up, empty for recorded motion."""
    heading: HeadingRule = "clean"
    """Definition of the features' heading."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A clip that is not used, and why."""

    clip: str
    reason: str


@dataclass(frozen=True, slots=True)
class MocapSet:
    """All usable clips and the list of refused ones."""

    clips: tuple[Clip, ...]
    refused: tuple[Refusal, ...]

    def split(self, name: Split) -> list[Clip]:
        """Return the clips of one split; splits go by recording, mirrors stay with theirs."""
        return [clip for clip in self.clips if clip.split == name]


def load_mocap(
    folder: Path | str,
    *,
    mirror: bool = True,
    on_progress: Callable[[int, int], None] | None = None,
) -> MocapSet:
    """Read, check, drop to the floor, mirror and encode every clip of ``folder``.

    ``on_progress`` is told the number of clips done and the number of all clips.
    """
    folder = Path(folder)
    captions = _read_captions(folder / "captions.jsonl")
    clips: list[Clip] = []
    refused: list[Refusal] = []
    for done, total, meta, joints in _read_clips(folder):
        if on_progress is not None:
            on_progress(done, total)
        reason = refusal_reason(joints)
        if reason:
            refused.append(Refusal(meta["clip"], reason))
            continue
        clip = make_clip(
            meta["clip"],
            joints,
            captions.get(meta["clip"], []),
            shard=meta["shard"],
            split=meta["split"],
            flags=tuple(meta["flags"]),
        )
        clips.append(clip)
        if mirror:
            clips.append(mirror_clip(clip))
    if not clips:
        raise DataError(f"{folder} holds no usable clip; {len(refused)} were refused")
    return MocapSet(tuple(clips), tuple(refused))


def make_clip(
    name: str,
    joints: np.ndarray,
    captions: list[Caption],
    *,
    shard: str = "",
    split: str = "train",
    flags: tuple[str, ...] = (),
    synthetic: str = "",
) -> Clip:
    """Build a clip from (T, 22, 3) joints; captions are cut to the clip's length."""
    world = drop_to_floor(np.asarray(joints, dtype=np.float32))
    features = joints_to_features(world, heading="clean")
    cut = cut_captions(captions, len(features))
    return Clip(name, shard, split, flags, False, world, features, cut, synthetic)


def cut_captions(captions: Iterable[Caption], frames: int) -> tuple[Caption, ...]:
    """Return the captions as far as they lie within ``frames`` feature frames."""
    return tuple(
        replace(caption, stop=min(caption.stop, frames))
        for caption in captions
        if caption.start < min(caption.stop, frames)
    )


def late_caption(clip: Clip) -> str:
    """Return the reason for refusing a clip that lost a caption."""
    return f"a caption begins after the end, {len(clip.features) / FRAME_RATE_HZ:.2f} s"


def mirror_clip(clip: Clip) -> Clip:
    """Return the clip seen in a mirror: x negated, left and right swapped in body and words."""
    joints = mirror_joints(clip.joints)
    captions = tuple(
        replace(caption, texts=tuple(swap_sides(text) for text in caption.texts))
        for caption in clip.captions
    )
    return replace(
        clip,
        mirrored=not clip.mirrored,
        joints=joints,
        features=joints_to_features(joints, heading=clip.heading),
        captions=captions,
    )


def mirror_joints(joints: np.ndarray) -> np.ndarray:
    """Mirror (..., 22, 3) joints at the plane x = 0."""
    return joints[..., MIRROR, :] * np.array([-1.0, 1.0, 1.0], dtype=joints.dtype)


def _read_clips(folder: Path) -> Iterator[tuple[int, int, dict, np.ndarray]]:
    """Give number, count, description and (T, 22, 3) joints of each clip."""
    metas = {meta["clip"]: meta for meta in _read_lines(folder / "clips.jsonl")}
    path = folder / "smpl22.npz"
    if not path.is_file():
        raise DataError(f"{path} is missing; expected a folder with smpl22.npz")
    with np.load(path, allow_pickle=False) as archive:
        missing = {"clip", "offset", "uni_root", "uni_pos"} - set(archive.files)
        if missing:
            raise DataError(f"{path} lacks the arrays {sorted(missing)}")
        names, offsets = archive["clip"], archive["offset"]
        root, pos = archive["uni_root"], archive["uni_pos"]
    for done, name in enumerate(names, start=1):
        if str(name) not in metas:
            raise DataError(f"clip {name} has no line in clips.jsonl")
        part = slice(int(offsets[done - 1]), int(offsets[done]))
        joints = root[part, None] + pos[part].astype(np.float32)
        yield done, len(names), metas[str(name)], joints


def _read_captions(path: Path) -> dict[str, list[Caption]]:
    texts: dict[tuple, list[str]] = {}
    for line in _read_lines(path):
        key = (line["clip"], line["start_s"], line["end_s"], line["action"])
        texts.setdefault(key, []).append(line["caption"])
    captions: dict[str, list[Caption]] = {}
    for (clip, start, end, action), sentences in texts.items():
        frames = round(start * FRAME_RATE_HZ), round(end * FRAME_RATE_HZ)
        captions.setdefault(clip, []).append(Caption(*frames, action, tuple(sentences)))
    return captions


def _read_lines(path: Path) -> Iterator[dict]:
    if not path.is_file():
        raise DataError(f"{path} is missing")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
