"""Whether a pose can follow the one before it, or is a glitch or a jump to another place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flood_bridge.motion.skeleton import PARENTS

MAX_ROOT_SPEED = 8.0
"""Fastest a pelvis moves, m/s: a sprint is 6 to 7."""

MAX_LIMB_SPEED = 15.0
"""Fastest any joint moves against the pelvis, m/s: kicks and punches reach 10 to 12."""

MAX_BONE_CHANGE = 0.25
"""Largest relative change of a limb bone between two poses."""

_LIMB_ENDS = [4, 5, 7, 8, 18, 19, 20, 21]
# The limb bones of the joints: a product with this, (8, 22).
_LIMBS = np.eye(len(PARENTS))[_LIMB_ENDS] - np.eye(len(PARENTS))[[PARENTS[n] for n in _LIMB_ENDS]]


class ContinuityGuard:
    """Compares each pose with the one received before it.

    After a jump the next pose is compared with the jumped one, so that a real change of place is
    refused for one frame only, and flicker for as long as it lasts.
    """

    def __init__(self, period_secs: float) -> None:
        self._period_secs = period_secs
        self._received: np.ndarray | None = None

    def reset(self) -> None:
        """Forget the past; the next pose may be anywhere."""
        self._received = None

    def memory(self) -> dict[str, np.ndarray]:
        """Return all that the next pose is compared with; empty before the first."""
        return {} if self._received is None else {"received": self._received.copy()}

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Go back to where :meth:`memory` was taken."""
        received = memory.get("received")
        self._received = None if received is None else received.copy()

    def follows(self, joints: np.ndarray) -> bool:
        """Return whether ``joints`` (22, 3), finite, can follow the pose received before."""
        before, self._received = self._received, joints.copy()
        return before is None or bool(_near(np.array((before, joints)), self._period_secs))

    @staticmethod
    def follow_all(guards: Sequence[ContinuityGuard], joints: np.ndarray) -> list[bool]:
        """Return :meth:`follows` of several characters' joints (n, 22, 3)."""
        befores = [now if guard._received is None else guard._received
                   for guard, now in zip(guards, joints, strict=True)]  # fmt: skip
        for guard, now in zip(guards, joints.copy(), strict=True):
            guard._received = now
        periods = np.array([guard._period_secs for guard in guards])
        return _near(np.stack((befores, joints), axis=1), periods).tolist()


def _near(poses: np.ndarray, period_secs: float | np.ndarray) -> np.ndarray:
    """Return whether the second of two ``poses`` (..., 2, 22, 3) can follow the first, (...)."""
    step = poses[..., 1, :, :] - poses[..., 0, :, :]
    root = step[..., 0, :]
    limb = step - root[..., None, :]
    slow = np.vecdot(root, root) <= (period_secs * MAX_ROOT_SPEED) ** 2
    slow &= np.vecdot(limb, limb).max(axis=-1) <= (period_secs * MAX_LIMB_SPEED) ** 2
    bones = _LIMBS @ poses
    lengths = np.sqrt(np.vecdot(bones, bones))
    old, new = lengths[..., 0, :], lengths[..., 1, :]
    return slow & (np.abs(new - old) <= MAX_BONE_CHANGE * old).all(axis=-1)
