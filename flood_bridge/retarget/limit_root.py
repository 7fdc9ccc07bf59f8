"""Where a robot's root is led: paths that begin where the robot is, and ways between two poses.

Axes are ROS's: x forward, y left, z up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from flood_bridge.motion.frames import RobotFrame
from flood_bridge.motion.rotations import (
    conjugate,
    from_axis_angle,
    multiply,
    rotate,
    slerp,
)

UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, slots=True)
class Anchor:
    """A turn about the vertical, then a shift along the floor, laid on a path of the root."""

    turn_rad: float = 0.0
    x_m: float = 0.0
    y_m: float = 0.0

    @classmethod
    def that_brings(cls, frame: RobotFrame, to: RobotFrame) -> Anchor:
        """Return what brings the root of ``frame`` above that of ``to``, facing the same way."""
        between = multiply(to.root_rotation_wxyz, conjugate(frame.root_rotation_wxyz))
        turn = yaw_of(between)
        root = rotate(from_axis_angle(UP, turn), frame.root_position)
        x, y = (to.root_position - root)[:2]
        return cls(turn, float(x), float(y))

    def carry(self, frame: RobotFrame) -> RobotFrame:
        """Return ``frame`` with its root moved."""
        turn = from_axis_angle(UP, self.turn_rad)
        shift = np.array([self.x_m, self.y_m, 0.0])
        return replace(
            frame,
            root_position=rotate(turn, frame.root_position) + shift,
            root_rotation_wxyz=multiply(turn, frame.root_rotation_wxyz),
        )

    def then(self, later: Anchor) -> Anchor:
        """Return the anchor that does what this one does, and then what ``later`` does."""
        place = rotate(from_axis_angle(UP, later.turn_rad), np.array([self.x_m, self.y_m, 0.0]))
        turn = self.turn_rad + later.turn_rad
        return Anchor(turn, float(place[0]) + later.x_m, float(place[1]) + later.y_m)


def yaw_of(q: np.ndarray) -> float:
    """Return the part of ``q`` (4,) that turns about +z, in (-pi, pi]."""
    sign = -1.0 if q[0] < 0.0 else 1.0
    return float(2.0 * np.arctan2(sign * q[3], sign * q[0]))


def blend(before: RobotFrame, after: RobotFrame, weight: float) -> RobotFrame:
    """Return the pose at ``weight`` of the way from ``before``, at rest, to ``after``."""
    rotation = slerp(before.root_rotation_wxyz, after.root_rotation_wxyz, weight)
    return replace(
        after,
        positions=(1.0 - weight) * before.positions + weight * after.positions,
        velocities=weight * after.velocities,
        root_position=(1.0 - weight) * before.root_position + weight * after.root_position,
        root_rotation_wxyz=rotation,
    )


def ease(share: float) -> float:
    """Return how far a gentle blend is after ``share`` of its time: slow at both ends."""
    t = min(max(share, 0.0), 1.0)
    return t * t * t * (10.0 - 15.0 * t + 6.0 * t * t)
