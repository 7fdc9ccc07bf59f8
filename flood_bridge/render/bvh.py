"""Motion capture text (Biovision Hierarchy), for Blender, MotionBuilder, Maya and game engines.

Format: M. Meredith and S. Maddock, "Motion Capture File Formats Explained" (Univ. of Sheffield,
2001), section on BVH. Choices, of those that importers agree on:

- Centimetres, y up, the T-pose faces +z; joints keep the names of :data:`JOINT_NAMES`.
- The root has three positions (its place in the world; its OFFSET is zero) and three rotations,
  every other joint three rotations, all in the order Z X Y: the matrix is ``Rz Rx Ry``. With Y
  innermost of the root a turn of the body never meets the singular middle angle.
- Angles in degrees go on without jumps from frame to frame: of the two triples that give the
  same rotation, and of all their full turns, the one nearest to the frame before.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.rotations import to_matrix
from flood_bridge.motion.skeleton import JOINT_NAMES, PARENTS, Skeleton
from flood_bridge.render.clip import Clip

CM_PER_M = 100.0
_CHANNELS = "Zrotation Xrotation Yrotation"
_SINGULAR = 1e-6
"""Below this cosine of the middle angle only the sum of the outer two is known."""

# Where the last bone of a chain ends, metres from its joint in the T-pose.
_END_SITES = {
    "head": (0.0, 0.18, 0.0),
    "left_foot": (0.0, 0.0, 0.06), "right_foot": (0.0, 0.0, 0.06),
    "left_wrist": (0.16, 0.0, 0.0), "right_wrist": (-0.16, 0.0, 0.0),
}  # fmt: skip


def write_bvh(path: Path, clip: Clip) -> None:
    """Write the clip's avatar rotations.

    Raises:
        ConfigError: If the clip has no avatar frames or no skeleton.
    """
    if clip.avatar is None or clip.skeleton is None:
        raise ConfigError("a .bvh needs the avatar frames and the skeleton of the clip")
    roots = np.stack([frame.root_position for frame in clip.avatar]) * CM_PER_M
    matrices = to_matrix(np.stack([frame.local_wxyz for frame in clip.avatar]))
    turns = np.rad2deg(continuous_zxy(matrices))[:, _depth_first(0)].reshape(len(clip), -1)
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write("HIERARCHY\n")
        file.writelines(_hierarchy(clip.skeleton, joint=0, depth=0))
        file.write(f"MOTION\nFrames: {len(clip)}\nFrame Time: {1.0 / clip.rate_hz:.8f}\n")
        for row in np.hstack([roots, turns]):
            file.write(" ".join(f"{value:.6f}" for value in row) + "\n")


def _depth_first(joint: int) -> list[int]:
    """Return ``joint`` and all below it as the hierarchy lists them: the order of the numbers."""
    children = (child for child, parent in enumerate(PARENTS) if parent == joint)
    return [joint, *(below for child in children for below in _depth_first(child))]


def _hierarchy(skeleton: Skeleton, joint: int, depth: int) -> Iterator[str]:
    """Yield the lines of ``joint`` and of all below it."""
    indent = "\t" * depth
    name = JOINT_NAMES[joint]
    if joint == 0:
        kind, channels = "ROOT", f"6 Xposition Yposition Zposition {_CHANNELS}"
    else:
        kind, channels = "JOINT", f"3 {_CHANNELS}"
    yield f"{indent}{kind} {name}\n{indent}{{\n"
    yield f"{indent}\tOFFSET {_cm(skeleton.offsets[joint])}\n"
    yield f"{indent}\tCHANNELS {channels}\n"
    for child, parent in enumerate(PARENTS):
        if parent == joint:
            yield from _hierarchy(skeleton, child, depth + 1)
    if name in _END_SITES:
        offset = _cm(np.array(_END_SITES[name]))
        yield f"{indent}\tEnd Site\n{indent}\t{{\n{indent}\t\tOFFSET {offset}\n{indent}\t}}\n"
    yield f"{indent}}}\n"


def _cm(offset: np.ndarray) -> str:
    return " ".join(f"{value * CM_PER_M:.6f}" for value in offset)


def continuous_zxy(matrices: np.ndarray) -> np.ndarray:
    """Return angles z, x, y with ``matrix = Rz Rx Ry`` that do not jump over time.

    Args:
        matrices: (T, joints, 3, 3) rotations.

    Returns:
        (T, joints, 3) radians.
    """
    angles = _zxy(matrices)
    flat = _is_singular(matrices)
    for frame in range(1, len(angles)):
        before = angles[frame - 1]
        here = np.where(flat[frame, :, None], _keep_z(angles[frame], before), angles[frame])
        other = here * [1.0, -1.0, 1.0] + np.pi
        candidates = np.stack([_nearest_turn(here, before), _nearest_turn(other, before)])
        cost = np.abs(candidates - before).sum(axis=-1)
        angles[frame] = np.where((cost[0] <= cost[1])[:, None], candidates[0], candidates[1])
    return angles


def _zxy(m: np.ndarray) -> np.ndarray:
    # Rz Rx Ry has sin x at (2, 1); its second column and last row hold z and y.
    x = np.arcsin(np.clip(m[..., 2, 1], -1.0, 1.0))
    z = np.arctan2(-m[..., 0, 1], m[..., 1, 1])
    y = np.arctan2(-m[..., 2, 0], m[..., 2, 2])
    # At x = +-90 degrees those are zero: the whole turn is given to z.
    z_alone = np.arctan2(m[..., 1, 0], m[..., 0, 0])
    flat = _is_singular(m)
    return np.stack([np.where(flat, z_alone, z), x, np.where(flat, 0.0, y)], axis=-1)


def _is_singular(m: np.ndarray) -> np.ndarray:
    return np.hypot(m[..., 0, 1], m[..., 1, 1]) < _SINGULAR


def _keep_z(angles: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return singular ``angles`` with the z of the frame before, y making up for it."""
    sign = np.where(angles[..., 1] > 0, 1.0, -1.0)
    y = sign * (angles[..., 0] - before[..., 0])
    return np.stack([before[..., 0], angles[..., 1], y], axis=-1)


def _nearest_turn(angles: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return ``angles`` shifted by full turns to be nearest to ``before``."""
    return angles - 2 * np.pi * np.rint((angles - before) / (2 * np.pi))
