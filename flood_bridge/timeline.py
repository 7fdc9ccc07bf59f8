"""The prompt timeline of one character: which prompt owns which latent.

A *base* prompt holds until another is set: at once, or when what is queued has played (*follow*).
*Queued* prompts play over it one after another, each
for its duration; when the queue is empty the base returns. So a set prompt plus a queued one is
a one-shot gesture, and several queued ones are a programme that ends where it began.

Time is counted in latents (0.2 s each with four frames per latent at 20 frames per second): the
engine asks :meth:`PromptTimeline.advance` once per latent that enters its active window.
FloodDiffusion binds the text to a latent there and then (paper, time-varying text conditions).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from flood_bridge.errors import CommandError

MAX_QUEUED = 64
"""Most prompts that wait in one character's queue."""

P = TypeVar("P")


@dataclass(frozen=True, slots=True, eq=False)
class Cue(Generic[P]):
    """One request for a prompt. Two cues with the same text are still two cues."""

    text: str
    prompt: P
    """What the engine takes: the encoded text."""
    request_id: int = 0
    received_secs: float = 0.0
    """When the request arrived, on the daemon's clock."""


@dataclass(frozen=True, slots=True)
class TimelineMemory(Generic[P]):
    """Where a time line is."""

    base: Cue[P]
    base_held: bool
    """Whether the base has owned a latent."""
    queue: tuple[tuple[Cue[P], int], ...]
    """Cues that wait, and for how many latents each will hold."""
    playing: Cue[P] | None
    """The queued cue that holds now."""
    latents_left: int
    """For how many more latents it holds."""


def latents_of(duration_secs: float, latent_secs: float) -> int:
    """Return how many latents a duration is, rounded, at least one."""
    return max(1, round(duration_secs / latent_secs))


class PromptTimeline(Generic[P]):
    """Decides, latent by latent, which cue holds."""

    def __init__(self, first: Cue[P]) -> None:
        self._base = first
        self._base_held = False
        self._queue: deque[tuple[Cue[P], int]] = deque()
        self._playing: Cue[P] | None = None
        self._latents_left = 0

    @property
    def queued(self) -> int:
        """How many cues wait for their turn."""
        return len(self._queue)

    @property
    def base(self) -> Cue[P]:
        """The cue that holds when nothing is queued."""
        return self._base

    @property
    def busy(self) -> bool:
        """Whether a queued cue plays or waits."""
        return bool(self._queue) or self._latents_left > 0

    def set(self, cue: Cue[P]) -> list[Cue[P]]:
        """Make ``cue`` the base from the next latent on and empty the queue.

        Returns the cues that will now never own a latent, oldest first.
        """
        lost = [*self.follow(cue), *self.clear()]
        self._playing, self._latents_left = None, 0
        return lost

    def follow(self, cue: Cue[P]) -> list[Cue[P]]:
        """Make ``cue`` the base that what is playing and queued returns to.

        Returns the base before, if it will now never own a latent.
        """
        lost = [] if self._base_held else [self._base]
        self._base, self._base_held = cue, False
        return lost

    def queue(self, cue: Cue[P], latents: int) -> None:
        """Append ``cue``, to hold for ``latents`` latents once its turn has come.

        Raises:
            CommandError: If :data:`MAX_QUEUED` cues wait already, or ``latents`` is below 1.
        """
        if latents < 1:
            raise CommandError(f"a queued prompt holds for at least 1 latent, not {latents}")
        if len(self._queue) >= MAX_QUEUED:
            raise CommandError(
                f"{MAX_QUEUED} prompts wait in this character's queue already, which is the most"
            )
        self._queue.append((cue, latents))

    def clear(self) -> list[Cue[P]]:
        """Empty the queue; the cue that plays keeps its time. Return those that waited."""
        lost = [waiting for waiting, _ in self._queue]
        self._queue.clear()
        return lost

    def advance(self) -> Cue[P]:
        """Return the cue that owns the next latent, and move on by one latent."""
        if self._latents_left == 0:
            self._playing = None
            if self._queue:
                self._playing, self._latents_left = self._queue.popleft()
        if self._playing is not None:
            self._latents_left -= 1
            return self._playing
        self._base_held = True
        return self._base

    def memory(self) -> TimelineMemory[P]:
        """Return all that the next latents' owners depend on."""
        playing = self._playing if self._latents_left else None
        return TimelineMemory(
            self._base, self._base_held, tuple(self._queue), playing, self._latents_left
        )

    def recall(self, memory: TimelineMemory[P]) -> None:
        """Go back to where :meth:`memory` was taken."""
        self._base, self._base_held = memory.base, memory.base_held
        self._queue = deque(memory.queue)
        self._playing, self._latents_left = memory.playing, memory.latents_left

    def holds(self, cue: Cue[P]) -> bool:
        """Whether ``cue`` can still own a latent to come."""
        playing = self._playing is cue and self._latents_left > 0
        return playing or self._base is cue or any(waiting is cue for waiting, _ in self._queue)
