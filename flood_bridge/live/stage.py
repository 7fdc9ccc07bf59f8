"""The stage: where generation and playing meet, behind one lock.

It holds the playout queue of every character and the requests that wait for the engine thread.
The engine thread sleeps here until there is a request or a queue has room; the playout thread
takes what each tick shows and wakes it. Both hold the lock for microseconds only.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from flood_bridge.commands import (
    ClearQueue,
    Kill,
    Pause,
    QueuePrompt,
    Reset,
    Resume,
    SetPrompt,
    SetSeed,
    Spawn,
)
from flood_bridge.errors import CommandError
from flood_bridge.live.adjusting import Adjustment
from flood_bridge.live.character import Ready
from flood_bridge.live.engine_port import Prompt
from flood_bridge.live.mark import Mark
from flood_bridge.playout import Cut, Playout, PlayoutMemory, Shown

MAX_REQUESTS = 256
"""Most requests that wait for the engine thread."""


Plain: TypeAlias = ClearQueue | Reset | Kill | SetSeed | Pause | Resume | Adjustment
"""What a character may be asked without a text."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command that the engine thread is to obey."""

    command: SetPrompt | QueuePrompt | Spawn | Plain
    prompt: Prompt = None
    """The encoded text, if the command has one."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the engine thread is to do now."""

    requests: Sequence[Request]
    hungry: Sequence[int]
    """Characters whose queue wants another latent, the one that runs dry first at the front."""
    slack_frames: int = 0
    """Frames that the first of them still has to play."""
    snapshot: bool = False
    """Whether a snapshot is to be taken."""


class Stage:
    """Queues of frames for playing and of requests for generation."""

    def __init__(self, characters: int, lead: int, chunk: int) -> None:
        self._lead, self._chunk = lead, chunk
        self._playouts = {n: Playout[Ready, Mark](lead, chunk) for n in range(characters)}
        self._requests: deque[Request] = deque()
        self._coming: Counter[int] = Counter()  # requests to begin that are not dealt with yet
        self._sequences: dict[int, int] = {}  # of ended characters, what comes next
        self._changed = threading.Condition()
        self._closed = False
        self._snapshot_asked = False

    def post(self, request: Request) -> None:
        """Leave a request for the engine thread.

        Raises:
            CommandError: If :data:`MAX_REQUESTS` wait already.
        """
        with self._changed:
            if len(self._requests) >= MAX_REQUESTS:
                raise CommandError(f"{MAX_REQUESTS} commands wait already, which is the most")
            self._requests.append(request)
            if isinstance(request.command, Spawn):
                self._coming[request.command.character] += 1
            self._rouse(request.command.character)
            self._changed.notify_all()

    def work(self) -> Work | None:
        """Return what there is to do now, nothing included; None when closed."""
        with self._changed:
            return self._work()

    def wait_for_work(self) -> Work | None:
        """Sleep until there is something to do and return it; None when closed."""
        with self._changed:
            self._changed.wait_for(self._has_work)
            return self._work()

    def numbers(self) -> list[int]:
        """Return who plays, in order."""
        with self._changed:
            return sorted(self._playouts)

    def awaits(self, character: int) -> bool:
        """Return whether a request to begin this character waits."""
        with self._changed:
            return self._coming[character] > 0

    def settle(self, character: int) -> None:
        """Note that a request to begin this character has been obeyed or refused."""
        with self._changed:
            self._coming[character] -= 1

    def add(self, character: int) -> bool:
        """Open an empty queue for a character that begins; return whether the number was in use.

        Numbering goes on then: receivers drop what is not above the last.
        """
        with self._changed:
            playout = Playout[Ready, Mark](self._lead, self._chunk)
            playout.sequence = self._sequences.get(character, 0)
            self._playouts[character] = playout
            self._changed.notify_all()
            return playout.sequence > 0

    def remove(self, character: int) -> list[Ready]:
        """Close the queue of a character that ends; return the frames that waited."""
        with self._changed:
            playout = self._playouts.pop(character)
            self._sequences[character] = playout.sequence
            return playout.waiting()

    def push(self, character: int, frames: Sequence[Ready], mark: Mark) -> None:
        """Append frames of one latent to a character's queue; ``mark`` is before the latent."""
        with self._changed:
            self._playouts[character].push(frames, mark)

    def cut(self, character: int, keep: int) -> Cut[Ready, Mark] | None:
        """Drop every latent of a character that begins after its next ``keep`` frames."""
        with self._changed:
            return self._playouts[character].cut(keep)

    def rest(self, character: int) -> None:
        """Make nothing more for a character that holds still, until something is asked of it."""
        with self._changed:
            if not any(r.command.character == character for r in self._requests):
                self._playouts[character].rest()

    def clear(self, character: int) -> list[Ready]:
        """Drop and return the frames that wait."""
        with self._changed:
            return self._playouts[character].clear()

    def playing(self, character: int) -> PlayoutMemory[Ready]:
        """Return what a character shows and is about to."""
        with self._changed:
            return self._playouts[character].memory()

    def take_up(self, character: int, memory: PlayoutMemory[Ready]) -> None:
        """Go on from where another run of a character was.

        Raises:
            OverflowError: If more frames wait than the queue holds.
        """
        with self._changed:
            playout = self._playouts[character]
            if len(memory.waiting) > playout.capacity:
                raise OverflowError(
                    f"{len(memory.waiting)} frames wait; this queue holds {playout.capacity}"
                )
            playout.recall(memory)

    def ask_snapshot(self) -> None:
        """Have the engine thread take a snapshot between two latents."""
        with self._changed:
            self._snapshot_asked = True
            self._changed.notify_all()

    def waiting(self, character: int) -> list[Ready]:
        """Return the frames that wait, next one first."""
        with self._changed:
            return self._playouts[character].waiting()

    def pause(self, character: int, paused: bool) -> None:
        """Hold or go on with a character from the next tick on.

        Raises:
            CommandError: If it has ended.
        """
        with self._changed:
            if character not in self._playouts:
                raise CommandError(f"character {character} does not exist")
            self._playouts[character].paused = paused
            self._rouse(character)
            self._changed.notify_all()

    def show(self) -> list[tuple[int, Shown[Ready]]]:
        """Return what this tick shows, for each character that has begun."""
        with self._changed:
            shown = [(n, playout.show()) for n, playout in self._playouts.items()]
            if self._hungry():
                self._changed.notify_all()
            return [(number, each) for number, each in shown if each is not None]

    def lead_frames(self) -> int:
        """Return the frames that wait in the shortest queue."""
        with self._changed:
            leads = [len(each) for each in self._playouts.values() if not each.resting]
            return min(leads, default=self._lead)

    def underruns(self) -> int:
        """Return the ticks that found a queue empty, over all characters."""
        with self._changed:
            return sum(playout.underruns for playout in self._playouts.values())

    def played(self) -> dict[int, tuple[int, int]]:
        """Return of each character the frames shown and the ticks that lacked one."""
        with self._changed:
            return {n: (each.shown, each.underruns) for n, each in self._playouts.items()}

    def all_paused(self) -> bool:
        """Return whether every character is held."""
        with self._changed:
            playouts = self._playouts.values()
            return bool(playouts) and all(playout.paused for playout in playouts)

    def close(self) -> None:
        """Send the engine thread home."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _has_work(self) -> bool:
        return bool(self._closed or self._requests or self._snapshot_asked or self._hungry())

    def _hungry(self) -> list[int]:
        return [n for n, playout in self._playouts.items() if playout.hungry]

    def _rouse(self, character: int) -> None:
        playout = self._playouts.get(character)
        if playout is not None:
            playout.resting = False

    def _work(self) -> Work | None:
        if self._closed:
            return None
        requests = list(self._requests)
        self._requests.clear()
        hungry = sorted(self._hungry(), key=lambda n: len(self._playouts[n]))
        slack = len(self._playouts[hungry[0]]) if hungry else 0
        asked, self._snapshot_asked = self._snapshot_asked, False
        return Work(requests, hungry, slack, asked)
