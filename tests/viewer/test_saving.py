"""What is saved is bounded in time and size, and whoever asked is told why there is no file."""

from __future__ import annotations

import numpy as np
import pytest

from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.motion.frames import FrameFlags
from flood_bridge.render.clip import Clip
from flood_bridge.viewer import saving
from flood_bridge.viewer.messages import Glance
from flood_bridge.viewer.recent import KEPT_SECS, RATE_HZ, Recent

CLIP = Clip(joints=np.zeros((3, 22, 3)), rate_hz=20.0, prompts=((0, "stand"),))


def glance(secs: float, flags: int = 0) -> Glance:
    joints = np.full((22, 3), secs, dtype=np.float32)
    turns = np.zeros((23, 4), dtype=np.float32)
    return Glance(0, 0, secs, joints, joints, np.ones(4, dtype=bool), turns, None, "walk", flags)


def test_making_it_ends_in_time() -> None:
    with pytest.raises(ConfigError, match=r"not ready after 0\.01 s"):
        saving.make_file(CLIP, ".npz", patience_secs=0.01)


def test_too_large_a_file_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "MAX_FILE_BYTES", 10)
    with pytest.raises(ConfigError, match="MiB large"):
        saving.make_file(CLIP, ".npz")


def test_what_cannot_be_made_is_told_with_its_reason() -> None:
    with pytest.raises(ConfigError, match="skeleton"):
        saving.make_file(CLIP, ".bvh")


def test_the_last_half_minute_is_kept_at_the_models_rate_and_no_more() -> None:
    recent = Recent()
    for tick in range(60 * 60):
        recent.take(glance(tick / 60))
    clip = recent.clip(None)
    assert len(clip) == KEPT_SECS * RATE_HZ
    steps = np.diff(clip.joints[:, 0, 0])
    np.testing.assert_allclose(steps, 1 / RATE_HZ, atol=1e-4)


def test_what_stood_still_on_purpose_is_left_out() -> None:
    recent = Recent()
    for tick in range(40):
        recent.take(glance(tick / 20, FrameFlags.IDLE if tick >= 20 else 0))
    assert len(recent) == 20


def test_nothing_that_moved_is_a_clear_refusal() -> None:
    with pytest.raises(CommandError, match="nothing has moved yet"):
        Recent().clip(None)
