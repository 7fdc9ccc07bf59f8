"""How well a model obeys: ``python -m flood_engine.training.evaluate [--seeds N] [--json OUT]``.

Every prompt starts from standing, as it does in use, and is judged from two seconds after the
change on (:mod:`flood_engine.training.judge`).
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from flood_engine.engine import FloodEngine, load_engine
from flood_engine.training.judge import RULES, Measures, measure, shows

STAND_SECS, SETTLE_SECS, JUDGED_SECS = 2.0, 2.0, 6.0
STAND = "a person stands still"

CANONICAL: tuple[tuple[str, str], ...] = (
    (STAND, "stand"),
    ("a person walks forward", "walk"),
    ("a person runs", "run"),
    ("a person walks and turns left", "turn_left"),
    ("a person walks and turns right", "turn_right"),
    ("a person jumps", "jump"),
    ("a person sits down", "sit"),
    ("a person throws punches", "punch"),
    ("a person kicks", "kick"),
    ("a person dances", "dance"),
    ("a person waves with the right hand", "wave"),
    ("a person walks backward", "walk_backward"),
    ("a person crouches", "crouch"),
)
"""(prompt, action) pairs that every model of ours is asked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One prompt under one seed."""

    prompt: str
    action: str
    seed: int
    passed: bool
    measures: Measures


def judge_prompts(
    engine: FloodEngine, prompts: Sequence[tuple[str, str]], seeds: Sequence[int]
) -> Iterator[Verdict]:
    """Run all prompts of one seed as one batch and judge each; yield seed by seed."""
    calls = round((STAND_SECS + SETTLE_SECS + JUDGED_SECS) * 5) + engine.window_size
    stand = engine.encode(STAND)
    wanted = [engine.encode(text) for text, _ in prompts]
    for seed in seeds:
        states = [engine.start(seed) for _ in prompts]
        joints, headings = [], []
        for call in range(calls):
            given = wanted if call >= STAND_SECS * 5 else [stand] * len(wanted)
            chunks = engine.step(states, given)
            joints.append([chunk.joints for chunk in chunks])
            headings.append([chunk.heading_rad for chunk in chunks])
        for row, (text, action) in enumerate(prompts):
            judged = slice(-round(JUDGED_SECS * engine.frame_rate_hz), None)
            places = np.concatenate([step[row] for step in joints])[judged]
            facing = np.concatenate([step[row] for step in headings])[judged]
            measures = measure(places, facing)
            yield Verdict(text, action, seed, shows(action, measures), measures)


def read_prompts(path: Path) -> list[tuple[str, str]]:
    """Read a CSV file with the columns ``prompt`` and ``action``.

    Raises:
        ValueError: If a column is missing or an action has no rule.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, start=2):
        if row.get("prompt") is None or row.get("action") not in RULES:
            raise ValueError(
                f"{path}, line {number}: columns prompt and action are needed, the action one of"
                f" {', '.join(RULES)}; given: {row}"
            )
    return [(row["prompt"], row["action"]) for row in rows]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":", 1)[0])
    parser.add_argument("--model", default="bundled", help='folder of a model, or "bundled"')
    parser.add_argument("--prompts", type=Path, help="CSV with columns prompt, action")
    parser.add_argument("--seeds", type=int, default=4, help="seeds 0 to N - 1 (default 4)")
    parser.add_argument("--json", type=Path, help="write every verdict and its measures here")
    options = parser.parse_args()
    prompts = read_prompts(options.prompts) if options.prompts else CANONICAL
    engine = load_engine(options.model)
    verdicts = list(judge_prompts(engine, prompts, range(options.seeds)))
    for text, action in prompts:
        mine = [v for v in verdicts if v.prompt == text]
        passed = sum(v.passed for v in mine)
        print(f"{passed:3d} of {len(mine)}  {action:14s} {text}")  # noqa: T201
    total = sum(v.passed for v in verdicts)
    print(f"{total} of {len(verdicts)} in all")  # noqa: T201
    if options.json:
        rows = [asdict(verdict) for verdict in verdicts]
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
