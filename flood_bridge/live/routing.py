"""Routing: which part of the daemon obeys a command, in the thread of the input that brought it.

Texts go to the prompt desk, what changes a motion to the engine thread, pauses to the stage, and
what is asked of a robot to its guard. Nothing here waits; whoever cannot be obeyed is told why.

Two things are kept until they can be obeyed: what a character is set to while the model loads, and
what is asked of one that is about to begin, which the desk posts behind its beginning. What is
asked of a robot is never kept: an enabling switch that is obeyed late is a lie.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from flood_bridge.commands import (
    ClearQueue,
    Command,
    Kill,
    MeasuredJoints,
    Pause,
    Ping,
    QueuePrompt,
    Reset,
    Resume,
    SetPrompt,
    SetSeed,
    Spawn,
    Stop,
)
from flood_bridge.errors import CommandError
from flood_bridge.events import Event, Pong, Rejected
from flood_bridge.live.adjusting import Adjustment
from flood_bridge.live.encoding import PromptDesk, standing
from flood_bridge.live.engine_port import Clock
from flood_bridge.live.robots import RobotCommand, Robots, StopCommand
from flood_bridge.live.stage import Plain, Request, Stage
from flood_bridge.protocol.rates import Complaints

logger = logging.getLogger(__name__)

MAX_EARLY = 128
"""Most settings that wait for the model; fewer than the requests that a stage holds."""

MAX_WARNINGS = 20
"""Most refusals that are logged as warnings while the model loads, when no output tells of any."""


class Router:
    """Hands commands on.

    Args:
        characters: How many there will be at the start.
        robots: Obeys what is asked of robots.
        tell: Takes answers and refusals; must not block.
        clock: Stamps what arrives.

    Attributes:
        desk: Where texts are read.
        stage: Of the running motion; None while the model loads, until :meth:`open`.
    """

    def __init__(
        self, characters: int, robots: Robots, tell: Callable[[Event], None], clock: Clock
    ) -> None:
        self._characters = characters
        self._robots = robots
        self._tell = tell
        self._clock = clock
        self._early: dict[tuple[int, type[Command]], Request] = {}
        self._opening = threading.Lock()
        self._measured = Complaints()  # a driver repeats itself 500 times a second
        self._warnings_left = MAX_WARNINGS
        self.desk = PromptDesk(self._post, self.reject)
        self.stage: Stage | None = None

    def open(self, stage: Stage) -> None:
        """Hand on to ``stage`` from now on, first what was set while the model loaded."""
        with self._opening:
            for request in self._early.values():
                stage.post(request)
            self._early.clear()
            self.stage = stage

    def submit(self, command: Command) -> None:
        """Obey ``command`` or tell the outputs why not."""
        now_secs = self._clock()
        measured = isinstance(command, MeasuredJoints)
        try:
            self._route(replace(command, received_secs=now_secs))
        except CommandError as error:
            if not measured or self._measured.passes(now_secs, str(error)):
                self.reject(Rejected(command.request_id, str(error)))
        else:
            if measured:
                self._measured.settle()

    def reject(self, refusal: Rejected) -> None:
        """Tell the outputs that something was not obeyed."""
        logger.log(self._loudness(), "request %d: %s", refusal.request_id, refusal.reason)
        self._tell(refusal)

    def _loudness(self) -> int:
        if self.stage is not None or not self._warnings_left:
            return logging.DEBUG
        self._warnings_left -= 1
        return logging.WARNING

    def _route(self, command: Command) -> None:
        if isinstance(command, Ping):
            self._tell(Pong(command.request_id, self._clock()))
            return
        if isinstance(command, StopCommand):
            self._robots.obey(command)
            return
        if not isinstance(command, Spawn):
            self._check_exists(command)
        match command:
            case SetPrompt() | QueuePrompt() | Spawn():
                self.desk.take(command)
            case ClearQueue():
                self.desk.clear(command.character)
                self._hand_on(command)
            case Stop():
                self.desk.take(standing(command), urgent=True)
            case Reset() | Kill() | SetSeed() | Pause() | Resume():
                self._hand_on(command)
            case _ if isinstance(command, Adjustment):
                self._hand_on(command)
            case _ if isinstance(command, RobotCommand):
                self._robots.obey(command)
            case _:
                raise CommandError(f"{type(command).__name__} is not a command of this daemon")

    def _check_exists(self, command: Command) -> None:
        """Refuse a number that nobody has; while loading, those there will be are valid."""
        if not isinstance(command, RobotCommand) and self._is_coming(command.character):
            return
        numbers = self.stage.numbers() if self.stage else range(self._characters)
        if command.character not in numbers:
            valid = ", ".join(map(str, numbers))
            raise CommandError(f"character {command.character} does not exist; valid are {valid}")

    def _is_coming(self, character: int) -> bool:
        """Return whether a character is about to begin: first at the desk, then on the stage."""
        return self.desk.awaits(character) or (
            self.stage is not None and self.stage.awaits(character)
        )

    def _hand_on(self, command: Plain) -> None:
        """Have ``command`` obeyed behind its character's beginning if that is still to come."""
        if self.desk.follow(command):
            return
        stage = self.stage
        if stage and isinstance(command, Pause | Resume) and not stage.awaits(command.character):
            stage.pause(command.character, isinstance(command, Pause))  # not after the next latent
        else:
            self._post(Request(command))

    def _post(self, request: Request) -> None:
        with self._opening:
            stage = self.stage
            if stage is None:
                self._keep(request)
                return
        stage.post(request)

    def _keep(self, request: Request) -> None:
        """Keep a setting until the model is there, the latest of each kind for each character."""
        command = request.command
        if not isinstance(command, SetSeed | Adjustment):
            raise CommandError("the model is still loading")
        kind = command.character, type(command)
        if len(self._early) >= MAX_EARLY and kind not in self._early:
            raise CommandError(f"{MAX_EARLY} settings wait for the model already: the most")
        self._early[kind] = request
