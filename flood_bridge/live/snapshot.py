"""A snapshot of all characters: everything a run needs to go on where this one was.

Taken between two latents; it holds frozen values and forks only, so that it can be written down in
another thread while the stream goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flood_bridge.live.cast import Casting
from flood_bridge.live.character import Character, Ready
from flood_bridge.live.engine_port import Prompt
from flood_bridge.live.mark import Mark
from flood_bridge.live.stage import Stage
from flood_bridge.live.stillness import StillMemory
from flood_bridge.playout import PlayoutMemory
from flood_bridge.timeline import TimelineMemory


@dataclass(frozen=True, slots=True)
class CharacterSnapshot:
    """One character: how it is made, what it is told, and what of it is still to be played."""

    number: int
    seed: int
    speed: float
    mark: Mark
    timeline: TimelineMemory[Prompt]
    still: StillMemory
    playing: PlayoutMemory[Ready]


def take_snapshot(characters: Sequence[Character], stage: Stage) -> list[CharacterSnapshot]:
    """Return where every character is; to be called by the engine thread, or after its end."""
    return [
        CharacterSnapshot(
            number=character.number,
            seed=character.seed,
            speed=character.speed,
            mark=character.mark(),
            timeline=character.timeline_memory(),
            still=character.still_memory(),
            playing=stage.playing(character.number),
        )
        for character in characters
    ]


def take_up(
    snapshots: Sequence[CharacterSnapshot], casting: Casting, stage: Stage
) -> list[Character]:
    """Return fresh characters that go on from ``snapshots``; the stage gets their queues alone.

    Raises:
        OverflowError: If more frames wait than a queue holds.
    """
    for number in stage.numbers():
        stage.remove(number)
    characters = []
    for snapshot in snapshots:
        character = casting(snapshot.number, seed=snapshot.seed)
        character.take_up(
            snapshot.mark, snapshot.timeline, snapshot.still, snapshot.seed, snapshot.speed
        )
        stage.add(snapshot.number)
        stage.take_up(snapshot.number, snapshot.playing)
        characters.append(character)
    return characters
