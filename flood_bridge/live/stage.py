"""The stage: where generation and playing meet, behind one lock.

It holds the playout queue of every character and the requests that wait for the engine thread.
The engine thread sleeps here until there is a request or a queue has room; the playout thread
takes what each tick shows and wakes it. Both hold the lock for microseconds only.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from flood_bridge.commands import QueuePrompt, Reset, SetPrompt
from flood_bridge.errors import CommandError
from flood_bridge.live.character import Ready
from flood_bridge.live.engine_port import Prompt
from flood_bridge.playout import Playout, Shown

MAX_REQUESTS = 256
"""Most requests that wait for the engine thread."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command that the engine thread is to obey."""

    command: SetPrompt | QueuePrompt | Reset
    prompt: Prompt = None
    """The encoded text, if the command has one."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the engine thread is to do now."""

    requests: Sequence[Request]
    hungry: Sequence[int]
    """Characters whose queue wants another latent."""


class Stage:
    """Queues of frames for playing and of requests for generation."""

    def __init__(self, characters: int, lead: int, chunk: int) -> None:
        self._playouts = [Playout[Ready](lead, chunk) for _ in range(characters)]
        self._requests: deque[Request] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def post(self, request: Request) -> None:
        """Leave a request for the engine thread.

        Raises:
            CommandError: If :data:`MAX_REQUESTS` wait already.
        """
        with self._changed:
            if len(self._requests) >= MAX_REQUESTS:
                raise CommandError(f"{MAX_REQUESTS} commands wait already, which is the most")
            self._requests.append(request)
            self._changed.notify_all()

    def work(self) -> Work | None:
        """Return what there is to do now, nothing included; None when closed."""
        with self._changed:
            return self._work()

    def wait_for_work(self) -> Work | None:
        """Sleep until there is something to do and return it; None when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._requests or self._hungry())
            return self._work()

    def push(self, character: int, frames: Sequence[Ready]) -> None:
        """Append frames of one latent to a character's queue."""
        with self._changed:
            self._playouts[character].push(frames)

    def clear(self, character: int) -> list[Ready]:
        """Drop and return the frames that wait."""
        with self._changed:
            return self._playouts[character].clear()

    def pause(self, character: int, paused: bool) -> None:
        """Hold or go on with a character from the next tick on."""
        with self._changed:
            self._playouts[character].paused = paused

    def show(self) -> list[tuple[int, Shown[Ready]]]:
        """Return what this tick shows, for each character that has begun."""
        with self._changed:
            shown = [(n, playout.show()) for n, playout in enumerate(self._playouts)]
            if self._hungry():
                self._changed.notify_all()
            return [(number, each) for number, each in shown if each is not None]

    def lead_frames(self) -> int:
        """Return the frames that wait in the shortest queue."""
        with self._changed:
            return min(len(playout) for playout in self._playouts)

    def underruns(self) -> int:
        """Return the ticks that found a queue empty, over all characters."""
        with self._changed:
            return sum(playout.underruns for playout in self._playouts)

    def all_paused(self) -> bool:
        """Return whether every character is held."""
        with self._changed:
            return all(playout.paused for playout in self._playouts)

    def close(self) -> None:
        """Send the engine thread home."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _hungry(self) -> list[int]:
        return [n for n, playout in enumerate(self._playouts) if playout.hungry]

    def _work(self) -> Work | None:
        if self._closed:
            return None
        requests = list(self._requests)
        self._requests.clear()
        return Work(requests, self._hungry())
