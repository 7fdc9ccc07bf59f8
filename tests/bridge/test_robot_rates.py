"""From the model's 20 poses a second to whatever rate a robot wants: evenly, and within limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from flood_bridge.commands import SetPrompt
from flood_bridge.config import MAX_RATE_HZ, Config
from flood_bridge.live.guarding import make_guard
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.rotations import conjugate, multiply, to_rotation_vector
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.retarget.limit_table import limits_of
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_model import RobotModel, load_robot

ROUNDING = 1.0 + 1e-9


@pytest.fixture(scope="module")
def g1() -> RobotModel:
    pytest.importorskip("mujoco")
    pytest.importorskip("ruckig")
    return load_robot("unitree_g1")


@pytest.fixture
def led(make_rig: Callable[..., Any], g1: RobotModel) -> Callable[[int], list[Frame]]:
    """Return ``led(rate_hz)``: what a G1 is sent while the model glides, runs and glides on."""

    def lead(rate_hz: int) -> list[Frame]:
        config = Config(rate_hz=rate_hz, robot="unitree_g1")

        def robot(skeleton: Skeleton) -> RobotRetargeter:
            return RobotRetargeter(g1, 1 / rate_hz, skeleton)

        guard = lambda: make_guard(g1, config)  # noqa: E731
        rig = make_rig(rate_hz=rate_hz, make_robot=robot, make_guard=guard)
        rig.play(0.4)
        rig.ask(SetPrompt(text="runs", urgency="now"))
        return rig.play(2.6)

    return lead


@pytest.mark.parametrize("rate_hz", [50, MAX_RATE_HZ])
def test_a_robot_is_sent_even_frames_within_its_limits_at_every_rate(
    led: Callable[[int], list[Frame]], g1: RobotModel, rate_hz: int
) -> None:
    frames = led(rate_hz)
    assert len(frames) == pytest.approx(2.6 * rate_hz, abs=1)
    times = np.array([frame.play_time_secs for frame in frames])
    np.testing.assert_allclose(np.diff(times), 1 / rate_hz, rtol=1e-9)
    assert np.array_equal(np.diff([frame.sequence for frame in frames]), np.ones(len(frames) - 1))

    sent = [frame.robot for frame in frames if frame.robot is not None]
    assert len(sent) == len(frames)
    limits = limits_of(g1)
    positions = np.array([each.positions for each in sent])
    velocities = np.array([each.velocities for each in sent])
    steps = np.diff(positions, axis=0) * rate_hz
    gained = np.diff(velocities, axis=0) * rate_hz
    jerks = np.diff(gained, axis=0) * rate_hz
    assert ((positions >= limits.lower) & (positions <= limits.upper)).all()
    assert (np.abs(velocities) <= limits.speed * ROUNDING).all()
    assert (np.abs(steps) <= limits.speed * ROUNDING + 1e-9).all()
    assert (np.abs(gained) <= limits.acceleration * ROUNDING + 1e-7).all()
    assert (np.abs(jerks) <= limits.jerk * ROUNDING + 1e-3).all()
    assert np.ptp([each.root_position[0] for each in sent]) > 1.0, "it went somewhere"


def test_between_two_poses_of_the_model_the_robot_moves_on_at_every_frame(
    led: Callable[[int], list[Frame]],
) -> None:
    sent = [frame.robot for frame in led(MAX_RATE_HZ)[-MAX_RATE_HZ:] if frame.robot is not None]
    ways = np.diff([each.root_position[0] for each in sent])
    assert ways.min() > 0.0, "none is a repetition of the one before"
    assert ways.max() < 2.0 * ways.min(), "nor do they come in bursts of 20 a second"
    turns = np.array([each.root_rotation_wxyz for each in sent])
    angles = to_rotation_vector(multiply(turns[1:], conjugate(turns[:-1]))) * MAX_RATE_HZ
    assert np.abs(angles).max() < 0.5, "and the root does not shake"
