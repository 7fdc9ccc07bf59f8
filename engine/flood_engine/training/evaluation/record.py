"""The result of an evaluation as one JSON file, written after every part, taken up when it fits."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from flood_engine.engine import FloodEngine
from flood_engine.errors import DataError
from flood_engine.flood.checkpoint import BUNDLED

FORMAT = "flood-evaluation/1"
_JUDGE = [
    Path(__file__).with_name(f"{name}.py")
    for name in ("signals", "rule", "travel_rules", "action_rules", "judge")
]


@dataclass(slots=True)
class Record:
    """Parts of an evaluation by name. ``part`` gives a finished part, ``put`` stores one."""

    path: Path | None
    head: dict[str, Any]
    parts: dict[str, Any] = field(default_factory=dict)

    def part(self, name: str) -> Any | None:
        """Return a part that is already there, or None."""
        return self.parts.get(name)

    def put(self, name: str, content: Any) -> Any:
        """Store a part, write the file, and return the part as it will be read again."""
        self.parts[name] = json.loads(json.dumps(content, default=_plain))
        if self.path is not None:
            text = json.dumps({"head": self.head, "parts": self.parts}, indent=1)
            part = self.path.with_suffix(self.path.suffix + ".part")
            part.write_text(text + "\n")
            part.replace(self.path)
        return self.parts[name]


def open_record(path: Path | None, head: dict[str, Any]) -> Record:
    """Return a new record, or the one in ``path`` if model, prompts and judge are the same.

    Raises:
        DataError: If ``path`` holds something else, or results of another model or other prompts.
    """
    head = json.loads(json.dumps(head, default=_plain))
    if path is None or not path.exists():
        return Record(path, head)
    try:
        stored = json.loads(path.read_text())
        known, parts = stored["head"], stored["parts"]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is not a result of this command; name another file") from error
    differing = sorted(key for key in head if head[key] != known.get(key))
    if differing:
        raise DataError(
            f"{path} holds results with another {' and '.join(differing)}; name another file"
        )
    return Record(path, head, parts)


def head_of(engine: FloodEngine, model: str | Path, prompts: Path) -> dict[str, Any]:
    """Return what results depend on: model, stream settings, prompts, rules, versions."""
    folder = BUNDLED if str(model) == "bundled" else Path(model)
    stream = engine.config.stream
    return {
        "format": FORMAT,
        "model": {path.name: _digest(path) for path in sorted(folder.glob("*.[js]*"))},
        "stream": {name: getattr(stream, name) for name in stream.__dataclass_fields__},
        "prompts": {"file": prompts.name, "digest": _digest(prompts)},
        "judge": {path.name: _digest(path) for path in _JUDGE},
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} does not go into a result file")
