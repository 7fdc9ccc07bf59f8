"""Generation: the loop of the engine thread, which alone touches the model.

It obeys the requests that wait, then makes one latent for every character whose queue has room,
in batched steps, and goes back to sleep. It runs only as far ahead as the lead asks for: frames
made early would show prompts late. On a machine that is too slow, the character that runs dry first
is served first (:mod:`.turn_cost`).

A prompt that is to hold *now* takes back what has not begun to play, but for the lead that making
it anew needs: the queue is cut at a latent, the character goes back to its mark there, and the
engine re-points and re-noises its window.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from flood_bridge.commands import Kill, QueuePrompt, Reset, SetPrompt, SetSeed, Spawn
from flood_bridge.config import MAX_CHARACTERS
from flood_bridge.errors import CommandError
from flood_bridge.events import Rejected
from flood_bridge.live.adjusting import Adjustment, adjust, to_note
from flood_bridge.live.cast import Casting
from flood_bridge.live.character import Character
from flood_bridge.live.crowd import make_ready
from flood_bridge.live.encoding import SUPERSEDED
from flood_bridge.live.engine_port import Clock, Engine
from flood_bridge.live.obeyed import Kind, Obeyed, Record
from flood_bridge.live.robots import Robots
from flood_bridge.live.snapshot import CharacterSnapshot, take_snapshot
from flood_bridge.live.stage import Request, Stage, Work
from flood_bridge.live.tempo import Tempo
from flood_bridge.live.turn_cost import TurnCost
from flood_bridge.timeline import Cue, latents_of

logger = logging.getLogger(__name__)

DEFAULT_DEPTH = 3
"""Latents that an interrupt takes back towards noise when the command does not say."""

MAX_KEPT_SECS = 0.4
"""Most of the queue that an interrupt leaves however slow the machine is."""


Change: TypeAlias = SetPrompt | QueuePrompt | Reset | Kill | SetSeed | Adjustment
"""What a character that moves may be asked."""


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
        casting: Makes the characters.
        stage: Where frames go and requests come from.
        reject: Is told of every request that will not be obeyed.
        clock: Measures the work.
        tempo: Rates and times.
        record: Is told of every command as it is obeyed.
        keep: Takes each snapshot that was asked for; must not block.
        robots: Where the robots are, for snapshots.
    """

    def __init__(
        self,
        engine: Engine,
        casting: Casting,
        stage: Stage,
        reject: Callable[[Rejected], None],
        clock: Clock,
        tempo: Tempo,
        record: Record = lambda _: None,
        keep: Callable[[list[CharacterSnapshot]], None] = lambda _: None,
        robots: Robots | None = None,
    ) -> None:
        self._engine = engine
        self._casting = casting
        self.characters: dict[int, Character] = {}
        """Who moves now, by number; the engine thread's alone."""
        self._stage = stage
        self._reject = reject
        self._clock = clock
        self._tempo = tempo
        self._record = record
        self._keep = keep
        self._robots = robots
        self._latent_secs = engine.frames_per_latent / engine.frame_rate_hz
        self._cost = TurnCost()
        self.output = Output()

    def begin(self, characters: Sequence[Character]) -> None:
        """Take ``characters`` on; the stage has their queues."""
        for character in characters:
            self.characters[character.number] = character

    def fill(self) -> None:
        """Work until every queue has its lead."""
        while (work := self._stage.work()) is not None and work.hungry:
            self.turn(work)

    def run(self) -> None:
        """Work until the stage is closed."""
        while (work := self._stage.wait_for_work()) is not None:
            self.turn(work)

    def note_end(self) -> None:
        """Record how far each character's motion was played; to be called when playing is over."""
        for character in self.characters.values():
            left = len(self._stage.waiting(character.number))
            self._note(character, "end", dropped=left)

    def turn(self, work: Work) -> None:
        """Obey the requests, then make one latent for the hungry characters.

        Characters that obeyed go first and alone: their queues may just have been cut.
        """
        if work.snapshot:
            self._keep(self.snapshot())
        changed = {request.command.character for request in work.requests if self._obey(request)}
        changed &= self.characters.keys()
        if changed:
            self._generate([self.characters[number] for number in sorted(changed)])
            return
        if work.hungry:
            slack_secs = work.slack_frames / self._tempo.rate_hz
            served = work.hungry[: self._cost.batch(len(work.hungry), slack_secs)]
            secs = self._generate([self.characters[number] for number in served])
            self._cost.record(len(served), secs)

    def snapshot(self) -> list[CharacterSnapshot]:
        """Return where all characters are; for the engine thread, or when it has ended."""
        return take_snapshot(list(self.characters.values()), self._stage, self._robots)

    def _generate(self, characters: Sequence[Character]) -> float:
        """Make one latent of each; return the seconds that it took."""
        began_secs = self._clock()
        marks = [character.mark() for character in characters]
        prompts = [character.bind() for character in characters]
        chunks = self._engine.step([character.state for character in characters], prompts)
        ready = make_ready(characters, chunks)
        for character, mark, chunk, frames in zip(characters, marks, chunks, ready, strict=True):
            self._stage.push(character.number, frames, mark)
            self.output.frames += len(chunk.joints)
            if character.still and character.settled:
                self._stage.rest(character.number)
        secs = self._clock() - began_secs
        self.output.busy_secs += secs
        return secs

    def _obey(self, request: Request) -> bool:
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

    def _change(self, character: Character, command: Change, request: Request) -> bool:
        match command:
            case Reset():
                self._restart(character, command)
            case SetSeed():
                character.seed = command.seed
            case Kill():
                self._kill(character)
            case QueuePrompt():
                motion_secs = command.duration_secs * character.speed
                cue, latents = _cue(request), latents_of(motion_secs, self._latent_secs)
                character.queue(cue, latents)
                self._note(character, "queue", text=cue.text, latents=latents)
            case SetPrompt(urgency="now"):
                return self._interrupt(character, _cue(request), self._depth(command))
            case SetPrompt(urgency="soft"):
                self._refuse(character.set(_cue(request)))
                self._note(character, "set", text=command.text)
            case SetPrompt():
                self._refuse(character.follow(_cue(request)))
                self._note(character, "follow", text=command.text)
            case _:
                adjust(character, command, self._engine)
                self._note(character, **to_note(command))
        return False

    def _spawn(self, command: Spawn, request: Request) -> None:
        number = command.character
        if number in self.characters:
            raise CommandError(f"character {number} moves already")
        if len(self.characters) >= MAX_CHARACTERS:
            raise CommandError(f"{MAX_CHARACTERS} characters move already, which is the most")
        character = self._casting(number, _cue(request) if command.text else None)
        self.begin([character])
        self._stage.add(number)
        self._note(character, "spawn", text=command.text, seed=character.seed)
        logger.info("character %d begins", number)

    def _kill(self, character: Character) -> None:
        dropped = self._stage.remove(character.number)
        self._note(character, "kill", dropped=len(dropped))
        del self.characters[character.number]
        self._refuse(character.unshown)
        logger.info("character %d ends", character.number)

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
        self._note(character, "now", text=cue.text, depth=depth)
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
        self._note(character, "reset", seed=seed, dropped=len(dropped))
        self._refuse(character.restart(self._engine.start(seed), seed, dropped))
        logger.info("character %d starts anew with seed %d", character.number, seed)

    def _note(self, character: Character, kind: Kind, **details: Any) -> None:
        number, latent = character.number, character.latents
        self._record(Obeyed(character=number, kind=kind, latent=latent, **details))

    def _refuse(self, cues: Sequence[Cue]) -> None:
        for cue in cues:
            self._reject(Rejected(cue.request_id, SUPERSEDED))


def _cue(request: Request) -> Cue:
    command = request.command
    assert isinstance(command, SetPrompt | QueuePrompt | Spawn)
    return Cue(command.text, request.prompt, command.request_id, command.received_secs)
