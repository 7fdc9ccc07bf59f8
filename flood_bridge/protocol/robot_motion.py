"""A stretch of a robot's motion, and the orders in which consumers want its joints.

Unitree's motors and MuJoCo go through the tree limb by limb; IsaacLab goes level by level (breadth
first). Mixing them up moves the wrong joints without any error, so an order is always named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from flood_bridge.errors import ProtocolError
from flood_bridge.motion.frames import RobotFrame
from flood_bridge.motion.rotations import conjugate, continuous, multiply, to_rotation_vector

Order = Literal["model", "isaaclab"]
"""``model``: as the robot's file lists its joints, which for a G1 is Unitree's and MuJoCo's order.
``isaaclab``: breadth first."""
ORDERS: tuple[Order, ...] = get_args(Order)


@dataclass(frozen=True, slots=True)
class Tree:
    """How a robot hangs together; joints as its file lists them."""

    root: str
    names: tuple[str, ...]
    parents: tuple[str, ...]
    """The link that each joint is mounted on."""
    children: tuple[str, ...]
    """The link that each joint carries."""

    def breadth_first(self) -> list[int]:
        """Return the joints level by level from the root; within one as they are listed.

        Raises:
            ProtocolError: If a joint hangs on nothing.
        """
        order, level = list[int](), [self.root]
        while level:
            on_level = [i for link in level for i, p in enumerate(self.parents) if p == link]
            order += on_level
            level = [self.children[i] for i in on_level]
            if len(order) > len(self.names):
                break
        if len(order) != len(self.names):
            raise ProtocolError(f"{len(self.names) - len(order)} joints do not hang on the robot")
        return order

    def order(self, wanted: Order) -> list[int]:
        """Return the joints in the order ``wanted``, as indices."""
        return list(range(len(self.names))) if wanted == "model" else self.breadth_first()


@dataclass(frozen=True, slots=True)
class RobotMotion:
    """``T`` frames of a robot with ``n`` joints, in ROS axes (x forward, y left, z up)."""

    tree: Tree
    rate_hz: float
    positions: np.ndarray
    """(T, n) radians, in the order of the tree's names."""
    velocities: np.ndarray
    """(T, n) radians per second."""
    root_position: np.ndarray
    """(T, 3) metres."""
    root_wxyz: np.ndarray
    """(T, 4) world from root, signs without jumps."""

    @classmethod
    def of(cls, frames: Sequence[RobotFrame], tree: Tree, rate_hz: float) -> RobotMotion:
        """Collect ``frames``.

        Raises:
            ProtocolError: If there are none, their joints are not the tree's, or a number is not
                finite.
        """
        if not frames:
            raise ProtocolError("a motion needs at least one frame")
        if any(frame.names != tree.names for frame in frames):
            raise ProtocolError("the frames are of another robot")
        turns = np.stack([frame.root_rotation_wxyz for frame in frames])
        for index in range(1, len(turns)):
            turns[index] = continuous(turns[index], turns[index - 1])
        motion = cls(
            tree,
            rate_hz,
            np.stack([frame.positions for frame in frames]),
            np.stack([frame.velocities for frame in frames]),
            np.stack([frame.root_position for frame in frames]),
            turns,
        )
        arrays = (motion.positions, motion.velocities, motion.root_position, turns)
        if not all(np.isfinite(array).all() for array in arrays):
            raise ProtocolError("the motion holds numbers that are not finite")
        return motion

    def __len__(self) -> int:
        return len(self.positions)

    def joint_names(self, order: Order) -> tuple[str, ...]:
        """Return the names in ``order``."""
        return tuple(self.tree.names[index] for index in self.tree.order(order))


def speeds(places: np.ndarray, rate_hz: float) -> np.ndarray:
    """Return how fast ``places`` (T, ...) change, per second, by central differences."""
    if len(places) < 2:
        return np.zeros_like(places)
    return np.gradient(places, axis=0) * rate_hz


def turning(turns_wxyz: np.ndarray, rate_hz: float) -> np.ndarray:
    """Return the angular velocities (T, ..., 3) of ``turns_wxyz`` (T, ..., 4), about world axes.

    Each is that of the step that led to the frame; the first is that of the step that follows.
    """
    if len(turns_wxyz) < 2:
        return np.zeros((*turns_wxyz.shape[:-1], 3))
    steps = to_rotation_vector(multiply(turns_wxyz[1:], conjugate(turns_wxyz[:-1]))) * rate_hz
    return np.concatenate((steps[:1], steps))
