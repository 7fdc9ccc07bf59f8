"""SONIC's stream, protocol version 1: the fields of one message of N frames of a G1 [1].

``joint_pos`` and ``joint_vel`` (N, 29) in IsaacLab's order, ``body_quat`` (N, 4) wxyz,
``frame_index`` (N,) that only rises. The consumer listens on a ZeroMQ topic, ``pose`` at port 5556,
and snaps to the stream when it is taken up: let the robot be near it, or blend.

A message is one part: the topic, a JSON head padded with zeros to 1280 bytes that names the fields,
their types and shapes, then their numbers, little-endian, in that order [2].

[1] github.com/NVlabs/GR00T-WholeBodyControl, docs/source/tutorials/zmq.md
[2] the same, gear_sonic/utils/teleop/zmq/zmq_planner_sender.py
"""

from __future__ import annotations

import json

import numpy as np

from flood_bridge.errors import ProtocolError
from flood_bridge.protocol.robot_motion import RobotMotion

VERSION = 1
RATE_HZ = 50
JOINTS = 29
TOPIC = "pose"
PORT = 5556
HEAD_BYTES = 1280
_TYPES = {np.dtype(np.float32): "f32", np.dtype(np.int64): "i64"}


def fields(motion: RobotMotion, first_index: int = 0) -> dict[str, np.ndarray]:
    """Return the fields of a message that holds ``motion``.

    Args:
        motion: The frames.
        first_index: Number of the first one in the stream.

    Raises:
        ProtocolError: If the robot has not 29 joints.
    """
    count = motion.positions.shape[1]
    if count != JOINTS:
        raise ProtocolError(f"SONIC takes the {JOINTS} joints of a G1; this robot has {count}")
    order = motion.tree.order("isaaclab")
    return {
        "joint_pos": motion.positions[:, order].astype(np.float32),
        "joint_vel": motion.velocities[:, order].astype(np.float32),
        "body_quat": motion.root_wxyz.astype(np.float32),
        "frame_index": np.arange(first_index, first_index + len(motion), dtype=np.int64),
    }


def message(parts: dict[str, np.ndarray], topic: str = TOPIC) -> bytes:
    """Return what goes over ZeroMQ for the fields of one message.

    Args:
        parts: What :func:`fields` returns.
        topic: What the consumer listens to.
    """
    listed = [
        {"name": name, "dtype": _TYPES[values.dtype], "shape": list(values.shape)}
        for name, values in parts.items()
    ]
    count = len(parts["frame_index"])
    head = {"v": VERSION, "endian": "le", "count": count, "fields": listed}
    words = json.dumps(head, separators=(",", ":")).encode("ascii")
    numbers = (values.astype(values.dtype.newbyteorder("<")).tobytes() for values in parts.values())
    return topic.encode("ascii") + words.ljust(HEAD_BYTES, b"\0") + b"".join(numbers)
