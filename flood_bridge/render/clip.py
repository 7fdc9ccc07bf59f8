"""A stretch of finished motion, held whole: what every writer of this room gets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from flood_bridge.errors import ConfigError
from flood_bridge.motion.frames import AvatarFrame, Pose
from flood_bridge.motion.skeleton import JOINT_NAMES, NUM_JOINTS, Skeleton

MAX_FRAMES = 72_000
"""The longest clip, one hour at 20 Hz: a guard against unbounded pictures and files."""
MAX_METRES = 1e6
"""How far from the origin a joint may be."""

_ACROSS = tuple(
    (JOINT_NAMES.index(f"left_{part}"), JOINT_NAMES.index(f"right_{part}"))
    for part in ("hip", "shoulder")
)


@dataclass(frozen=True, slots=True)
class Clip:
    """Motion of one body at an even rate (axes: x left, y up, z forward, metres)."""

    joints: np.ndarray
    """(T, 22, 3) float64 world positions, metres."""
    rate_hz: float = 20.0
    prompts: tuple[tuple[int, str], ...] = ()
    """(first frame, text), ascending: the text holds from that frame to the next entry's."""
    contacts: np.ndarray | None = None
    """(T, 4) bool: left ankle, left foot, right ankle, right foot on the ground."""
    skeleton: Skeleton | None = None
    """The T-pose of ``avatar``."""
    avatar: tuple[AvatarFrame, ...] | None = None
    """One set of local rotations a frame."""
    features: np.ndarray | None = None
    """(T, 263) the model's own numbers, kept beside the motion in ``.npz``."""

    def __post_init__(self) -> None:
        """Bring the fields to their types; refuse what cannot be drawn.

        Raises:
            ConfigError: If a field has the wrong shape, length or order, or is not finite.
        """
        object.__setattr__(self, "joints", np.asarray(self.joints, dtype=np.float64))
        object.__setattr__(
            self, "prompts", tuple((int(at), str(text)) for at, text in self.prompts)
        )
        if self.avatar is not None:
            object.__setattr__(self, "avatar", tuple(self.avatar))
        if self.contacts is not None:
            object.__setattr__(self, "contacts", np.asarray(self.contacts, dtype=bool))
        self._check_motion()
        self._check_prompts()
        self._check_companions()

    def _check_motion(self) -> None:
        shape = self.joints.shape
        if len(shape) != 3 or shape[1:] != (NUM_JOINTS, 3) or not 0 < shape[0] <= MAX_FRAMES:
            raise ConfigError(
                f"joints have the shape {shape}; valid is (1..{MAX_FRAMES}, {NUM_JOINTS}, 3)"
            )
        if not (np.abs(self.joints) <= MAX_METRES).all():
            raise ConfigError(f"joints must be finite and within {MAX_METRES:.0f} m of the origin")
        if not 1.0 <= self.rate_hz <= 1000.0:
            raise ConfigError(f"rate_hz is {self.rate_hz}; valid is 1 to 1000")

    def _check_prompts(self) -> None:
        starts = [start for start, _ in self.prompts]
        inside = all(0 <= start < len(self) for start in starts)
        if not inside or starts != sorted(set(starts)):
            raise ConfigError(
                f"prompts start at frames {starts}; valid are ascending frames below {len(self)}"
            )

    def _check_companions(self) -> None:
        if self.contacts is not None and self.contacts.shape != (len(self), 4):
            raise ConfigError(f"contacts are {self.contacts.shape}; valid is ({len(self)}, 4)")
        if self.avatar is not None and len(self.avatar) != len(self):
            raise ConfigError(f"{len(self.avatar)} avatar frames for {len(self)} frames of joints")
        if self.features is not None and len(self.features) != len(self):
            raise ConfigError(f"{len(self.features)} rows of features for {len(self)} frames")

    @classmethod
    def from_poses(
        cls,
        poses: Sequence[Pose],
        *,
        rate_hz: float = 20.0,
        prompts: Iterable[tuple[int, str]] = (),
        skeleton: Skeleton | None = None,
        avatar: Iterable[AvatarFrame] | None = None,
        features: np.ndarray | None = None,
    ) -> Self:
        """Collect the joints and contacts of ``poses``.

        Raises:
            ConfigError: If there are no poses or a companion does not fit them.
        """
        if not poses:
            raise ConfigError("a clip needs at least one pose")
        return cls(
            joints=np.stack([pose.joints for pose in poses]),
            rate_hz=rate_hz,
            prompts=tuple(prompts),
            contacts=np.stack([pose.contacts for pose in poses]),
            skeleton=skeleton,
            avatar=None if avatar is None else tuple(avatar),
            features=features,
        )

    def __len__(self) -> int:
        return len(self.joints)

    @property
    def duration_secs(self) -> float:
        """Time for which the clip is shown, seconds."""
        return len(self) / self.rate_hz

    def prompt_index(self, frame: int) -> int:
        """Return the number of the prompt that holds at ``frame``; -1 before the first."""
        return sum(start <= frame for start, _ in self.prompts) - 1

    def prompt_at(self, frame: int) -> str:
        """Return the text that holds at ``frame``, empty if none."""
        index = self.prompt_index(frame)
        return self.prompts[index][1] if index >= 0 else ""

    def moments(self, count: int) -> list[int]:
        """Return at most ``count`` frames, evenly spread from the first to the last."""
        spread = np.linspace(0, len(self) - 1, min(count, len(self)))
        return [int(frame) for frame in np.rint(spread)]


def facing(joints: np.ndarray) -> np.ndarray:
    """Return where bodies (..., 22, 3) look, as unit ground vectors (..., 2) of x and z.

    Perpendicular to the mean of the hip line and the shoulder line; (0, 1), which is +z, for a
    body whose lines stand upright.
    """
    across = sum(joints[..., left, :] - joints[..., right, :] for left, right in _ACROSS)
    ground = np.stack([-np.asarray(across)[..., 2], np.asarray(across)[..., 0]], axis=-1)
    length = np.linalg.norm(ground, axis=-1, keepdims=True)
    ahead = np.broadcast_to([0.0, 1.0], ground.shape)
    return np.where(length > 1e-6, ground / np.maximum(length, 1e-6), ahead)
