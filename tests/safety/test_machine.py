"""The robot is led only while everything allows it, and every refusal has a reason."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from rigs import NAMES, REST, TICK_SECS, Bench, states

from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.safety.decision import STOPPED, Cause, Sight, State
from flood_bridge.safety.machine import SafetyMachine
from flood_bridge.safety.options import SafetyOptions


def test_nothing_happens_before_it_is_armed():
    assert states(Bench().run(1.0)) == [State.IDLE]


def test_an_armed_robot_waits_a_tick_blends_in_and_follows():
    bench = Bench()
    bench.run(0.1)
    bench.arm()
    decisions = bench.run(2.5)
    assert states(decisions) == [State.ARMED, State.BLEND_IN, State.LIVE]
    shares = [each.share for each in decisions if each.state is State.BLEND_IN]
    assert shares[0] == 0.0
    assert all(a < b <= 1.0 for a, b in pairwise(shares))
    assert len(shares) == pytest.approx(2.0 / TICK_SECS, abs=2)
    assert sum(each.entered for each in decisions) == 3


def test_a_robot_far_from_the_motion_is_not_let_in():
    bench = Bench()
    bench.wanted = np.array([0.0, 0.7])
    bench.arm()
    (last,) = bench.run(1.0)[-1:]
    assert (last.state, last.cause) == (State.ARMED, Cause.FAR)
    assert "knee is 0.70 rad from the motion" in last.reason
    bench.wanted = np.array([0.0, 0.5])
    assert bench.run(0.1)[-1].state is State.BLEND_IN


def test_the_gate_is_the_measured_robot_and_not_what_was_sent():
    bench = Bench(needs_measurement=True)
    bench.measured = (0.0, -0.8)
    bench.tick()
    bench.arm()
    assert bench.run(0.5)[-1].cause is Cause.FAR
    bench.measured = (0.0, 0.0)
    assert bench.run(0.5)[-1].state is State.BLEND_IN


def test_a_robot_that_never_comes_near_is_let_go():
    bench = Bench(armed_secs=1.0)
    bench.wanted = np.array([3.0, 0.0])
    bench.arm()
    assert states(bench.run(1.2)) == [State.ARMED, State.IDLE]
    assert "never near" in bench.tick().reason


def test_the_watchdog_holds_within_150_ms_and_leads_away_within_a_second():
    bench = Bench()
    bench.lead()
    bench.fresh, last_fresh = False, bench.now
    times = {}
    for _ in range(80):
        times.setdefault(bench.tick().state, bench.now - last_fresh)
    assert times[State.HOLD] <= 0.15
    left = times[State.BLEND_OUT]
    assert left + bench.options.leave_blend_secs <= 1.0
    bench.safe = True
    assert bench.tick().state is State.IDLE
    bench.fresh = True
    assert states(bench.run(1.0)) == [State.IDLE], "it has to be armed anew"


@pytest.mark.parametrize("rate_hz", [20, 25, 60, 120, 200])
def test_the_watchdog_keeps_its_time_at_every_rate(rate_hz):
    machine = SafetyMachine(NAMES, SafetyOptions(needs_measurement=False, enter_blend_secs=0.1))
    machine.arm(0.0)
    for n in range(2 * rate_hz):
        machine.tick(n / rate_hz, Sight(True, REST, REST))
    last = (2 * rate_hz - 1) / rate_hz
    held = next(
        n / rate_hz - last
        for n in range(2 * rate_hz, 4 * rate_hz)
        if machine.tick(n / rate_hz, Sight(False, REST, REST)).state is State.HOLD
    )
    assert held <= 0.15 + 1e-9


def test_a_short_silence_is_a_hold_and_a_way_back():
    bench = Bench()
    bench.lead()
    bench.fresh = False
    decisions = bench.run(0.2)
    bench.fresh = True
    decisions += bench.run(1.5)
    assert states(decisions) == [State.LIVE, State.HOLD, State.BLEND_IN, State.LIVE]


def test_frames_that_were_not_asked_for_in_time_are_a_silence_too():
    bench = Bench()
    bench.lead()
    bench.now += 0.3  # the clock of playing stood still
    assert states(bench.run(1.5)) == [State.HOLD, State.BLEND_IN, State.LIVE]


def test_the_enabling_switch_stops_at_once_and_holds_for_as_long_as_it_is_released():
    bench = Bench(needs_deadman=True)
    bench.held = True
    bench.lead()
    bench.held = False
    assert states(bench.run(5.0)) == [State.HOLD]
    bench.held = True
    assert states(bench.run(1.5)) == [State.BLEND_IN, State.LIVE]
    bench.held = None  # silent
    decisions = bench.run(0.4)
    assert decisions[-1].cause is Cause.NO_DEADMAN


def test_a_released_switch_forbids_the_way_to_the_safe_pose_too():
    bench = Bench(needs_deadman=True)
    bench.held = True
    bench.lead()
    bench.machine.disarm()
    assert bench.tick().state is State.BLEND_OUT
    bench.held = False
    assert states(bench.run(1.0)) == [State.HOLD]
    bench.held = True
    assert states(bench.run(1.0)) == [State.BLEND_OUT]


def test_the_clutch_holds_for_as_long_as_it_likes():
    bench = Bench()
    bench.lead()
    bench.machine.clutch(False)
    assert states(bench.run(10.0)) == [State.HOLD]
    bench.wanted = np.array([2.0, 2.0])  # far: the way back is blended, not gated
    bench.machine.clutch(True)
    assert states(bench.run(1.5)) == [State.BLEND_IN, State.LIVE]


def test_disarming_leads_to_the_safe_pose_and_then_lets_go():
    bench = Bench()
    bench.lead()
    bench.machine.disarm()
    assert states(bench.run(3.0)) == [State.BLEND_OUT]
    bench.safe = True
    last = bench.tick()
    assert (last.state, last.cause) == (State.IDLE, Cause.DISARMED)


def test_disarming_an_armed_robot_lets_go_at_once():
    bench = Bench()
    bench.wanted = np.array([3.0, 0.0])
    bench.arm()
    bench.run(0.2)
    bench.machine.disarm()
    assert bench.tick().state is State.IDLE


@pytest.mark.parametrize("by", ["disarming", "waiting"])
def test_a_robot_armed_again_on_the_way_out_is_led_to_the_safe_pose_all_the_same(by: str):
    bench = Bench(armed_secs=0.5)
    bench.lead()
    bench.machine.disarm()
    bench.run(0.5)
    bench.wanted = np.array([3.0, 0.0])
    bench.arm()
    assert states(bench.run(0.2)) == [State.ARMED]
    if by == "disarming":
        bench.machine.disarm()
    assert states(bench.run(3.0))[-1] is State.BLEND_OUT
    bench.safe = True
    last = bench.tick()
    assert (last.state, last.cause) == (
        State.IDLE,
        Cause.DISARMED if by == "disarming" else Cause.WAITED,
    )


def test_what_is_forbidden_stands_before_the_way_out_of_armed():
    bench = Bench(needs_deadman=True)
    bench.held = True
    bench.lead()
    bench.machine.disarm()
    bench.run(0.5)
    bench.arm()
    bench.held = False
    bench.machine.disarm()
    assert states(bench.run(1.0)) == [State.HOLD]


def test_arming_again_on_the_way_out_takes_it_back():
    bench = Bench()
    bench.lead()
    bench.machine.disarm()
    bench.run(0.5)
    bench.arm()
    assert states(bench.run(2.5))[-1] is State.LIVE


def test_a_lost_measurement_holds_for_as_long_as_it_lasts():
    bench = Bench(needs_measurement=True)
    bench.measured = (0.0, 0.0)
    bench.tick()
    bench.lead()
    bench.measured = None
    last = bench.run(3.0)[-1]
    assert (last.state, last.cause) == (State.HOLD, Cause.NO_MEASUREMENT)
    assert "was not measured for 0.3 s" in last.reason


def test_a_robot_that_does_not_follow_is_held():
    bench = Bench(needs_measurement=True)
    bench.measured = (0.0, 0.0)
    bench.tick()
    bench.lead()
    bench.measured = (0.0, 1.5)
    assert bench.run(0.25)[-1].state is State.LIVE, "a glitch is none"
    last = bench.run(0.2)[-1]
    assert (last.state, last.cause) == (State.HOLD, Cause.STRAYED)
    assert "knee is 1.50 rad from where it was sent" in last.reason


def test_a_robot_that_is_not_measured_cannot_be_armed():
    bench = Bench(needs_measurement=True)
    with pytest.raises(CommandError, match="hip has not been measured"):
        bench.arm()
    bench.machine.measure(bench.now, ("knee",), (0.0,))
    with pytest.raises(CommandError, match="hip has not been measured"):
        bench.arm()
    bench.machine.measure(bench.now, ("hip", "tail"), (0.0, 9.0))
    bench.now += 1.0
    with pytest.raises(CommandError, match="was not measured for"):
        bench.arm()


@pytest.mark.parametrize(
    ("names", "positions", "said"),
    [
        ((), (1.0,), "this robot has 2"),
        (("tail",), (1.0,), "'tail' is not among hip, knee"),
    ],
)
def test_measurements_of_another_robot_are_refused(names, positions, said):
    with pytest.raises(CommandError, match=said):
        Bench().machine.measure(0.0, names, positions)


def test_measurements_come_in_any_order_and_in_parts():
    bench = Bench(needs_measurement=True)
    bench.machine.measure(1.0, ("knee",), (0.5,))
    bench.machine.measure(1.1, ("foreign", "hip"), (9.0, -0.5))
    np.testing.assert_array_equal(bench.machine.measured(1.2), (-0.5, 0.5))
    assert bench.machine.measured(1.35) is None


def test_what_is_no_angle_is_refused_by_the_joints_name_and_a_foreign_joint_may_be_anything():
    machine = Bench(needs_measurement=True).machine
    machine.measure(1.0, ("wheel", "knee", "hip"), (float("nan"), 0.2, 0.1))
    np.testing.assert_array_equal(machine.measured(1.0), (0.1, 0.2))
    for odd in (float("nan"), float("inf"), -1e6):
        with pytest.raises(
            CommandError, match=f"angle of knee is {odd!r}; valid are -1000 to 1000"
        ):
            machine.measure(1.0, ("hip", "knee"), (0.7, odd))
    np.testing.assert_array_equal(machine.measured(1.0), (0.1, 0.2))


def test_a_stop_is_latched_whatever_comes_after():
    bench = Bench()
    bench.lead()
    bench.machine.stop("the red button")
    assert bench.tick().state is State.ESTOP
    bench.machine.stop("a second button")
    bench.machine.disarm()
    bench.machine.clutch(False)
    with pytest.raises(CommandError, match="latched"):
        bench.arm()
    last = bench.run(5.0)[-1]
    assert (last.state, last.reason) == (State.ESTOP, "the red button")
    bench.machine.reset(bench.now)
    assert states(bench.run(1.0)) == [State.IDLE]
    with pytest.raises(CommandError, match="no emergency stop"):
        bench.machine.reset(bench.now)


def test_without_the_safety_layer_the_robot_follows_and_the_stop_works():
    bench = Bench(enabled=False)
    assert states(bench.run(0.5)) == [State.LIVE]
    bench.fresh = False
    assert states(bench.run(2.0)) == [State.LIVE]
    bench.machine.stop("")
    assert bench.tick().reason == "emergency stop"
    bench.machine.reset(bench.now)
    assert states(bench.run(1.5)) == [State.BLEND_IN, State.LIVE]


def test_states_that_stop_the_robot_are_the_ones_without_a_way():
    assert {State.ARMED, State.HOLD, State.ESTOP} == STOPPED


@pytest.mark.parametrize(
    "wrong", [{"hold_secs": 0.0}, {"gate_rad": float("nan")}, {"leave_secs": 0.1}]
)
def test_options_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ConfigError, match="safety"):
        SafetyOptions(**wrong)
