"""Strict reader of BVH motion capture text: joints, channels, frames, or an error with its line.

Format: M. Meredith and S. Maddock, "Motion Capture File Formats Explained" (Univ. of Sheffield,
2001), section on BVH.  Read as written: one root, one frame a line, as many lines as ``Frames``
says.  Lengths are in the file's own unit, angles in degrees.  Braces may stand on their own line
or at the end of one; names may hold spaces.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flood_engine.errors import DataError

MAX_FILE_BYTES = 300_000_000
MAX_JOINTS = 1_000
MAX_FRAMES = 1_000_000
RATE_HZ = (10.0, 1_000.0)
"""Slowest and fastest frame rate."""
_MAX_NAME_LETTERS = 200
_ROUNDING = 3e-4
_CHANNEL = re.compile(r"([XYZ])(position|rotation)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BvhJoint:
    """One joint, or the end of a chain, which has no channels."""

    name: str
    """As in the file; an end site has its parent's name and " end"."""
    parent: int
    """Index of the parent, -1 for the root; parents come before children."""
    offset: np.ndarray
    """(3,) from the parent, in the file's unit."""
    channels: tuple[str, ...]
    """Such as ("Xp", "Yp", "Zp", "Zr", "Xr", "Yr"), in the order of the numbers."""
    first: int
    """Column of the first channel."""


@dataclass(frozen=True, slots=True)
class Bvh:
    """A whole file."""

    joints: tuple[BvhJoint, ...]
    rate_hz: float
    rows: np.ndarray
    """(frames, channels) float64."""


@dataclass(slots=True)
class _Open:
    """A joint whose braces are not closed yet."""

    name: str
    parent: int
    line: int
    is_end: bool
    offset: np.ndarray | None = None
    channels: tuple[str, ...] | None = None


class _Lines:
    """The words of each line, with the line's number for errors."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.number = 0
        self._rest = self._split(text)

    def _split(self, text: str) -> Iterator[tuple[int, list[str]]]:
        for number, line in enumerate(text.splitlines(), start=1):
            for piece in re.split(r"([{}])", line):
                if piece.strip():
                    yield number, piece.split()

    def next(self) -> list[str]:
        """Return the words of the next line that has any."""
        found = next(self._rest, None)
        if found is None:
            raise DataError(f"{self.path}: the file ends after line {self.number}, too early")
        self.number, words = found
        return words

    def error(self, what: str) -> DataError:
        """Return an error that names file and line."""
        return DataError(f"{self.path}, line {self.number}: {what}")

    def expect(self, *wanted: str) -> None:
        """Read a line that holds ``wanted`` and nothing else."""
        words = self.next()
        if [word.upper() for word in words] != [word.upper() for word in wanted]:
            raise self.error(f"expected {' '.join(wanted)!r}, got {' '.join(words)[:60]!r}")

    def numbers(self, words: list[str], count: int) -> np.ndarray:
        """Return ``count`` finite numbers."""
        try:
            values = np.array([float(word) for word in words])
        except ValueError:
            values = np.array([])
        if len(values) != count or not np.isfinite(values).all():
            raise self.error(f"expected {count} numbers, got {' '.join(words)[:60]!r}")
        return values


def read_bvh(path: Path | str) -> Bvh:
    """Read a file.

    Raises:
        DataError: If it is missing, too large or not as the format says; with the line's number.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path} is missing")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise DataError(f"{path} is larger than {MAX_FILE_BYTES} bytes")
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    head, mark, motion = _halves(path, text)
    lines = _Lines(path, head)
    lines.expect("HIERARCHY")
    joints = _read_joints(lines)
    first_line = head.count("\n") + 1
    return _read_motion(path, joints, (mark + motion).splitlines(), first_line)


def _halves(path: Path, text: str) -> tuple[str, str, str]:
    """Split the file before the line MOTION."""
    found = re.search(r"^[ \t]*MOTION[ \t]*$", text, re.MULTILINE | re.IGNORECASE)
    if found is None:
        raise DataError(f"{path} has no line MOTION")
    return text[: found.start()], found.group(), text[found.end() :]


def _read_joints(lines: _Lines) -> tuple[BvhJoint, ...]:
    """Read the tree from ROOT to its closing brace; nothing may follow."""
    joints: list[_Open] = [_opened(lines, lines.next(), -1)]
    path = [0]  # from the root to the joint that is being read
    while path:
        words = lines.next()
        here = joints[path[-1]]
        match words[0].upper():
            case "OFFSET":
                here.offset = lines.numbers(words[1:], 3)
            case "CHANNELS" if not here.is_end:
                here.channels = _read_channels(lines, words)
            case "JOINT" | "END" if not here.is_end:
                if len(joints) >= MAX_JOINTS:
                    raise lines.error(f"more than {MAX_JOINTS} joints")
                joints.append(_opened(lines, words, path[-1], here.name))
                path.append(len(joints) - 1)
            case "}":
                path.pop()
            case _:
                raise lines.error(f"{' '.join(words)[:60]!r} does not belong into {here.name!r}")
    _expect_end(lines)
    return _finished(lines, joints)


def _opened(lines: _Lines, words: list[str], parent: int, above: str = "") -> _Open:
    """Start a joint from its line and the brace after it."""
    kind, name = words[0].upper(), " ".join(words[1:])
    if (kind == "ROOT") != (parent < 0) or not 1 <= len(name) <= _MAX_NAME_LETTERS:
        raise lines.error(f"expected ROOT or JOINT and a name, got {' '.join(words)[:60]!r}")
    is_end = kind == "END"
    opened = _Open(f"{above} end" if is_end else name, parent, lines.number, is_end)
    lines.expect("{")
    return opened


def _read_channels(lines: _Lines, words: list[str]) -> tuple[str, ...]:
    found = [_CHANNEL.fullmatch(word) for word in words[2:]]
    if len(words) < 2 or words[1] != str(len(found)) or None in found or len(found) > 6:
        raise lines.error(
            f"expected CHANNELS, their number and names such as Xrotation, got "
            f"{' '.join(words)[:80]!r}"
        )
    channels = tuple(match[1].upper() + match[2][0].lower() for match in found if match)
    if len(set(channels)) != len(channels):
        raise lines.error(f"a channel stands twice in {' '.join(words)[:80]!r}")
    return channels


def _expect_end(lines: _Lines) -> None:
    try:
        words = lines.next()
    except DataError:
        return
    raise lines.error(f"expected MOTION after the root's last brace, got {' '.join(words)[:60]!r}")


def _finished(lines: _Lines, joints: list[_Open]) -> tuple[BvhJoint, ...]:
    done: list[BvhJoint] = []
    column = 0
    for joint in joints:
        channels = () if joint.is_end else joint.channels
        if joint.offset is None or channels is None:
            lacks = "OFFSET" if joint.offset is None else "CHANNELS"
            raise DataError(f"{lines.path}, line {joint.line}: {joint.name!r} has no {lacks}")
        done.append(BvhJoint(joint.name, joint.parent, joint.offset, channels, column))
        column += len(channels)
    return tuple(done)


def _read_motion(path: Path, joints: tuple[BvhJoint, ...], lines: list[str], first: int) -> Bvh:
    """Read from the line MOTION, number ``first`` of the file, to the end."""
    header = [(first + index, line) for index, line in enumerate(lines) if line.strip()][:3]
    if len(header) < 3:
        raise DataError(f"{path}, line {first}: after MOTION come Frames, Frame Time and frames")
    count = _header_number(path, *header[1], r"frames\s*:\s*(\S+)")
    secs = _header_number(path, *header[2], r"frame\s+time\s*:\s*(\S+)")
    if count != int(count) or not 1 <= count <= MAX_FRAMES:
        raise DataError(f"{path}, line {header[1][0]}: {count:g} frames; valid: 1 to {MAX_FRAMES}")
    if not 1.0 / RATE_HZ[1] <= secs <= 1.0 / RATE_HZ[0]:
        raise DataError(
            f"{path}, line {header[2][0]}: a frame time of {secs:g} s; valid is "
            f"{1 / RATE_HZ[1]:g} to {1 / RATE_HZ[0]:g}"
        )
    start = header[2][0] + 1
    width = sum(len(joint.channels) for joint in joints)
    rows = _read_rows(path, lines[start - first :], start, width)
    if len(rows) != int(count):
        raise DataError(
            f"{path}, line {header[1][0]}: Frames says {count:g}, but {len(rows)} lines follow"
        )
    return Bvh(joints, _rate_hz(secs), rows)


def _rate_hz(secs: float) -> float:
    """Return the rate, whole where the few digits of the frame time cannot tell it from that."""
    rate = 1.0 / secs
    return float(round(rate)) if abs(rate - round(rate)) < _ROUNDING * rate else rate


def _header_number(path: Path, number: int, line: str, pattern: str) -> float:
    found = re.fullmatch(pattern, line.strip(), re.IGNORECASE)
    try:
        value = float(found[1]) if found else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        what = "Frames: N" if pattern.startswith("frames") else "Frame Time: seconds"
        raise DataError(f"{path}, line {number}: expected {what!r}, got {line.strip()[:60]!r}")
    return value


def _read_rows(path: Path, lines: list[str], start: int, width: int) -> np.ndarray:
    filled = [(start + index, line) for index, line in enumerate(lines) if line.strip()]
    if len(filled) > MAX_FRAMES:
        raise DataError(f"{path}: more than {MAX_FRAMES} frames")
    if not filled:
        return np.empty((0, width))
    try:
        rows = np.loadtxt([line for _, line in filled], ndmin=2, comments=None)
    except ValueError:
        rows = np.empty((0, 0))
    if rows.shape != (len(filled), width) or not np.isfinite(rows).all():
        raise _bad_row(path, filled, width)
    return rows


def _bad_row(path: Path, filled: list[tuple[int, str]], width: int) -> DataError:
    """Find the first line that is not ``width`` finite numbers."""
    lines = _Lines(path, "")
    for number, line in filled:
        lines.number = number
        try:
            lines.numbers(line.split(), width)
        except DataError as error:
            return error
    return DataError(f"{path}: the frames cannot be read")
