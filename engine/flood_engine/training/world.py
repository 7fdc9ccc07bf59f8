"""All windows of a training set, indexed so that streams can draw from them quickly."""

from __future__ import annotations

import bisect
import logging
from dataclasses import dataclass, field, replace

import numpy as np

from flood_engine.errors import DataError
from flood_engine.features import FRAME_RATE_HZ, VELOCITIES
from flood_engine.training.gaps import gaps
from flood_engine.training.held_out import may_train
from flood_engine.training.limbs import bone_lengths
from flood_engine.training.mocap import Clip
from flood_engine.training.stitching import POSE_COLUMNS, lower, match_vectors, raised
from flood_engine.training.strikes import cut_at_strikes
from flood_engine.training.synthetic import make_synthetic
from flood_engine.training.vocabulary import KINDS
from flood_engine.training.windows import MIN_WINDOW_FRAMES, Window, find_windows

_log = logging.getLogger(__name__)
CANDIDATES = 10
MAX_ROBOT_SHARE = 0.28
MAX_SINK_M = 0.15
_ROBOT_SHARD = "g1_"
_LIVELY_M_PER_S = 0.5
_PLAIN = 0.15
"""Share of texts that are a bare imperative, which is what most people type."""


@dataclass(slots=True)
class World:
    """Clips, windows by kind, texts, and how much of what was used so far."""

    clips: list[Clip]
    by_kind: dict[str, list[Window]]
    by_clip: dict[int, list[Window]]
    matches: list[np.ndarray]
    texts: list[str]
    kinds: list[str]
    own_texts: dict[tuple[str, ...], np.ndarray]
    kind_texts: dict[str, np.ndarray]
    plain_texts: dict[str, np.ndarray]
    kind_odds: np.ndarray
    bone_lengths: np.ndarray
    window_odds: dict[str, np.ndarray] = field(default_factory=dict)
    human_only: dict[str, np.ndarray] = field(default_factory=dict)
    robot_frames: int = 0
    all_frames: int = 0

    def has(self, kind: str) -> bool:
        """Tell whether any window shows ``kind``."""
        return kind in self.by_kind

    def kind_index(self, window: Window | None) -> int:
        """Return the number of a window's kind."""
        assert window is not None
        return bisect.bisect_left(self.kinds, window.kind)

    def draw_kind(self, rng: np.random.Generator) -> str:
        """Draw a kind by weight."""
        return self.kinds[int(np.searchsorted(self.kind_odds, rng.random()))]

    def _odds(self, kind: str) -> np.ndarray:
        tired = self.robot_frames > MAX_ROBOT_SHARE * self.all_frames
        return self.human_only[kind] if tired else self.window_odds[kind]

    def draw_window(self, kind: str, rng: np.random.Generator) -> Window:
        """Draw a window of ``kind``; long ones more often, robot motion up to its share."""
        odds = self._odds(kind)
        windows = self.by_kind[kind]
        return windows[min(int(np.searchsorted(odds, rng.random())), len(windows) - 1)]

    def best_entry(
        self, kind: str, wanted: np.ndarray, rng: np.random.Generator
    ) -> tuple[float, Window, int]:
        """Return pose misfit, window and frame of the best of some drawn windows.

        The best is the one closest in pose and velocity; the misfit given back is that of the
        pose alone, so that a run may begin from standing but a seat not from mid-air.
        """
        query = match_vectors(wanted[None])[0]
        entries = []
        for _ in range(CANDIDATES):
            window = self.draw_window(kind, rng)
            entries.append((*self._fit(window, query), window))
        _, misfit, frame, window = min(entries, key=lambda entry: entry[0])
        return misfit, window, frame

    def _fit(self, window: Window, query: np.ndarray) -> tuple[float, float, int]:
        """Return cost, pose misfit and frame of the closest entry into a window."""
        stop = window.start + 1
        if KINDS[window.kind].entry == "any":
            stop = max(stop, window.stop - max(MIN_WINDOW_FRAMES, min(40, window.frames // 2)))
        frames = self.matches[window.clip][window.start : stop : 2]
        gap = frames - raised(query, window.ground_m)
        costs = np.einsum("ij,ij->i", gap, gap)
        index = int(costs.argmin())
        return float(costs[index]), float(np.linalg.norm(gap[index, POSE_COLUMNS])), 2 * index

    def follower(
        self, window: Window, frame: int, rng: np.random.Generator, kind: str = ""
    ) -> Window | None:
        """Return a window of the same clip that goes on from ``frame``, or None."""
        now = window.start + frame
        found = []
        for other in self.by_clip[window.clip]:
            if kind and other.kind != kind:
                continue
            soonest = 6 if KINDS[other.kind].entry == "start" else other.frames
            late_enough = other.stop >= now + MIN_WINDOW_FRAMES
            sinks = other.lowest_m < window.ground_m - MAX_SINK_M
            if late_enough and not sinks and now - soonest <= other.start <= now + 4:
                found.append(other)
        if not found:
            return None
        # the body stays on the level it is on
        return replace(found[int(rng.integers(len(found)))], ground_m=window.ground_m)

    def block(self, window: Window, frame: int, frames: int) -> np.ndarray:
        """Return a copy of (frames, 263) features from ``frame`` of a window on, on the floor.

        Past the end of the clip the last frame is repeated.
        """
        feats = self.clips[window.clip].features
        index = np.minimum(window.start + frame + np.arange(frames), len(feats) - 1)
        block = feats[index]
        lower(block, window.ground_m)
        return block

    def draw_text(self, window: Window, rng: np.random.Generator, own: float) -> int:
        """Return the index of a text for a window: one of its own with chance ``own``."""
        mine, common = self.own_texts[window.texts], self.kind_texts[window.kind]
        plain = self.plain_texts[window.kind]
        if len(plain) and rng.random() < _PLAIN:
            common, own = plain, 0.0
        pool = mine if len(mine) and (rng.random() < own or not len(common)) else common
        return int(pool[rng.integers(len(pool))])

    def origin(self, window: Window) -> str:
        """Return what a window counts as in the statistics of origin."""
        clip = self.clips[window.clip]
        if clip.synthetic:
            return f"synthetic: {clip.synthetic}"
        return "robot retarget" if clip.shard.startswith(_ROBOT_SHARD) else "recorded"

    def note_use(self, window: Window, frames: int) -> None:
        """Count frames, so that the share of robot motion can be kept."""
        self.all_frames += frames
        if self.clips[window.clip].shard.startswith(_ROBOT_SHARD):
            self.robot_frames += frames


def build_world(clips: list[Clip], rng: np.random.Generator) -> World:
    """Find windows, make synthetic clips and index everything."""
    windows = cut_at_strikes(clips, find_windows(clips))
    everything = list(clips)
    for made in make_synthetic(clips, windows, rng):
        frames = len(made.clip.features)
        windows.append(Window(len(everything), 0, frames, made.kind, (), 0.0))
        everything.append(made.clip)
    for gap in gaps(windows):
        _log.warning("%s", gap)
    windows = [w for w in windows if KINDS[w.kind].phrases or any(map(may_train, w.texts))]
    if not windows:
        raise DataError(f"none of {len(clips)} clips has a captioned window to build streams from")
    return _index(everything, windows)


def _index(clips: list[Clip], windows: list[Window]) -> World:
    by_kind: dict[str, list[Window]] = {}
    by_clip: dict[int, list[Window]] = {}
    for window in windows:
        by_kind.setdefault(window.kind, []).append(window)
        by_clip.setdefault(window.clip, []).append(window)
    kinds = sorted(by_kind)
    texts, own_texts, kind_texts, plain_texts = _texts(windows, kinds)
    world = World(
        clips,
        by_kind,
        by_clip,
        [match_vectors(clip.features) for clip in clips],
        texts,
        kinds,
        own_texts,
        kind_texts,
        plain_texts,
        _cumulative([KINDS[kind].weight for kind in kinds]),
        bone_lengths(clips[0].joints),
    )
    for kind, members in by_kind.items():
        lengths = [np.sqrt(window.frames) * _appeal(clips, window) for window in members]
        human = [
            0.0 if clips[window.clip].shard.startswith(_ROBOT_SHARD) else length
            for window, length in zip(members, lengths, strict=True)
        ]
        world.window_odds[kind] = _cumulative(lengths)
        world.human_only[kind] = _cumulative(human) if any(human) else world.window_odds[kind]
    return world


def _appeal(clips: list[Clip], window: Window) -> float:
    """Return how much more a window is drawn than others of its kind: lively dances are."""
    if window.kind != "dance":
        return 1.0
    steps = clips[window.clip].features[window.start : window.stop, VELOCITIES]
    speeds = np.linalg.norm(steps.reshape(len(steps), 22, 3), axis=-1) * FRAME_RATE_HZ
    return float(np.clip(speeds.mean() / _LIVELY_M_PER_S, 0.1, 1.5)) ** 2


def _texts(
    windows: list[Window], kinds: list[str]
) -> tuple[
    list[str], dict[tuple[str, ...], np.ndarray], dict[str, np.ndarray], dict[str, np.ndarray]
]:
    numbers: dict[str, int] = {}

    def number(sentences: tuple[str, ...] | list[str]) -> np.ndarray:
        kept = [s for s in sentences if may_train(s)]
        return np.array([numbers.setdefault(s, len(numbers)) for s in kept], dtype=np.int64)

    kind_texts = {kind: number(KINDS[kind].texts()) for kind in kinds}
    own_texts = {texts: number(texts) for texts in dict.fromkeys(w.texts for w in windows)}
    plain_texts = {kind: number(KINDS[kind].phrases) for kind in kinds}
    return list(numbers), own_texts, kind_texts, plain_texts


def _cumulative(weights: list[float]) -> np.ndarray:
    total = np.cumsum(np.asarray(weights, dtype=np.float64))
    if total[-1] <= 0:
        raise DataError("no kind of motion with a positive weight is in the clips")
    return total / total[-1]
