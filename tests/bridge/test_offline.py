"""A clip follows its script: each prompt owns the motion from its time on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from flood_bridge.errors import ConfigError
from flood_bridge.offline import check_script, make_motion


def test_prompts_own_the_motion_from_their_time_on(engine: Any) -> None:
    script = [(0.0, "a"), (2.0, "b"), (3.4, "c")]
    motion = make_motion(engine, script, seconds=5.0)
    assert len(motion.poses) == len(motion.features) == 100
    assert motion.prompts[0] == (0, "a")
    for (frame, text), (wanted_secs, wanted) in zip(motion.prompts, script, strict=True):
        assert text == wanted
        assert frame / 20 == pytest.approx(wanted_secs, abs=0.2)


def test_a_prompt_inside_the_first_window_comes_as_early_as_the_model_can(engine: Any) -> None:
    motion = make_motion(engine, [(0.0, "a"), (0.2, "b")], seconds=3.0)
    assert motion.prompts == ((0, "a"), (17, "b"))  # after the first window: 1 + 4 x 4 frames


@pytest.mark.parametrize("seconds", [0.05, 0.3, 1.0, 2.05])
def test_a_clip_is_as_long_as_asked(engine: Any, seconds: float) -> None:
    reports: list[tuple[int, int]] = []
    motion = make_motion(
        engine, [(0.0, "a")], seconds, progress=lambda *report: reports.append(report)
    )
    assert len(motion.poses) == round(seconds * 20)
    assert reports[-1] == (len(motion.poses), len(motion.poses))
    z = [pose.joints[0, 2] for pose in motion.poses]
    assert np.allclose(np.diff(z), 1.2 / 20)


@pytest.mark.parametrize(
    ("times", "seconds", "message"),
    [
        ([0.0], 0.0, "--seconds is 0.0"),
        ([0.0], float("nan"), "--seconds is nan"),
        ([0.0], 601.0, "--seconds is 601.0"),
        ([0.0, 9.0], 8.0, "--then 9"),
        ([0.0, 3.0, 2.0], 8.0, "--then 2"),
        ([0.0, float("nan")], 8.0, "--then nan"),
        ([0.0, 0.0], 8.0, "--then 0"),
    ],
)
def test_a_script_that_cannot_be_followed_is_refused(
    times: list[float], seconds: float, message: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        check_script([(time, "x") for time in times], seconds)
    assert message in str(raised.value)
