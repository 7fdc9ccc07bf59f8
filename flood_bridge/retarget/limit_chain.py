"""The last thing that touches a robot's frames: whatever is wanted, what comes out is bounded.

Joints and root go through one :class:`~flood_bridge.retarget.limit.Limiter`, so that a braking
robot brakes as a whole. Wanted frames may jump, repeat, stop coming or hold numbers that are no
numbers; the published ones keep positions, speeds, accelerations and jerks within their limits.

The root's rotation is limited as the turn still to be made, about the world's axes, so that there
is no pose at which angles fail.
"""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.frames import RobotFrame
from flood_bridge.motion.rotations import (
    conjugate,
    continuous,
    from_axis_angle,
    multiply,
    normalise,
    to_rotation_vector,
)
from flood_bridge.retarget.limit import Limiter
from flood_bridge.retarget.limit_table import MotionLimits
from flood_bridge.retarget.limit_track import Motion

_TINY_RAD = 1e-12
_MOST = 1e6
"""Larger numbers, and those that are none, are a fault of whoever made the frame."""


class OutputChain:
    """Turns wanted frames of one robot into frames that it may be sent, one per period.

    Args:
        names: The robot's joints.
        limits: Of these joints.
        period_secs: Time between two frames, in (0, 1].
    """

    def __init__(self, names: tuple[str, ...], limits: MotionLimits, period_secs: float) -> None:
        self.names = names
        self.period_secs = period_secs
        self._limits = limits.and_root()
        self._limiter = Limiter(self._limits, period_secs)
        count = len(names)
        self._place, self._turn = slice(count, count + 3), slice(count + 3, count + 6)
        self._rotation = np.array([1.0, 0.0, 0.0, 0.0])
        self._wanted: RobotFrame | None = None
        self._speeds: np.ndarray | None = None  # of the wanted pose, a step ago
        self.begun = False
        """Whether there is a pose to go on from."""

    @property
    def failures(self) -> int:
        """Steps at which no plan was found; see :class:`Limiter`."""
        return self._limiter.failures

    def outside(self, positions: np.ndarray) -> tuple[str, float]:
        """Return the joint that is farthest outside its range at ``positions`` (n,), and how far.

        Radians; 0 or less if all are inside.
        """
        count = len(self.names)
        lower, upper = self._limits.lower[:count], self._limits.upper[:count]
        beyond = np.maximum(lower - positions, positions - upper)
        index = int(np.argmax(beyond))
        return self.names[index], float(beyond[index])

    def begin(self, frame: RobotFrame) -> RobotFrame:
        """Be at rest in the pose of ``frame``, or as near as the limits of position allow.

        Raises:
            ValueError: If the pose is not finite.
        """
        self._rotation = _unit(frame.root_rotation_wxyz)
        start = np.concatenate((frame.positions, frame.root_position, np.zeros(3)))
        self._limiter.start(start)
        self._forget_wanted()
        self.begun = True
        return self.frame()

    def forget(self) -> None:
        """Have no pose any more."""
        self.begun = False
        self._forget_wanted()

    def jump(self, frame: RobotFrame) -> None:
        """Put the root where that of ``frame`` is; how everything moves stays."""
        if is_usable(frame):
            self._limiter.shift(self._place, frame.root_position)
            self._rotation = _unit(frame.root_rotation_wxyz)
            self._forget_wanted()

    def follow(self, wanted: RobotFrame) -> RobotFrame:
        """Return the next frame on the way to ``wanted``; brake if that is no usable frame."""
        if not is_usable(wanted):
            return self.brake()
        turn = to_rotation_vector(
            multiply(_unit(wanted.root_rotation_wxyz), conjugate(self._rotation))
        )
        target = np.concatenate((wanted.positions, wanted.root_position, turn))
        self._limiter.follow(self._moving(wanted, target))
        return self._turned()

    def brake(self) -> RobotFrame:
        """Return the next frame on the shortest way to rest."""
        self._limiter.brake()
        self._forget_wanted()
        return self._turned()

    def frame(self) -> RobotFrame:
        """Return the frame published last."""
        now, count = self._limiter.now, len(self.names)
        return RobotFrame(
            names=self.names,
            positions=now.positions[:count].copy(),
            velocities=now.velocities[:count].copy(),
            root_position=now.positions[self._place].copy(),
            root_rotation_wxyz=self._rotation,
        )

    def memory(self) -> dict[str, np.ndarray]:
        """Return all that the next frame depends on, as copies; empty before the first."""
        if not self.begun:
            return {}
        now, wanted = self._limiter.now, self._wanted
        memory = {
            "moving": np.stack((now.positions, now.velocities, now.accelerations)),
            "rotation": self._rotation.copy(),
        }
        if wanted is not None:
            memory["wanted"] = np.concatenate(
                (wanted.positions, wanted.root_position, wanted.root_rotation_wxyz)
            )
        if self._speeds is not None:
            memory["speeds"] = self._speeds.copy()
        return memory

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Go back to where :meth:`memory` was taken.

        Raises:
            ValueError: If it is of another robot.
        """
        self.forget()
        if not memory:
            return
        count, moving, wanted = len(self.names), memory["moving"], memory.get("wanted")
        if moving.shape != (3, count + 6) or (wanted is not None and wanted.shape != (count + 7,)):
            raise ValueError(f"a robot of {count} joints cannot move so")
        self._limiter.now = Motion(*moving.copy())
        self._rotation = memory["rotation"].copy()
        self._speeds = memory.get("speeds")
        if wanted is not None:
            joints, root, rotation = np.split(wanted, (count, count + 3))
            self._wanted = RobotFrame(self.names, joints, np.zeros(count), root, rotation)
        self.begun = True

    def _forget_wanted(self) -> None:
        self._wanted = self._speeds = None

    def _moving(self, wanted: RobotFrame, target: np.ndarray) -> Motion:
        """Return ``target`` with its speed and acceleration, from the steps that led to it.

        The mean speed of a step is the speed half a step ago.
        """
        before, earlier = self._wanted, self._speeds
        rest = np.zeros_like(target)
        self._wanted = wanted
        if before is None:
            return Motion(target, rest, rest)
        turn = multiply(
            _unit(wanted.root_rotation_wxyz), conjugate(_unit(before.root_rotation_wxyz))
        )
        steps = (
            wanted.positions - before.positions,
            wanted.root_position - before.root_position,
            to_rotation_vector(turn),
        )
        speeds = self._speeds = np.clip(
            np.concatenate(steps) / self.period_secs, -self._limits.speed, self._limits.speed
        )
        if earlier is None:
            return Motion(target, speeds, rest)
        bound = self._limits.acceleration
        gained = np.clip((speeds - earlier) / self.period_secs, -bound, bound)
        return Motion(target, speeds + gained * (0.5 * self.period_secs), gained)

    def _turned(self) -> RobotFrame:
        """Make the step of the turn a part of the rotation; return the frame."""
        vector = self._limiter.now.positions[self._turn]
        angle = float(np.sqrt(vector @ vector))
        if angle > _TINY_RAD:
            step = from_axis_angle(vector / angle, angle)
            self._rotation = continuous(normalise(multiply(step, self._rotation)), self._rotation)
        self._limiter.shift(self._turn, np.zeros(3))
        return self.frame()


def _unit(q: np.ndarray) -> np.ndarray:
    return normalise(np.asarray(q, dtype=np.float64))


def is_usable(frame: RobotFrame) -> bool:
    """Return whether ``frame`` holds numbers that a robot could be asked for at all."""
    parts = (frame.positions, frame.velocities, frame.root_position, frame.root_rotation_wxyz)
    sane = all(bool((np.abs(part) <= _MOST).all()) for part in parts)
    return sane and bool(np.vecdot(frame.root_rotation_wxyz, frame.root_rotation_wxyz) > 0.25)
