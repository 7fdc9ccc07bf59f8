"""What a folder of BVH files shows, as ``captions.csv`` tells it.

Columns ``file, start_s, end_s, action, caption`` and, if wanted, ``split`` (train or val).
``file`` is the path below the folder, with or without ``.bvh``; empty times mean the whole file,
an empty action is derived from the sentence (dataset_words.py).  Several lines may describe the
same stretch.  Without ``split`` about one file in ten, chosen by its name, is held out as val.
"""

from __future__ import annotations

import csv
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from flood_engine.errors import DataError
from flood_engine.features import FRAME_RATE_HZ
from flood_engine.training.dataset_words import ACTIONS, action_of
from flood_engine.training.mocap import Caption, Split

CAPTIONS_FILE = "captions.csv"
MAX_CAPTION_BYTES = 100_000_000
MAX_SECS = 3_600.0
MAX_SENTENCE_LETTERS = 1_000
_COLUMNS = ("file", "start_s", "end_s", "action", "caption")
_HELD_OUT = 10


@dataclass(slots=True)
class FileCaptions:
    """What ``captions.csv`` says about one file."""

    split: Split
    stretches: dict[tuple[float, float, str], list[str]] = field(default_factory=dict)
    """Sentences by (start_s, end_s, action)."""

    def captions(self, cut_s: float) -> list[Caption]:
        """Return captions in frames of a clip that begins ``cut_s`` into the file."""
        return [
            Caption(
                max(0, round((start - cut_s) * FRAME_RATE_HZ)),
                round((end - cut_s) * FRAME_RATE_HZ),
                action,
                tuple(sentences),
            )
            for (start, end, action), sentences in self.stretches.items()
        ]


def read_caption_table(path: Path, known: set[str]) -> dict[str, FileCaptions]:
    """Read ``captions.csv``; ``known`` are the files there are, without ``.bvh``.

    Raises:
        DataError: If the table is missing, lacks a column, or a line is wrong; with its number.
    """
    if not path.is_file():
        raise DataError(f"{path} is missing; it has the columns {', '.join(_COLUMNS)}")
    if path.stat().st_size > MAX_CAPTION_BYTES:
        raise DataError(f"{path} is larger than {MAX_CAPTION_BYTES} bytes")
    described: dict[str, FileCaptions] = {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        table = csv.DictReader(file, strict=True)
        try:
            missing = [name for name in _COLUMNS if name not in (table.fieldnames or ())]
            if missing:
                raise DataError(f"{path}, line 1: the columns {', '.join(missing)} are missing")
            for row in table:
                _read_row(row, f"{path}, line {table.line_num}", known, described)
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"{path}, line {table.line_num + 1}: {error}") from error
    return described


def _read_row(
    row: dict[str, str], where: str, known: set[str], described: dict[str, FileCaptions]
) -> None:
    if None in row or None in row.values():
        raise DataError(f"{where}: the number of fields is not that of the first line")
    name = row["file"].strip().replace("\\", "/")
    name = name[:-4] if name.lower().endswith(".bvh") else name
    if name not in known:
        raise DataError(f"{where}: there is no file {name[:100]}.bvh")
    sentence = " ".join(row["caption"].split())
    if not 1 <= len(sentence) <= MAX_SENTENCE_LETTERS:
        raise DataError(
            f"{where}: a caption of {len(sentence)} letters; valid is 1 to {MAX_SENTENCE_LETTERS}"
        )
    action = row["action"].strip() or action_of(sentence)
    if action not in ACTIONS:
        raise DataError(
            f"{where}: action {action[:40]!r} is unknown; valid are {', '.join(sorted(ACTIONS))},"
            " or nothing to have it derived"
        )
    start, end = _times(row["start_s"], row["end_s"], where)
    split = _split(row.get("split") or "", name, where)
    about = described.setdefault(name, FileCaptions(split))
    if about.split != split:
        raise DataError(f"{where}: {name} is {about.split} in an earlier line, here {split}")
    about.stretches.setdefault((start, end, action), []).append(sentence)


def _times(start: str, end: str, where: str) -> tuple[float, float]:
    """Return both times in seconds; the whole file is (0, MAX_SECS)."""
    try:
        times = float(start.strip() or 0.0), float(end.strip() or MAX_SECS)
    except ValueError:
        raise DataError(
            f"{where}: {start[:20]!r} and {end[:20]!r} are no times in seconds"
        ) from None
    if not 0.0 <= times[0] < times[1] <= MAX_SECS:
        raise DataError(
            f"{where}: from {times[0]:g} to {times[1]:g} s; valid is 0 <= start < end <= "
            f"{MAX_SECS:.0f}"
        )
    return times


def _split(word: str, name: str, where: str) -> Split:
    word = word.strip()
    for split in get_args(Split):
        if word == split:
            return split
    if word:
        raise DataError(f"{where}: split {word[:20]!r}; valid are {', '.join(get_args(Split))}")
    return "val" if zlib.crc32(name.encode()) % _HELD_OUT == 0 else "train"
