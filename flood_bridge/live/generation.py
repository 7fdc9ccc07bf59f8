"""Generation: the loop of the engine thread, which alone touches the model.

It obeys the requests that wait, then makes one latent for every character whose queue has room,
all in one batched step, and goes back to sleep. It runs only as far ahead as the lead asks for:
frames made early would show prompts late.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flood_bridge.commands import Reset, SetPrompt
from flood_bridge.errors import CommandError
from flood_bridge.events import Rejected
from flood_bridge.live.character import Character
from flood_bridge.live.encoding import SUPERSEDED
from flood_bridge.live.engine_port import Clock, Engine
from flood_bridge.live.stage import Request, Stage, Work
from flood_bridge.timeline import Cue, latents_of

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Output:
    """How much generation has done; read by the status."""

    frames: int = 0
    """Model frames made, over all characters."""
    busy_secs: float = 0.0
    """Time that their making took: model, resampling and retargeting."""


class Generation:
    """Makes motion for all characters.

    Args:
        engine: The model.
        characters: In the order of their numbers.
        stage: Where frames go and requests come from.
        reject: Is told of every request that will not be obeyed.
        clock: Measures the work.
    """

    def __init__(
        self,
        engine: Engine,
        characters: Sequence[Character],
        stage: Stage,
        reject: Callable[[Rejected], None],
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._characters = characters
        self._stage = stage
        self._reject = reject
        self._clock = clock
        self._latent_secs = engine.frames_per_latent / engine.frame_rate_hz
        self.output = Output()

    def fill(self) -> None:
        """Work until every queue has its lead."""
        while (work := self._stage.work()) is not None and work.hungry:
            self.turn(work)

    def run(self) -> None:
        """Work until the stage is closed."""
        while (work := self._stage.wait_for_work()) is not None:
            self.turn(work)

    def turn(self, work: Work) -> None:
        """Obey the requests, then make one latent for every hungry character."""
        for request in work.requests:
            self._obey(request)
        if work.hungry:
            self._generate([self._characters[number] for number in work.hungry])

    def _generate(self, characters: Sequence[Character]) -> None:
        began_secs = self._clock()
        prompts = [character.bind() for character in characters]
        chunks = self._engine.step([character.state for character in characters], prompts)
        for character, chunk in zip(characters, chunks, strict=True):
            self._stage.push(character.number, character.absorb(chunk))
            self.output.frames += len(chunk.joints)
        self.output.busy_secs += self._clock() - began_secs

    def _obey(self, request: Request) -> None:
        command = request.command
        character = self._characters[command.character]
        if isinstance(command, Reset):
            self._restart(character, command)
            return
        cue = Cue(command.text, request.prompt, command.request_id, command.received_secs)
        if isinstance(command, SetPrompt):
            self._refuse(character.set(cue))
            return
        try:
            character.queue(cue, latents_of(command.duration_secs, self._latent_secs))
        except CommandError as error:
            self._reject(Rejected(command.request_id, str(error)))

    def _restart(self, character: Character, command: Reset) -> None:
        seed = character.seed if command.seed is None else command.seed
        dropped = self._stage.clear(character.number)
        self._refuse(character.restart(self._engine.start(seed), seed, dropped))
        logger.info("character %d starts anew with seed %d", character.number, seed)

    def _refuse(self, cues: Sequence[Cue]) -> None:
        for cue in cues:
            self._reject(Rejected(cue.request_id, SUPERSEDED))
