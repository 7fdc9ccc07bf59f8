"""Frames, events and commands as the plain fields of standard ROS 2 messages.

As REP-103 asks: metres, radians, x forward, y left, z up, quaternions ``xyzw``. Human poses are
turned into these axes; robot frames are in them already. Numbers that are not finite are refused:
a ROS message would carry them on without a word.

Message layouts: ``sensor_msgs/JointState``, ``geometry_msgs/PoseArray``, ``PoseStamped`` and
``std_msgs/String`` (JSON where it is structured). Topics are in :mod:`.ros_topics`.
"""

from __future__ import annotations

import json
import math
from array import array
from dataclasses import asdict
from typing import Any

import numpy as np

from flood_bridge.commands import (
    Arm,
    ClearQueue,
    Command,
    Disarm,
    EStop,
    Pause,
    QueuePrompt,
    Reset,
    ResetStop,
    Resume,
    SetPrompt,
    Stop,
    Urgency,
)
from flood_bridge.errors import CommandError, ProtocolError
from flood_bridge.events import PromptApplied, Rejected, Status
from flood_bridge.motion.frames import AvatarFrame, Pose, RobotFrame
from flood_bridge.motion.rotations import multiply
from flood_bridge.motion.skeleton import JOINT_NAMES, NUM_JOINTS, PARENTS
from flood_bridge.protocol.axes import ROS

NODE_NAME = "flood_bridge"
STAND = "a person stands still"
"""What a stopped character does; the text that :class:`~flood_bridge.commands.Stop` stands for."""


def _levels() -> list[tuple[list[int], list[int]]]:
    """Group the joints by distance from the pelvis: (joints, their parents), nearest first."""
    depth = [0] * NUM_JOINTS
    for joint, parent in enumerate(PARENTS):
        depth[joint] = depth[parent] + 1 if parent >= 0 else 0
    groups = [[j for j in range(NUM_JOINTS) if depth[j] == d] for d in range(1, max(depth) + 1)]
    return [(joints, [PARENTS[j] for j in joints]) for joints in groups]


_LEVELS = _levels()
_FLOAT64 = np.dtype(np.float64)
_ROOT = (3,), (4,)
"""Shapes of a root's position and rotation."""


def joint_doubles(robot: RobotFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return positions [rad] and velocities [rad/s], (n,) float64 each, as ``robot.names`` goes.

    Raises:
        ProtocolError: If an array of the robot, root included, has the wrong size, or one of its
            numbers is not finite.
    """
    positions, velocities, joints = robot.positions, robot.velocities, (len(robot.names),)
    place, turn = robot.root_position, robot.root_rotation_wxyz
    # For every frame, so by little code that touches little: a finite sum has finite terms.
    if (
        positions.shape == velocities.shape == joints
        and positions.dtype is velocities.dtype is _FLOAT64
        and (place.shape, turn.shape) == _ROOT
        and math.isfinite(
            sum(positions.tolist())
            + sum(velocities.tolist())
            + sum(place.tolist())
            + sum(turn.tolist())
        )
    ):
        return positions, velocities
    root_row(robot)
    return (
        _doubles(positions, "joint positions", joints),
        _doubles(velocities, "joint velocities", joints),
    )


def joint_values(robot: RobotFrame) -> tuple[array[float], array[float]]:
    """Return what :func:`joint_doubles` does, as the arrays that a ``JointState`` takes.

    Raises:
        ProtocolError: As :func:`joint_doubles`.
    """
    positions, velocities = joint_doubles(robot)
    return array("d", positions.tobytes()), array("d", velocities.tobytes())


def root_row(robot: RobotFrame) -> list[float]:
    """Return the floating base as ``[x, y, z, qx, qy, qz, qw]``: metres, world from root.

    Raises:
        ProtocolError: If a number is not finite or an array has the wrong size.
    """
    position = _doubles(robot.root_position, "root position", _ROOT[0])
    wxyz = _doubles(robot.root_rotation_wxyz, "root rotation", _ROOT[1])
    return [*position.tolist(), *wxyz[[1, 2, 3, 0]].tolist()]


def skeleton_rows(pose: Pose, avatar: AvatarFrame) -> np.ndarray:
    """Return rows ``[x, y, z, qx, qy, qz, qw]`` (22, 7) in ROS axes, order :data:`JOINT_NAMES`.

    Positions are the model's own, metres. Rotations are world from joint: the identity in a
    T-pose that faces +x, and each one turns the bones that leave its joint.
    """
    joints = _doubles(pose.joints, "joint positions", (NUM_JOINTS, 3))
    local = _doubles(avatar.local_wxyz, "joint rotations", (NUM_JOINTS, 4))
    world = _world_from_joint(local)
    return np.hstack([ROS.position(joints), ROS.quaternion_xyzw(world)])


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


def prompt_from_text(text: str, character: int = 0, request_id: int = 0) -> SetPrompt:
    """Return the command that a text on ``~/text_command`` asks for.

    Raises:
        CommandError: If the text is too long.
    """
    return SetPrompt(text=text, character=character, request_id=request_id)


_URGENCIES: tuple[Urgency, ...] = ("soft", "now", "queue")
"""By the constants of ``flood_motion_msgs/Prompt``."""

_TRIGGERED: dict[str, type[Command]] = {
    "pause": Pause,
    "resume": Resume,
    "reset": Reset,
    "stop": Stop,
    "clear_queue": ClearQueue,
    "arm": Arm,
    "disarm": Disarm,
    "reset_estop": ResetStop,
}


def prompt_command(
    text: str, mode: int, duration_secs: float, request_id: int, character: int
) -> SetPrompt | QueuePrompt:
    """Return the command that the fields of a ``flood_motion_msgs/Prompt`` ask for.

    Raises:
        CommandError: If the text, the mode or the duration is not valid.
    """
    if not 0 <= mode < len(_URGENCIES):
        raise CommandError(f"the mode is {mode}; valid are 0 (soft), 1 (now), 2 (queue)")
    urgency = _URGENCIES[mode]
    if urgency == "queue" and duration_secs:
        return QueuePrompt(
            text=text, duration_secs=duration_secs, request_id=request_id, character=character
        )
    if duration_secs:
        raise CommandError(f"a duration belongs to the mode 2 (queue), not to {mode} ({urgency})")
    return SetPrompt(text=text, urgency=urgency, request_id=request_id, character=character)


def triggered_command(service: str, request_id: int, character: int) -> Command:
    """Return what calling the Trigger service of that name asks for."""
    if service == "trip_estop":
        return EStop(reason="service trip_estop", request_id=request_id, character=character)
    return _TRIGGERED[service](request_id=request_id, character=character)


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
