"""Frames to send, and a port that hears what was sent."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from flood_bridge.inputs.listening import Ear
from flood_bridge.motion.frames import AvatarFrame, Frame, FrameFlags, Pose
from flood_bridge.motion.skeleton import NUM_JOINTS, Skeleton

SKELETON = Skeleton.from_bone_lengths(np.linspace(0.05, 0.45, NUM_JOINTS))


def _frame(sequence: int, character: int = 0, flags: FrameFlags = FrameFlags.NONE) -> Frame:
    rng = np.random.default_rng(sequence)
    turns = rng.normal(size=(NUM_JOINTS, 4))
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    joints = rng.uniform(-2, 2, (NUM_JOINTS, 3))
    pose = Pose(joints, np.zeros_like(joints), np.ones(4, bool), 0.5)
    body = AvatarFrame(joints[0], turns)
    return Frame(character, sequence, sequence / 60, pose, body, None, "walk", flags)


@pytest.fixture(scope="session")
def frame() -> Callable[..., Frame]:
    """Frame ``sequence`` of a character, 60 a second, of a body that jumps about."""
    return _frame


@pytest.fixture(scope="session")
def skeleton() -> Skeleton:
    return SKELETON


@pytest.fixture
def ear() -> Iterator[Ear]:
    opened = Ear("127.0.0.1", 0, 1 << 22)
    yield opened
    opened.close()


@pytest.fixture
def drain(ear: Ear) -> Callable[[], list[bytes]]:
    """Returns all datagrams that have arrived (loopback delivers before ``send`` returns)."""

    def take() -> list[bytes]:
        received = []
        while (arrived := ear.receive(0.0)) is not None:
            received.append(arrived[0])
        return received

    return take
