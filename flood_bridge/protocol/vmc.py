"""Virtual Motion Capture protocol [1]: one avatar's body for Unity, Unreal, Godot, VTuber tools.

The frame is the one that the known receivers all take:

* two bundles of less than 1400 bytes, so that no packet is split: first Root, Hips, legs and
  spine; then the rest, ``Blend/Apply`` and ``OK`` (some receivers show a frame only on these), T;
* every number a float and every message whole: receivers drop integers, and one short message
  stops the reference receiver for good;
* real bone offsets, since receivers apply the positions: zeros would crush the avatar;
* rotations local and relative to the T-pose, in Unity's axes (VRM 0 bones).

[1] https://protocol.vmc.info/specification
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.rotations import conjugate, continuous, from_yaw, multiply
from flood_bridge.motion.skeleton import NUM_JOINTS, Skeleton
from flood_bridge.protocol import osc
from flood_bridge.protocol.axes import UNITY
from flood_bridge.protocol.finite import require_finite
from flood_bridge.protocol.template import Template

RootPolicy = Literal["root", "hips", "inplace"]
"""Where the way through the world goes.

``root``: x, z and heading on Root; Hips keeps the height and the sway (for root motion).
``hips``: Root stays at the origin, Hips has it all (for receivers that ignore Root).
``inplace``: Hips as with ``root``, but Root stays at the origin, facing forward.
"""
ROOT_POLICIES: tuple[RootPolicy, ...] = get_args(RootPolicy)

BONES = (
    "Hips", "LeftUpperLeg", "RightUpperLeg", "Spine", "LeftLowerLeg", "RightLowerLeg", "Chest",
    "LeftFoot", "RightFoot", "UpperChest", "LeftToes", "RightToes", "Neck", "LeftShoulder",
    "RightShoulder", "Head", "LeftUpperArm", "RightUpperArm", "LeftLowerArm", "RightLowerArm",
    "LeftHand", "RightHand",
)  # fmt: skip
"""Unity's HumanBodyBones, in the order of our joints (SMPL's spine3 is UpperChest)."""

BONES_IN_FIRST = 12
"""Hips, legs and spine travel in the first datagram."""

_TRANSFORM = "s" + "f" * 7


class VmcEncoder:
    """Writes the frames of one avatar into two datagrams.

    Args:
        skeleton: The body whose bone offsets are sent.
        root_policy: One of :data:`ROOT_POLICIES`.
    """

    def __init__(self, skeleton: Skeleton, root_policy: RootPolicy = "root") -> None:
        if root_policy not in ROOT_POLICIES:
            raise ConfigError(
                f"root policy {root_policy!r}; valid are {', '.join(map(repr, ROOT_POLICIES))}"
            )
        self._policy = root_policy
        rest = UNITY.position(skeleton.offsets)
        root = ("/VMC/Ext/Root/Pos", _TRANSFORM, "root", *_rest_transform(np.zeros(3)))
        bones = [
            ("/VMC/Ext/Bone/Pos", _TRANSFORM, name, *_rest_transform(offset))
            for name, offset in zip(BONES, rest, strict=True)
        ]
        self._first = Template(root, *bones[:BONES_IN_FIRST])
        self._second = Template(
            *bones[BONES_IN_FIRST:],
            ("/VMC/Ext/Blend/Apply", ""),
            ("/VMC/Ext/OK", "iiii", 1, 3, 0, 1),
            ("/VMC/Ext/T", "f", 0.0),
        )
        transforms = np.array(self._first.float_words)
        self._moving = transforms[:2, :3].ravel()  # positions of Root and Hips
        self._turning_first = transforms[:, 3:].ravel()
        self._turning_second = np.array(self._second.float_words[:-3])[:, 3:].ravel()
        self._time = self._second.float_words[-1]
        # Root, then the bones; kept from frame to frame for the sign of the first two.
        self._positions = np.zeros((2, 3))
        self._rotations_wxyz = np.zeros((1 + NUM_JOINTS, 4))
        self._rotations_wxyz[:, 0] = 1.0

    def encode(self, frame: Frame) -> tuple[bytes, bytes]:
        """Return the two datagrams of ``frame`` in the order to send.

        Raises:
            ProtocolError: If the frame has numbers that are not finite.
        """
        require_finite(frame)
        self._place(frame)
        xyzw = UNITY.quaternion_xyzw(self._rotations_wxyz)
        first = 1 + BONES_IN_FIRST
        self._first.floats[self._moving] = UNITY.position(self._positions).ravel()
        self._first.floats[self._turning_first] = xyzw[:first].ravel()
        self._second.floats[self._turning_second] = xyzw[first:].ravel()
        self._second.floats[self._time] = frame.play_time_secs
        return bytes(self._first.datagram), bytes(self._second.datagram)

    def _place(self, frame: Frame) -> None:
        """Set positions and rotations of Root and bones, so that Root and Hips make the pelvis."""
        position, pelvis = frame.avatar.root_position, frame.avatar.local_wxyz[0]
        self._rotations_wxyz[2:] = frame.avatar.local_wxyz[1:]
        if self._policy == "hips":
            self._positions[1] = position
            self._turn(1, pelvis)
            return
        world_from_root = from_yaw(frame.pose.heading_rad)
        self._positions[1, 1] = position[1]
        self._turn(1, multiply(conjugate(world_from_root), pelvis))
        if self._policy == "root":
            self._positions[0, ::2] = position[::2]
            self._turn(0, world_from_root)

    def _turn(self, row: int, rotation_wxyz: np.ndarray) -> None:
        """Set a rotation, with the sign nearer to the last: some receivers filter the numbers."""
        self._rotations_wxyz[row] = continuous(rotation_wxyz, self._rotations_wxyz[row])


def option_message(prompt: str) -> bytes:
    """Return ``/VMC/Ext/Opt`` with the current prompt: free text that receivers show or ignore."""
    return osc.message("/VMC/Ext/Opt", "s", prompt)


def _rest_transform(position: np.ndarray) -> tuple[float, ...]:
    return (*position.tolist(), 0.0, 0.0, 0.0, 1.0)
