"""What travels through the daemon: one time sample of a body, a robot, an avatar."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np


@dataclass(frozen=True, slots=True)
class Pose:
    """One frame of the human body; its axes are those of :mod:`flood_bridge.motion`."""

    joints: np.ndarray
    """(22, 3) float64 world positions, metres."""
    velocities: np.ndarray
    """(22, 3) float64 world velocities towards the next frame, metres per second."""
    contacts: np.ndarray
    """(4,) bool, the model's contact labels: left ankle, left foot, right ankle, right foot."""
    heading_rad: float
    """The model's own (smoothed) heading about +y; 0 faces +z, positive turns to the left."""


@dataclass(frozen=True, slots=True)
class RobotFrame:
    """One frame of a robot in ROS axes (x forward, y left, z up)."""

    names: tuple[str, ...]
    """Joint names, in the order of ``positions``."""
    positions: np.ndarray
    """(n,) float64, radians."""
    velocities: np.ndarray
    """(n,) float64, radians per second, against the frame published before."""
    root_position: np.ndarray
    """(3,) float64, metres."""
    root_rotation_wxyz: np.ndarray
    """(4,) float64 unit quaternion, world from root."""


@dataclass(frozen=True, slots=True)
class AvatarFrame:
    """One frame as local joint rotations relative to the T-pose (axes as :class:`Pose`)."""

    root_position: np.ndarray
    """(3,) float64, world position of the pelvis, metres."""
    local_wxyz: np.ndarray
    """(22, 4) float64 unit quaternions; row 0 is world from pelvis, the others parent from joint.

    Row i turns the segment(s) that *leave* joint i, as Unity, VRM and BVH have it."""


class FrameFlags(IntFlag):
    """What is special about a published frame (the bits of the wire's ``flags``)."""

    NONE = 0
    PROMPT_CHANGED = 1
    INTERPOLATED = 2
    IDLE = 4
    JUMPED = 8
    """The body is elsewhere than the frame before leads to: nothing lies between them."""


NEWS = FrameFlags.PROMPT_CHANGED | FrameFlags.JUMPED
"""What the next frame has to tell when the frame that had it is left out."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What every output gets, once per playout tick and character."""

    character: int
    sequence: int
    """Counts published frames of this character from 0, without gaps."""
    play_time_secs: float
    """When the frame is to be shown, on the daemon's monotonic clock (0 = daemon start)."""
    pose: Pose
    avatar: AvatarFrame
    robot: RobotFrame | None
    prompt: str
    """The text to which this motion was bound."""
    flags: FrameFlags = FrameFlags.NONE
