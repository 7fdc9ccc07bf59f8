"""Marks: where a character's making was before a latent, to go back to and make it differently.

All that the next frame depends on is in one frozen value: the engine's stream, who owns which
latent, and what smoothing, resampler and the two retargeters remember. Going back is therefore
exact: what is made then follows what was played, joint by joint, on avatars and on robots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from flood_bridge.live.engine_port import StreamState
from flood_bridge.live.whereabouts import WhereMemory
from flood_bridge.motion.frames import AvatarFrame, Pose, RobotFrame
from flood_bridge.motion.smoothing import SmoothingMemory
from flood_bridge.resample import ResamplerMemory
from flood_bridge.timeline import Cue

Memory: TypeAlias = dict[str, np.ndarray]
"""What a retargeter remembers: plain arrays, by name."""


class AvatarSide(Protocol):
    """Turns poses into avatar frames."""

    def retarget(self, pose: Pose) -> AvatarFrame:
        """Return the bone rotations of ``pose``."""
        ...

    def reset(self) -> None:
        """Forget the past."""
        ...

    def memory(self) -> Memory:
        """Return all that the next frame depends on, as copies."""
        ...

    def recall(self, memory: Memory) -> None:
        """Go back to where ``memory`` was taken."""
        ...


class RobotSide(Protocol):
    """Turns poses into robot frames."""

    def retarget(self, pose: Pose) -> RobotFrame:
        """Return the robot's joints for ``pose``."""
        ...

    def memory(self) -> Memory:
        """Return all that the next frame depends on, as copies."""
        ...

    def recall(self, memory: Memory) -> None:
        """Go back to where ``memory`` was taken."""
        ...

    def relocate(self) -> None:
        """Let the next pose be anywhere: the joints go on from where they are, the root jumps."""
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """One character before one of its latents."""

    state: StreamState
    """A fork of the engine's stream; nobody else advances it."""
    latents: int
    """Latents made so far."""
    owners: tuple[Cue, ...]
    """Of the latents to come that are bound already, next one first."""
    last: Cue | None
    """Owner of the frame before."""
    smoothing: SmoothingMemory | None
    resampler: ResamplerMemory[Cue]
    avatar: Memory
    robot: Memory | None
    where: WhereMemory
