"""Commands, measurements and frames meet at the robots; nothing is sent that was not released."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flood_bridge.commands import (
    Arm,
    Clutch,
    Deadman,
    Disarm,
    EStop,
    MeasuredJoints,
    PlaceRoot,
    Reset,
    ResetStop,
    Spawn,
)
from flood_bridge.config import Config
from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.events import SafetyReport
from flood_bridge.live.guarding import make_guard, options_of
from flood_bridge.live.robot_guard import RobotGuard
from flood_bridge.live.robots import Robots
from flood_bridge.motion.frames import FrameFlags, RobotFrame
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_model import load_robot


class Robotics:
    """A daemon's plumbing with a robot and its guard, on one thread and clock."""

    def __init__(self, make_rig: Callable[..., Any], *, guarded: bool = True, **safety) -> None:
        self.rig = make_rig(guarded=guarded, safety=safety)
        self.robots = self.rig.robots

    def ask(self, command: Any) -> None:
        self.robots.obey(command)

    def play(self, secs: float) -> list[RobotFrame | None]:
        return [frame.robot for frame in self.rig.play(secs)]

    def states(self) -> list[str]:
        return [e.state for e in self.rig.events if isinstance(e, SafetyReport)]


def test_nothing_goes_to_the_robot_until_it_is_armed_and_then_it_is_led(make_swinging_rig):
    lab = Robotics(make_swinging_rig)
    assert set(lab.play(0.5)) == {None}
    lab.ask(Arm())
    led = lab.play(3.0)
    assert all(robot is not None for robot in led[1:])
    assert lab.states() == ["idle", "armed", "blend_in", "live"]
    assert [report.state for report in lab.robots.reports()] == ["live"]


def test_a_queue_that_runs_dry_holds_the_robot_and_leads_it_away(make_swinging_rig):
    lab = Robotics(make_swinging_rig)
    lab.ask(Arm())
    lab.play(3.0)
    lab.rig.generate_on_tick = lambda: False
    lab.play(2.0)
    assert lab.states()[-3:] == ["hold", "blend_out", "idle"]
    (report,) = lab.robots.reports()
    assert "no frame of the motion for 350 ms; at the safe pose" in report.reason


def test_a_paused_motion_is_no_fault(make_swinging_rig):
    lab = Robotics(make_swinging_rig)
    lab.ask(Arm())
    lab.play(3.0)
    lab.rig.stage.pause(0, True)
    frames = lab.play(3.0)
    assert lab.states()[-1] == "live"
    assert frames[-1] is not None
    assert np.abs(frames[-1].velocities).max() < 1e-6


def test_a_stop_holds_every_robot_and_those_to_come(make_swinging_rig):
    lab = Robotics(make_swinging_rig)
    lab.ask(Arm())
    lab.play(3.0)
    lab.ask(EStop(reason="the red button"))
    stopped = lab.play(1.0)[-1]
    later = lab.play(1.0)[-1]
    assert stopped is not None
    assert later is not None
    np.testing.assert_array_equal(stopped.positions, later.positions)
    assert lab.robots.reports() == (SafetyReport(0, "estop", "the red button"),)
    with pytest.raises(CommandError, match="latched"):
        lab.ask(Arm())
    lab.robots.keep([])  # the character ends; the next one is stopped too
    lab.play(0.1)
    assert [each.state for each in lab.robots.reports()] == ["estop"]
    lab.ask(ResetStop())
    assert set(lab.play(0.2)[1:]) == {None}
    with pytest.raises(CommandError, match="no emergency stop"):
        lab.ask(ResetStop())


def test_a_stop_before_the_first_frame_is_kept(make_swinging_rig):
    lab = Robotics(make_swinging_rig)
    lab.robots.keep([])
    lab.ask(EStop())
    lab.play(0.1)
    assert [each.state for each in lab.robots.reports()] == ["estop"]


def test_commands_reach_the_machine(make_swinging_rig):
    lab = Robotics(make_swinging_rig, needs_deadman=True, needs_measurement=True)
    with pytest.raises(CommandError, match="has not been measured"):
        lab.ask(Arm())

    def attend(secs: float) -> None:
        for _ in range(round(secs / 0.1)):
            lab.ask(MeasuredJoints(positions=(0.5, 0.2), names=("knee", "hip")))
            lab.ask(Deadman(held=True))
            lab.play(0.1)

    attend(0.1)
    lab.ask(Arm())
    attend(3.0)
    assert lab.states()[-1] == "live"
    lab.ask(Clutch(engaged=False))
    attend(0.3)
    assert lab.states()[-1] == "hold"
    lab.ask(Clutch(engaged=True))
    lab.ask(Disarm())
    attend(4.0)
    assert lab.states()[-1] == "idle"
    lab.ask(Deadman(held=False))
    assert lab.states()[-1] == "idle"


def test_without_the_safety_layer_the_robot_moves_at_once_and_can_be_stopped(make_swinging_rig):
    lab = Robotics(make_swinging_rig, guarded=False)
    first = lab.play(0.5)[0]
    assert first is not None
    assert lab.robots.reports() == ()
    assert lab.states() == []
    with pytest.raises(CommandError, match="--safety on"):
        lab.ask(Arm())
    lab.ask(MeasuredJoints(positions=(0.0, 0.0)))
    lab.ask(EStop())
    lab.play(0.2)
    assert lab.states() == ["estop"]
    lab.ask(ResetStop())
    lab.play(2.0)
    assert lab.states()[-1] == "live"


def test_without_a_robot_commands_say_so(make_rig, make_swinging_rig):
    rig = make_rig()
    robots = Robots(lambda: None, False, rig.events.append, rig.clock)
    with pytest.raises(CommandError, match="--robot"):
        robots.obey(Arm())
    (frame,) = rig.play(1 / 60)[-1:]
    assert robots.carry(frame, False) is frame
    led = make_swinging_rig().play(1 / 60)[-1]
    assert led.robot is not None
    assert robots.carry(led, False) is led


def test_a_jump_moves_a_free_robot_and_no_guarded_one(make_swinging_rig):
    roots = []
    for guarded in (False, True):
        lab = Robotics(make_swinging_rig, guarded=guarded)
        if guarded:
            lab.ask(Arm())
        lab.play(3.0)
        lab.rig.ask(PlaceRoot(x_m=100.0, z_m=0.0, heading_rad=0.0))
        lab.play(1.0)
        flags = [frame.flags for frame in lab.rig.frames]
        assert any(each & FrameFlags.JUMPED for each in flags)
        robot = lab.rig.frames[-1].robot
        assert robot is not None
        roots.append(robot.root_position[1])
    assert roots[0] == pytest.approx(100.0)
    assert abs(roots[1]) < 1.0


@pytest.mark.parametrize("guarded", [False, True])
def test_a_reset_takes_a_g1_along_only_if_it_is_free(make_rig, guarded):
    pytest.importorskip("mujoco")
    g1, rate_hz = load_robot("unitree_g1"), 60
    config = Config(rate_hz=rate_hz, robot="unitree_g1", safety="on" if guarded else "off")
    wide = lambda: wide_gate(make_guard(g1, config))  # noqa: E731 - its stand is no G1's
    rig = make_rig(
        make_robot=lambda skeleton: RobotRetargeter(g1, 1 / rate_hz, skeleton),
        make_guard=wide,
        guarded=guarded,
        rate_hz=rate_hz,
    )
    rig.play(0.3)
    if guarded:
        rig.robots.obey(Arm())
    before = rig.play(4.0)[-1].robot
    rig.ask(Reset())
    robots = [before, *(frame.robot for frame in rig.play(1.0))]
    roots = np.array([robot.root_position for robot in robots])
    speeds = np.linalg.norm(np.diff(roots, axis=0), axis=1) * rate_hz
    far = np.linalg.norm(roots[-1] - roots[0])
    if guarded:
        assert speeds.max() < 2.5, "it walks on"
    else:
        assert far > 2.0
        assert np.sort(speeds)[-2] < 2.5, "one jump, and no way between"


def wide_gate(guard: RobotGuard) -> RobotGuard:
    machine = guard.machine
    machine._options = replace(machine._options, gate_rad=3.0)
    return guard


def test_a_character_that_has_no_frame_yet_keeps_what_its_robot_was_told(make_swinging_rig):
    lab = Robotics(make_swinging_rig)
    lab.play(0.5)
    lab.rig.ask(Spawn(character=3, text="a"))
    lab.rig.generation.turn(lab.rig.stage.work())
    assert lab.rig.stage.numbers() == [0, 3]
    lab.rig.generate_on_tick = lambda: False
    lab.ask(Clutch(character=3, engaged=False))
    lab.ask(Arm(character=3))
    lab.play(0.1)
    guard = lab.robots._guards[3]
    assert (guard.machine.state.value, guard.machine._clutch) == ("armed", False)


def test_measured_joints_without_the_layer_are_mentioned_once(make_swinging_rig, caplog):
    lab = Robotics(make_swinging_rig, guarded=False)
    for _ in range(3):
        lab.ask(MeasuredJoints(positions=(0.1, 0.2)))
    (record,) = caplog.records
    assert "the safety layer is off" in record.message


def test_a_topic_of_measured_joints_needs_ros():
    with pytest.raises(ConfigError, match="is a topic of ROS 2; say --ros as well"):
        Config(robot="unitree_g1", measured_joints="/g1/joint_states")


@pytest.mark.parametrize(
    ("settings", "guarded"),
    [
        ({}, False),
        ({"robot": "unitree_g1"}, False),
        ({"robot": "unitree_g1", "measured_joints": "/g1/joint_states", "ros": True}, True),
        ({"robot": "unitree_g1", "safety": "on"}, True),
        ({"robot": "unitree_g1", "measured_joints": "osc", "safety": "off"}, False),
        ({"measured_joints": "/g1/joint_states"}, False),
    ],
)
def test_the_layer_is_on_by_itself_when_a_real_robot_is_expected(settings, guarded):
    config = Config(**settings)
    assert config.guarded is guarded
    options = options_of(config)
    assert options.enabled is guarded
    assert options.needs_measurement is (guarded and "measured_joints" in settings)


@pytest.mark.parametrize("settings", [{"safety": "on"}, {"deadman": True}])
def test_settings_without_a_robot_to_guard_are_refused(settings):
    with pytest.raises(ConfigError, match="--safety on"):
        Config(**settings)


def test_the_guard_of_a_robot_of_the_table_leads_it():
    from flood_bridge.retarget.robot_model import load_robot

    g1 = load_robot("unitree_g1")
    guard = make_guard(g1, Config(robot="unitree_g1", safety="on"))
    identity = np.array([1.0, 0.0, 0.0, 0.0])
    count = len(g1.names)
    wanted = RobotFrame(g1.names, g1.posture, np.zeros(count), np.array([0, 0, 0.75]), identity)
    assert guard.publish(0.0, wanted, fresh=True, jumped=False) is None
    guard.machine.arm(0.0)
    sent = guard.publish(0.02, wanted, fresh=True, jumped=False)
    assert sent is not None
    assert 0.5 < sent.root_position[2] < 0.85, "it stands on its soles"
