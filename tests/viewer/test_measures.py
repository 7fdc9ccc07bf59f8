"""Every number on the page is what it says: measured here against motion of known figures."""

from __future__ import annotations

import numpy as np
import pytest

from flood_bridge.commands import SetSpeed
from flood_bridge.events import PromptApplied, SafetyReport, Status
from flood_bridge.motion.frames import FrameFlags
from flood_bridge.motion.skeleton import JOINT_NAMES, Skeleton
from flood_bridge.viewer import markup
from flood_bridge.viewer.measures import KEPT, Measures, nearest_limit
from flood_bridge.viewer.messages import About, Glance, RobotPose, RobotSketch
from flood_bridge.viewer.recent import RATE_HZ
from flood_bridge.viewer.seen import Seen, condition

BODY = Skeleton.from_bone_lengths(np.full(22, 0.25)).rest_positions()
BODY -= BODY[:, 1].min() * np.array([0.0, 1.0, 0.0])
ROBOT = RobotSketch(
    "a robot", np.array([0.05]), ("left_knee_joint", "waist"), np.array([-1.0, -2.0]), np.ones(2)
)


def status(secs: float, underruns: int = 0, state: str = "running", rate: float = 1.0) -> Status:
    return Status(secs, 1, "walk", state, 180.0, 59.5, 215.0, underruns, 0, (rate,))


def glance(secs: float, speed: float = 0.0, flags: int = 0, angles: object = None) -> Glance:
    """Return a body whose feet stand, gliding along z."""
    joints = (BODY + np.array([0.0, 0.0, speed * secs])).astype(np.float32)
    velocities = np.tile(np.array([0.0, 0.0, speed], np.float32), (len(JOINT_NAMES), 1))
    robot = None if angles is None else RobotPose(np.zeros((2, 3)), np.array(angles))
    turns = np.zeros((23, 4), dtype=np.float32)
    return Glance(0, 0, secs, joints, velocities, np.ones(4, bool), turns, robot, "walk", flags)


@pytest.mark.parametrize("speed", [0.0, 0.05, 0.1])
def test_foot_slide_is_the_speed_of_feet_that_stand(speed: float) -> None:
    measures = Measures(None)
    for second in range(3):
        for tick in range(round(RATE_HZ)):
            measures.watch(glance(second + tick / RATE_HZ, speed))
        measures.tell(status(second + 1.0))
    assert measures.series["slide"][-1] == pytest.approx(100 * speed, rel=1e-3)


def test_underruns_are_those_of_each_second() -> None:
    measures = Measures(None)
    for second, total in enumerate((0, 0, 7, 9)):
        measures.tell(status(second, total))
    assert list(measures.series["underruns"]) == [0, 0, 7, 2]


def test_rates_and_lead_are_the_daemons_own_numbers() -> None:
    measures = Measures(None)
    measures.tell(status(1.0))
    latest = {name: values[-1] for name, values in measures.series.items()}
    assert latest == {
        "generation": 180.0,
        "output": 59.5,
        "lead": 215.0,
        "underruns": 0,
        "slide": 0,
    }


def test_latency_is_that_of_each_receipt() -> None:
    measures = Measures(None)
    for latency_ms in (900, 0, 350):
        measures.applied(PromptApplied(0, 1, "walk", 5, latency_ms))
    assert list(measures.latencies) == [900, 350], "what came with the start has none"


def test_the_margin_is_that_of_the_joint_nearest_to_a_limit() -> None:
    margin = nearest_limit(ROBOT, np.array([0.9, 0.0]))
    assert margin.joint == "left_knee_joint"
    assert margin.degrees == pytest.approx(np.rad2deg(0.1))
    assert nearest_limit(ROBOT, np.array([0.0, -2.1])).degrees < 0, "outside is below nought"


def test_the_plot_of_the_margin_has_the_least_of_each_second() -> None:
    measures = Measures(ROBOT)
    for tick, angle in enumerate((0.0, 0.9, 0.5)):
        measures.watch(glance(tick / RATE_HZ, angles=(angle, 0.0)))
    measures.tell(status(1.0))
    assert measures.series["margin"][-1] == pytest.approx(np.rad2deg(0.1))
    html = markup.meters(measures)
    assert "28.6°" in html, "the number is that of the latest frame"
    assert "nearest: left knee" in html


def test_plots_go_back_a_minute_and_a_half() -> None:
    measures = Measures(None)
    for second in range(200):
        measures.tell(status(second))
    assert {len(values) for values in measures.series.values()} == {KEPT}


def test_the_safety_state_is_told_with_what_is_waited_for() -> None:
    html = markup.safety((SafetyReport(0, "blend_in", "near the motion in 2 s"),))
    assert "blend in" in html
    assert "near the motion in 2 s" in html


def test_the_models_own_settings_are_those_of_the_model_in_use() -> None:
    html = markup.about(About(3.5, 2, (1, 2, 3), range(6, 31), 0.2, 1.0, "eager, float32"))
    assert all(
        part in html for part in ("6 s", "2 denoise steps", "0.2 s", "3.5", "eager, float32")
    )


def look(seen: Seen, begin: float, end: float, flags: int = 0) -> None:
    for tick in range(round(60 * begin), round(60 * end)):
        seen.see(glance(tick / 60, flags=flags))


def test_the_state_is_that_of_the_daemon_and_of_its_frames() -> None:
    seen = Seen()
    assert condition(None, None, 0) == "loading the model"
    assert condition(status(0, state="loading"), None, 0) == "loading"
    look(seen, 0, 2)
    assert condition(status(2), seen, 0) == "running"
    look(seen, 2, 4, FrameFlags.IDLE)
    assert condition(status(4), seen, 0) == "resting"
    assert condition(status(4, state="paused"), seen, 0) == "paused"
    assert condition(status(4, rate=0.1), seen, 0) == "waiting for the model"
    assert condition(status(4, state="stopping"), seen, 0) == "stopping"


def test_the_time_line_stands_while_the_character_does() -> None:
    seen = Seen()
    look(seen, 0, 1)
    seen.programme.queue("walk", 4.0, 3)
    seen.programme.applied("walk", 3, seen.motion_secs)
    look(seen, 1, 3)
    look(seen, 3, 30, FrameFlags.IDLE)
    (now, *_) = seen.programme.segments(seen.motion_secs)
    assert now.progress == pytest.approx(0.5, abs=0.02)


def test_the_time_line_goes_with_the_speed_of_the_motion() -> None:
    seen = Seen()
    look(seen, 0, 2)
    before = seen.motion_secs
    seen.note(SetSpeed(factor=0.25))
    look(seen, 2, 4)
    assert seen.motion_secs - before == pytest.approx(0.5)
