"""A body in any pose, for the encoders to write."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from flood_bridge.motion.frames import AvatarFrame, Frame, Pose
from flood_bridge.motion.skeleton import NUM_JOINTS, Skeleton


def _random_frame(seed: int, **fields) -> Frame:
    rng = np.random.default_rng(seed)
    rotations = rng.normal(size=(NUM_JOINTS, 4))
    rotations /= np.linalg.norm(rotations, axis=1, keepdims=True)
    joints = rng.uniform(-2, 2, (NUM_JOINTS, 3))
    pose = Pose(
        joints=joints,
        velocities=rng.uniform(-3, 3, (NUM_JOINTS, 3)),
        contacts=rng.random(4) < 0.5,
        heading_rad=float(rng.uniform(-np.pi, np.pi)),
    )
    frame = Frame(
        character=0,
        sequence=seed,
        play_time_secs=seed / 60,
        pose=pose,
        avatar=AvatarFrame(joints[0], rotations),
        robot=None,
        prompt="walk",
    )
    return replace(frame, **fields)


@pytest.fixture(scope="session")
def make_frame() -> Callable[..., Frame]:
    """Frame number ``seed`` of a body that jumps about; keywords replace its fields."""
    return _random_frame


@pytest.fixture(scope="session")
def skeleton() -> Skeleton:
    return Skeleton.from_bone_lengths(np.linspace(0.05, 0.45, NUM_JOINTS))
