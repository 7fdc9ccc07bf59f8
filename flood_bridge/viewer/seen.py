"""One character as the page knows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from flood_bridge.commands import (
    ClearQueue,
    Command,
    Pause,
    QueuePrompt,
    Resume,
    SetPrompt,
    Stop,
)
from flood_bridge.events import Status
from flood_bridge.motion.frames import FrameFlags
from flood_bridge.viewer.asking import STAND
from flood_bridge.viewer.messages import Glance
from flood_bridge.viewer.programme import Programme
from flood_bridge.viewer.recent import Recent
from flood_bridge.viewer.settings import Settings

SETTLE_SECS = 1.0
"""A pause that was asked for shows within this time, or something else has ended it."""
HELD_SECS = 0.5
"""Who has stood for so long does it on purpose, or waits for the model."""
_LONGEST_STEP_SECS = 0.5


@dataclass(slots=True)
class Seen:
    """What it was asked for and what it has shown."""

    programme: Programme = field(default_factory=Programme)
    recent: Recent = field(default_factory=Recent)
    last: Glance | None = None
    drawn_secs: float = -1.0
    motion_secs: float = 0.0
    """How much it has moved: a clock that stands while it does, and goes with its speed."""
    moved_secs: float = 0.0
    """When it moved last."""
    paused: bool = False
    """Whether somebody has paused it."""
    paused_secs: float = 0.0
    settings: Settings = field(default_factory=Settings)

    @property
    def held(self) -> bool:
        """Whether it stands: paused, at rest, or without frames."""
        return self.last is not None and self.last.play_secs - self.moved_secs > HELD_SECS

    def see(self, glance: Glance) -> None:
        """Take the latest frame."""
        if not glance.flags & FrameFlags.IDLE:
            step_secs = 0.0 if self.last is None else glance.play_secs - self.last.play_secs
            self.motion_secs += self.settings.speed * min(max(0.0, step_secs), _LONGEST_STEP_SECS)
            self.moved_secs = glance.play_secs
            if self.paused and glance.play_secs - self.paused_secs > SETTLE_SECS:
                self.paused = False
        self.last = glance
        self.programme.shown(glance.prompt, self.motion_secs)

    def note(self, command: Command, by: str = "") -> None:
        """Take in what has been asked for, ``by`` an input or, if that is empty, from a page."""
        match command:
            case SetPrompt():
                keeps = command.urgency == "queue"
                self.programme.set(command.text, command.request_id, keeps_queue=keeps, by=by)
            case QueuePrompt():
                self.programme.queue(
                    command.text, command.duration_secs, command.request_id, self.motion_secs, by
                )
            case ClearQueue():
                self.programme.clear()
            case Stop():
                self.programme.set(STAND, command.request_id, by=by)
            case Pause() | Resume():
                self.paused = isinstance(command, Pause)
                self.paused_secs = 0.0 if self.last is None else self.last.play_secs
            case _:
                self.settings = self.settings.after(command)


def condition(status: Status | None, seen: Seen | None, place: int) -> str:
    """Return how the character is that is the ``place``-th of the daemon's, in a word or two."""
    if status is None:
        return "loading the model"
    if seen is None or status.state not in {"running", "paused"}:
        return status.state
    if not seen.held:
        return "running"
    if seen.paused or status.state == "paused":
        return "paused"
    lacks = place < len(status.rates) and status.rates[place] < 0.5
    return "waiting for the model" if lacks else "resting"
