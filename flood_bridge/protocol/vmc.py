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

import struct
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.rotations import multiply
from flood_bridge.motion.skeleton import NUM_JOINTS, Skeleton
from flood_bridge.protocol import osc
from flood_bridge.protocol.axes import UNITY
from flood_bridge.protocol.finite import require_finite
from flood_bridge.protocol.template import Template
from flood_bridge.protocol.vmc_placing import ROOT_POLICIES, Placing, RootPolicy

BONES = (
    "Hips", "LeftUpperLeg", "RightUpperLeg", "Spine", "LeftLowerLeg", "RightLowerLeg", "Chest",
    "LeftFoot", "RightFoot", "UpperChest", "LeftToes", "RightToes", "Neck", "LeftShoulder",
    "RightShoulder", "Head", "LeftUpperArm", "RightUpperArm", "LeftLowerArm", "RightLowerArm",
    "LeftHand", "RightHand",
)  # fmt: skip
"""Unity's HumanBodyBones, in the order of our joints (SMPL's spine3 is UpperChest)."""

BONES_IN_FIRST = 12
"""Hips, legs and spine travel in the first datagram."""

Positions = Literal["skeleton", "zero"]
"""``skeleton``: the true offsets of the bones. ``zero``: zeros for all but Root and Hips, for
receivers that turn bones only; others crush their avatars with it."""
POSITIONS: tuple[Positions, ...] = get_args(Positions)

_CHEST, _UPPER_CHEST = BONES.index("Chest"), BONES.index("UpperChest")
_ON_UPPER_CHEST = [BONES.index(name) for name in ("Neck", "LeftShoulder", "RightShoulder")]
_TRANSFORM = "s" + "f" * 7
_SIGNS_XYZW = UNITY.quaternion_xyzw(np.ones(4))
_SIGNS_WXYZ = _SIGNS_XYZW[[3, 0, 1, 2]]


@dataclass(frozen=True, slots=True)
class VmcForm:
    """What receivers want differently."""

    root_policy: RootPolicy = "root"
    """One of :data:`ROOT_POLICIES`."""
    positions: Positions = "skeleton"
    """One of :data:`POSITIONS`."""
    root_bone: bool = False
    """Send Root a second time as a bone named ``root`` (VMCLiveLink)."""
    upper_chest: bool = True
    """Send UpperChest; without, Chest takes over its bend (VMC4UE)."""

    def __post_init__(self) -> None:
        _check("root policy", self.root_policy, ROOT_POLICIES)
        _check("positions", self.positions, POSITIONS)


class VmcEncoder:
    """Writes the frames of one avatar into two datagrams.

    Args:
        skeleton: The body whose bone offsets are sent.
        root_policy: One of :data:`ROOT_POLICIES`; goes before that of ``form``.
        form: What else the receiver wants.
    """

    def __init__(
        self,
        skeleton: Skeleton,
        root_policy: RootPolicy | None = None,
        form: VmcForm | None = None,
    ) -> None:
        form = form or VmcForm()
        self._placing = Placing(VmcForm(root_policy or form.root_policy).root_policy)
        self._folds = not form.upper_chest
        self._joints = [j for j in range(NUM_JOINTS) if form.upper_chest or j != _UPPER_CHEST]
        rest = UNITY.position(_offsets(skeleton, form))
        root = ("/VMC/Ext/Root/Pos", _TRANSFORM, "root", *_at_rest(np.zeros(3)))
        as_bone = [("/VMC/Ext/Bone/Pos", *root[1:])] if form.root_bone else []
        bones = [
            ("/VMC/Ext/Bone/Pos", _TRANSFORM, BONES[j], *_at_rest(rest[j])) for j in self._joints
        ]
        in_first = sum(j < BONES_IN_FIRST for j in self._joints)
        self._first = Template(root, *as_bone, *bones[:in_first])
        self._second = Template(
            *bones[in_first:],
            ("/VMC/Ext/Blend/Apply", ""),
            ("/VMC/Ext/OK", "iiii", 1, 3, 0, 1),
            ("/VMC/Ext/T", "f", 0.0),
        )
        self._lay_out(roots=1 + len(as_bone))

    def _lay_out(self, roots: int) -> None:
        """Join both datagrams into one array of words, with the places of all that changes.

        The values of a frame lie in one array too: turns of the bones, Hips first, then of Root;
        positions of Hips and Root; the time. Turns are kept as wxyz: the places say where each
        number goes.
        """
        self._bytes = bytearray(self._first.datagram + self._second.datagram)
        self._words = np.frombuffer(self._bytes, dtype=np.uint32)
        self._split = len(self._first.datagram)
        second = [places + self._split // 4 for places in self._second.float_words]
        rows = np.array([*self._first.float_words, *(p for p in second if len(p) == 7)])
        rows = np.concatenate([rows[roots:], rows[:roots]])
        bones = len(self._joints)
        pelvis = [0, *range(bones, bones + roots)]
        self._places = np.concatenate(
            [rows[:, [6, 3, 4, 5]].ravel(), rows[pelvis, :3].ravel(), second[-1]]
        )
        self._values = np.zeros(len(self._places))
        self._numbers = self._values.data
        self._bones = self._values[: 4 * bones].reshape(bones, 4)
        self._signs = np.tile(_SIGNS_WXYZ, (bones, 1))
        self._roots = roots
        self._rest = struct.Struct(f"={4 * roots + 3 + 3 * roots + 1}d")
        self._hips = struct.Struct("=4d")

    def encode(self, frame: Frame) -> tuple[bytes, bytes]:
        """Return the two datagrams of ``frame`` in the order to send.

        Raises:
            ProtocolError: If the frame has numbers that are not finite.
        """
        local = frame.avatar.local_wxyz
        if self._folds:
            local = _folded(local, self._joints)
        np.multiply(local, self._signs, out=self._bones)
        self._place(frame)
        values = self._values
        require_finite(values, frame)
        self._words[self._places] = values.astype(">f4").view(np.uint32)
        return bytes(self._bytes[: self._split]), bytes(self._bytes[self._split :])

    def _place(self, frame: Frame) -> None:
        """Write Root, Hips and the time; struct does it in a tenth of NumPy's time."""
        self._placing.update(frame)
        (rx, ry, rz), (rw, ra, rb, rc) = self._placing.root
        (hx, hy, hz), (hw, ha, hb, hc) = self._placing.hips
        # In Unity's axes: x mirrored, and with it the turns about y and z.
        root, way = (rw, ra, -rb, -rc) * self._roots, (-rx, ry, rz) * self._roots
        self._hips.pack_into(self._numbers, 0, hw, ha, -hb, -hc)
        self._rest.pack_into(
            self._numbers, self._bones.nbytes, *root, -hx, hy, hz, *way, frame.play_time_secs
        )


def option_message(prompt: str) -> bytes:
    """Return ``/VMC/Ext/Opt`` with the current prompt: free text that receivers show or ignore."""
    return osc.message("/VMC/Ext/Opt", "s", prompt)


def _offsets(skeleton: Skeleton, form: VmcForm) -> np.ndarray:
    """Return the bones' positions at rest, (22, 3), our axes."""
    if form.positions == "zero":
        return np.zeros_like(skeleton.offsets)
    offsets = skeleton.offsets.copy()
    if not form.upper_chest:
        offsets[_ON_UPPER_CHEST] += offsets[_UPPER_CHEST]
    return offsets


def _folded(local_wxyz: np.ndarray, joints: list[int]) -> np.ndarray:
    """Return the rotations without UpperChest's row, which Chest has taken over."""
    folded = local_wxyz.take(joints, axis=0)
    folded[_CHEST] = multiply(local_wxyz[_CHEST], local_wxyz[_UPPER_CHEST])
    return folded


def _at_rest(position: np.ndarray) -> tuple[Any, ...]:
    return (*position.tolist(), 0.0, 0.0, 0.0, 1.0)


def _check(what: str, given: str, valid: tuple[str, ...]) -> None:
    if given not in valid:
        raise ConfigError(f"{what} {given!r}; valid are {', '.join(map(repr, valid))}")
