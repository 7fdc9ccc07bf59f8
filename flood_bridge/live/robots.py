"""The robots of all characters: commands come in from the inputs, frames from playing.

One lock, held for microseconds. The emergency stop is one for all robots, also for those that
begin later, and it is heard before there is any.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeAlias

from flood_bridge.commands import (
    Arm,
    Clutch,
    Deadman,
    Disarm,
    EStop,
    MeasuredJoints,
    ResetStop,
)
from flood_bridge.errors import CommandError
from flood_bridge.events import SafetyReport
from flood_bridge.live.engine_port import Clock
from flood_bridge.live.robot_guard import GuardMemory, RobotGuard
from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.safety.decision import Cause, Decision, State

StopCommand: TypeAlias = EStop | ResetStop
"""What is asked of all robots at once, in any state of the daemon."""

GuardCommand: TypeAlias = Arm | Disarm | Clutch | Deadman | MeasuredJoints
RobotCommand: TypeAlias = StopCommand | GuardCommand
"""What is asked of a robot, not of a motion."""

_LOG = logging.getLogger(__name__)


class Robots:
    """Guards by character.

    Args:
        make: Makes the guard of one character; None if there is no robot.
        guarded: Whether the safety layer is on.
        tell: Takes each report of a change; must not block.
        clock: Now.
    """

    def __init__(
        self,
        make: Callable[[], RobotGuard | None],
        guarded: bool,
        tell: Callable[[SafetyReport], None],
        clock: Clock,
    ) -> None:
        self._make = make
        self._guarded = guarded
        self._tell = tell
        self._clock = clock
        self._guards: dict[int, RobotGuard] = {}
        self._told: dict[int, tuple[State, Cause]] = {}
        self._stopped: str | None = None
        self._mentioned = False
        self._lock = threading.Lock()
        self._ticking = threading.Lock()

    @contextmanager
    def tick(self) -> Iterator[None]:
        """Hold off snapshots while playing takes frames and carries them, and the other way."""
        with self._ticking:
            yield

    @property
    def names(self) -> tuple[str, ...] | None:
        """The joints of every robot; None if there is none."""
        guard = self._make()
        return None if guard is None else guard.names

    def memory(self, character: int) -> GuardMemory | None:
        """Return where a character's robot is; None if it has not begun and nothing stops it."""
        with self._lock:
            known = character in self._guards or self._stopped is not None
            guard = self._guard_of(character) if known else None
            return None if guard is None else guard.memory()

    def recall(self, character: int, memory: GuardMemory) -> None:
        """Go on from where the robot of another run was; a stop of one is a stop of all.

        Raises:
            ValueError: If it was another robot.
        """
        with self._lock:
            guard = self._guard_of(character)
            if guard is None:
                return
            guard.recall(memory, self._clock())
            told, stopped = memory.machine.told, memory.machine.stopped
            if told is not None:
                self._told[character] = told[:2]
            if stopped is not None:
                self._stop(stopped)

    def obey(self, command: RobotCommand) -> None:
        """Pass ``command`` on.

        Raises:
            CommandError: If it cannot be obeyed now.
        """
        now_secs = self._clock()
        with self._lock:
            match command:
                case EStop():
                    self._stop(command.reason)
                case ResetStop():
                    self._reset(now_secs)
                case _:
                    self._obey(command, now_secs)

    def carry(self, frame: Frame, lacking: bool) -> Frame:
        """Return ``frame`` with what the robot is to be sent.

        Args:
            frame: As the motion has it.
            lacking: Whether it is shown only because no other came.
        """
        if frame.robot is None:
            return frame
        with self._lock:
            guard = self._guard_of(frame.character)
            if guard is None:
                return frame
            robot = guard.publish(
                self._clock(),
                frame.robot,
                fresh=not lacking,
                jumped=bool(frame.flags & FrameFlags.JUMPED),
            )
            report = self._news(frame.character, guard.decision)
        if report is not None:
            self._tell(report)
        return replace(frame, robot=robot)

    def keep(self, characters: Collection[int]) -> None:
        """Forget the robots of all other characters."""
        with self._lock:
            for gone in self._guards.keys() - set(characters):
                del self._guards[gone]
                self._told.pop(gone, None)

    def reports(self) -> tuple[SafetyReport, ...]:
        """Return what is done with each robot; nothing if the safety layer is off."""
        with self._lock:
            if not self._guarded and self._stopped is None:
                return ()
            pairs = [(n, guard.decision) for n, guard in sorted(self._guards.items())]
        return tuple(_report(n, decision) for n, decision in pairs if decision is not None)

    def _obey(self, command: GuardCommand, now_secs: float) -> None:
        guard = self._guard_of(command.character)
        if guard is None:
            raise CommandError("this daemon leads no robot; start it with --robot")
        machine = guard.machine
        if isinstance(command, MeasuredJoints):
            self._mention_measured()
            machine.measure(now_secs, command.names, command.positions)
            return
        if not self._guarded:
            raise CommandError("the safety layer is off; start the daemon with --safety on")
        match command:
            case Arm():
                guard.arm(now_secs)
            case Disarm():
                machine.disarm()
            case Clutch():
                machine.clutch(command.engaged)
            case Deadman():
                machine.deadman(now_secs, command.held)

    def _mention_measured(self) -> None:
        """Say once that a robot seems to be there, and that nothing holds the motion back."""
        if not self._guarded and not self._mentioned:
            self._mentioned = True
            _LOG.warning(
                "measured joints come in, but the safety layer is off: the robot is sent the motion"
                " from the first frame; --safety on holds it until it is armed"
            )

    def _stop(self, reason: str) -> None:
        if self._stopped is None:
            self._stopped = reason or "emergency stop"
        for guard in self._guards.values():
            guard.machine.stop(self._stopped)

    def _reset(self, now_secs: float) -> None:
        if self._stopped is None:
            raise CommandError("there is no emergency stop to reset")
        self._stopped = None
        for guard in self._guards.values():
            guard.machine.reset(now_secs)

    def _guard_of(self, character: int) -> RobotGuard | None:
        guard = self._guards.get(character)
        if guard is None:
            guard = self._make()
            if guard is None:
                return None
            if self._stopped is not None:
                guard.machine.stop(self._stopped)
            self._guards[character] = guard
        return guard

    def _news(self, character: int, decision: Decision | None) -> SafetyReport | None:
        assert decision is not None
        now = decision.state, decision.cause
        before = self._told.get(character)
        self._told[character] = now
        plain = not self._guarded and before is None and decision.state is State.LIVE
        if now == before or plain:
            return None
        return _report(character, decision)


def _report(character: int, decision: Decision) -> SafetyReport:
    return SafetyReport(character, decision.state.value, decision.reason)
