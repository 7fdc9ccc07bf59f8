"""The lines of a human pose that a robot follows, and the frames of trunk and feet made of them.

All that points somewhere is a difference of joints, and all differences are one matrix product.
Axes are the robot's: x forward, y left, z up. The columns of a part's frame are its forward, left
and up directions. Poses may have any leading axes (...).
"""

from __future__ import annotations

import numpy as np

from flood_bridge.motion.contacts import ANKLES, TOES
from flood_bridge.motion.rotations import cross, normalise
from flood_bridge.motion.skeleton import NUM_JOINTS, Skeleton

HIPS, KNEES = (1, 2), (4, 5)
_SPINE1, _SPINE2, _NECK = 3, 6, 12
_COLLARS, _SHOULDERS, _ELBOWS, _WRISTS = (13, 14), (16, 17), (18, 19), (20, 21)

THIGHS, UPPER_ARMS, FOREARMS = slice(8, 10), slice(10, 12), slice(12, 14)
"""Which of the lines these are, left and right."""
_ALONG, _ACROSS = slice(0, 4), slice(4, 8)
_TRUNK, _FEET = slice(0, 2), slice(2, 4)

# The unit T-pose: where a flat foot's ankle-toe line points tells the ankle's height.
_REST_FOOT = Skeleton.from_bone_lengths(np.ones(NUM_JOINTS)).offsets[TOES[0]]
FOOT_SINE, FOOT_COSINE = float(-_REST_FOOT[1]), float(_REST_FOOT[2])


def _differences() -> np.ndarray:
    """Return the matrix (14, 22) that makes the lines of the joints.

    The pelvis turns with the hips and leans with the lowest vertebra. The chest turns with the
    shoulders and the collars together (the collars alone are a short, noisy line; the shoulders
    alone follow a reaching arm) and leans with the upper spine.
    """
    lines = [
        ((HIPS[0],), (HIPS[1],)),
        ((_SHOULDERS[0], _COLLARS[0]), (_SHOULDERS[1], _COLLARS[1])),
        *(((toe,), (ankle,)) for toe, ankle in zip(TOES, ANKLES, strict=True)),
        ((_SPINE1, _SPINE1), HIPS),
        ((_NECK,), (_SPINE2,)),
        *(((ankle,), (knee,)) for ankle, knee in zip(ANKLES, KNEES, strict=True)),
    ]
    for starts, ends in ((HIPS, KNEES), (_SHOULDERS, _ELBOWS), (_ELBOWS, _WRISTS)):
        lines += [((end,), (start,)) for start, end in zip(starts, ends, strict=True)]
    matrix = np.zeros((len(lines), NUM_JOINTS))
    for row, (to, origin) in zip(matrix, lines, strict=True):
        np.add.at(row, list(to), 1.0)
        np.add.at(row, list(origin), -1.0)
    return matrix


_LINES = _differences()


def lines_of(joints: np.ndarray) -> np.ndarray:
    """Return the lines (..., 14, 3) of the joints (..., 22, 3), in their axes."""
    return _LINES @ joints


def frames_of(lines: np.ndarray, units: np.ndarray, stance: np.ndarray) -> np.ndarray:
    """Return world from pelvis, chest, left and right foot, (..., 4, 3, 3).

    Args:
        lines: (..., 14, 3) from :func:`lines_of`, in the robot's axes.
        units: (..., 14, 3) the same, of length 1.
        stance: (..., 2) share to which each foot is laid flat.
    """
    along = units[..., _ALONG, :]
    square = normalise(cross(along, lines[..., _ACROSS, :]))
    third = cross(square, along)
    frames = np.empty((*lines.shape[:-2], 4, 3, 3))
    trunk = frames[..., _TRUNK, :, :]
    trunk[..., 0], trunk[..., 1] = square[..., _TRUNK, :], along[..., _TRUNK, :]
    trunk[..., 2] = third[..., _TRUNK, :]
    feet = along[..., _FEET, :], square[..., _FEET, :], third[..., _FEET, :]
    _lay_flat(*feet, stance, out=frames[..., _FEET, :, :])
    return frames


def foot_frames(toes: np.ndarray, shanks: np.ndarray, stance: np.ndarray) -> np.ndarray:
    """Return world from foot, (..., 2, 3, 3).

    The ankle is taken as a hinge across the shank, whichever way the leg is held; a foot that
    stands is laid flat.

    Args:
        toes: (..., 2, 3) from ankle to toe joint; it points down a little in a flat foot.
        shanks: (..., 2, 3) from knee to ankle.
        stance: (..., 2) share to which each foot is laid flat.
    """
    along = normalise(toes)
    left = normalise(cross(along, shanks))
    frames = np.empty((*toes.shape, 3))
    _lay_flat(along, left, cross(left, along), stance, out=frames)
    return frames


def _lay_flat(
    along: np.ndarray, left: np.ndarray, down: np.ndarray, stance: np.ndarray, out: np.ndarray
) -> None:
    """Fill ``out`` (..., 2, 3, 3) with the feet whose toes are ``along``, unit vectors all."""
    level = np.empty((*along.shape[:-2], 2, *along.shape[-2:]))
    forward, sideways = level[..., 0, :, :], level[..., 1, :, :]
    np.subtract(FOOT_COSINE * along, FOOT_SINE * down, out=forward)
    sideways[...] = left
    level[..., 2] *= 1.0 - stance[..., None, :]
    level = normalise(level)
    forward, sideways = level[..., 0, :, :], level[..., 1, :, :]
    sideways = normalise(sideways - np.vecdot(sideways, forward)[..., None] * forward)
    out[..., 0], out[..., 1], out[..., 2] = forward, sideways, cross(forward, sideways)
