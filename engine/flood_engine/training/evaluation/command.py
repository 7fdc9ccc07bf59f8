"""The parts of an evaluation, each run, stored and printed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from flood_engine.engine import FloodEngine, load_engine
from flood_engine.training.evaluation import obedience, tables, transitions
from flood_engine.training.evaluation.drift import PROMPTS, run_drift
from flood_engine.training.evaluation.encoders import load_space, save_space
from flood_engine.training.evaluation.feet import GROUNDED, SECS, run_feet
from flood_engine.training.evaluation.record import Record, head_of, open_record
from flood_engine.training.evaluation.reference import load_reference
from flood_engine.training.evaluation.requests import CANONICAL, Request, read_requests
from flood_engine.training.evaluation.rollouts import Progress

Say = Callable[[str], None]


def say(line: str = "") -> None:
    """Write a line to the terminal."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _show(title: str, lines: Iterable[str]) -> None:
    say(f"\n== {title}")
    for line in lines:
        say(line)


class SecondsBar:
    """A progress bar that counts seconds of motion (not of time)."""

    def __init__(self, title: str, seconds: float) -> None:
        self.bar = tqdm(total=round(seconds), desc=title, unit="s", mininterval=1.0, leave=False)

    def __enter__(self) -> Progress:
        return self._advance

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def _advance(self, seconds: float) -> None:
        self.bar.update(seconds)


def evaluate(options: argparse.Namespace) -> Record:
    """Run the parts that ``options.only`` names, from what the record already holds on."""
    prompts = options.prompts or CANONICAL
    requests = read_requests(prompts)
    engine = load_engine(options.model, threads=options.threads)
    record = open_record(options.json, head_of(engine, options.model, prompts))
    parts: dict[str, Callable[[], None]] = {
        "obedience": lambda: _obedience(engine, record, requests, options.seeds),
        "transitions": lambda: _transitions(engine, record, max(1, options.seeds // 4)),
        "drift": lambda: _drift(engine, record, options.minutes),
        "feet": lambda: _feet(engine, record, max(1, options.seeds // 2)),
        "retrieval": lambda: _retrieval(engine, record, requests, options),
    }
    for name in options.only:
        parts[name]()
    return record


def _part(record: Record, name: str, run: Callable[[], Any]) -> Any:
    """Return a part of the record, run first if it is not there yet."""
    stored = record.part(name)
    return record.put(name, run()) if stored is None else stored


def _obedience(engine: FloodEngine, record: Record, requests: list[Request], seeds: int) -> None:
    by_seed = []
    for seed in range(seeds):

        def run(seed: int = seed) -> list[dict[str, Any]]:
            total = obedience.JUDGED_SECS * len(requests)
            with SecondsBar(f"obedience, seed {seed}", total) as progress:
                verdicts = obedience.judge_requests(engine, requests, seed, progress)
            return [asdict(v) for v in verdicts]

        by_seed.append(_part(record, f"obedience/seed {seed}", run))
    tallies = obedience.tally(requests, by_seed)
    record.put("obedience/summary", [{**asdict(t), "share": t.share} for t in tallies])
    title = f"Obedience: {len(requests)} prompts, {seeds} seeds"
    _show(title, tables.obedience_lines(tallies, load_reference().get("judge")))


def _transitions(engine: FloodEngine, record: Record, seeds: int) -> None:
    reference = load_reference()
    modes = [m for m in transitions.MODES if m == "switch" or transitions.has_interrupt(engine)]
    _show(f"Changes between {len(transitions.ACTIONS)} actions, {seeds} seeds", ())
    for mode in modes:

        def run(mode: str = mode) -> dict[str, Any]:
            return _run_transitions(engine, mode, seeds, reference)

        part = _part(record, f"transitions/{mode}/{seeds} seeds", run)
        for line in tables.transition_lines(mode, part["summary"], part["jerk"]):
            say(line)
    for line in tables.reference_lines(reference):
        say(line)


def _run_transitions(
    engine: FloodEngine, mode: str, seeds: int, reference: dict[str, Any]
) -> dict[str, Any]:
    changes: list[dict[str, Any]] = []
    windows: list[np.ndarray] = []
    count = len(transitions.ACTIONS)
    each = count * (transitions.STAND_SECS + transitions.FIRST_SECS)
    each += count * (count - 1) * transitions.AFTER_SECS
    with SecondsBar(f"changes by {mode}", seeds * each) as progress:
        for seed in range(seeds):
            made, around = transitions.run_changes(engine, seed, mode, progress)
            changes += [asdict(change) for change in made]
            windows += around
    return {
        "summary": transitions.summary(changes),
        "jerk": transitions.smoothness(windows, reference["jerk"]),
        "changes": changes,
    }


def _drift(engine: FloodEngine, record: Record, minutes: float) -> None:
    def run() -> list[dict[str, Any]]:
        with SecondsBar("drift", minutes * 60 * len(PROMPTS)) as progress:
            return run_drift(engine, load_reference()["range"], minutes, progress=progress)

    rows = _part(record, f"drift/{minutes:g} minutes", run)
    _show("Stillness and drift", tables.drift_lines(rows))


def _feet(engine: FloodEngine, record: Record, seeds: int) -> None:
    def run() -> dict[str, Any]:
        total = (SECS + 1) * len(GROUNDED) * seeds
        with SecondsBar("feet", total) as progress:
            return run_feet(engine, range(seeds), progress)

    made = _part(record, f"feet/{seeds} seeds", run)
    _show(f"Feet, {seeds} seeds", tables.feet_lines(made, load_reference()["feet"]))


def _retrieval(
    engine: FloodEngine, record: Record, requests: list[Request], options: argparse.Namespace
) -> None:
    from flood_engine.training.evaluation import retrieval  # noqa: PLC0415 - reads training words

    def run() -> dict[str, Any]:
        path: Path | None = options.evaluator
        if path is not None and path.exists():
            space = load_space(path)
        else:
            with tqdm(total=retrieval.STEPS, desc="evaluator", leave=False) as bar:

                def note(loss: float) -> None:
                    bar.set_postfix(loss=f"{loss:.2f}")
                    bar.update()

                space = retrieval.make_evaluator(options.data, retrieval.STEPS, note)
            if path is not None:
                save_space(space, path)
        seeds = range(max(1, options.seeds // 4))
        with SecondsBar("retrieval", 4.0 * len(requests) * len(seeds)) as progress:
            return retrieval.retrieve(engine, space, options.data, requests, seeds, progress)

    figures = _part(record, "retrieval", run)
    _show("Retrieval", tables.retrieval_lines(figures))
