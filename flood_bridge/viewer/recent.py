"""The last half minute of one character, to be saved."""

from __future__ import annotations

from collections import deque

import numpy as np

from flood_bridge.errors import CommandError
from flood_bridge.motion.frames import AvatarFrame, FrameFlags
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.render.clip import Clip
from flood_bridge.viewer.messages import Glance

KEPT_SECS = 30.0
RATE_HZ = 20.0
_SLACK = 0.25
"""Share of a frame's time by which the next may come early."""


class Recent:
    """Keeps 20 frames of each second; what stood still on purpose is left out."""

    def __init__(self) -> None:
        self._kept: deque[Glance] = deque(maxlen=round(KEPT_SECS * RATE_HZ))
        self._due_secs = -np.inf

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, glance: Glance) -> bool:
        """Keep ``glance`` if its time has come; return whether it was kept."""
        if glance.flags & FrameFlags.IDLE or glance.play_secs < self._due_secs - _SLACK / RATE_HZ:
            return False
        late = glance.play_secs > self._due_secs + 1 / RATE_HZ
        self._due_secs = (glance.play_secs if late else self._due_secs) + 1 / RATE_HZ
        self._kept.append(glance)
        return True

    def root_path(self, secs: float) -> np.ndarray:
        """Return where the pelvis was in the last ``secs``, (n, 3), the latest last."""
        wanted = list(self._kept)[-round(secs * RATE_HZ) :]
        return np.array([glance.joints[0] for glance in wanted]).reshape(-1, 3)

    def clip(self, skeleton: Skeleton | None) -> Clip:
        """Return what is kept.

        Raises:
            CommandError: If nothing has moved yet.
        """
        kept = list(self._kept)
        if not kept:
            raise CommandError("nothing has moved yet, so there is nothing to save")
        texts = [glance.prompt for glance in kept]
        starts = [i for i, text in enumerate(texts) if i == 0 or text != texts[i - 1]]
        return Clip(
            joints=np.stack([glance.joints for glance in kept]).astype(np.float64),
            rate_hz=RATE_HZ,
            prompts=tuple((i, texts[i]) for i in starts),
            contacts=np.stack([glance.contacts for glance in kept]),
            skeleton=skeleton,
            avatar=None if skeleton is None else tuple(_avatar(glance) for glance in kept),
        )


def _avatar(glance: Glance) -> AvatarFrame:
    numbers = glance.avatar.astype(np.float64)
    return AvatarFrame(numbers[0, :3], numbers[1:])
