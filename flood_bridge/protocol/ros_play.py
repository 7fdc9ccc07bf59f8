"""The life of one ``PlayPrompt`` goal, from the daemon's events and frames.

Waiting until the first frame of the prompt, playing until its time is over, another prompt has
taken over, somebody cancels, or the daemon falls silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from flood_bridge.events import Event, PromptApplied, Rejected
from flood_bridge.motion.frames import Frame


class Outcome(IntEnum):
    """The constants of the result."""

    COMPLETED = 0
    SUPERSEDED = 1
    CANCELED = 2
    REJECTED = 3
    LOST = 4


@dataclass(slots=True)
class Play:
    """One goal.

    Args:
        character: Whose motion.
        request_id: Of its prompt.
        duration_secs: How long it plays; 0 is until something else ends it.
    """

    character: int
    request_id: int
    duration_secs: float
    outcome: Outcome | None = None
    reason: str = ""
    first_sequence: int = 0
    last_sequence: int = 0
    progress: float = 0.0
    playing: bool = False
    _began_secs: float | None = None

    def heard(self, event: Event) -> None:
        """Follow an event of the daemon."""
        match event:
            case Rejected() if event.request_id == self.request_id:
                self.end(Outcome.REJECTED, event.reason)
            case PromptApplied() if event.character == self.character:
                if event.request_id == self.request_id:
                    self.playing = True
                    self.first_sequence = event.sequence
                    self.last_sequence = max(self.last_sequence, event.sequence)
                elif self.playing:
                    self.last_sequence = max(self.first_sequence, event.sequence - 1)
                    self.end(Outcome.SUPERSEDED, f'superseded by "{event.text}"')

    def shown(self, frame: Frame) -> None:
        """Follow a frame that was published."""
        if not self.playing or self.outcome is not None or frame.character != self.character:
            return
        if frame.sequence < self.first_sequence:
            return
        if self._began_secs is None:
            self._began_secs = frame.play_time_secs
        self.last_sequence = max(self.last_sequence, frame.sequence)
        if self.duration_secs:  # a frame may come after its followers, and takes nothing back
            played = (frame.play_time_secs - self._began_secs) / self.duration_secs
            self.progress = min(1.0, max(self.progress, played))
            if self.progress >= 1.0:
                self.end(Outcome.COMPLETED, "")

    def end(self, outcome: Outcome, reason: str) -> None:
        """End it, unless it has ended before."""
        if self.outcome is None:
            self.outcome, self.reason = outcome, reason
