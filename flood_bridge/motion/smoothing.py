"""A calmer body: the motion low-passed as it comes, its bones as long as they were.

Joints that are averaged over time cut corners, which shortens limbs. So the parts of a body are
smoothed one by one, each by a first-order low-pass: where the pelvis is, how high the lowest foot,
the heading, how long each bone is and where it points. Put together again they make a body whose
bones keep their lengths. A knee that bends less makes a longer leg, so the body is then raised, and
that slowly, until its lowest foot is as high over the floor on the whole as the model had it.

The price is delay: a steady motion lags behind by the time constant, in every part alike. When the
constant changes it does so by a quarter of a second per second, so that the body is led from one
lag to the other and never jumps. Contact labels are passed on as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_bridge.motion.contacts import ANKLES, TOES
from flood_bridge.motion.frames import Pose
from flood_bridge.motion.skeleton import NUM_JOINTS, PARENTS

MAX_SECS = 0.5
"""Longest time constant."""

_EASE = 0.25
"""Seconds by which the time constant may change per second: while it grows a steady motion is a
fifth slower, while it shrinks up to a third faster."""

_LEAST_LIFT_M, _MAX_LIFT_M = 0.001, 0.2
_LIFT_SECS = 0.5
"""Time constant of that raising."""

_FEET = [*ANKLES, *TOES]
_PARENTS = np.array([0, *PARENTS[1:]])
_SHORTEST_M = 1e-9


def _paths() -> np.ndarray:
    """Return (22, 22): 1 where the bone to joint k lies between the pelvis and joint j."""
    paths = np.zeros((NUM_JOINTS, NUM_JOINTS))
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            paths[joint] = paths[parent]
            paths[joint, joint] = 1.0
    return paths


_PATHS = _paths()


@dataclass(frozen=True, slots=True)
class BodyParts:
    """A body taken apart into what is smoothed."""

    plain: np.ndarray
    """(27,): pelvis x y z, height of the lowest foot, heading in radians, 22 bone lengths."""
    directions: np.ndarray
    """(22, 3) unit vectors from each joint's parent to it; of the pelvis zeros."""

    @classmethod
    def of(cls, joints: np.ndarray, heading_rad: float) -> BodyParts:
        """Take ``joints`` (22, 3) apart."""
        bones = joints - joints[_PARENTS]
        lengths = np.linalg.norm(bones, axis=1)
        low = joints[_FEET, 1].min()
        plain = np.concatenate((joints[0], (low, heading_rad), lengths))
        return cls(plain, bones / np.maximum(lengths, _SHORTEST_M)[:, None])

    def toward(self, other: BodyParts, share: float) -> BodyParts:
        """Return what lies ``share`` of the way to ``other``; directions stay unit vectors."""
        plain = self.plain + share * (other.plain - self.plain)
        between = self.directions + share * (other.directions - self.directions)
        lengths = np.linalg.norm(between, axis=1, keepdims=True)
        unit = between / np.maximum(lengths, _SHORTEST_M)
        return BodyParts(plain, np.where(lengths > _SHORTEST_M, unit, other.directions))

    def joints(self) -> np.ndarray:
        """Return (22, 3), put together from the pelvis outwards."""
        return self.plain[:3] + _PATHS @ (self.plain[5:, None] * self.directions)

    def lack_m(self, joints: np.ndarray) -> float:
        """Return how far the lowest foot of ``joints`` is below the one that was smoothed."""
        return float(self.plain[3] - joints[_FEET, 1].min())


@dataclass(frozen=True, slots=True)
class SmoothingMemory:
    """All that the next smoothed pose depends on."""

    secs: float
    """The time constant that has been reached."""
    body: BodyParts
    """Where the smoothed body is."""
    lift_m: float = 0.0
    """By how much it is raised."""


class Smoothing:
    """Smooths the poses of one character.

    Args:
        period_secs: Time between two poses.

    Attributes:
        secs: The time constant wanted, 0 to :data:`MAX_SECS`; 0 is off. No reset changes it.
    """

    def __init__(self, period_secs: float) -> None:
        self._period_secs = period_secs
        self._now: SmoothingMemory | None = None
        self.secs = 0.0

    def reset(self) -> None:
        """Forget the past; the next pose starts a new motion."""
        self._now = None

    def memory(self) -> SmoothingMemory | None:
        """Return all that the next pose depends on but :attr:`secs`; None while it is off."""
        return self._now

    def recall(self, memory: SmoothingMemory | None) -> None:
        """Go back to where :meth:`memory` was taken.

        Raises:
            ValueError: If nobody can be there.
        """
        if memory is not None:
            plain, directions = memory.body.plain, memory.body.directions
            shapes = plain.shape, directions.shape
            if shapes != ((5 + NUM_JOINTS,), (NUM_JOINTS, 3)) or not 0 <= memory.secs <= MAX_SECS:
                raise ValueError(f"a smoothed body of the shapes {shapes}, {memory.secs} s behind")
            if not (np.isfinite(plain).all() and np.isfinite(directions).all()):
                raise ValueError("a smoothed body is not finite")
            if not abs(memory.lift_m) <= _MAX_LIFT_M:
                raise ValueError(f"a smoothed body is raised by {memory.lift_m} m")
        self._now = memory

    def smooth(self, pose: Pose, speed: float = 1.0) -> Pose:
        """Return ``pose`` smoothed; itself, untouched, while smoothing is off.

        Args:
            pose: The next one; its velocities say where the one after it will be.
            speed: Seconds of motion that are played per second.
        """
        now = self._now
        if now is None and self.secs == 0.0:
            return pose
        seen = BodyParts.of(pose.joints, pose.heading_rad)
        if now is None:
            self._now = SmoothingMemory(0.0, seen)
            return pose
        step_secs = self._period_secs / speed
        change = min(max(self.secs - now.secs, -_EASE * step_secs), _EASE * step_secs)
        secs = now.secs + change
        if secs == 0.0 and abs(now.lift_m) < _LEAST_LIFT_M:
            self._now = None
            return pose
        self._now, joints = _next(now, seen, secs, step_secs)
        ahead = pose.joints + pose.velocities * self._period_secs
        expected = BodyParts.of(ahead, pose.heading_rad)
        _, after = _next(self._now, expected, secs, step_secs)
        velocities = (after - joints) / self._period_secs
        return Pose(joints, velocities, pose.contacts, float(self._now.body.plain[4]))


def _next(
    now: SmoothingMemory, seen: BodyParts, secs: float, step_secs: float
) -> tuple[SmoothingMemory, np.ndarray]:
    """Return where the smoothed body is when the body is ``seen``, and its joints (22, 3)."""
    body = now.body.toward(seen, step_secs / (step_secs + secs))
    joints = body.joints()
    share = step_secs / (step_secs + _LIFT_SECS)
    lift = now.lift_m + share * (body.lack_m(joints) - now.lift_m)
    lift = min(max(lift, -_MAX_LIFT_M), _MAX_LIFT_M)
    joints[:, 1] += lift
    return SmoothingMemory(secs, body, lift), joints
