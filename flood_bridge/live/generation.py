"""Generation: the loop of the engine thread, which alone touches the model.

It obeys the requests that wait (:mod:`.obeying`), then makes one latent for every character whose
queue has room, in batched steps, and goes back to sleep. It runs only as far ahead as the lead asks
for: frames made early would show prompts late. On a machine that is too slow, the character that
runs dry first is served first (:mod:`.turn_cost`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flood_bridge.events import Rejected
from flood_bridge.live.cast import Casting
from flood_bridge.live.character import Character
from flood_bridge.live.crowd import make_ready
from flood_bridge.live.engine_port import Clock, Engine
from flood_bridge.live.obeyed import Record
from flood_bridge.live.obeying import Obeying
from flood_bridge.live.robots import Robots
from flood_bridge.live.snapshot import CharacterSnapshot, take_snapshot
from flood_bridge.live.stage import Stage, Work
from flood_bridge.live.tempo import Tempo
from flood_bridge.live.turn_cost import TurnCost


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
        robots: What stands between the motion and robots.
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
        self._stage = stage
        self._clock = clock
        self._tempo = tempo
        self._keep = keep
        self._robots = robots
        self._cost = TurnCost()
        self._obeying = Obeying(engine, casting, stage, reject, tempo, self._cost, record, robots)
        self.characters = self._obeying.characters
        """Who moves now, by number; the engine thread's alone."""
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
            self._obeying.note(character, "end", dropped=left)

    def turn(self, work: Work) -> None:
        """Obey the requests, then make one latent for the hungry characters.

        Characters that obeyed go first and alone: their queues may just have been cut.
        """
        if work.snapshot:
            self._keep(self.snapshot())
        obey = self._obeying.obey
        changed = {request.command.character for request in work.requests if obey(request)}
        changed &= self.characters.keys()
        if changed:
            self._generate([self.characters[number] for number in sorted(changed)])
            return
        # Who was hungry when the work was taken may have been killed by one of its requests.
        hungry = [number for number in work.hungry if number in self.characters]
        if hungry:
            slack_secs = work.slack_frames / self._tempo.rate_hz
            served = hungry[: self._cost.batch(len(hungry), slack_secs)]
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
            if character.still and character.cues.settled:
                self._stage.rest(character.number)
        secs = self._clock() - began_secs
        self.output.busy_secs += secs
        return secs
