"""Frames, events and commands as the plain fields of standard ROS 2 messages.

As REP-103 asks: metres, radians, x forward, y left, z up, quaternions ``xyzw``. Human poses are
turned into these axes; robot frames are in them already. Numbers that are not finite are refused:
a ROS message would carry them on without a word.

Message layouts: ``sensor_msgs/JointState``, ``geometry_msgs/PoseArray``, ``PoseStamped`` and
``std_msgs/String`` (JSON where it is structured). Topic names follow ``docs/ros2.md``.
"""

from __future__ import annotations

import json
from array import array
from dataclasses import asdict
from typing import Any

import numpy as np

from flood_bridge.commands import SetPrompt
from flood_bridge.errors import ProtocolError
from flood_bridge.events import PromptApplied, Rejected, Status
from flood_bridge.motion.frames import AvatarFrame, Pose, RobotFrame
from flood_bridge.motion.rotations import multiply
from flood_bridge.motion.skeleton import JOINT_NAMES, NUM_JOINTS, PARENTS
from flood_bridge.protocol.axes import ROS

NODE_NAME = "flood_bridge"

JOINT_STATES = "~/joint_states"
ROOT_POSE = "~/root_pose"
SKELETON = "~/skeleton"
SKELETON_INFO = "~/skeleton_info"
STATUS = "~/status"
PROMPT_EVENT = "~/prompt_event"
TEXT_COMMAND = "~/text_command"


def _levels() -> list[tuple[list[int], list[int]]]:
    """Group the joints by distance from the pelvis: (joints, their parents), nearest first."""
    depth = [0] * NUM_JOINTS
    for joint, parent in enumerate(PARENTS):
        depth[joint] = depth[parent] + 1 if parent >= 0 else 0
    groups = [[j for j in range(NUM_JOINTS) if depth[j] == d] for d in range(1, max(depth) + 1)]
    return [(joints, [PARENTS[j] for j in joints]) for joints in groups]


_LEVELS = _levels()


def joint_values(robot: RobotFrame) -> tuple[array[float], array[float]]:
    """Return positions [rad] and velocities [rad/s] of a ``JointState``, as ``robot.names`` goes.

    Raises:
        ProtocolError: If a length differs from the number of names, or a value is not finite.
    """
    positions = _doubles(robot.positions, "joint positions", (len(robot.names),))
    velocities = _doubles(robot.velocities, "joint velocities", (len(robot.names),))
    return array("d", positions.tobytes()), array("d", velocities.tobytes())


def root_row(robot: RobotFrame) -> list[float]:
    """Return the floating base as ``[x, y, z, qx, qy, qz, qw]``: metres, world from root."""
    position = _doubles(robot.root_position, "root position", (3,))
    wxyz = _doubles(robot.root_rotation_wxyz, "root rotation", (4,))
    return [*position.tolist(), *wxyz[[1, 2, 3, 0]].tolist()]


def skeleton_rows(pose: Pose, avatar: AvatarFrame) -> list[list[float]]:
    """Return 22 rows ``[x, y, z, qx, qy, qz, qw]`` in ROS axes, order :data:`JOINT_NAMES`.

    Positions are the model's own, metres. Rotations are world from joint: the identity in a
    T-pose that faces +x, and each one turns the bones that leave its joint.
    """
    joints = _doubles(pose.joints, "joint positions", (NUM_JOINTS, 3))
    local = _doubles(avatar.local_wxyz, "joint rotations", (NUM_JOINTS, 4))
    world = _world_from_joint(local)
    return np.hstack([ROS.position(joints), ROS.quaternion_xyzw(world)]).tolist()


def skeleton_info_json() -> str:
    """Return the names and parents of the skeleton's poses, for ``~/skeleton_info``."""
    return json.dumps({"names": JOINT_NAMES, "parents": PARENTS})


def status_json(status: Status) -> str:
    """Return the daemon's state for ``~/status``: the fields of :class:`Status` by name."""
    return _json(asdict(status))


def prompt_event_json(event: PromptApplied | Rejected) -> str:
    """Return a receipt for ``~/prompt_event``: ``event`` is "applied" or "rejected"."""
    kind = "applied" if isinstance(event, PromptApplied) else "rejected"
    return _json({"event": kind, **asdict(event)})


def prompt_from_text(text: str, character: int = 0) -> SetPrompt:
    """Return the command that a text on ``~/text_command`` asks for.

    Raises:
        CommandError: If the text is too long.
    """
    return SetPrompt(text=text, character=character)


def _json(fields: dict[str, Any]) -> str:
    try:
        text = json.dumps(fields, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise ProtocolError(f"not a JSON value in {fields!r}: {error}") from error
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _doubles(values: np.ndarray, what: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return ``values`` as contiguous float64 of ``shape``, all finite, or refuse."""
    doubles = np.ascontiguousarray(values, dtype=np.float64)
    if doubles.shape != shape:
        raise ProtocolError(f"{what} have shape {doubles.shape}; {shape} is valid")
    if not np.isfinite(doubles).all():
        raise ProtocolError(
            f"{what} hold {np.sum(~np.isfinite(doubles))} values that are not finite"
        )
    return doubles


def _world_from_joint(local_wxyz: np.ndarray) -> np.ndarray:
    """Chain (22, 4) parent-from-joint rotations from the pelvis outward to world-from-joint."""
    world = local_wxyz.copy()
    for joints, parents in _LEVELS:
        world[joints] = multiply(world[parents], local_wxyz[joints])
    return world
