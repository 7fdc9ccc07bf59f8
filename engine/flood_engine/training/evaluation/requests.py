"""What a model is asked: lists of prompts with the action each should bring about.

The package's own list (``prompts.csv``) holds canonical prompts in five wordings each.  None of
them is a training text; the training leaves out every text of the list (``held_out.py``).  As the
vocabulary grew by looking at which of them failed, a second list (``prompts_fresh.csv``) holds two
more wordings each that were written down afterwards.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from flood_engine.errors import DataError
from flood_engine.training.evaluation.judge import RULES

CANONICAL = Path(__file__).with_name("prompts.csv")
"""The package's list."""
FRESH = Path(__file__).with_name("prompts_fresh.csv")
"""Wordings that no choice was made by."""
STARTS = ("standing", "walking", "sitting")
"""Poses from which an action can be asked for."""
MAX_REQUESTS = 5_000


@dataclass(frozen=True, slots=True)
class Request:
    """One prompt and what it should bring about."""

    prompt: str
    action: str
    start: str = "standing"
    group: str = ""
    """Canonical prompt of which this is a wording."""


def read_requests(path: Path = CANONICAL) -> list[Request]:
    """Read a CSV file with the columns ``prompt`` and ``action``, perhaps ``start`` and ``group``.

    Raises:
        DataError: If a column is missing, an action has no rule, a start is unknown, or there are
            no rows or too many.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read as CSV: {error}") from error
    if not 0 < len(rows) <= MAX_REQUESTS:
        raise DataError(f"{path} holds {len(rows)} prompts; valid is 1 to {MAX_REQUESTS}")
    return [_request(path, number, row) for number, row in enumerate(rows, start=2)]


def _request(path: Path, line: int, row: dict[str, str | None]) -> Request:
    prompt, action = (row.get("prompt") or "").strip(), (row.get("action") or "").strip()
    start = (row.get("start") or "standing").strip()
    if not prompt or action not in RULES:
        raise DataError(
            f"{path}, line {line}: columns prompt and action are needed, the action one of"
            f" {', '.join(sorted(RULES))}; given: {row}"
        )
    if start not in STARTS:
        raise DataError(f"{path}, line {line}: start is {start!r}; valid: {', '.join(STARTS)}")
    return Request(prompt, action, start, (row.get("group") or "").strip() or prompt)
