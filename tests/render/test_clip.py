"""A clip refuses what cannot be drawn, and answers for prompts, moments and headings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.errors import ConfigError
from flood_bridge.motion.frames import Pose
from flood_bridge.render import Clip
from flood_bridge.render.clip import facing


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("joints", np.zeros((5, 21, 3)), "joints"),
        ("joints", np.zeros((0, 22, 3)), "joints"),
        ("joints", np.full((5, 22, 3), np.nan), "finite"),
        ("joints", np.full((5, 22, 3), 1e9), "origin"),
        ("rate_hz", 0.0, "rate_hz"),
        ("rate_hz", float("nan"), "rate_hz"),
        ("prompts", ((3, "b"), (1, "a")), "ascending"),
        ("prompts", ((0, "a"), (0, "b")), "ascending"),
        ("prompts", ((5, "late"),), "below 5"),
        ("contacts", np.zeros((5, 3), dtype=bool), "contacts"),
        ("features", np.zeros((4, 263)), "features"),
        ("avatar", (), "avatar"),
    ],
)
def test_what_cannot_be_drawn_is_refused(field: str, value: object, words: str) -> None:
    fields: dict = {"joints": np.zeros((5, 22, 3)), field: value}
    with pytest.raises(ConfigError, match=words):
        Clip(**fields)


def test_each_frame_has_the_prompt_that_started_last() -> None:
    clip = Clip(np.zeros((10, 22, 3)), prompts=((2, "walk"), (6, "wave")))
    assert [clip.prompt_at(frame) for frame in (0, 1, 2, 5, 6, 9)] == [
        "", "", "walk", "walk", "wave", "wave",
    ]  # fmt: skip


@given(st.integers(1, 300), st.integers(1, 60))
def test_moments_ascend_from_the_first_frame_to_the_last(frames: int, count: int) -> None:
    moments = Clip(np.zeros((frames, 22, 3))).moments(count)
    assert moments[0] == 0
    assert len(moments) == min(frames, count)
    assert moments == sorted(set(moments))
    assert moments[-1] == (frames - 1 if len(moments) > 1 else 0)


def test_facing_turns_with_the_body(standing: np.ndarray) -> None:
    for heading in np.linspace(-3.0, 3.0, 13):
        c, s = np.cos(heading), np.sin(heading)
        turned = standing @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]).T
        np.testing.assert_allclose(facing(turned), [s, c], atol=1e-9)


def test_a_body_without_width_faces_ahead() -> None:
    np.testing.assert_array_equal(facing(np.zeros((4, 22, 3))), np.tile([0.0, 1.0], (4, 1)))


def test_poses_become_a_clip_with_their_contacts(standing: np.ndarray) -> None:
    contacts = np.array([True, False, True, False])
    pose = Pose(standing, np.zeros((22, 3)), contacts, 0.0)
    clip = Clip.from_poses([pose, pose, pose], prompts=[(1, "stand")])
    assert clip.joints.shape == (3, 22, 3)
    assert clip.contacts is not None
    np.testing.assert_array_equal(clip.contacts[2], contacts)
    with pytest.raises(ConfigError, match="at least one"):
        Clip.from_poses([])
