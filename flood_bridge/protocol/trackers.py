"""VRChat's OSC trackers [1]: points of the body and their turns, for a full-body avatar.

World space in Unity's axes, metres, Euler angles in degrees in Unity's order: about z first, then
x, then y. Which tracker is which part is decided by VRChat's calibration; by our numbering hip is
1, chest 2, feet 3 and 4, knees 5 and 6, elbows 7 and 8 (left before right). The head's position
puts the whole space where the user's head is, so it is always sent. Hands cannot be driven.

[1] https://docs.vrchat.com/docs/osc-trackers
"""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.frames import Frame
from flood_bridge.motion.kinematics import forward_frames
from flood_bridge.motion.skeleton import JOINT_NAMES, Skeleton
from flood_bridge.protocol.axes import UNITY
from flood_bridge.protocol.finite import require_finite
from flood_bridge.protocol.template import Template

TRACKERS = {
    "head": "head",
    "1": "pelvis",
    "2": "spine3",
    "3": "left_ankle",
    "4": "right_ankle",
    "5": "left_knee",
    "6": "right_knee",
    "7": "left_elbow",
    "8": "right_elbow",
}
"""Name of each tracker in the addresses, and the joint it sits on."""

TRACKER_TYPES = "fff"
HEAD_TOP_M = 0.12
"""From the head's joint up to the crown, of an adult."""


class TrackerEncoder:
    """Writes the frames of one character into one datagram.

    Args:
        skeleton: The body that moves.
        height_m: The user's real height, to which everything is scaled; None does not scale.
    """

    def __init__(self, skeleton: Skeleton, height_m: float | None = None) -> None:
        self._skeleton = skeleton
        self._scale = 1.0 if height_m is None else height_m / standing_height(skeleton)
        self._joints = [JOINT_NAMES.index(name) for name in TRACKERS.values()]
        self._template = Template(
            *(
                (f"/tracking/trackers/{name}/{what}", TRACKER_TYPES, 0.0, 0.0, 0.0)
                for name in TRACKERS
                for what in ("position", "rotation")
            )
        )
        self._places = np.concatenate(self._template.float_words)

    def encode(self, frame: Frame) -> bytes:
        """Return the datagram of ``frame``.

        Raises:
            ProtocolError: If the frame has numbers that are not finite.
        """
        positions, turns = forward_frames(self._skeleton, frame.avatar)
        values = np.empty((len(self._joints), 2, 3))
        values[:, 0] = self._scale * UNITY.position(positions[self._joints])
        values[:, 1] = euler_degrees(UNITY.matrix @ turns[self._joints] @ UNITY.matrix.T)
        flat = values.ravel()
        require_finite(flat, frame)
        self._template.floats[self._places] = flat
        return bytes(self._template.datagram)


def standing_height(skeleton: Skeleton) -> float:
    """Return the height of the T-pose from the toes' level to the crown, metres."""
    heights = skeleton.rest_positions()[:, 1]
    return float(heights.max() - heights.min() + HEAD_TOP_M)


def euler_degrees(matrices: np.ndarray) -> np.ndarray:
    """Return (..., 3) angles about x, y, z, degrees, of (..., 3, 3) turns: R = Ry Rx Rz."""
    sine = np.clip(-matrices[..., 1, 2], -1.0, 1.0)
    x = np.arcsin(sine)
    y = np.arctan2(matrices[..., 0, 2], matrices[..., 2, 2])
    z = np.arctan2(matrices[..., 1, 0], matrices[..., 1, 1])
    # Looking straight up or down, only the sum of y and z is defined; give all of it to y.
    locked = np.abs(sine) > 1.0 - 1e-9
    y = np.where(locked, np.arctan2(-matrices[..., 2, 0], matrices[..., 0, 0]), y)
    z = np.where(locked, 0.0, z)
    return np.degrees(np.stack([x, y, z], axis=-1))
