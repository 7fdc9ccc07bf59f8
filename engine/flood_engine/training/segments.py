"""Drawing segments one after another: what follows what in a training stream.

The next segment goes on under the same prompt, or goes on in the same recording, or is a newly
drawn kind of motion that fits the current pose.  Seated and fallen bodies get up first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from flood_engine.features import FEATURE_SIZE
from flood_engine.training.limbs import restore_bones
from flood_engine.training.stitching import fade_seam, refresh_steps
from flood_engine.training.vocabulary import KINDS
from flood_engine.training.windows import Window
from flood_engine.training.world import World

_SEGMENT_FRAMES = (40, 160)
_CONTINUE = 0.45
_HOLD = 0.7
_HOLD_LONG = 0.3
_HOLD_AFTER = {"sit": 0.85, "crouch": 0.85, "stand": 0.8}
"""How often a body stays as it is after it has sat down, crouched, turned or got up."""
_STAND_FRAMES = (30, 90)
"""How long it stands then: as long as the turn can still be seen in the history."""
_OWN_SENTENCE = 0.4
_STANDING_START = 0.5
_MAX_MISFIT = 0.9
_MAX_MISFIT_WIDE = 2.0
_TRIES = 6
_SEQUELS = {
    "sit_down": ("stand_up", 0.4),
    "sit": ("stand_up", 0.4),
    "fall": ("get_up", 0.5),
    "lie": ("get_up", 0.5),
}
"""What is often asked for after a kind that leaves the body down, and how often."""
_SEATED = ("sit", "sit_down", "sit_high")
_BRIDGES = {"sit": "stand_up", "sit_down": "stand_up", "fall": "get_up", "lie": "get_up"}
"""What brings the body up again when something else is asked for; played under the new prompt."""
_CROUCHES = ("crouch", "sneak", "kneel")
_LOW = (*_CROUCHES, "crouch_down", "squat", "run_forward", "run_fast", "jog")
"""Kinds out of which a wide seam is taken, as a body rises (or slows down) by itself."""


@dataclass(slots=True)
class _Cursor:
    """Where a stream stands: the frame it would show next, and what it plays."""

    wanted: np.ndarray
    before: np.ndarray
    window: Window | None = None
    frame: int = 0
    text: int = -1
    held: int = 0
    bridged_to: str = ""
    stays: bool = False
    """Whether it stands after a turn, still under the turn's prompt."""


class Stitcher:
    """Draws segments one after another and joins them."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self.world = world
        self.rng = rng
        self.by_kind: Counter[str] = Counter()
        self.by_origin: Counter[str] = Counter()

    def stream(self, frames: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return features (frames, 263), text index and kind index of every frame."""
        motion = np.empty((frames, FEATURE_SIZE), dtype=np.float32)
        prompts = np.empty(frames, dtype=np.int32)
        kinds = np.empty(frames, dtype=np.int16)
        seams: list[np.ndarray] = []
        cursor, done = self._start(), 0
        while done < frames:
            length = self._next_segment(cursor, first=done == 0)
            block, faded = self._play(cursor, length)
            shown = min(length, frames - done)
            motion[done : done + shown] = block[:shown]
            seams.append(np.arange(done, done + min(faded, shown)))
            prompts[done : done + shown] = cursor.text
            kinds[done : done + shown] = self.world.kind_index(cursor.window)
            self._count(cursor.window, shown)
            done += shown
        restore_bones(motion, np.concatenate(seams), self.world.bone_lengths)
        refresh_steps(motion)
        return motion, prompts, kinds

    def _start(self) -> _Cursor:
        """Return a cursor on a first pose: standing for half of the streams, else anything."""
        standing = self.rng.random() < _STANDING_START
        kind = "stand" if standing and self.world.has("stand") else self.world.draw_kind(self.rng)
        window = self.world.draw_window(kind, self.rng)
        start_only = KINDS[kind].entry == "start"
        frame = 0 if start_only else int(self.rng.integers(0, max(1, window.frames - 12)))
        block = self.world.block(window, frame, 2)
        cursor = _Cursor(block[1], block[0], window, frame + 1)
        if standing:
            cursor.held = int(self.rng.integers(0, 41)) if self.rng.random() < 0.7 else 0
        else:
            cursor.held = -1
        return cursor

    def _next_segment(self, cursor: _Cursor, *, first: bool) -> int:
        """Choose window, frame and text of the next segment in ``cursor``; return its length."""
        if first and cursor.window is not None and cursor.held != 0:
            return self._first_segment(cursor)
        if cursor.bridged_to:
            kind, cursor.bridged_to = cursor.bridged_to, ""
            _, cursor.window, cursor.frame = self.world.best_entry(kind, cursor.wanted, self.rng)
            return self._length(cursor)
        previous, text = cursor.window, cursor.text
        if not first and self._hold_prompt(cursor):
            return self._length(cursor)
        follower = None
        if previous is not None and not first and self.rng.random() < _CONTINUE:
            follower = self.world.follower(previous, cursor.frame, self.rng)
        if follower is not None and previous is not None:
            cursor.frame = max(0, previous.start + cursor.frame - follower.start)
            cursor.window = follower
        elif self._bridge(cursor):
            return self._length(cursor)
        else:
            self._draw(cursor)
        assert cursor.window is not None
        cursor.text = self.world.draw_text(cursor.window, self.rng, _OWN_SENTENCE)
        cursor.held = 0
        if text == cursor.text and follower is None:
            cursor.text = self.world.draw_text(cursor.window, self.rng, _OWN_SENTENCE)
        return self._length(cursor)

    def _first_segment(self, cursor: _Cursor) -> int:
        assert cursor.window is not None
        cursor.text = self.world.draw_text(cursor.window, self.rng, _OWN_SENTENCE)
        short, cursor.held = cursor.held, 0
        left = cursor.window.frames - cursor.frame
        return max(2, min(short, left)) if short > 0 else self._length(cursor)

    def _hold_prompt(self, cursor: _Cursor) -> bool:
        """Go on under the same prompt: stay seated, walk on, do a short action again."""
        window = cursor.window
        if window is None:
            return False
        kind = KINDS[window.kind]
        brief = window.frames < _SEGMENT_FRAMES[0]
        most = 1 if kind.name == "stand" else 4 if brief else 2
        if cursor.held >= most:
            return False
        short = kind.entry == "start" or brief
        chance = _HOLD_AFTER.get(kind.holds_with, _HOLD if short else _HOLD_LONG)
        if kind.entry == "continue" or self.rng.random() > chance:
            return False
        wanted = kind.holds_with or window.kind
        if not self.world.has(wanted):
            return False
        held = cursor.held + 1
        follower = self.world.follower(window, cursor.frame, self.rng, wanted)
        if follower is not None:
            cursor.frame = max(0, window.start + cursor.frame - follower.start)
            cursor.window = follower
        else:
            misfit, found, frame = self.world.best_entry(wanted, cursor.wanted, self.rng)
            if misfit > _MAX_MISFIT:
                return False
            cursor.window, cursor.frame = found, frame
        cursor.held = held
        cursor.stays = wanted == "stand" and kind.name != "stand"
        return True

    def _bridge(self, cursor: _Cursor) -> bool:
        """From a seat or the ground, get up first, already under the prompt of what follows."""
        up = _BRIDGES.get(cursor.window.kind if cursor.window else "", "")
        wished = self._wished_kind(cursor)
        if not self.world.has(up) or wished == up or wished in _SEATED:
            return False
        misfit, window, frame = self.world.best_entry(up, cursor.wanted, self.rng)
        if misfit > _MAX_MISFIT:
            return False
        shown = self.world.draw_window(wished, self.rng)
        cursor.text = self.world.draw_text(shown, self.rng, 0.0)
        cursor.window, cursor.frame = window, frame
        cursor.bridged_to, cursor.held = wished, 0
        return True

    def _draw(self, cursor: _Cursor) -> None:
        """Move ``cursor`` to the best entry of a newly drawn kind that fits the current pose."""
        best: tuple[float, Window, int] | None = None
        rising = cursor.window is not None and cursor.window.kind in _LOW
        for _ in range(_TRIES):
            kind = self._wished_kind(cursor)
            entry = self.world.best_entry(kind, cursor.wanted, self.rng)
            if best is None or entry[0] < best[0]:
                best = entry
            sinking = kind in _CROUCHES
            if entry[0] < (_MAX_MISFIT_WIDE if rising or sinking else _MAX_MISFIT):
                best = entry
                break
        assert best is not None
        _, cursor.window, cursor.frame = best

    def _wished_kind(self, cursor: _Cursor) -> str:
        sequel, chance = _SEQUELS.get(cursor.window.kind if cursor.window else "", ("", 0.0))
        if self.world.has(sequel) and self.rng.random() < chance:
            return sequel
        return self.world.draw_kind(self.rng)

    def _length(self, cursor: _Cursor) -> int:
        assert cursor.window is not None
        left = cursor.window.frames - cursor.frame
        shortest, longest = _STAND_FRAMES if cursor.stays else _SEGMENT_FRAMES
        cursor.stays = False
        if KINDS[cursor.window.kind].entry == "start":
            return max(2, min(left, longest))
        return max(2, min(left, int(self.rng.integers(shortest, longest + 1))))

    def _play(self, cursor: _Cursor, length: int) -> tuple[np.ndarray, int]:
        """Return the next ``length`` frames (and one more), joined to what was shown before.

        The second value tells how many of them the seam has changed.
        """
        assert cursor.window is not None
        block = self.world.block(cursor.window, cursor.frame, length + 1)
        faded = fade_seam(block, cursor.wanted, cursor.before)
        cursor.before, cursor.wanted = block[length - 1].copy(), block[length].copy()
        cursor.frame += length
        return block, faded

    def _count(self, window: Window | None, frames: int) -> None:
        assert window is not None
        self.by_kind[window.kind] += frames
        self.by_origin[self.world.origin(window)] += frames
        self.world.note_use(window, frames)
