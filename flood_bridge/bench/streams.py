"""Streams of the model as clips: each prompt for eight seconds, beginning at a stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flood_bridge.bench.clips import HumanClip
from flood_bridge.config import STAND
from flood_bridge.live.engine_port import Engine
from flood_bridge.offline import make_motion

PROMPTS = (
    "a person walks forward", "a person sits down", "a person kicks with the right leg",
    "a person dances", "a person runs forward", "a person jumps",
    "a person waves with the left hand", "a person turns around to the left",
    "a person walks backward", "a person punches with both hands", "a person squats",
    "a person stands still", "a person raises both arms", "a person kicks with the left leg",
    "a person walks in a circle", "a person bows",
)  # fmt: skip
SECONDS = 8.0


def make_streams(engine: Engine, count: int, say: Callable[[str], None]) -> Iterator[HumanClip]:
    """Yield ``count`` streams; after the last prompt the first comes again with another seed."""
    for number in range(count):
        prompt = PROMPTS[number % len(PROMPTS)]
        say(f"stream {number + 1} of {count}: {prompt}")
        script = ((0.0, STAND), (1.0, prompt))
        motion = make_motion(engine, script, SECONDS, number)
        yield HumanClip(f"model: {prompt} ({number})", motion.poses)
