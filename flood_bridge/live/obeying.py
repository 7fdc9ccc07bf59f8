"""Obeying: what a request does to the characters, in the engine thread.

A prompt that is to hold *now* takes back what has not begun to play, but for the lead that making
it anew needs: the queue is cut at a latent, the character goes back to its mark there, and the
engine re-points and re-noises its window.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from flood_bridge.commands import (
    ClearQueue,
    Kill,
    Pause,
    QueuePrompt,
    Reset,
    Resume,
    SetPrompt,
    SetSeed,
    Spawn,
)
from flood_bridge.config import MAX_CHARACTERS
from flood_bridge.errors import CommandError
from flood_bridge.events import Rejected
from flood_bridge.live.adjusting import adjust, to_note
from flood_bridge.live.cast import Casting
from flood_bridge.live.character import Character, Ready
from flood_bridge.live.encoding import CLEARED, SUPERSEDED
from flood_bridge.live.engine_port import Engine
from flood_bridge.live.obeyed import Kind, Obeyed, Record
from flood_bridge.live.robots import Robots
from flood_bridge.live.stage import Plain, Request, Stage
from flood_bridge.live.tempo import Tempo
from flood_bridge.live.turn_cost import TurnCost
from flood_bridge.timeline import Cue, latents_of

logger = logging.getLogger(__name__)

DEFAULT_DEPTH = 3
"""Latents that an interrupt takes back towards noise when the command does not say."""

MAX_KEPT_SECS = 0.4
"""Most of the queue that an interrupt leaves however slow the machine is."""

Change: TypeAlias = SetPrompt | QueuePrompt | Plain
"""What a character that moves may be asked."""


class Obeying:
    """Obeys requests, and says which it will not.

    Args:
        engine: The model.
        casting: Makes the characters.
        stage: Where their frames wait.
        reject: Is told of every request that will not be obeyed.
        tempo: Rates and times.
        cost: What making a latent costs here.
        record: Is told of every command as it is obeyed.
        robots: What stands between the motion and robots.
    """

    def __init__(
        self,
        engine: Engine,
        casting: Casting,
        stage: Stage,
        reject: Callable[[Rejected], None],
        tempo: Tempo,
        cost: TurnCost,
        record: Record,
        robots: Robots | None = None,
    ) -> None:
        self._engine = engine
        self._casting = casting
        self._stage = stage
        self._reject = reject
        self._tempo = tempo
        self._cost = cost
        self._record = record
        self._robots = robots
        self._latent_secs = engine.frames_per_latent / engine.frame_rate_hz
        self.characters: dict[int, Character] = {}
        """Who moves now, by number."""

    def obey(self, request: Request) -> bool:
        """Obey ``request``; return whether its character's queue was cut."""
        command = request.command
        try:
            if isinstance(command, Spawn):
                self._spawn(command, request)
                return False
            character = self.characters.get(command.character)
            if character is None:
                raise CommandError(f"character {command.character} does not exist")
            character.stir()
            return self._change(character, command, request)
        except CommandError as error:
            self._reject(Rejected(command.request_id, str(error)))
            return False
        finally:
            if isinstance(command, Spawn):
                self._stage.settle(command.character)

    def note(self, character: Character, kind: Kind, **details: Any) -> None:
        """Record what ``character`` did after so many latents as it has."""
        number, latent = character.number, character.latents
        self._record(Obeyed(character=number, kind=kind, latent=latent, **details))

    def _change(self, character: Character, command: Change, request: Request) -> bool:
        match command:
            case Reset():
                self._restart(character, command)
            case SetSeed():
                character.seed = command.seed
            case Kill():
                self._kill(character)
            case Pause() | Resume():
                self._stage.pause(character.number, isinstance(command, Pause))
            case QueuePrompt():
                motion_secs = command.duration_secs * character.speed
                cue, latents = _cue(request), latents_of(motion_secs, self._latent_secs)
                character.cues.queue(cue, latents)
                self.note(character, "queue", text=cue.text, latents=latents)
            case ClearQueue():
                self._refuse(character.cues.clear(), CLEARED)
                self.note(character, "clear")
            case SetPrompt(urgency="now"):
                return self._interrupt(character, _cue(request), self._depth(command))
            case SetPrompt(urgency="soft"):
                self._refuse(character.cues.set(_cue(request)))
                self.note(character, "set", text=command.text)
            case SetPrompt():
                self._refuse(character.cues.follow(_cue(request)))
                self.note(character, "follow", text=command.text)
            case _:
                adjust(character, command, self._engine)
                self.note(character, **to_note(command))
        return False

    def _spawn(self, command: Spawn, request: Request) -> None:
        number = command.character
        if number in self.characters:
            raise CommandError(f"character {number} moves already")
        if len(self.characters) >= MAX_CHARACTERS:
            raise CommandError(f"{MAX_CHARACTERS} characters move already, which is the most")
        character = self._casting(number, _cue(request) if command.text else None)
        self.characters[number] = character
        if self._stage.add(number):  # receivers know the number; nothing leads from there to here
            character.restart(character.state, character.seed, ())
        self.note(character, "spawn", text=command.text, seed=character.seed)
        logger.info("character %d begins", number)

    def _kill(self, character: Character) -> None:
        dropped = self._remove(character.number)
        self.note(character, "kill", dropped=len(dropped))
        del self.characters[character.number]
        begun = [ready.starts for ready in dropped if ready.starts is not None]
        self._refuse([*begun, *character.cues.unshown])
        logger.info("character %d ends", character.number)

    def _remove(self, number: int) -> list[Ready]:
        """Close a queue and let go of the robot: whoever has the number next is to arm it anew.

        Playing forgets whom it misses, but the number may be taken again before the next tick.
        """
        if self._robots is None:
            return self._stage.remove(number)
        with self._robots.tick():
            dropped = self._stage.remove(number)
            self._robots.keep(self._stage.numbers())
            return dropped

    def _depth(self, command: SetPrompt) -> int:
        deepest = self._engine.window_size
        depth = min(DEFAULT_DEPTH, deepest) if command.depth is None else command.depth
        if depth > deepest:
            raise CommandError(f"the depth is {depth}; this model's window has {deepest} latents")
        return depth

    def _interrupt(self, character: Character, cue: Cue, depth: int) -> bool:
        cut = self._stage.cut(character.number, self._kept_frames(depth))
        self._refuse(character.interrupt(cue, cut))
        self._engine.interrupt(character.state, cue.prompt, depth)
        self.note(character, "now", text=cue.text, depth=depth)
        return cut is not None

    def _kept_frames(self, depth: int) -> int:
        """Return the frames that play while the first latent after an interrupt is made.

        That latent takes the denoise steps of ``depth`` more.
        """
        making_secs = self._cost.estimate(1) * (1 + depth)
        kept_secs = min(max(self._tempo.min_lead_secs, making_secs), MAX_KEPT_SECS)
        return math.ceil(kept_secs * self._tempo.rate_hz)

    def _restart(self, character: Character, command: Reset) -> None:
        seed = character.seed if command.seed is None else command.seed
        dropped = self._stage.clear(character.number)
        self.note(character, "reset", seed=seed, dropped=len(dropped))
        self._refuse(character.restart(self._engine.start(seed), seed, dropped))
        logger.info("character %d starts anew with seed %d", character.number, seed)

    def _refuse(self, cues: Sequence[Cue], reason: str = SUPERSEDED) -> None:
        for cue in cues:
            self._reject(Rejected(cue.request_id, reason))


def _cue(request: Request) -> Cue:
    command = request.command
    assert isinstance(command, SetPrompt | QueuePrompt | Spawn)
    return Cue(command.text, request.prompt, command.request_id, command.received_secs)
