"""A production: stage, cast, generation and playing, put together once the model is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flood_bridge.config import Config
from flood_bridge.events import Rejected
from flood_bridge.live.cast import Casting, make_stage, make_tempo
from flood_bridge.live.engine_port import Clock, Engine
from flood_bridge.live.generation import Generation
from flood_bridge.live.keeping import Keeping
from flood_bridge.live.mark import RobotSide
from flood_bridge.live.outlets import Outlets
from flood_bridge.live.playing import Playing
from flood_bridge.live.robots import Robots
from flood_bridge.live.stage import Stage
from flood_bridge.motion.skeleton import Skeleton

AHEAD_SECS = 0.004
"""What the way of a frame to its outputs takes at most, but for one in a hundred, on two cores that
the model keeps busy. Not more than a quarter of the frames' period."""


@dataclass(frozen=True, slots=True)
class Production:
    """What makes the motion and what plays it."""

    engine: Engine
    stage: Stage
    generation: Generation
    playing: Playing


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer:
    """What a production is made of besides the model.

    Attributes:
        config: The settings.
        make_robot: Makes one character's robot retargeter.
        keeping: Takes state and log; has the state to resume from.
        robots: What stands between the motion and robots.
        outlets: Where frames and events go.
        reject: Is told of every request that will not be obeyed.
        clock: Now.
        sleep: Sleeps for the seconds given and returns True when playing is to end.
    """

    config: Config
    make_robot: Callable[[Skeleton], RobotSide | None]
    keeping: Keeping
    robots: Robots
    outlets: Outlets
    reject: Callable[[Rejected], None]
    clock: Clock
    sleep: Callable[[float], bool]

    def produce(self, engine: Engine, skeleton: Skeleton) -> Production:
        """Put everything together and make motion until every queue has its lead.

        Raises:
            ConfigError: If the settings do not fit the model, or the state cannot be resumed.
            StateError: If the state is of another model.
        """
        stage = make_stage(self.config, engine)
        casting = Casting(self.config, engine, skeleton, self.make_robot)
        generation = Generation(
            engine,
            casting,
            stage,
            self.reject,
            self.clock,
            make_tempo(self.config),
            self.keeping.record,
            self.keeping.keep,
            self.robots,
        )
        resumed = self.keeping.resume(engine, casting, stage, self.robots)
        generation.begin(resumed or casting.all())
        generation.fill()
        return Production(engine, stage, generation, self._playing(stage))

    def _playing(self, stage: Stage) -> Playing:
        return Playing(
            stage,
            1 / self.config.rate_hz,
            self.outlets.publish,
            self.outlets.tell,
            clock=self.clock,
            sleep=self.sleep,
            robots=self.robots,
            ahead_secs=min(AHEAD_SECS, 0.25 / self.config.rate_hz),
        )
