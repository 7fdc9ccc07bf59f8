"""A snapshot of all characters: everything a run needs to go on where this one was.

Taken between two latents; it holds frozen values and forks only, so that it can be written down in
another thread while the stream goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flood_bridge.errors import ConfigError
from flood_bridge.live.cast import Casting
from flood_bridge.live.character import Character, Ready
from flood_bridge.live.engine_port import Prompt
from flood_bridge.live.mark import Mark
from flood_bridge.live.robot_guard import GuardMemory
from flood_bridge.live.robots import Robots
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
    smoothing_secs: float
    mark: Mark
    timeline: TimelineMemory[Prompt]
    still: StillMemory
    playing: PlayoutMemory[Ready]
    guard: GuardMemory | None = None
    """Of its robot, after the frame that was played last."""


def take_snapshot(
    characters: Sequence[Character], stage: Stage, robots: Robots | None = None
) -> list[CharacterSnapshot]:
    """Return where every character is; to be called by the engine thread, or after its end."""
    if robots is None:
        return _snapshots(characters, stage, None)
    with robots.tick():
        return _snapshots(characters, stage, robots)


def _snapshots(
    characters: Sequence[Character], stage: Stage, robots: Robots | None
) -> list[CharacterSnapshot]:
    return [
        CharacterSnapshot(
            number=character.number,
            seed=character.seed,
            speed=character.speed,
            smoothing_secs=character.smoothing_secs,
            mark=character.mark(),
            timeline=character.cues.timeline_memory(),
            still=character.still_memory(),
            playing=stage.playing(character.number),
            guard=None if robots is None else robots.memory(character.number),
        )
        for character in characters
    ]


def take_up(
    snapshots: Sequence[CharacterSnapshot],
    casting: Casting,
    stage: Stage,
    robots: Robots | None = None,
) -> list[Character]:
    """Return fresh characters that go on from ``snapshots``; the stage gets their queues alone.

    Raises:
        ConfigError: If they had another robot than there is now.
        OverflowError: If more frames wait than a queue holds.
    """
    names = None if robots is None else robots.names
    snapshots = [_with_robot(snapshot, names) for snapshot in snapshots]
    for number in stage.numbers():
        stage.remove(number)
    characters = []
    for snapshot in snapshots:
        character = casting(snapshot.number, seed=snapshot.seed)
        character.take_up(
            snapshot.mark,
            snapshot.timeline,
            snapshot.still,
            seed=snapshot.seed,
            speed=snapshot.speed,
            smoothing_secs=snapshot.smoothing_secs,
        )
        stage.add(snapshot.number)
        stage.take_up(snapshot.number, snapshot.playing)
        if robots is not None and snapshot.guard is not None:
            robots.recall(snapshot.number, snapshot.guard)
        characters.append(character)
    return characters


def _with_robot(snapshot: CharacterSnapshot, names: tuple[str, ...] | None) -> CharacterSnapshot:
    """Return ``snapshot`` for the robot of joints ``names``, or, without one, without it."""
    playing = snapshot.playing
    ready = [*([] if playing.held is None else [playing.held]), *playing.waiting]
    robots = [each.frame.robot for each in ready]
    known = [robot.names for robot in robots if robot is not None]
    if snapshot.guard is not None:
        known.append(snapshot.guard.names)
    if names is None and known:
        bare = [replace(each, frame=replace(each.frame, robot=None)) for each in ready]
        held = None if playing.held is None else bare.pop(0)
        return replace(
            snapshot, playing=replace(playing, held=held, waiting=tuple(bare)), guard=None
        )
    for other in known:
        if other != names:
            raise ConfigError(
                f"it was made with another robot: of {len(other)} joints, {other[0]} first"
            )
    return snapshot
