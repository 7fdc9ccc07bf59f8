"""Makes the stage and the characters that a configuration asks for."""

from __future__ import annotations

import math
from collections.abc import Callable

from flood_bridge.commands import SPEEDS
from flood_bridge.config import Config
from flood_bridge.errors import ConfigError
from flood_bridge.live.character import Character
from flood_bridge.live.engine_port import Engine
from flood_bridge.live.mark import AvatarSide, RobotSide
from flood_bridge.live.stage import Stage
from flood_bridge.live.stillness import Stillness
from flood_bridge.live.tempo import Tempo
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.motion.smoothing import Smoothing
from flood_bridge.resample import Resampler
from flood_bridge.retarget.avatar import AvatarRetargeter
from flood_bridge.retarget.avatar_fit import FittedAvatar, read_rig
from flood_bridge.timeline import Cue


def make_stage(config: Config, engine: Engine) -> Stage:
    """Return empty queues for ``config.lead_secs`` of frames."""
    lead = max(1, round(config.lead_secs * config.rate_hz))
    slowest = engine.frame_rate_hz * SPEEDS[0]
    chunk = math.ceil(engine.frames_per_latent * config.rate_hz / slowest)
    return Stage(config.characters, lead, chunk)


def make_tempo(config: Config) -> Tempo:
    """Return the rates and times that generation goes by."""
    return Tempo(rate_hz=config.rate_hz, min_lead_secs=config.min_lead_secs)


class Casting:
    """Makes characters, at the start and while others move.

    Args:
        config: The settings.
        engine: The model.
        skeleton: The model's body.
        make_robot: Makes one character's robot retargeter.

    Raises:
        ConfigError: If the stream's rate is below the model's, or the avatar cannot be read.
    """

    def __init__(
        self,
        config: Config,
        engine: Engine,
        skeleton: Skeleton,
        make_robot: Callable[[Skeleton], RobotSide | None],
    ) -> None:
        if engine.frame_rate_hz > config.rate_hz:
            raise ConfigError(
                f"--rate-hz is {config.rate_hz}; this model makes {engine.frame_rate_hz:g} frames"
                " per second, and the stream cannot be slower"
            )
        self._config = config
        self._engine = engine
        self._skeleton = skeleton
        self._make_robot = make_robot
        self._rig = read_rig(config.avatar) if config.avatar else None

    def __call__(self, number: int, first: Cue | None = None, seed: int | None = None) -> Character:
        """Return a character before its first frame.

        Args:
            number: Its number.
            first: What it does first; without, the configured prompt.
            seed: Of its noise; without, the configured one plus ``number``.

        Raises:
            PromptError: If the configured prompt cannot be read.
        """
        rate_hz, prompt = self._config.rate_hz, self._config.prompt
        seed = self._config.seed + number if seed is None else seed
        return Character(
            number,
            self._engine.start(seed),
            first or Cue(prompt, self._engine.encode(prompt)),
            window_size=self._engine.window_size,
            smoothing=Smoothing(1 / self._engine.frame_rate_hz),
            resampler=Resampler(round(self._engine.frame_rate_hz), rate_hz),
            avatar=self._make_avatar(),
            robot=self._make_robot(self._skeleton),
            stillness=Stillness(round(self._config.rest_secs * self._engine.frame_rate_hz)),
            seed=seed,
        )

    def _make_avatar(self) -> AvatarSide:
        human = AvatarRetargeter(self._skeleton, 1 / self._config.rate_hz)
        return human if self._rig is None else FittedAvatar(human, self._rig, self._skeleton)

    def all(self) -> list[Character]:
        """Return the characters that a run begins with, in the order of their numbers."""
        return [self(number) for number in range(self._config.characters)]
