"""Where a VMC frame puts the way through the world: on Root, on Hips, or nowhere.

Plain numbers instead of arrays: for two transforms NumPy's calls would cost more than all the
arithmetic of the frame.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

from flood_bridge.motion.frames import Frame

RootPolicy = Literal["root", "hips", "inplace"]
"""Where the way through the world goes.

``root``: x, z and heading on Root; Hips keeps the height and the sway (for root motion).
``hips``: Root stays at the origin, Hips has it all (for receivers that ignore Root).
``inplace``: Hips as with ``root``, but Root stays at the origin, facing forward.
"""
ROOT_POLICIES: tuple[RootPolicy, ...] = get_args(RootPolicy)

Quaternion = tuple[float, float, float, float]
Position = tuple[float, float, float]

IDENTITY: Quaternion = (1.0, 0.0, 0.0, 0.0)
ORIGIN: Position = (0.0, 0.0, 0.0)


class Placing:
    """Splits a pelvis into Root and Hips, whose product it is (policies ``root`` and ``hips``).

    The signs of the quaternions are those nearer to the last frame's: some receivers filter the
    four numbers one by one.

    Attributes:
        root: Root's position (x, y, z) and rotation (``wxyz``), our axes.
        hips: The same of Hips, relative to Root.
    """

    def __init__(self, policy: RootPolicy) -> None:
        self._policy = policy
        self.root: tuple[Position, Quaternion] = (ORIGIN, IDENTITY)
        self.hips: tuple[Position, Quaternion] = (ORIGIN, IDENTITY)

    def update(self, frame: Frame) -> None:
        """Take the pelvis of ``frame``."""
        x, y, z = frame.avatar.root_position.tolist()
        pelvis = tuple(frame.avatar.local_wxyz[0].tolist())
        if self._policy == "hips":
            self.hips = ((x, y, z), _nearer(pelvis, self.hips[1]))
            return
        half = 0.5 * frame.pose.heading_rad
        cosine, sine = math.cos(half), math.sin(half)
        turned_back = _unturned(cosine, sine, pelvis)
        self.hips = ((0.0, y, 0.0), _nearer(turned_back, self.hips[1]))
        if self._policy == "root":
            self.root = ((x, 0.0, z), _nearer((cosine, 0.0, sine, 0.0), self.root[1]))


def _unturned(cosine: float, sine: float, q: Quaternion) -> Quaternion:
    """Return the product of the inverse of the turn (cosine, 0, sine, 0) and ``q``."""
    w, x, y, z = q
    return (
        cosine * w + sine * y,
        cosine * x - sine * z,
        cosine * y - sine * w,
        cosine * z + sine * x,
    )


def _nearer(q: Quaternion, last: Quaternion) -> Quaternion:
    w, x, y, z = q
    if w * last[0] + x * last[1] + y * last[2] + z * last[3] < 0.0:
        return (-w, -x, -y, -z)
    return q
