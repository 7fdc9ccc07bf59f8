"""Routing: which part of the daemon obeys a command, in the thread of the input that brought it.

Texts go to the prompt desk, what changes a motion to the engine thread, pauses to the stage, and
what is asked of a robot to its guard. Nothing here waits; whoever cannot be obeyed is told why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from flood_bridge.commands import (
    ClearQueue,
    Command,
    Kill,
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
from flood_bridge.live.stage import Request, Stage

logger = logging.getLogger(__name__)


class Router:
    """Hands commands on.

    Args:
        characters: How many there will be at the start.
        robots: Obeys what is asked of robots.
        tell: Takes answers and refusals; must not block.
        clock: Stamps what arrives.

    Attributes:
        desk: Where texts are read.
        stage: Of the running motion; None while the model loads.
    """

    def __init__(
        self, characters: int, robots: Robots, tell: Callable[[Event], None], clock: Clock
    ) -> None:
        self._characters = characters
        self._robots = robots
        self._tell = tell
        self._clock = clock
        self.desk = PromptDesk(self._post, self.reject)
        self.stage: Stage | None = None

    def submit(self, command: Command) -> None:
        """Obey ``command`` or tell the outputs why not."""
        try:
            self._route(replace(command, received_secs=self._clock()))
        except CommandError as error:
            self.reject(Rejected(command.request_id, str(error)))

    def reject(self, refusal: Rejected) -> None:
        """Tell the outputs that something was not obeyed."""
        logger.debug("request %d: %s", refusal.request_id, refusal.reason)
        self._tell(refusal)

    def _route(self, command: Command) -> None:
        if isinstance(command, Ping):
            self._tell(Pong(command.request_id, self._clock()))
            return
        if isinstance(command, StopCommand):
            self._robots.obey(command)
            return
        if not isinstance(command, Spawn):
            self._check_exists(command.character)
        match command:
            case SetPrompt() | QueuePrompt() | Spawn():
                self.desk.take(command)
            case ClearQueue():
                self.desk.clear(command.character)
                self._post(Request(command))
            case Stop():
                self.desk.take(standing(command), urgent=True)
            case Reset() | Kill() | SetSeed():
                self._post(Request(command))
            case _ if isinstance(command, Adjustment):
                self._post(Request(command))
            case Pause() | Resume():
                self._loaded().pause(command.character, isinstance(command, Pause))
            case _ if isinstance(command, RobotCommand):
                self._robots.obey(command)
            case _:
                raise CommandError(f"{type(command).__name__} is not a command of this daemon")

    def _check_exists(self, character: int) -> None:
        """Refuse a number that nobody has; while loading, those there will be are valid."""
        numbers = self.stage.numbers() if self.stage else range(self._characters)
        if character not in numbers:
            raise CommandError(
                f"character {character} does not exist; valid are {', '.join(map(str, numbers))}"
            )

    def _post(self, request: Request) -> None:
        self._loaded().post(request)

    def _loaded(self) -> Stage:
        if self.stage is None:
            raise CommandError("the model is still loading")
        return self.stage
