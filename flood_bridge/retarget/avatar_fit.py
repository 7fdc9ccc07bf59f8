"""Puts a character's frames on the avatar that receives them, as a retargeter that wraps another.

The avatar is a file (:mod:`.avatar_rig`) or, by the name ``a-pose`` or ``a-pose:DEGREES``, any body
that rests with its arms lowered by so much, as the mannequins of Unreal do: rotations then are
against that pose instead of the T-pose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.frames import AvatarFrame, Pose
from flood_bridge.motion.rotations import (
    IDENTITY,
    conjugate,
    from_axis_angle,
    multiply,
    rotate,
)
from flood_bridge.motion.skeleton import NUM_JOINTS, PARENTS, Skeleton
from flood_bridge.retarget.avatar import AvatarRetargeter
from flood_bridge.retarget.avatar_rig import AvatarRig, load_rig

A_POSE = "a-pose"
A_POSE_DEG = 45.0
MAX_A_POSE_DEG = 89.0

_LEFT_ARM, _RIGHT_ARM = [16, 18, 20], [17, 19, 21]
_FOREARMS_AND_HANDS = [18, 19, 20, 21]


class Rig(Protocol):
    """An avatar, or a kind of avatars."""

    def scale_for(self, human: Skeleton) -> float:
        """Return how much longer its steps are than those of ``human``."""
        ...

    def fitted(self, frame: AvatarFrame, scale: float) -> AvatarFrame:
        """Return ``frame`` as this avatar takes it."""
        ...

    def body(self, human: Skeleton) -> Skeleton:
        """Return the body that the fitted frames speak of, at rest."""
        ...


@dataclass(frozen=True, slots=True)
class RiggedBody:
    """An avatar read from a file."""

    rig: AvatarRig

    def scale_for(self, human: Skeleton) -> float:
        """Return how much longer its steps are than those of ``human``."""
        return self.rig.scale_for(human)

    def fitted(self, frame: AvatarFrame, scale: float) -> AvatarFrame:
        """Return ``frame`` with the hips' way scaled and missing bones taken over."""
        return self.rig.fitted(frame, scale)

    def body(self, human: Skeleton) -> Skeleton:
        """Return the avatar's T-pose."""
        return self.rig.skeleton


class LoweredArms:
    """Bodies that rest in an A-pose.

    Args:
        degrees: How far the arms are below level, 0 to :data:`MAX_A_POSE_DEG`.

    Raises:
        ConfigError: If they cannot be lowered so.
    """

    def __init__(self, degrees: float = A_POSE_DEG) -> None:
        if not 0.0 <= degrees <= MAX_A_POSE_DEG:
            raise ConfigError(
                f"--avatar: arms are lowered by {degrees:g} degrees; valid are 0 to"
                f" {MAX_A_POSE_DEG:g}"
            )
        raised = from_axis_angle(np.array([0.0, 0.0, 1.0]), math.radians(degrees))
        self._to_t_pose = np.tile(IDENTITY, (NUM_JOINTS, 1))
        self._to_t_pose[_LEFT_ARM], self._to_t_pose[_RIGHT_ARM] = raised, conjugate(raised)
        above = [max(parent, 0) for parent in PARENTS]
        self._back = conjugate(self._to_t_pose[above])

    def scale_for(self, human: Skeleton) -> float:
        """Return 1: a human's size."""
        return 1.0

    def fitted(self, frame: AvatarFrame, scale: float) -> AvatarFrame:
        """Return ``frame`` with its rotations against the A-pose."""
        local = multiply(multiply(self._back, frame.local_wxyz), self._to_t_pose)
        return AvatarFrame(frame.root_position * scale, local)

    def body(self, human: Skeleton) -> Skeleton:
        """Return ``human`` in its A-pose."""
        offsets = human.offsets.copy()
        offsets[_FOREARMS_AND_HANDS] = rotate(
            self._back[_FOREARMS_AND_HANDS], offsets[_FOREARMS_AND_HANDS]
        )
        return Skeleton(offsets)


def read_rig(text: str) -> Rig:
    """Return the avatar that ``--avatar`` names: a file, ``a-pose`` or ``a-pose:DEGREES``.

    Raises:
        ConfigError: If there is no such file, or it cannot be used.
    """
    name, colon, degrees = text.partition(":")
    if name != A_POSE:
        return RiggedBody(load_rig(text))
    try:
        return LoweredArms(float(degrees) if colon else A_POSE_DEG)
    except ValueError:
        raise ConfigError(f"--avatar {text}: {degrees!r} is no number of degrees") from None


class FittedAvatar:
    """Turns poses of one character into frames of one avatar.

    Args:
        human: Finds the rotations of the model's body.
        rig: The avatar.
        skeleton: The model's body.
    """

    def __init__(self, human: AvatarRetargeter, rig: Rig, skeleton: Skeleton) -> None:
        self._human = human
        self._rig = rig
        self._scale = rig.scale_for(skeleton)

    def retarget(self, pose: Pose) -> AvatarFrame:
        """Return the avatar's frame of ``pose``; errors as :meth:`AvatarRetargeter.retarget`."""
        return self._rig.fitted(self._human.retarget(pose), self._scale)

    def reset(self) -> None:
        """Forget the past; the next pose starts a new motion."""
        self._human.reset()

    def memory(self) -> dict[str, np.ndarray]:
        """Return all that the next frame depends on, as copies."""
        return self._human.memory()

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Go back to where :meth:`memory` was taken."""
        self._human.recall(memory)
