"""Where a character's motion lies on the published floor: the model walks on one of its own.

The model knows no places, it adds up steps. Putting a character elsewhere is therefore a rigid
motion of the finished frames, a turn about the vertical and a shift, from the first frame made
after it was asked for on. Behind it nothing jumps: the resampler and the retargeters, with all
their limits, see the one unbroken motion.

A robot walks a path scaled to its legs, and so does an avatar of another size, so each has a shift
of its own; all roots come to lie on the place that was named.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, replace

import numpy as np

from flood_bridge.motion.frames import AvatarFrame, Frame, FrameFlags, Pose, RobotFrame
from flood_bridge.motion.rotations import from_axis_angle, from_yaw, multiply, rotate

_ROBOT_UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a root is to be, in the axes of :mod:`flood_bridge.motion`."""

    x_m: float
    z_m: float
    heading_rad: float


@dataclass(frozen=True, slots=True)
class Ground:
    """The rigid motion from the model's floor to the published one: first the turn."""

    turn_rad: float = 0.0
    x_m: float = 0.0
    z_m: float = 0.0
    robot_x_m: float = 0.0
    """In the robot's axes, as the next: x forward, y left."""
    robot_y_m: float = 0.0
    avatar_x_m: float = 0.0
    """Of an avatar, whose steps are scaled to its legs as the robot's are."""
    avatar_z_m: float = 0.0

    @classmethod
    def that_brings(cls, frame: Frame, place: Place) -> Ground:
        """Return what brings the root of ``frame``, and its robot's, to ``place``."""
        turn = place.heading_rad - frame.pose.heading_rad
        root = rotate(from_yaw(turn), frame.pose.joints[0])
        shift = place.x_m - float(root[0]), place.z_m - float(root[2])
        hips = rotate(from_yaw(turn), frame.avatar.root_position)
        avatar = place.x_m - float(hips[0]), place.z_m - float(hips[2])
        if frame.robot is None:
            return cls(turn, *shift, 0.0, 0.0, *avatar)
        base = rotate(from_axis_angle(_ROBOT_UP, turn), frame.robot.root_position)
        robot = place.z_m - float(base[0]), place.x_m - float(base[1])
        return cls(turn, *shift, *robot, *avatar)

    def carry(self, frame: Frame) -> Frame:
        """Return ``frame`` as it is published."""
        if self == _ORIGIN:
            return frame
        turn, shift = from_yaw(self.turn_rad), np.array([self.x_m, 0.0, self.z_m])
        avatar_shift = np.array([self.avatar_x_m, 0.0, self.avatar_z_m])
        pose, avatar = frame.pose, frame.avatar
        local = avatar.local_wxyz.copy()
        local[0] = multiply(turn, local[0])
        return replace(
            frame,
            pose=Pose(
                rotate(turn, pose.joints) + shift,
                rotate(turn, pose.velocities),
                pose.contacts,
                pose.heading_rad + self.turn_rad,
            ),
            avatar=AvatarFrame(rotate(turn, avatar.root_position) + avatar_shift, local),
            robot=None if frame.robot is None else self._carry_robot(frame.robot),
        )

    def _carry_robot(self, robot: RobotFrame) -> RobotFrame:
        turn = from_axis_angle(_ROBOT_UP, self.turn_rad)
        shift = np.array([self.robot_x_m, self.robot_y_m, 0.0])
        return replace(
            robot,
            root_position=rotate(turn, robot.root_position) + shift,
            root_rotation_wxyz=multiply(turn, robot.root_rotation_wxyz),
        )


_ORIGIN = Ground()
_WITHOUT_AVATAR = 5


@dataclass(frozen=True, slots=True)
class WhereMemory:
    """Where a character was, and what the next frame brings."""

    ground: Ground = _ORIGIN
    due: Place | None = None
    """Where the next frame is to be."""
    jumps: bool = False
    """Whether the next frame follows no frame before it."""
    newest: Place | None = None
    """What was asked for last, whether it is done or not."""

    def numbers(self) -> dict[str, list[float]]:
        """Return what the next frame depends on as plain numbers."""
        due = [] if self.due is None else list(astuple(self.due))
        return {"ground": list(astuple(self.ground)), "due": due, "jumps": [float(self.jumps)]}

    @classmethod
    def from_numbers(cls, numbers: dict[str, list[float]]) -> WhereMemory:
        """Return what :meth:`numbers` was made of.

        Raises:
            ValueError: If they are not finite.
            TypeError: If there are too many or too few.
        """
        if not all(math.isfinite(n) for each in numbers.values() for n in each):
            raise ValueError("a place is not finite")
        due = Place(*numbers["due"]) if numbers["due"] else None
        ground = numbers["ground"]
        if len(ground) == _WITHOUT_AVATAR:  # an older state: the avatar was the body
            ground = [*ground, *ground[1:3]]
        if len(ground) != _WITHOUT_AVATAR + 2:
            raise ValueError(f"a place has {len(ground)} numbers")
        return cls(Ground(*ground), due, bool(numbers["jumps"][0]), due)


class Whereabouts:
    """Carries the frames of one character to where it was put."""

    def __init__(self) -> None:
        self._now = WhereMemory()

    def place(self, place: Place) -> None:
        """Put the root on ``place`` with the next frame."""
        self._now = replace(self._now, due=place, newest=place)

    def reset(self) -> None:
        """Begin anew at the origin."""
        self._now = WhereMemory(jumps=True)

    def memory(self) -> WhereMemory:
        """Return all that the next frame depends on."""
        return self._now

    def recall(self, memory: WhereMemory) -> None:
        """Go back to where :meth:`memory` was taken."""
        self._now = memory

    def go_back(self, memory: WhereMemory) -> None:
        """Go back to ``memory``, but keep to the place that was asked for since."""
        newest = self._now.newest
        self._now = memory
        if newest is not None and newest is not memory.newest:
            self.place(newest)

    def carry(self, frame: Frame) -> Frame:
        """Return ``frame`` as it is published, flagged if it jumps."""
        now = self._now
        if now.due is None and not now.jumps:
            return now.ground.carry(frame)
        ground = now.ground if now.due is None else Ground.that_brings(frame, now.due)
        self._now = replace(now, ground=ground, due=None, jumps=False)
        return replace(ground.carry(frame), flags=frame.flags | FrameFlags.JUMPED)
