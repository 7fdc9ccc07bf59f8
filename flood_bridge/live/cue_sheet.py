"""The cue sheet of one character: which cue owns which latent, and whose receipt is still due.

FloodDiffusion binds a prompt to the latent that enters the active window with it, so the latent
that a call commits belongs to the cue of ``window_size - 1`` calls before. The sheet keeps that
line of owners, and the cues that no frame has shown yet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from flood_bridge.live.engine_port import Prompt
from flood_bridge.timeline import Cue, PromptTimeline, TimelineMemory


class CueSheet:
    """The cues of one character, from the time they are given until they are shown.

    Args:
        first: The cue to begin with; it gets no receipt.
        window_size: Latents in the engine's active window.
    """

    def __init__(self, first: Cue, window_size: int) -> None:
        self._window_size = window_size
        self._timeline: PromptTimeline[Prompt] = PromptTimeline(first)
        self._owners: deque[Cue] = deque()
        self._unshown: dict[Cue, None] = {}  # cues that still need a receipt, oldest first
        self._last: Cue | None = None

    @property
    def owners(self) -> tuple[Cue, ...]:
        """Of the latents to come that are bound already, next one first."""
        return tuple(self._owners)

    @property
    def last(self) -> Cue | None:
        """Owner of the frame made last."""
        return self._last

    @property
    def unshown(self) -> list[Cue]:
        """The cues that still need a receipt, oldest first."""
        return list(self._unshown)

    @property
    def settled(self) -> bool:
        """Whether all that is bound, and all that will be, belongs to the cue shown last."""
        waiting = {*self._owners, self._timeline.base}
        return not self._timeline.busy and not self._unshown and waiting == {self._last}

    def set(self, cue: Cue) -> list[Cue]:
        """Change the base prompt; return the cues that will now never be shown."""
        lost = [each for each in self._timeline.set(cue) if self._settle(each)]
        self._unshown[cue] = None
        return lost

    def follow(self, cue: Cue) -> list[Cue]:
        """Change the prompt that what is queued returns to; return the cues never to be shown."""
        lost = [each for each in self._timeline.follow(cue) if self._settle(each)]
        self._unshown[cue] = None
        return lost

    def queue(self, cue: Cue, latents: int) -> None:
        """Append a prompt for ``latents`` latents.

        Raises:
            CommandError: If the queue is full.
        """
        self._timeline.queue(cue, latents)
        self._unshown[cue] = None

    def clear(self) -> list[Cue]:
        """Empty the queue; return the cues that will now never be shown."""
        return [each for each in self._timeline.clear() if self._settle(each)]

    def interrupt(self, cue: Cue, taken_back: Sequence[Cue]) -> list[Cue]:
        """Give every latent that is not committed to ``cue``.

        Args:
            cue: What holds now.
            taken_back: Cues whose first frame is not going to be played after all.

        Returns:
            The cues that will now never be shown.
        """
        self._timeline.set(cue)
        self._owners = deque([cue] * len(self._owners))
        lost = [*taken_back, *self._unshown]
        self._unshown = {cue: None}
        return lost

    def restart(self, taken_back: Sequence[Cue]) -> list[Cue]:
        """Begin a new stream with the prompts of the old one.

        Args:
            taken_back: Cues whose first frame is not going to be played after all.

        Returns:
            The cues that will now never be shown.
        """
        self._owners.clear()
        self._unshown = {**dict.fromkeys(taken_back), **self._unshown}
        lost = [cue for cue in self._unshown if not self._timeline.holds(cue)]
        return [cue for cue in lost if self._settle(cue)]

    def bind(self) -> Cue:
        """Return the cue that owns what enters the window with the engine's next call."""
        cue = self._timeline.advance()
        self._owners.extend([cue] * (self._window_size - len(self._owners)))
        return cue

    def commit(self) -> Cue:
        """Return the owner of the latent that was just committed."""
        return self._owners.popleft()

    def show(self, cue: Cue) -> tuple[bool, bool]:
        """Note that the next frame shows ``cue``.

        Returns whether the frame before showed another, and whether its receipt is due.
        """
        changed = self._last is not None and cue is not self._last
        self._last = cue
        return changed, self._settle(cue)

    def timeline_memory(self) -> TimelineMemory[Prompt]:
        """Return which prompts hold, play and wait."""
        return self._timeline.memory()

    def go_back(self, owners: Sequence[Cue], last: Cue | None) -> None:
        """Have these :attr:`owners` again, after a frame of ``last``."""
        self._owners, self._last = deque(owners), last

    def take_up(self, timeline: TimelineMemory[Prompt]) -> None:
        """Go on with another run's time line; its cues get no receipts."""
        self._timeline.recall(timeline)
        self._unshown.clear()

    def _settle(self, cue: Cue) -> bool:
        """Take ``cue`` from those that need a receipt; return whether it was one."""
        if cue not in self._unshown:
            return False
        del self._unshown[cue]
        return True
