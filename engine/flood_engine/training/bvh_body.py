"""From the angles of a BVH file to our 22 joints: kinematics, 20 Hz, metres, y up, common bones.

Every file of one directory is taken to come from one tool: unit and up axis are found once for
all of them, from how long legs are and where heads are.  Then the directions of the bones are kept
and their lengths replaced by :data:`BONE_LENGTHS_M`, the root path scaled by the length of the
legs, so that recordings of many people train one body.

Tools put pelvis, spine and collar bones at different places.  Except for files with our own joint
names, pelvis and spine are therefore put on the line from between the hips along the file's spine
to the neck, and the collars where our body has them between spine and shoulder.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flood_engine.errors import DataError
from flood_engine.features import FRAME_RATE_HZ
from flood_engine.humanml import JOINTS, PARENTS
from flood_engine.training.bvh import Bvh
from flood_engine.training.bvh_kinematics import world_positions
from flood_engine.training.bvh_names import BodyMap, map_body
from flood_engine.training.dataset_cleaning import MAX_JOINT_SPEED_M_PER_S

BONE_LENGTHS_M = np.array(
    [
        0, 0.1065, 0.1065, 0.1316, 0.3919, 0.3919, 0.1432, 0.429, 0.429, 0.0574, 0.1464, 0.1464,
        0.2194, 0.1405, 0.1405, 0.103, 0.1273, 0.1273, 0.26, 0.26, 0.268, 0.268,
    ]
)  # fmt: skip
"""(22,) metres from the parent: HumanML3D's body, left and right averaged."""
UNITS_M = {
    "metre": 1.0, "centimetre": 0.01, "millimetre": 0.001, "inch": 0.0254,
    "CMU unit": 0.0254 / 0.45,
}  # fmt: skip
"""Units in use; CMU's Acclaim files count in inches scaled by 0.45."""
_LEG_M = float(BONE_LENGTHS_M[4] + BONE_LENGTHS_M[7])
_TRUNK = (0, 3, 6, 9)
# An adult's build in a T-pose: how far the hips are below the pelvis, the shoulders from spine3,
# and how far above the line from spine3 to the shoulder the collars are.
_HIP_DROP_M, _TO_SHOULDER_M, _COLLAR_RAISE_RAD = 0.06807, 0.25575, 0.28623
_TRUNK_LENGTHS = np.array([_HIP_DROP_M, *BONE_LENGTHS_M[[3, 6, 9, 12]]])
_TRUNK_SHARES = (np.cumsum(_TRUNK_LENGTHS) / _TRUNK_LENGTHS.sum())[:-1]
_NO_BONE = 1e-6
_UPRIGHT = 0.8
_MAX_SECS = 3_600.0


def body_joints(bvh: Bvh) -> tuple[np.ndarray, float]:
    """Return (T, 22, 3) joints at 20 Hz in the file's unit and axes, and the seconds left out.

    Raises:
        DataError: If a joint of ours has no counterpart, or the file is longer than an hour.
    """
    if len(bvh.rows) / bvh.rate_hz > _MAX_SECS:
        raise DataError(f"{len(bvh.rows) / bvh.rate_hz:.0f} s are more than {_MAX_SECS:.0f}")
    body = map_body(bvh.joints)
    cut = int(_starts_with_a_leap(bvh, body))
    rows = bvh.rows[cut:]
    at = np.arange(0.0, len(rows) - 1 + 1e-6, bvh.rate_hz / FRAME_RATE_HZ)
    before = np.floor(at).astype(int)
    after = np.minimum(before + 1, len(rows) - 1)
    share = (at - before)[:, None, None]
    start, end = _places(bvh, body, rows[before]), _places(bvh, body, rows[after])
    return start + share * (end - start), cut / bvh.rate_hz


def metres_per_unit(clips: Sequence[np.ndarray]) -> float:
    """Return the unit, metres, in which the legs of (T, 22, 3) clips are most like an adult's."""
    leg = float(np.median([leg_length(joints) for joints in clips]))
    return min(UNITS_M.values(), key=lambda unit: abs(np.log(max(leg * unit, 1e-9) / _LEG_M)))


def is_z_up(clips: Sequence[np.ndarray]) -> bool:
    """Return whether the heads of (T, 22, 3) clips are rather along z than y from the feet."""
    rise = np.zeros(3)
    for joints in clips:
        upward = np.median(joints[:, 15] - joints[:, [7, 8]].mean(axis=1), axis=0)
        rise += upward / (np.linalg.norm(upward) + _NO_BONE) * len(joints)
    return bool(rise[2] > rise[1])


def on_common_body(joints: np.ndarray) -> np.ndarray:
    """Return (T, 22, 3) joints, metres and y up, on the common bone lengths.

    A bone without length goes on in its parent's direction.

    Raises:
        DataError: If legs or hips have no length.
    """
    leg = leg_length(joints)
    if leg < _NO_BONE:
        raise DataError("the legs have no length")
    out = np.empty_like(joints)
    out[:, 0] = joints[:, 0] * (_LEG_M / leg)
    directions = np.zeros_like(joints)
    for joint, parent in enumerate(PARENTS):
        if parent < 0:
            continue
        bone = joints[:, joint] - joints[:, parent]
        length = np.linalg.norm(bone, axis=-1, keepdims=True)
        unit = np.where(
            length > 1e-3 * leg, bone / np.maximum(length, _NO_BONE), directions[:, parent]
        )
        if not np.any(unit):
            raise DataError(f"the bone to {JOINTS[joint]} has no length")
        directions[:, joint] = unit
        out[:, joint] = out[:, parent] + unit * BONE_LENGTHS_M[joint]
    return out


def toes_point_ahead(joints: np.ndarray) -> bool:
    """Return whether the toes of (T, 22, 3) joints, y up, are before the ankles most of the time.

    They are not where left and right are swapped or the axes are left-handed.  Only frames with
    an upright trunk count; without such frames nothing speaks against the file.
    """
    trunk = joints[:, 12] - joints[:, 0]
    upright = trunk[:, 1] > _UPRIGHT * np.linalg.norm(trunk, axis=-1)
    if not upright.any():
        return True
    across = (joints[:, 1] - joints[:, 2] + joints[:, 16] - joints[:, 17])[upright]
    ahead = np.cross(across, np.array([0.0, 1.0, 0.0]))
    toes = (joints[:, [10, 11]] - joints[:, [7, 8]]).mean(axis=1)[upright]
    return float(np.median(np.einsum("ti,ti->t", ahead, toes))) > 0.0


def leg_length(joints: np.ndarray) -> float:
    """Return the length of thigh and shin of (T, 22, 3) joints, both sides averaged."""
    bones = joints[:, [4, 5, 7, 8]] - joints[:, [1, 2, 4, 5]]
    return float(np.median(np.linalg.norm(bones, axis=-1), axis=0).sum() / 2)


def _starts_with_a_leap(bvh: Bvh, body: BodyMap) -> bool:
    """Return whether frame 0 is the T-pose that some files begin with: nobody leaves it so fast."""
    if len(bvh.rows) < 3:
        return False
    joints = _places(bvh, body, bvh.rows[:2])
    leap = float(np.linalg.norm(joints[1] - joints[0], axis=-1).max())
    return leap * metres_per_unit([joints]) * bvh.rate_hz > MAX_JOINT_SPEED_M_PER_S


def _places(bvh: Bvh, body: BodyMap, rows: np.ndarray) -> np.ndarray:
    """Return our (T, 22, 3) joints of the frames ``rows``."""
    wanted = {body.pelvis, body.neck, body.head, *body.spine, *body.limbs.values()} - {-1}
    at = world_positions(bvh.joints, rows, wanted)
    out = np.zeros((len(rows), len(JOINTS), 3))
    out[:, 12], out[:, 15] = at[body.neck], at[body.head]
    for name, index in body.limbs.items():
        if index >= 0:
            out[:, JOINTS.index(name)] = at[index]
    if body.is_ours:
        out[:, _TRUNK] = np.stack([at[index] for index in (body.pelvis, *body.spine)], axis=1)
        return out
    hips = out[:, [1, 2]].mean(axis=1)
    line = np.stack([hips, *(at[index] for index in body.spine), at[body.neck]], axis=1)
    out[:, _TRUNK] = _along(line, _TRUNK_SHARES)
    for collar, shoulder in ((13, 16), (14, 17)):
        out[:, collar] = _collars(out[:, 9], out[:, 12], out[:, shoulder])
    return out


def _collars(spine3: np.ndarray, neck: np.ndarray, shoulder: np.ndarray) -> np.ndarray:
    """Return (T, 3) collars where our body has them, between (T, 3) spine3 and shoulder."""
    out, up = shoulder - spine3, neck - spine3
    length = np.linalg.norm(out, axis=-1, keepdims=True)
    ahead = out / np.maximum(length, _NO_BONE)
    up = up - ahead * np.einsum("ti,ti->t", ahead, up)[:, None]
    up /= np.maximum(np.linalg.norm(up, axis=-1, keepdims=True), _NO_BONE)
    turned = np.cos(_COLLAR_RAISE_RAD) * ahead + np.sin(_COLLAR_RAISE_RAD) * up
    return spine3 + turned * length * (BONE_LENGTHS_M[13] / _TO_SHOULDER_M)


def _along(line: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the points at ``shares`` of the way along (T, points, 3) lines, (T, shares, 3)."""
    steps = np.linalg.norm(np.diff(line, axis=1), axis=-1)
    way = np.concatenate([np.zeros((len(line), 1)), np.cumsum(steps, axis=1)], axis=1)
    out = np.empty((len(line), len(shares), 3))
    for column, share in enumerate(shares):
        wanted = share * way[:, -1:]
        piece = np.clip((way[:, 1:-1] <= wanted).sum(axis=1), 0, line.shape[1] - 2)
        rows = np.arange(len(line))
        part = (wanted[:, 0] - way[rows, piece]) / np.maximum(steps[rows, piece], _NO_BONE)
        start, end = line[rows, piece], line[rows, piece + 1]
        out[:, column] = start + part[:, None] * (end - start)
    return out
