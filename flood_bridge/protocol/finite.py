"""Refuses frames with numbers that are not: a receiver would carry them into its scene."""

from __future__ import annotations

import math

import numpy as np

from flood_bridge.errors import ProtocolError
from flood_bridge.motion.frames import Frame


def require_finite(frame: Frame) -> None:
    """Raise if a number of the body, human or avatar, is infinite or none at all.

    Raises:
        ProtocolError: Naming the frame.
    """
    avatar, pose = frame.avatar, frame.pose
    arrays = (avatar.root_position, avatar.local_wxyz, pose.joints, pose.velocities)
    # A sum of squares is finite only if all its terms are; it is also the fastest test.
    squares = sum(float(np.vdot(array, array)) for array in arrays)
    if not math.isfinite(squares + pose.heading_rad):
        raise ProtocolError(
            f"frame {frame.sequence} of character {frame.character} has numbers that are not finite"
        )
