"""A walking stick figure, and random avatar motion, made on the spot."""

from collections.abc import Callable

import numpy as np
import pytest

from flood_bridge.motion.frames import AvatarFrame
from flood_bridge.motion.skeleton import JOINT_NAMES, PARENTS, Skeleton
from flood_bridge.render import Clip

LENGTHS = np.array(
    [0, 0.13, 0.13, 0.10, 0.42, 0.42, 0.12, 0.42, 0.42, 0.05, 0.13, 0.13, 0.18, 0.13, 0.13, 0.10,
     0.12, 0.12, 0.29, 0.29, 0.28, 0.28]
)  # fmt: skip


def _standing() -> np.ndarray:
    """A body with hanging arms, soles at y = 0, facing +z."""
    skeleton = Skeleton.from_bone_lengths(LENGTHS)
    offsets = skeleton.offsets.copy()
    for side in ("left", "right"):
        for name in ("elbow", "wrist"):
            offsets[JOINT_NAMES.index(f"{side}_{name}")] = [0.02, -0.28, 0.02]
    joints = np.zeros((22, 3))
    for joint, parent in enumerate(PARENTS):
        joints[joint] = joints[max(parent, 0)] + offsets[joint]
    return joints + np.array([0.0, skeleton.hips_height, 0.0])


@pytest.fixture
def standing() -> np.ndarray:
    return _standing()


@pytest.fixture
def walk() -> Callable[..., Clip]:
    """Makes a body that walks along +z at 1 m/s, each foot down for half of a second."""

    def make(
        frames: int = 40, prompts: tuple[tuple[int, str], ...] = ((0, "a person walks"),)
    ) -> Clip:
        time = np.arange(frames) / 20.0
        joints = np.repeat(_standing()[None], frames, axis=0)
        joints[..., 2] += time[:, None]
        for side, phase in (("left", 0.0), ("right", np.pi)):
            swing = np.sin(2 * np.pi * time + phase)
            for name, share in (("knee", 0.1), ("ankle", 0.2), ("foot", 0.2)):
                joints[:, JOINT_NAMES.index(f"{side}_{name}"), 2] += share * swing
            joints[:, JOINT_NAMES.index(f"{side}_wrist"), 2] -= 0.15 * swing
        down = np.sin(2 * np.pi * time) < 0
        contacts = np.stack([down, down, ~down, ~down], axis=1)
        return Clip(joints, prompts=prompts, contacts=contacts)

    return make


@pytest.fixture
def tumble() -> Callable[..., Clip]:
    """Makes a clip whose every joint turns at random, with the joints that the turns give."""

    def make(frames: int = 30, seed: int = 0) -> Clip:
        skeleton = Skeleton.from_bone_lengths(LENGTHS)
        rng = np.random.default_rng(seed)
        quaternions = np.cumsum(rng.normal(0, 0.25, (frames, 22, 4)), axis=0) + rng.normal(
            0, 1, (22, 4)
        )
        quaternions /= np.linalg.norm(quaternions, axis=-1, keepdims=True)
        roots = np.cumsum(rng.normal(0, 0.05, (frames, 3)), axis=0) + np.array([0, 1, 0])
        avatar = [AvatarFrame(root, turns) for root, turns in zip(roots, quaternions, strict=True)]
        joints = np.stack([_forward(skeleton, frame) for frame in avatar])
        return Clip(joints, skeleton=skeleton, avatar=tuple(avatar), prompts=((0, "tumble"),))

    return make


def _forward(skeleton: Skeleton, frame: AvatarFrame) -> np.ndarray:
    """Joint positions by the definition in AvatarFrame, with plain matrices."""
    matrices, places = np.zeros((22, 3, 3)), np.zeros((22, 3))
    for joint, parent in enumerate(PARENTS):
        local = _matrix(frame.local_wxyz[joint])
        if parent < 0:
            matrices[joint], places[joint] = local, frame.root_position
        else:
            matrices[joint] = matrices[parent] @ local
            places[joint] = places[parent] + matrices[parent] @ skeleton.offsets[joint]
    return places


def _matrix(q: np.ndarray) -> np.ndarray:
    """v -> q v q*, written out as products of left and right multiplication."""
    w, x, y, z = q
    left = np.array([[w, -x, -y, -z], [x, w, -z, y], [y, z, w, -x], [z, -y, x, w]])
    right = np.array([[w, x, y, z], [-x, w, -z, y], [-y, z, w, -x], [-z, -y, x, w]])
    return (left @ right)[1:, 1:]
