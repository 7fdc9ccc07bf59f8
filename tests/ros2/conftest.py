"""Frames made by hand, and a ROS graph of our own: local host, UDP, a domain drawn by chance."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from flood_bridge.motion.frames import AvatarFrame, Frame, Pose, RobotFrame
from flood_bridge.motion.skeleton import Skeleton

# Unitree G1, 29 joints, in the order of its motors.
_LEG = ("hip_pitch", "hip_roll", "hip_yaw", "knee", "ankle_pitch", "ankle_roll")
_WAIST = ("waist_yaw", "waist_roll", "waist_pitch")
_ARM = (
    "shoulder_pitch", "shoulder_roll", "shoulder_yaw", "elbow",
    "wrist_roll", "wrist_pitch", "wrist_yaw",
)  # fmt: skip
G1_NAMES = tuple(
    f"{joint}_joint"
    for joint in (
        *(f"left_{j}" for j in _LEG),
        *(f"right_{j}" for j in _LEG),
        *_WAIST,
        *(f"left_{j}" for j in _ARM),
        *(f"right_{j}" for j in _ARM),
    )
)

RATE_HZ = 60.0


def _frame(sequence: int, character: int = 0) -> Frame:
    """Return a T-posed body; the robot counts: its position j is 0.01 j + 0.0001 sequence."""
    skeleton = Skeleton.from_bone_lengths(np.full(22, 0.25))
    root = np.array([1.0, 2.0, 3.0])
    local = np.tile([1.0, 0.0, 0.0, 0.0], (22, 1))
    pose = Pose(
        joints=skeleton.rest_positions() + root,
        velocities=np.zeros((22, 3)),
        contacts=np.zeros(4, dtype=bool),
        heading_rad=0.0,
    )
    robot = RobotFrame(
        names=G1_NAMES,
        positions=0.01 * np.arange(29) + 1e-4 * sequence,
        velocities=np.arange(29.0),
        root_position=np.array([0.1, 0.2, 0.793]),
        root_rotation_wxyz=np.array([0.5, 0.5, -0.5, 0.5]),
    )
    return Frame(
        character=character,
        sequence=sequence,
        play_time_secs=sequence / RATE_HZ,
        pose=pose,
        avatar=AvatarFrame(root_position=root, local_wxyz=local),
        robot=robot,
        prompt="a person stands still",
    )


@pytest.fixture(scope="session")
def make_frame() -> Callable[..., Frame]:
    """Return ``make_frame(sequence, character=0)``."""
    return _frame


@pytest.fixture(scope="session")
def ros_domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep this run's ROS traffic to this host and to itself; children inherit it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [n for n in os.environ if n.startswith(("ROS_", "FASTDDS_", "RMW_"))]:
            patch.delenv(name)
        patch.setenv("ROS_DOMAIN_ID", str(random.SystemRandom().randint(1, 100)))
        patch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
        # Shared-memory segments of a killed process stay behind; UDP leaves nothing.
        patch.setenv("FASTDDS_BUILTIN_TRANSPORTS", "UDPv4")
        patch.setenv("ROS_HOME", str(tmp_path_factory.mktemp("ros_home")))
        patch.setenv("ROS_PYTHON_CHECK_FIELDS", "1")
        yield


ROOT = Path(__file__).parents[2]
WORKSPACE = ROOT / "build" / "ros2" / "kilted" / "install"
"""What `make workspace` builds with the wheels of the `ros2` extra."""


@pytest.fixture(scope="session")
def workspace(ros_domain: None) -> dict[str, str]:
    """Return the environment in which programs of ros2_ws run."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    installed = [WORKSPACE / name for name in ("flood_motion_msgs", "tf2_msgs")]
    packages = [place / "lib" / python / "site-packages" for place in installed]
    if not all(place.is_dir() for place in packages):
        pytest.skip(f"ros2_ws is not built for {python}: make workspace")
    paths = [ROOT / "ros2_ws" / "src" / "flood_motion", ROOT, *packages]
    libraries = [str(place / "lib") for place in installed]
    known = os.environ.get("LD_LIBRARY_PATH", "")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "LD_LIBRARY_PATH": os.pathsep.join([*libraries, known]),
    }
