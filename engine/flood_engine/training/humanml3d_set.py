"""Reads a HumanML3D folder (Guo et al., CVPR 2022) as it is published: vectors, texts, splits.

``new_joint_vecs/ID.npy`` holds (T, 263) vectors at 20 frames per second, ``texts/ID.txt`` lines
``caption#tokens#start#end`` (seconds; 0 and 0 for the whole clip), ``train.txt`` and ``val.txt``
the IDs.  An ID with a leading "M" is the mirror image of the ID without it and is not mirrored
again.  ``test.txt`` is never read, so that nothing can be trained on it; neither are ``Mean.npy``
and ``Std.npy``, because every model of ours computes its own.

The published vectors use HumanML3D's own definition of the heading (see features_encode.py).
``heading="clean"`` recovers the joints and encodes them anew; ``heading="humanml3d"`` keeps the
vectors as they are, for models that shall fit upstream's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from flood_engine.errors import DataError
from flood_engine.features import FEATURE_SIZE, FRAME_RATE_HZ, HeadingRule, recover_joints
from flood_engine.training.dataset_cleaning import refusal_reason
from flood_engine.training.dataset_words import agreed_action
from flood_engine.training.mocap import (
    Caption,
    Clip,
    MocapSet,
    Refusal,
    cut_captions,
    late_caption,
    make_clip,
    mirror_clip,
)

MAX_FRAMES = 20_000
MAX_IDS = 1_000_000
MAX_TEXT_BYTES = 100_000
MAX_SENTENCES = 64
MAX_SENTENCE_LETTERS = 1_000
_SHARD = "humanml3d"
_SPLITS = ("train", "val")
_MIRRORED = "M"
_HEADER_BYTES = 10_000


def load_humanml3d(
    folder: Path | str,
    *,
    mirror: bool = True,
    heading: HeadingRule = "clean",
    on_progress: Callable[[int, int], None] | None = None,
) -> MocapSet:
    """Read the train and val clips of ``folder``; mirrored are those that have no "M" twin.

    Args:
        folder: Folder with ``new_joint_vecs``, ``texts``, ``train.txt`` and ``val.txt``.
        mirror: False leaves out the mirror images, the published "M" clips too.
        heading: Definition of the heading in the features.
        on_progress: Told the number of clips done and the number of all clips.

    Raises:
        DataError: If the folder lacks a part or no clip is usable.  A clip whose own files are
            bad is refused by name instead.
    """
    folder = Path(folder)
    names = _names(folder)
    clips: list[Clip] = []
    refused: list[Refusal] = []
    for done, (name, split) in enumerate(names.items(), start=1):
        if on_progress is not None:
            on_progress(done, len(names))
        if not mirror and name.startswith(_MIRRORED):
            continue
        try:
            clip = _read_clip(folder, name, split, heading)
        except DataError as error:
            refused.append(Refusal(name, str(error)))
            continue
        clips.append(clip)
        if mirror and not clip.mirrored and _MIRRORED + name not in names:
            clips.append(mirror_clip(clip))
    if not clips:
        first = f", the first because: {refused[0].reason}" if refused else ""
        raise DataError(f"{folder} holds no usable clip; {len(refused)} were refused{first}")
    return MocapSet(tuple(clips), tuple(refused))


def read_captions(path: Path) -> list[Caption]:
    """Read one text file; sentences about the same stretch make one caption.

    Raises:
        DataError: If the file is missing, too large, empty, or a line is not as described above.
    """
    stretches: dict[tuple[int, int], list[str]] = {}
    for number, line in enumerate(_lines(path, MAX_TEXT_BYTES, MAX_SENTENCES), start=1):
        if line.strip():
            sentence, start, stop = _caption_line(line, f"{path}, line {number}")
            stretches.setdefault((start, stop), []).append(sentence)
    if not stretches:
        raise DataError(f"{path} holds no sentence")
    return [
        Caption(start, stop, *agreed_action(sentences))
        for (start, stop), sentences in stretches.items()
    ]


def _caption_line(line: str, where: str) -> tuple[str, int, int]:
    """Return sentence, first and last feature frame; the whole clip is (0, MAX_FRAMES)."""
    parts = line.strip().split("#")
    if len(parts) != 4 or not parts[0].strip():
        raise DataError(f"{where}: expected caption#tokens#start#end, got {line.strip()[:80]!r}")
    sentence = parts[0].strip()
    if len(sentence) > MAX_SENTENCE_LETTERS:
        raise DataError(f"{where}: {len(sentence)} letters are more than {MAX_SENTENCE_LETTERS}")
    start, end = (_seconds(part, where) for part in parts[2:])
    if start == end == 0.0:
        return sentence, 0, MAX_FRAMES
    if end <= start:
        raise DataError(f"{where}: the end, {end} s, is not after the start, {start} s")
    return sentence, round(start * FRAME_RATE_HZ), round(end * FRAME_RATE_HZ)


def _seconds(word: str, where: str) -> float:
    """Return a time; "nan", which some published lines have, means 0 as it does upstream."""
    try:
        value = float(word)
    except ValueError:
        raise DataError(f"{where}: {word[:40]!r} is no time in seconds") from None
    value = 0.0 if math.isnan(value) else value
    if not 0.0 <= value <= MAX_FRAMES / FRAME_RATE_HZ:
        raise DataError(f"{where}: {value} s is not in 0 to {MAX_FRAMES / FRAME_RATE_HZ:.0f}")
    return value


def _read_clip(folder: Path, name: str, split: str, heading: HeadingRule) -> Clip:
    captions = read_captions(folder / "texts" / f"{name}.txt")
    vectors = _read_vectors(folder / "new_joint_vecs" / f"{name}.npy")
    joints, _ = recover_joints(vectors)
    reason = refusal_reason(joints)
    if reason:
        raise DataError(reason)
    mirrored = name.startswith(_MIRRORED)
    if heading == "clean":
        clip = make_clip(name, joints, captions, shard=_SHARD, split=split)
        clip = replace(clip, mirrored=mirrored)
    else:
        features = vectors[:-1].astype(np.float32)
        cut = cut_captions(captions, len(features))
        places = joints.astype(np.float32)
        clip = Clip(name, _SHARD, split, (), mirrored, places, features, cut, heading=heading)
    if len(clip.captions) < len(captions):
        raise DataError(late_caption(clip))
    return clip


def _read_vectors(path: Path) -> np.ndarray:
    """Return the (T, 263) numbers of a clip as float64."""
    if not path.is_file():
        raise DataError(f"{path} is missing")
    if path.stat().st_size > MAX_FRAMES * FEATURE_SIZE * 8 + _HEADER_BYTES:
        raise DataError(f"{path} is larger than {MAX_FRAMES} frames can be")
    try:
        vectors = np.lib.format.open_memmap(path, mode="r")  # no more memory than the file has
    except (ValueError, EOFError, OSError) as error:
        raise DataError(f"{path} is no array that can be read: {error}") from error
    if vectors.dtype.kind != "f":
        raise DataError(f"{path} holds no numbers with a fraction")
    if vectors.ndim != 2 or vectors.shape[1] != FEATURE_SIZE or len(vectors) < 2:
        hint = "; 251 numbers are KIT-ML's body" if vectors.shape[1:] == (251,) else ""
        raise DataError(
            f"{path} has shape {vectors.shape}; expected (frames, {FEATURE_SIZE}){hint}"
        )
    if not np.isfinite(vectors).all():
        raise DataError(f"{path} holds values that are not finite")
    return np.array(vectors, dtype=np.float64)


def _names(folder: Path) -> dict[str, str]:
    """Return the split of every ID, in the order of the lists."""
    for part in ("new_joint_vecs", "texts"):
        if not (folder / part).is_dir():
            raise DataError(f"{folder / part} is missing; a HumanML3D folder has it")
    names: dict[str, str] = {}
    for split in _SPLITS:
        path = folder / f"{split}.txt"
        for number, line in enumerate(_lines(path, 16 * MAX_IDS, MAX_IDS), start=1):
            name = line.strip()
            if not name:
                continue
            if not name.isalnum():
                raise DataError(f"{path}, line {number}: {name[:40]!r} is no ID such as 000123")
            if names.setdefault(name, split) != split:
                raise DataError(f"{path}, line {number}: {name} is in {names[name]}.txt too")
    return names


def _lines(path: Path, max_bytes: int, max_lines: int) -> list[str]:
    if not path.is_file():
        raise DataError(f"{path} is missing")
    if path.stat().st_size > max_bytes:
        raise DataError(f"{path} is larger than {max_bytes} bytes")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8: {error}") from error
    if len(lines) > max_lines:
        raise DataError(f"{path} has {len(lines)} lines, more than {max_lines}")
    return lines
