"""What moves: the characters as they are drawn, remembered and measured.

Time is that of the frames and the status; whoever holds this keeps its callers apart.
"""

from __future__ import annotations

import numpy as np
import viser

from flood_bridge.commands import Command
from flood_bridge.errors import CommandError
from flood_bridge.events import PromptApplied, Status
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.render.clip import Clip
from flood_bridge.viewer.measures import Measures
from flood_bridge.viewer.messages import About, Glance, RobotSketch
from flood_bridge.viewer.scene import Cast
from flood_bridge.viewer.seen import Seen
from flood_bridge.viewer.settings import allows

FRAMES_PER_SEC = 240.0
"""Frames of all characters together that are sent to all browsers together, each second."""
FASTEST_HZ, SLOWEST_HZ = 60.0, 12.0
MAX_SHOWN = 16
"""Characters that are drawn; more would fill the floor, not tell more."""
TRAIL_SECS = 8.0
GONE_SECS = 1.5
"""A character without frames for so long has gone."""


class Ensemble:
    """All characters.

    Attributes:
        seen: By number, each as the page knows it.
        chosen: Who is steered, looked at and measured.
        measures: What is measured.
        now_secs: The latest time that was heard of.
        skeleton: The body, once it is known.
        model: What makes them move, once it is loaded.
    """

    def __init__(self, server: viser.ViserServer, robot: RobotSketch | None) -> None:
        self.seen: dict[int, Seen] = {}
        self.chosen = 0
        self.measures = Measures(robot)
        self.now_secs = 0.0
        self.skeleton: Skeleton | None = None
        self.model: About | None = None
        self._server = server
        self._cast = Cast(server, robot)

    def see(self, glance: Glance, watchers: int) -> np.ndarray | None:
        """Take a frame; if it is drawn for ``watchers`` people, return where its root stands."""
        self.now_secs = max(self.now_secs, glance.play_secs)
        number = glance.character
        if number not in self.seen and len(self.seen) >= MAX_SHOWN:
            return None
        seen = self.seen.setdefault(number, Seen())
        seen.see(glance)
        if seen.recent.take(glance) and number == self.chosen:
            self.measures.watch(glance)
        due = glance.play_secs - seen.drawn_secs >= self._period_secs(watchers) * 0.9
        if not watchers or not due:
            return None
        seen.drawn_secs = glance.play_secs
        return self.draw(glance)

    def draw(self, glance: Glance) -> np.ndarray:
        """Draw a frame; return where its root stands, (3,) in the scene's axes."""
        with self._server.atomic():
            root = self._cast.show(glance)
        self._server.flush()  # viser would wait for more
        return root

    def tell(self, status: Status) -> None:
        """Take the status; characters that have gone are forgotten."""
        self.now_secs = max(self.now_secs, status.uptime_secs)
        self.measures.tell(status)
        for number, seen in list(self.seen.items()):
            if seen.last is not None and self.now_secs - seen.last.play_secs > GONE_SECS:
                self._cast.forget(number)
                del self.seen[number]
        if self.seen and self.chosen not in self.seen:
            self.choose(min(self.seen))

    def applied(self, event: PromptApplied) -> None:
        """A prompt is shown from now on."""
        self.measures.applied(event)
        if event.character in self.seen:
            seen = self.seen[event.character]
            seen.programme.applied(event.text, event.request_id, seen.motion_secs)

    def rejected(self, request_id: int) -> None:
        """What was asked for will not be shown."""
        for seen in self.seen.values():
            seen.programme.rejected(request_id)

    def note(self, command: Command, by: str = "") -> None:
        """Take in what a character is asked for, ``by`` an input or, if empty, from a page."""
        if command.character in self.seen and allows(self.model, command):
            self.seen[command.character].note(command, by)

    def choose(self, character: int) -> None:
        """Look at another character."""
        self.chosen = character
        self.measures.forget_feet()

    def leave_trail(self) -> None:
        """Draw the way that the chosen character has come."""
        seen = self.seen.get(self.chosen)
        if seen is not None:
            self._cast.trail(seen.recent.root_path(TRAIL_SECS), self.chosen)

    def clip(self) -> Clip:
        """Return the last half minute of the chosen character.

        Raises:
            CommandError: If nothing has moved yet.
        """
        seen = self.seen.get(self.chosen)
        if seen is None:
            raise CommandError("nothing has moved yet, so there is nothing to save")
        return seen.recent.clip(self.skeleton)

    def _period_secs(self, watchers: int) -> float:
        load = max(1, watchers) * max(1, len(self.seen))
        return 1 / min(FASTEST_HZ, max(SLOWEST_HZ, FRAMES_PER_SEC / load))
