"""Punches and kicks found in the motion, so that their words are said where they happen.

Captions of boxing and karate cover half a minute in which a fist shoots out every few seconds, and
seldom name the hand.  Here such stretches are cut around every strike, and the limb that strikes
is named, by the measures of :mod:`.evaluation.action_rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from flood_engine.training.evaluation.action_rules import kick_frames, punch_frames
from flood_engine.training.evaluation.signals import LEFT, RIGHT, Signals, read_signals
from flood_engine.training.mocap import Clip
from flood_engine.training.windows import MIN_WINDOW_FRAMES, Window

_PUNCHES = ("punch", "punch_left", "punch_right")
_KICKS = ("kick", "kick_left", "kick_right")
_REACH = {"punch": 14, "kick": 25}
"""Frames before and after a strike that belong to it."""
_ONE_TWO_FRAMES = 12
"""Strikes of two limbs closer than this are one movement of both."""
_SAME_FRAMES = 28
"""Strikes of one limb closer than this are one piece."""


@dataclass(slots=True)
class _Strikes:
    """Strikes in a row that belong together: the first and last frame, and the limbs."""

    first: int
    last: int
    sides: set[int]


def cut_at_strikes(clips: list[Clip], windows: list[Window]) -> list[Window]:
    """Return the windows with punches and kicks cut out and named; others stay as they are.

    A stretch of boxing without a punch becomes a fighting stance; a kick that the measures do not
    find keeps its window.
    """
    found: list[Window] = []
    for window in windows:
        if window.kind in _PUNCHES:
            cut = _cut(clips, window, "punch", punch_frames)
            found += cut or [replace(window, kind="fighting_stance", texts=())]
        elif window.kind in _KICKS:
            found += _cut(clips, window, "kick", kick_frames) or [window]
        else:
            found.append(window)
    return found


def _cut(
    clips: list[Clip],
    window: Window,
    name: str,
    frames_of: Callable[[Signals, int], np.ndarray],
) -> list[Window]:
    """Return the pieces of ``window`` around its strikes, up to half-way to the next ones."""
    joints = clips[window.clip].joints[window.start : window.stop + 1]
    signals = read_signals(joints, window.ground_m)
    rows = _rows([(int(f), side) for side in (LEFT, RIGHT) for f in frames_of(signals, side)])
    reach = _REACH[name]
    pieces = []
    for i, row in enumerate(rows):
        begin = max(0, row.first - reach, (rows[i - 1].last + row.first) // 2 if i else 0)
        end = min(window.frames, row.last + reach)
        if i + 1 < len(rows):
            end = min(end, (row.last + rows[i + 1].first) // 2)
        if end - begin >= MIN_WINDOW_FRAMES:
            pieces.append(_named(window, name, begin, end, row.sides))
    return pieces


def _rows(strikes: list[tuple[int, int]]) -> list[_Strikes]:
    """Put strikes (frame, side) together that follow closely or come from one limb."""
    rows: list[_Strikes] = []
    for frame, side in sorted(strikes):
        gap = frame - rows[-1].last if rows else 0
        if rows and (gap < _ONE_TWO_FRAMES or (rows[-1].sides == {side} and gap < _SAME_FRAMES)):
            rows[-1].last = frame
            rows[-1].sides.add(side)
        else:
            rows.append(_Strikes(frame, frame, {side}))
    return rows


def _named(window: Window, name: str, begin: int, end: int, sides: set[int]) -> Window:
    kind = name if len(sides) > 1 else f"{name}_{'left' if LEFT in sides else 'right'}"
    texts = window.texts if window.kind == kind else ()
    start, stop = window.start + begin, window.start + end
    return replace(window, start=start, stop=stop, kind=kind, texts=texts)
