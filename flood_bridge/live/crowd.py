"""The latents of several characters become frames at once: robots of one kind are solved together.

From three robots on this is faster than one after the other, with equal joints; see
:mod:`flood_bridge.retarget.robot_crowd`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from flood_bridge.errors import RetargetError
from flood_bridge.live.character import Character, Ready
from flood_bridge.live.engine_port import Chunk
from flood_bridge.live.mark import RobotSide
from flood_bridge.motion.frames import Pose, RobotFrame

if TYPE_CHECKING:
    from flood_bridge.retarget.robot import RobotRetargeter


def make_ready(characters: Sequence[Character], chunks: Sequence[Chunk]) -> list[list[Ready]]:
    """Return each character's frames of the latent that was just committed for it.

    Raises:
        FloodBridgeError: If a number of a latent is not finite.
    """
    taken = [who.take(chunk) for who, chunk in zip(characters, chunks, strict=True)]
    asked = [
        (who.robot, [sample.pose for sample in samples])
        for who, samples in zip(characters, taken, strict=True)
        if who.robot is not None
    ]
    solved = iter(retarget_robots(asked))
    return [
        who.dress(samples, [None] * len(samples) if who.robot is None else next(solved))
        for who, samples in zip(characters, taken, strict=True)
    ]


def retarget_robots(
    asked: Sequence[tuple[RobotSide, Sequence[Pose]]],
) -> list[list[RobotFrame]]:
    """Return the frames of each robot for its poses, oldest first.

    Raises:
        RetargetError: If a robot cannot follow a pose at all.
    """
    kinds = [getattr(side, "robot", None) for side, _ in asked]
    if len(set(map(id, kinds))) != 1 or kinds[0] is None:
        return [[side.retarget(pose) for pose in poses] for side, poses in asked]
    # needs MuJoCo, which is an extra; whoever has such a robot has it
    from flood_bridge.retarget.robot_crowd import retarget_together  # noqa: PLC0415

    frames = []
    for result in retarget_together(cast("Sequence[tuple[RobotRetargeter, Any]]", asked)):
        if isinstance(result, RetargetError):
            raise result
        frames.append(result)
    return frames
