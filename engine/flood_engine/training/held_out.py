"""Sentences that no training may see, as the evaluation asks them."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files


def normalised(text: str) -> str:
    """Return ``text`` in lower case, without punctuation and doubled blanks."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())


@cache
def held_out() -> frozenset[str]:
    """Return the normalised sentences of the evaluation's own list."""
    source = files("flood_engine.training") / "evaluation" / "prompts.csv"
    with source.open(encoding="utf-8") as lines:
        return frozenset(normalised(row["prompt"]) for row in csv.DictReader(lines))


def may_train(text: str) -> bool:
    """Tell whether a sentence may be a training text."""
    return normalised(text) not in held_out()
