"""What a character has obeyed, and when in its own time: all of a motion but the model.

A motion is a function of its seed and of what was obeyed after how many latents. Written down line
by line it is a few hundred bytes a minute, and :mod:`flood_bridge.replay` makes the same frames of
it again. Times of day play no part: a pause or a slow machine delays frames and changes none.

A log is JSON lines: a head, then one object for each thing obeyed, in order.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, Self, TextIO, TypeAlias, get_args

from flood_bridge.commands import MAX_DEPTH
from flood_bridge.config import Config
from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.live.adjusting import SETTINGS, Setting, from_note

logger = logging.getLogger(__name__)

FORMAT = "flood-bridge-log/1"
MAX_LOG_BYTES = 64 << 20
"""Longest log; what is obeyed afterwards is not recorded, which is said once."""

Order = Literal["spawn", "set", "follow", "queue", "clear", "now", "reset", "kill", "end"]
Kind = Order | Setting
KINDS = (*get_args(Order), *SETTINGS)

_HEAD = (
    "model", "backend", "precision", "prompt", "seed", "characters", "rate_hz", "robot",
)  # fmt: skip
_MOST = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Obeyed:
    """One command, as it was obeyed."""

    character: int
    kind: Kind
    latent: int
    """Latents that the stream had then; for ``now`` those it had gone back to."""
    text: str = ""
    latents: int = 0
    """For how many latents a queued prompt holds."""
    depth: int = 0
    """Of an interrupt."""
    seed: int = 0
    """Of a reset or a spawned character."""
    dropped: int = 0
    """Frames made and never played: those that a reset cleared or that were left at the end."""
    factor: float = 0.0
    """What a setting was set to."""
    place: tuple[float, ...] = ()
    """Where the root was put: x and z, metres, and heading, radians."""

    @classmethod
    def from_json(cls, content: Any) -> Self:
        """Check what was read from one line.

        Raises:
            ValueError: Saying what is wrong with it.
        """
        known = {each.name for each in fields(cls)}
        if not isinstance(content, dict) or not content.keys() <= known:
            raise ValueError(f"an object with some of the fields {sorted(known)} is needed")
        obeyed = cls(**{"character": None, "kind": None, "latent": None, **content})
        numbers = [obeyed.character, obeyed.latent, obeyed.latents, obeyed.seed, obeyed.dropped]
        if not all(type(n) is int and 0 <= n < _MOST for n in numbers):
            raise ValueError("its numbers must be whole and not negative")
        if obeyed.kind not in KINDS or not isinstance(obeyed.text, str):
            raise ValueError(f"its kind is {obeyed.kind!r}; valid are {', '.join(KINDS)}")
        if type(obeyed.depth) is not int or not 0 <= obeyed.depth <= MAX_DEPTH:
            raise ValueError(f"its depth is {obeyed.depth!r}; valid are 0 to {MAX_DEPTH}")
        return replace(obeyed, **_checked_setting(obeyed))


def _checked_setting(obeyed: Obeyed) -> dict[str, Any]:
    """Return factor and place as the commands accept them."""
    try:
        if isinstance(obeyed.factor, str) or not isinstance(obeyed.place, list | tuple):
            raise TypeError(f"{obeyed.factor!r}, {obeyed.place!r}")
        factor, place = float(obeyed.factor), tuple(float(n) for n in obeyed.place)
        if obeyed.kind in SETTINGS:
            from_note(obeyed.kind, factor, place)
    except (TypeError, ValueError, CommandError) as error:
        raise ValueError(f"it has a wrong factor or place: {error}") from error
    return {"factor": factor, "place": place}


Record: TypeAlias = Callable[[Obeyed], None]
"""Takes each command as it is obeyed."""


class CommandLog:
    """Writes a log, line by line, each at once.

    Args:
        path: A file that does not exist yet.
        config: What the run began with.

    Raises:
        ConfigError: If the file exists already or cannot be written.
    """

    def __init__(self, path: Path, config: Config) -> None:
        self._file = _open_new(path)
        self._path = path
        self._left = MAX_LOG_BYTES
        self._write({"format": FORMAT, **{name: getattr(config, name) for name in _HEAD}})

    def __call__(self, obeyed: Obeyed) -> None:
        """Append one line."""
        content = asdict(obeyed)
        shown = {k: v for k, v in content.items() if v or k in ("character", "kind", "latent")}
        self._write(shown)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, content: dict[str, Any]) -> None:
        line = json.dumps(content, ensure_ascii=False) + "\n"
        if self._left <= 0 or self._file.closed:
            return
        self._left -= len(line.encode())
        try:
            self._file.write(line)
            self._file.flush()
        except OSError as error:
            self._left = 0
            logger.error("the commands are no longer recorded: %s", error)
            return
        if self._left <= 0:
            logger.warning("%s is full; commands are no longer recorded", self._path)


def check_new(path: Path) -> None:
    """Refuse a path at which no log can begin; leaves nothing there.

    Raises:
        ConfigError: If the file exists already or cannot be written.
    """
    _open_new(path).close()
    path.unlink()


def _open_new(path: Path) -> TextIO:
    try:
        return path.open("x", encoding="utf-8")
    except FileExistsError as error:
        raise ConfigError(f"--record-commands {path} exists already; name a new file") from error
    except OSError as error:
        raise ConfigError(f"--record-commands {path} cannot be written: {error}") from error


def read_log(path: Path) -> tuple[Config, list[Obeyed]]:
    """Return what a recorded run began with and all that it obeyed.

    A last line that a killed process left unfinished is passed over.

    Raises:
        ConfigError: Naming the line that is wrong.
    """
    try:
        if path.stat().st_size > MAX_LOG_BYTES + (1 << 16):
            raise ConfigError(f"{path} is larger than {MAX_LOG_BYTES} bytes")
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if lines and not lines[-1].endswith("\n"):
        lines.pop()
    if not lines:
        raise ConfigError(f"{path} is empty")
    return _head(path, lines[0]), [_entry(path, n, line) for n, line in enumerate(lines[1:], 2)]


def _head(path: Path, line: str) -> Config:
    try:
        content = json.loads(line)
    except ValueError:
        content = None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ConfigError(f"{path} is no log of commands: its first line is not a {FORMAT} head")
    if missing := [name for name in _HEAD if name not in content]:
        raise ConfigError(f"{path}: the head lacks {', '.join(missing)}")
    try:
        return Config(**{name: content[name] for name in _HEAD})
    except TypeError as error:
        raise ConfigError(f"{path}: the head has a value of a wrong type: {error}") from error


def _entry(path: Path, number: int, line: str) -> Obeyed:
    try:
        return Obeyed.from_json(json.loads(line))
    except ValueError as error:
        raise ConfigError(f"{path}, line {number}: {error}") from error
