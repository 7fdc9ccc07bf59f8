"""Frames as arrays, one row each, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flood_bridge.live.mark import Memory
from flood_bridge.motion.frames import AvatarFrame, Frame, FrameFlags, Pose, RobotFrame


def frames_to_arrays(frames: Sequence[Frame]) -> Memory:
    """Return the content of ``frames`` but for number, time and character; nothing for none."""
    if not frames:
        return {}
    return {
        "joints": np.stack([each.pose.joints for each in frames]),
        "velocities": np.stack([each.pose.velocities for each in frames]),
        "contacts": np.stack([each.pose.contacts for each in frames]),
        "heading": np.array([each.pose.heading_rad for each in frames]),
        "avatar_root": np.stack([each.avatar.root_position for each in frames]),
        "avatar_local": np.stack([each.avatar.local_wxyz for each in frames]),
        "prompts": np.array([each.prompt for each in frames]),
        "flags": np.array([int(each.flags) for each in frames]),
        **robots_to_arrays([each.robot for each in frames if each.robot is not None]),
    }


def frames_from_arrays(arrays: Memory, character: int) -> list[Frame]:
    """Return the frames that :func:`frames_to_arrays` was given; their numbers and times are 0."""
    if not arrays:
        return []
    robots = robots_from_arrays(arrays)
    return [
        Frame(
            character=character,
            sequence=0,
            play_time_secs=0.0,
            pose=Pose(
                arrays["joints"][n],
                arrays["velocities"][n],
                arrays["contacts"][n],
                float(arrays["heading"][n]),
            ),
            avatar=AvatarFrame(arrays["avatar_root"][n], arrays["avatar_local"][n]),
            robot=robots[n] if robots else None,
            prompt=str(arrays["prompts"][n]),
            flags=FrameFlags(int(arrays["flags"][n])),
        )
        for n in range(len(arrays["joints"]))
    ]


def robots_to_arrays(robots: Sequence[RobotFrame]) -> Memory:
    """Return the content of a robot's frames; nothing for none."""
    if not robots:
        return {}
    return {
        "robot_names": np.array(robots[0].names),
        "robot_positions": np.stack([each.positions for each in robots]),
        "robot_velocities": np.stack([each.velocities for each in robots]),
        "robot_root": np.stack([each.root_position for each in robots]),
        "robot_rotation": np.stack([each.root_rotation_wxyz for each in robots]),
    }


def robots_from_arrays(arrays: Memory) -> list[RobotFrame]:
    """Return the frames that :func:`robots_to_arrays` was given."""
    if "robot_names" not in arrays:
        return []
    names = tuple(str(name) for name in arrays["robot_names"])
    rows = zip(
        arrays["robot_positions"],
        arrays["robot_velocities"],
        arrays["robot_root"],
        arrays["robot_rotation"],
        strict=True,
    )
    return [RobotFrame(names, *row) for row in rows]
