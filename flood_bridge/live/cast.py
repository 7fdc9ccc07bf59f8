"""Makes the stage and the characters that a configuration asks for."""

from __future__ import annotations

import math
from collections.abc import Callable

from flood_bridge.config import Config
from flood_bridge.errors import ConfigError
from flood_bridge.live.character import Character, RobotSide
from flood_bridge.live.engine_port import Engine
from flood_bridge.live.stage import Stage
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.resample import Resampler
from flood_bridge.retarget.avatar import AvatarRetargeter
from flood_bridge.timeline import Cue


def make_stage(config: Config, engine: Engine) -> Stage:
    """Return empty queues for ``config.lead_secs`` of frames."""
    lead = max(1, round(config.lead_secs * config.rate_hz))
    chunk = math.ceil(engine.frames_per_latent * config.rate_hz / engine.frame_rate_hz)
    return Stage(config.characters, lead, chunk)


def make_characters(
    config: Config,
    engine: Engine,
    skeleton: Skeleton,
    make_robot: Callable[[Skeleton], RobotSide | None],
) -> list[Character]:
    """Return the characters before their first frame, in the order of their numbers.

    Raises:
        ConfigError: If the stream's rate is below the model's.
        PromptError: If the first prompt cannot be read.
    """
    rate_hz = config.rate_hz
    if engine.frame_rate_hz > rate_hz:
        raise ConfigError(
            f"--rate-hz is {rate_hz}; this model makes {engine.frame_rate_hz:g} frames per second,"
            " and the stream cannot be slower"
        )
    prompt = engine.encode(config.prompt)
    return [
        Character(
            number,
            engine.start(config.seed + number),
            Cue(config.prompt, prompt),
            window_size=engine.window_size,
            resampler=Resampler(round(engine.frame_rate_hz), rate_hz),
            avatar=AvatarRetargeter(skeleton, 1 / rate_hz),
            robot=make_robot(skeleton),
            seed=config.seed + number,
        )
        for number in range(config.characters)
    ]
