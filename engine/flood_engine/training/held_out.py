"""Sentences that no training may see, as the evaluation asks them."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

LISTS = ("prompts.csv", "prompts_fresh.csv")


def normalised(text: str) -> str:
    """Return ``text`` in lower case, without punctuation and doubled blanks."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())


@cache
def held_out() -> frozenset[str]:
    """Return the normalised sentences of the evaluation's own lists."""
    folder = files("flood_engine.training") / "evaluation"
    found: set[str] = set()
    for name in LISTS:
        with (folder / name).open(encoding="utf-8") as lines:
            found |= {normalised(row["prompt"]) for row in csv.DictReader(lines)}
    return frozenset(found)


def may_train(text: str) -> bool:
    """Tell whether a sentence may be a training text."""
    return normalised(text) not in held_out()
