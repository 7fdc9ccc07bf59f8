"""Whether a pose can be used: it is a body, and it can follow the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flood_bridge.motion.skeleton import NUM_JOINTS
from flood_bridge.retarget.continuity import ContinuityGuard
from flood_bridge.retarget.pose_checks import problem_with, problems_with

_CANNOT_FOLLOW = "it cannot follow the pose before it"


@dataclass(slots=True)
class Checks:
    """A stage: one pose is looked at. Its answer is why it cannot be used, or None."""

    WORTH: ClassVar[int] = 2

    joints: np.ndarray
    """(22, 3) if it is a pose at all."""
    guard: ContinuityGuard | None
    """What it is to follow, if there is anything. A pose that is no body is not shown to it."""

    def alone(self) -> str | None:
        """Return the answer."""
        problem = problem_with(self.joints)
        if problem is None and self.guard is not None and not self.guard.follows(self.joints):
            return _CANNOT_FOLLOW
        return problem

    @staticmethod
    def together(asked: Sequence[Checks]) -> list[str | None]:
        """Return the answers for several characters."""
        if any(each.joints.shape != (NUM_JOINTS, 3) for each in asked):
            return [each.alone() for each in asked]
        joints = np.array([each.joints for each in asked])
        problems = problems_with(joints)
        guarded = [
            number for number, each in enumerate(asked) if each.guard and problems[number] is None
        ]
        if guarded:
            guards = [guard for number in guarded if (guard := asked[number].guard)]
            follows = ContinuityGuard.follow_all(guards, joints[guarded])
            for number, fits in zip(guarded, follows, strict=True):
                problems[number] = None if fits else _CANNOT_FOLLOW
        return problems
