"""How often the judge errs on recorded motion, where captions tell what was done.

Each recorded stretch of one kind of motion (``windows.py`` of the training) is shown to every rule.
*Found*: stretches of the action in which some window shows it.  *Kept*: stretches that show it for
as large a share of their windows as obedience asks.  The same two shares over stretches of all
other kinds are the false alarms; kinds that may contain the action (a kata holds punches and
kicks) and kinds off the floor are left out of those and listed with the action.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from flood_engine.training.evaluation.judge import RULES, windows
from flood_engine.training.evaluation.kinds_of_actions import MAY_SHOW, OFF_THE_FLOOR, SHOWING
from flood_engine.training.evaluation.signals import Signals, read_signals
from flood_engine.training.mocap import MocapSet, Split, load_mocap
from flood_engine.training.windows import find_windows

_EVERY_FRAMES = 4


@dataclass(slots=True)
class Count:
    """Stretches of one kind that were shown to one rule."""

    stretches: int = 0
    found: int = 0
    kept: int = 0

    def add(self, other: Count) -> None:
        """Add the figures of ``other``."""
        self.stretches += other.stretches
        self.found += other.found
        self.kept += other.kept


@dataclass(slots=True)
class Confusion:
    """Rule by kind of motion, on one split."""

    split: str
    table: dict[str, dict[str, Count]] = field(default_factory=dict)
    """action -> kind -> figures"""

    def right(self, action: str) -> Count:
        """Return the figures over stretches of the action itself."""
        return self._sum(action, SHOWING[action])

    def wrong(self, action: str) -> Count:
        """Return the figures over stretches that do not show the action."""
        skipped = SHOWING[action] | MAY_SHOW.get(action, frozenset()) | OFF_THE_FLOOR
        return self._sum(action, self.table[action].keys() - skipped)

    def _sum(self, action: str, kinds: Any) -> Count:
        total = Count()
        for kind in kinds:
            total.add(self.table[action].get(kind, Count()))
        return total


def recorded_stretches(mocap: MocapSet, split: Split) -> list[tuple[str, Signals]]:
    """Return kind and signals of every captioned stretch of a split, on its own floor."""
    clips = mocap.split(split)
    return [
        (w.kind, read_signals(clips[w.clip].joints[w.start : w.stop + 1], w.ground_m))
        for w in find_windows(clips)
    ]


def confusion(stretches: list[tuple[str, Signals]], split: str) -> Confusion:
    """Show every stretch to every rule."""
    result = Confusion(split)
    for action, rule in tqdm(RULES.items(), desc=f"rules on {split}", leave=False):
        counts: dict[str, Count] = defaultdict(Count)
        for kind, signals in stretches:
            shown = [rule.shown(window) for window in windows(rule, signals, _EVERY_FRAMES)]
            if shown:
                share = sum(shown) / len(shown)
                counts[kind].add(Count(1, int(share > 0), int(share > 0 and share >= rule.held)))
        result.table[action] = dict(counts)
    return result


def validate_judge(data: Path) -> list[Confusion]:
    """Judge all recorded stretches of both splits of a motion capture folder, without mirrors."""
    mocap = load_mocap(data, mirror=False)
    return [confusion(recorded_stretches(mocap, split), split) for split in ("train", "val")]


def as_json(result: Confusion) -> dict[str, Any]:
    """Return all figures of a split: [stretches, found, kept] by action and kind."""
    return {
        action: {kind: [c.stretches, c.found, c.kept] for kind, c in sorted(kinds.items())}
        for action, kinds in result.table.items()
    }
