"""TWIST2's reference: 35 numbers a frame, 50 frames per second, as JSON under a Redis key [1].

====== ====================================================================
0, 1   velocity of the root, x and y, in the root's own axes, m/s
2      height of the root, m
3, 4   roll and pitch, radians (of roll, pitch, yaw about the fixed x, y, z)
5      rate of turn about the root's own z, radians per second
6-34   29 joints in Unitree's order, radians
====== ====================================================================

[1] github.com/amazon-far/TWIST2. Its consumer reads the key at every tick and does not look how old
it is: whoever stops writing leaves the robot with the last reference. Write it for as long as the
robot is on, and let the safety layer bring it to rest first.
"""

from __future__ import annotations

import json

import numpy as np

from flood_bridge.errors import ProtocolError
from flood_bridge.motion.rotations import conjugate, rotate, to_matrix
from flood_bridge.protocol.robot_motion import RobotMotion, turning

RATE_HZ = 50
JOINTS = 29
NUMBERS = 35
BODY_KEY = "action_body_unitree_g1_with_hands"
"""The Redis key under which the consumer reads the 35 numbers."""
AT_REST = {
    "action_hand_left_unitree_g1_with_hands": 7,
    "action_hand_right_unitree_g1_with_hands": 7,
    "action_neck_unitree_g1_with_hands": 2,
}
"""Keys that it reads beside it, and how many numbers stand there: hands and neck, which no motion
of ours moves. It fails where one is missing."""


def rows(motion: RobotMotion) -> np.ndarray:
    """Return the references (T, 35) of ``motion``.

    Raises:
        ProtocolError: If the robot has not 29 joints.
    """
    if motion.positions.shape[1] != JOINTS:
        raise ProtocolError(
            f"TWIST2 takes the {JOINTS} joints of a G1; this robot has {motion.positions.shape[1]}"
        )
    back = conjugate(motion.root_wxyz)
    steps = np.diff(motion.root_position, axis=0) * motion.rate_hz
    moving = np.concatenate((steps[:1], steps)) if len(steps) else np.zeros((1, 3))
    out = np.empty((len(motion), NUMBERS))
    out[:, 0:2] = rotate(back, moving)[:, :2]
    out[:, 2] = motion.root_position[:, 2]
    out[:, 3:5] = _roll_pitch(motion.root_wxyz)
    out[:, 5] = rotate(back, turning(motion.root_wxyz, motion.rate_hz))[:, 2]
    out[:, 6:] = motion.positions
    return out


def body_value(row: np.ndarray) -> str:
    """Return what stands under :data:`BODY_KEY` for one reference (35,)."""
    return json.dumps([float(number) for number in row], allow_nan=False)


def values(row: np.ndarray) -> dict[str, str]:
    """Return all that the consumer reads for one reference (35,), by key; hands and neck at 0."""
    resting = {key: json.dumps([0.0] * count) for key, count in AT_REST.items()}
    return {BODY_KEY: body_value(row), **resting}


def _roll_pitch(wxyz: np.ndarray) -> np.ndarray:
    matrices = to_matrix(wxyz)
    roll = np.arctan2(matrices[:, 2, 1], matrices[:, 2, 2])
    pitch = np.arcsin(np.clip(-matrices[:, 2, 0], -1.0, 1.0))
    return np.stack((roll, pitch), axis=1)
