"""docs/usage.md names every option of the command line, with its true default."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from flood_bridge.cli import Bench, Render, Replay, Say
from flood_bridge.config import Config

PAGE = (Path(__file__).parents[2] / "docs" / "usage.md").read_text()


def options(settings: Any, prefix: str = "--") -> Iterator[tuple[str, str]]:
    for each in fields(settings):
        name, value = prefix + each.name.replace("_", "-"), getattr(settings, each.name)
        if is_dataclass(value):
            yield from options(value, f"{name}.")
        else:
            yield name, shown(value)


def shown(value: Any) -> str:
    if value == ():
        return "none"
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("option", "default"), list(options(Config())))
def test_the_table_tells_every_option_of_run_and_its_default(option: str, default: str) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    (row,) = [line for line in rows if re.search(rf"`{re.escape(option)}[` =]", line)]
    assert default in row.split("|")[2]


@pytest.mark.parametrize("verb", [Say, Render, Replay, Bench])
def test_options_of_the_other_verbs_are_told(verb: type) -> None:
    # As in run, or told by --help alone.
    told = {"text", "out", "seed", "model", "theme", "log", "twin", "what", "robot"}
    missing = [
        each.name
        for each in fields(verb)
        if each.name not in told and f"--{each.name.replace('_', '-')}" not in PAGE
    ]
    assert not missing
