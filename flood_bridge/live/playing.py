"""Playing: the loop of the playout thread, one frame per character and tick.

Ticks lie on absolute deadlines, a little before the play times of their frames, so that the way out
makes none of them late (:mod:`.delivery`). A frame gets its sequence number and its play time here;
both are without gaps and on the grid whatever generation did. A tick with nothing new shows the
last pose again, at rest and flagged IDLE: receivers and controllers never lose the stream.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from flood_bridge.events import PromptApplied
from flood_bridge.live.character import Ready
from flood_bridge.live.engine_port import Clock
from flood_bridge.live.robots import Robots
from flood_bridge.live.stage import Stage
from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.playout import Pacer, Shown, Tick


class Playing:
    """Plays what the stage holds.

    Args:
        stage: Where frames come from.
        period_secs: Of one tick.
        publish: Takes each frame; must not block.
        applied: Takes the receipt of each prompt; must not block.
        clock: Now.
        sleep: Sleeps for the seconds given and returns True when playing is to end.
        robots: What stands between the motion and robots.
        ahead_secs: How long before its play time a frame is made ready.
    """

    def __init__(
        self,
        stage: Stage,
        period_secs: float,
        publish: Callable[[Frame], None],
        applied: Callable[[PromptApplied], None],
        *,
        clock: Clock,
        sleep: Callable[[float], bool],
        robots: Robots | None = None,
        ahead_secs: float = 0.0,
    ) -> None:
        self._stage = stage
        self._ahead_secs = ahead_secs
        self._period_secs = period_secs
        self._publish = publish
        self._applied = applied
        self._clock = clock
        self._sleep = sleep
        self._robots = robots
        self.published = 0
        """Frames, over all characters."""
        self.missed = 0
        """Ticks that were skipped because the thread came late."""
        self.last_latency_secs = 0.0
        """Of the latest prompt change."""
        self.prompts: dict[int, str] = {}
        """What each character shows now."""

    def run(self) -> None:
        """Play until ``sleep`` says that it is over."""
        pacer = Pacer(self._period_secs, self._clock())
        while not self._sleep(max(0.0, pacer.deadline_secs - self._clock())):
            tick = pacer.take(self._clock())
            if tick is not None:
                self.play(tick)

    def play(self, tick: Tick) -> None:
        """Publish one frame of every character that has begun."""
        self.missed += tick.missed
        for shown, frame in self._frames(tick.play_time_secs + self._ahead_secs):
            self._publish(frame)
            self.published += 1
            self.prompts[frame.character] = frame.prompt
            if not shown.idle:
                self._acknowledge(shown.frame, frame)

    def _frames(self, play_time_secs: float) -> list[tuple[Shown[Ready], Frame]]:
        """Return what is shown, and as it is published, of every character that has begun."""
        if self._robots is None:
            return [(shown, _frame(shown, play_time_secs)) for _, shown in self._stage.show()]
        with self._robots.tick():
            everybody = self._stage.show()
            self._robots.keep(self._stage.numbers())
            return [
                (shown, self._robots.carry(_frame(shown, play_time_secs), shown.lacking))
                for _, shown in everybody
            ]

    def _acknowledge(self, ready: Ready, frame: Frame) -> None:
        cue = ready.starts
        if cue is None:
            return
        shown_secs = max(self._clock(), frame.play_time_secs)
        self.last_latency_secs = shown_secs - cue.received_secs
        latency_ms = round(1000 * self.last_latency_secs)
        self._applied(
            PromptApplied(frame.character, cue.request_id, cue.text, frame.sequence, latency_ms)
        )


def _frame(shown: Shown[Ready], play_time_secs: float) -> Frame:
    frame, sequence = shown.frame.frame, shown.sequence
    if not shown.idle:
        return replace(frame, sequence=sequence, play_time_secs=play_time_secs)
    robot = frame.robot
    return replace(
        frame,
        sequence=sequence,
        play_time_secs=play_time_secs,
        pose=replace(frame.pose, velocities=np.zeros_like(frame.pose.velocities)),
        robot=robot and replace(robot, velocities=np.zeros_like(robot.velocities)),
        flags=FrameFlags.IDLE,
    )
