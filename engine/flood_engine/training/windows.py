"""Which kind of motion each captioned stretch of a clip shows.

The action class and the sentence of a caption give the kind; where captions are coarse the
kinematics decide: net change of heading, direction and speed of the root, height of the hips.
Walks are cut where they begin to turn, so that "turn left" is said only where the body really
turns by more than 45 degrees, and "forward" only where it goes straight.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from flood_engine.features import FRAME_RATE_HZ, ROOT_XZ, ROOT_YAW
from flood_engine.training.mocap import Caption, Clip
from flood_engine.training.support import ground_level, lowest_foot
from flood_engine.training.vocabulary import KINDS
from flood_engine.training.window_words import (
    LOCOMOTION,
    SEQUENCE_WORDS,
    SOME_TURN,
    kind_of_caption,
)

MIN_WINDOW_FRAMES = 12
TURN_RAD = np.deg2rad(45.0)
_STRAIGHT_RAD = np.deg2rad(25.0)
_AROUND_RAD = np.deg2rad(130.0)
_SPIN_RAD = np.deg2rad(270.0)
_TURNING_RAD_PER_S = np.deg2rad(22.0)
_SPOT_SPEED = 0.35
_SPOT_M = 0.75
_QUICK_TURN_FRAMES = 70
_DROP_M = 0.12
_CROUCHED_HIPS_M = 0.7
_ON_THE_SPOT = {"stand", SOME_TURN}


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one kind of motion: feature frames [start, stop) of a clip."""

    clip: int
    start: int
    stop: int
    kind: str
    texts: tuple[str, ...]
    """The recording's own sentences, if they fit this kind."""
    ground_m: float
    """Height of the surface stood on when the window begins; subtracted from the motion."""
    lowest_m: float = 0.0
    """Height of the lowest foot joint in the window."""

    @property
    def frames(self) -> int:
        """Length in frames."""
        return self.stop - self.start


def find_windows(clips: list[Clip]) -> list[Window]:
    """Return the windows of all clips, in clip order."""
    windows: list[Window] = []
    for index, clip in enumerate(clips):
        for caption in clip.captions:
            windows += _windows_of_caption(index, clip, caption)
    return windows


def _windows_of_caption(index: int, clip: Clip, caption: Caption) -> list[Window]:
    kind = kind_of_caption(clip, caption)
    pieces = [(caption.start, caption.stop, kind, caption.texts)]
    if kind in LOCOMOTION or kind in _ON_THE_SPOT:
        pieces = _cut_by_turning(clip, caption, kind)
    found = (_window(index, clip, *_on_the_spot(clip, piece)) for piece in pieces)
    return [window for window in found if window is not None]


def _window(
    index: int, clip: Clip, start: int, stop: int, kind: str, texts: tuple[str, ...]
) -> Window | None:
    """Return the window, or None where its first pose or its ground makes it useless."""
    begin = max(0, start - _APPROACH_FRAMES) if kind in _CLIMBS else start
    if stop - begin < MIN_WINDOW_FRAMES or not _start_is_fit(clip, begin, stop, kind):
        return None
    joints = clip.joints[begin : stop + 1]
    ground, lowest = ground_level(joints), lowest_foot(joints)
    if kind == "walk_styled":  # uneven ground: the lowest step counts as the floor
        ground = min(ground, max(0.0, lowest))
    if kind == "crouch" and np.median(joints[:, 0, 1]) - ground > _CROUCHED_HIPS_M:
        return None  # bent over on a box
    if lowest < ground - _DROP_M and KINDS[kind].entry != "continue":
        return None  # steps down from a box that is not there
    return Window(index, begin, stop, kind, texts, ground, lowest)


def _on_the_spot(
    clip: Clip, piece: tuple[int, int, str, tuple[str, ...]]
) -> tuple[int, int, str, tuple[str, ...]]:
    """Call a turn that leaves its place a walk around."""
    start, stop, kind, _ = piece
    if not kind.startswith("turn_"):
        return piece
    root = clip.joints[start : stop + 1, 0][:, [0, 2]]
    strays = np.linalg.norm(root - root[0], axis=1).max() > _SPOT_M
    return (start, stop, "walk_other", ()) if strays else piece


def heading_steps(features: np.ndarray) -> np.ndarray:
    """Return the (T,) heading steps of (T, 263) features, radians, left positive."""
    return -2.0 * features[:, ROOT_YAW].astype(np.float64)


def _cut_by_turning(
    clip: Clip, caption: Caption, kind: str
) -> list[tuple[int, int, str, tuple[str, ...]]]:
    """Cut a walk, run, stand or turn where it begins or ends to turn, and name the pieces."""
    feats = clip.features[caption.start : caption.stop]
    steps = heading_steps(feats)
    rate = gaussian_filter1d(steps, 6.0, mode="nearest") * FRAME_RATE_HZ
    state = np.where(np.abs(rate) > _TURNING_RAD_PER_S, np.sign(rate), 0.0)
    edges = [0, *(np.flatnonzero(np.diff(state)) + 1).tolist(), len(state)]
    runs = [(a, b) for a, b in itertools.pairwise(edges) if b > a]
    pieces = []
    for begin, end in _merge_short(runs):
        named = _name_piece(feats[begin:end], steps[begin:end], kind)
        whole = named == "stand" if kind == "stand" else len(runs) == 1 and kind != SOME_TURN
        texts = tuple(text for text in caption.texts if whole and not SEQUENCE_WORDS.search(text))
        pieces.append((caption.start + begin, caption.start + end, named, texts))
    return pieces


def _merge_short(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join runs shorter than a window to the run before."""
    merged: list[tuple[int, int]] = []
    for begin, end in runs:
        if merged and (end - begin < MIN_WINDOW_FRAMES or _length(merged[-1]) < MIN_WINDOW_FRAMES):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((begin, end))
    return merged


def _length(run: tuple[int, int]) -> int:
    return run[1] - run[0]


def _name_piece(feats: np.ndarray, steps: np.ndarray, kind: str) -> str:
    """Name a stretch of walking, running, standing or turning by turn, direction and speed."""
    velocity = feats[:, ROOT_XZ].mean(axis=0) * FRAME_RATE_HZ
    speed = float(np.linalg.norm(feats[:, ROOT_XZ], axis=1).mean()) * FRAME_RATE_HZ
    total = float(steps.sum())
    if kind == "stand" and (speed > _SPOT_SPEED or abs(total) < TURN_RAD):
        return "stand" if speed < 0.15 and abs(total) < _STRAIGHT_RAD else "stand_other"
    if speed < _SPOT_SPEED:
        if abs(total) > TURN_RAD:
            return _name_turn(total, kind)
        return {"stand": "stand_other", SOME_TURN: "other"}.get(kind, "walk_other")
    return _name_travel(velocity, speed, total, kind, len(feats))


def _name_turn(total: float, kind: str) -> str:
    """Name a turn on the spot by its angle, radians; left is positive."""
    if kind == SOME_TURN and abs(total) > _SPIN_RAD:
        return "spin"
    side = "left" if total > 0 else "right"
    return f"turn_around_{side}" if abs(total) > _AROUND_RAD else f"turn_{side}"


def _name_travel(velocity: np.ndarray, speed: float, total: float, kind: str, frames: int) -> str:
    side = "left" if total > 0 else "right"
    gait = "walk" if kind in ("walk_forward", SOME_TURN) else "run"
    left, forward = float(velocity[0]), float(velocity[1])
    turned = abs(total)
    if forward < -0.2 and -forward > abs(left):
        name = "backward" if turned < TURN_RAD else "other"
    elif gait == "walk" and abs(left) > max(1.2 * abs(forward), 0.2):
        name = "left" if left > 0 else "right"
    elif gait == "walk" and turned > _AROUND_RAD and frames <= _QUICK_TURN_FRAMES:
        return f"turn_around_{side}"
    elif turned > TURN_RAD and forward > abs(left):
        name = f"turn_{side}"
    elif turned > _STRAIGHT_RAD or forward < 0.7 * speed:
        name = "other"
    else:
        return _pace(gait, speed)
    return f"{gait}_{name}"


def _pace(gait: str, speed: float) -> str:
    """Name straight walking or running by its speed, m/s."""
    if gait == "run":
        return "jog" if speed < 2.6 else ("run_fast" if speed > 4.5 else "run_forward")
    return "walk_slowly" if speed < 0.75 else ("walk_quickly" if speed > 1.65 else "walk_forward")


_CLIMBS = {"climb_up", "stairs_up"}
_APPROACH_FRAMES = 12
_UPRIGHT_STARTS = {
    "sit_down", "jump", "jump_forward", "jump_turn_left", "jump_turn_right", "climb_up",
    "stairs_up", "kick", "kick_left", "kick_right", "punch_kick", "turn_left", "turn_right",
    "turn_around_left",
    "turn_around_right", "crouch_down", "squat", "fall", "pick_up", "bow",
}  # fmt: skip


def _start_is_fit(clip: Clip, start: int, stop: int, kind: str) -> bool:
    """Refuse windows that begin in mid-air or mid-climb, and seats that are not left or taken."""
    first = clip.joints[start]
    ground = ground_level(clip.joints[start : start + 10])
    hips = float(first[0, 1]) - ground
    if kind in _UPRIGHT_STARTS:
        feet = float(first[[10, 11], 1].min()) - ground
        return 0.75 < hips < 1.1 and feet < 0.12
    if kind == "stand_up":
        return hips < 0.75 and float(clip.joints[stop, 0, 1]) > hips + 0.15
    return True
