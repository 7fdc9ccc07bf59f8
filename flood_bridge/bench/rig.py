"""Characters as the daemon moves them, one step at a time and without waiting."""

from __future__ import annotations

from flood_bridge.config import Config
from flood_bridge.live.cast import Casting, make_stage, make_tempo
from flood_bridge.live.engine_port import Clock, Engine
from flood_bridge.live.generation import Generation
from flood_bridge.live.playing import Playing
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.playout import Tick

PROMPTS = ("a person walks forward", "a person jumps", "a person dances", "a person sits down")


class BenchRig:
    """Generation and playing of ``config.characters``, timed.

    Attributes:
        turns: Seconds of every turn of the engine thread.
        ticks: Seconds of every tick of the playout thread.
    """

    def __init__(self, engine: Engine, config: Config, clock: Clock) -> None:
        self._clock = clock
        self._period_secs = 1 / config.rate_hz
        self._stage = make_stage(config, engine)
        skeleton = Skeleton.from_bone_lengths(engine.bone_lengths)
        casting = Casting(config, engine, skeleton, lambda _: None)
        self.generation = Generation(
            engine, casting, self._stage, lambda _: None, clock, make_tempo(config)
        )
        self.generation.begin(casting.all())
        self._playing = Playing(
            self._stage,
            self._period_secs,
            lambda _: None,
            lambda _: None,
            clock=clock,
            sleep=lambda _: True,
        )
        self.turns: list[float] = []
        self.ticks: list[float] = []
        self.generation.fill()

    def forget(self) -> None:
        """Begin to count anew, after warming up."""
        self.turns.clear()
        self.ticks.clear()

    def latent(self) -> None:
        """Play until every character wants a latent, and make it."""
        while not (work := self._stage.work()) or not work.hungry:
            began_secs = self._clock()
            self._playing.play(Tick(began_secs, missed=0))
            self.ticks.append(self._clock() - began_secs)
        began_secs = self._clock()
        self.generation.turn(work)
        self.turns.append(self._clock() - began_secs)
