"""One character as the page knows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from flood_bridge.commands import Command, Pause, QueuePrompt, Reset, Resume, SetPrompt, Stop
from flood_bridge.motion.frames import FrameFlags
from flood_bridge.viewer.messages import Glance
from flood_bridge.viewer.programme import Programme
from flood_bridge.viewer.recent import Recent
from flood_bridge.viewer.steering import STAND

SETTLE_SECS = 1.0
"""A pause that was asked for shows within this time, or something else has ended it."""


@dataclass(slots=True)
class Seen:
    """What it was asked for and what it has shown."""

    programme: Programme = field(default_factory=Programme)
    recent: Recent = field(default_factory=Recent)
    last: Glance | None = None
    drawn_secs: float = -1.0
    held: bool = False
    """Whether it stands still on purpose: paused, or at rest."""
    paused: bool = False
    """Whether a page has paused it."""
    paused_secs: float = 0.0

    def see(self, glance: Glance) -> None:
        """Take the latest frame."""
        self.last = glance
        self.held = bool(glance.flags & FrameFlags.IDLE)
        if self.paused and not self.held and glance.play_secs - self.paused_secs > SETTLE_SECS:
            self.paused = False
        self.programme.shown(glance.prompt, glance.play_secs)

    def note(self, command: Command) -> None:
        """Write into the time line what has been asked for."""
        match command:
            case SetPrompt():
                keeps_queue = command.urgency == "queue"
                self.programme.set(command.text, command.request_id, keeps_queue=keeps_queue)
            case QueuePrompt():
                self.programme.queue(command.text, command.duration_secs, command.request_id)
            case Stop():
                self.programme.set(STAND, command.request_id)
            case Reset():
                self.programme.clear()
            case Pause() | Resume():
                self.paused = isinstance(command, Pause)
                self.paused_secs = 0.0 if self.last is None else self.last.play_secs
            case _:
                pass
