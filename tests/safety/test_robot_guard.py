"""In whatever order things happen, the robot is never sent anything outside its limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from rigs import LIMITS, NAMES, RATE_HZ, ROUNDING, SAFE, Run, frame, make_guard

from flood_bridge.errors import CommandError
from flood_bridge.safety.decision import State


def test_an_idle_robot_is_sent_nothing():
    run = Run()
    assert run.run(1.0) is None


def test_an_armed_robot_is_kept_where_it_was_measured():
    run = Run(needs_measurement=True)
    run.guard.machine.measure(run.now, NAMES, (1.5, 2.0))
    run.guard.machine.arm(run.now)
    out = run.tick()
    assert out is not None
    np.testing.assert_allclose(out.positions, (1.5, 2.0))
    assert run.state is State.ARMED


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        ((2.3, 2.0), "hip is 0.30 rad outside the range"),
        ((0.0, -0.4), "knee is 0.40 rad outside the range"),
        ((2.04, 2.54), None),
    ],
)
def test_a_robot_outside_its_range_is_not_armed(measured: tuple[float, float], said: str | None):
    run = Run(needs_measurement=True)
    run.guard.machine.measure(run.now, NAMES, measured)
    if said is None:
        run.guard.arm(run.now)
    else:
        with pytest.raises(CommandError, match=said):
            run.guard.arm(run.now)
    assert (run.tick() is None) is (said is not None)


def test_a_robot_that_left_its_range_while_it_was_led_is_no_reason_to_refuse():
    run = Run(needs_measurement=True)
    run.guard.machine.measure(run.now, NAMES, (0.0, 0.5))
    run.guard.arm(run.now)
    run.tick()
    run.guard.machine.measure(run.now, NAMES, (2.3, 0.5))
    run.guard.arm(run.now)
    assert run.state is State.ARMED


def test_without_measurements_it_begins_again_where_it_was_sent_last():
    run = Run()
    run.lead()
    run.motion = frame(1.5, 1.0)
    run.run(2.0)
    run.guard.machine.stop("")
    stopped = run.run(1.0)
    run.guard.machine.reset(run.now)
    assert run.run(0.5) is None
    run.guard.arm(run.now)
    first = run.tick()
    assert stopped is not None
    assert first is not None
    assert stopped.positions[0] > 1.4
    np.testing.assert_array_equal(first.positions, stopped.positions)


def test_without_measurements_it_begins_in_its_safe_pose():
    run = Run()
    run.guard.machine.arm(run.now)
    out = run.tick()
    assert out is not None
    np.testing.assert_allclose(out.positions, SAFE.positions)
    assert out.root_position[2] == pytest.approx(SAFE.height_m)


def test_it_blends_into_the_motion_gently():
    run = Run()
    run.motion = frame(0.2, 1.0)
    run.lead()
    np.testing.assert_allclose(run.published[-1].positions, (0.2, 1.0), atol=1e-3)
    assert run.steps().max() < 0.55, "a way of 0.5 rad in 2 s"


def test_after_the_last_frame_it_is_in_its_safe_pose_within_a_second():
    run = Run()
    run.lead()
    run.motion = frame(2.0, 2.5)
    run.run(2.0)
    run.fresh = False
    sent = [out for _ in range(RATE_HZ) if (out := run.tick()) is not None]
    np.testing.assert_allclose(sent[-1].positions, SAFE.positions, atol=0.01)
    assert sent[-1].root_position[2] == pytest.approx(SAFE.height_m, abs=0.005)
    assert run.state is State.IDLE


def test_resuming_never_snaps():
    run = Run()
    run.lead()
    run.guard.machine.clutch(False)
    run.run(0.5)
    run.motion = frame(-1.8, 2.4, x=30.0, y=-10.0, yaw=3.0)
    held = run.tick()
    run.guard.machine.clutch(True)
    run.published = []
    out = run.run(2.0)
    assert held is not None
    assert out is not None
    np.testing.assert_allclose(out.positions, (-1.8, 2.4), atol=1e-3)
    np.testing.assert_allclose(out.root_position[:2], held.root_position[:2], atol=1e-6)
    assert run.steps().max() < 4.0, "2 rad in a second, eased"


def test_a_jump_of_the_motion_does_not_carry_the_robot_elsewhere():
    run = Run()
    run.lead()
    before = run.tick()
    run.motion, run.jumped = frame(x=50.0, y=3.0, yaw=1.0), True
    out = run.run(0.5)
    assert before is not None
    assert out is not None
    np.testing.assert_allclose(out.root_position, before.root_position, atol=1e-6)
    run.motion = frame(x=50.0 + np.cos(1.0), y=3.0 + np.sin(1.0), yaw=1.0)  # a step ahead
    out = run.run(1.5)
    assert out is not None
    way = out.root_position - before.root_position
    np.testing.assert_allclose(way[:2], (1.0, 0.0), atol=1e-6)


def test_without_the_safety_layer_jumps_are_made():
    run = Run(enabled=False)
    run.run(0.2)
    run.motion, run.jumped = frame(x=5.0), True
    out = run.tick()
    assert out is not None
    assert out.root_position[0] == pytest.approx(5.0)


def test_a_stop_brakes_and_stays():
    run = Run()
    run.lead()
    run.motion = frame(2.0, 2.5)
    run.run(0.1)
    run.guard.machine.stop("")
    stopped = run.run(0.3)
    run.motion = frame(-2.0, 0.0)
    later = run.run(2.0)
    assert stopped is not None
    assert later is not None
    np.testing.assert_array_equal(later.positions, stopped.positions)
    assert not later.velocities.any()


def test_a_stop_before_anything_was_sent_sends_nothing():
    run = Run()
    run.guard.machine.stop("")
    assert run.run(0.5) is None
    assert run.state is State.ESTOP


OPTIONS = {"needs_measurement": True, "needs_deadman": True, "armed_secs": 5.0}
angles = st.floats(-50.0, 50.0) | st.sampled_from([np.nan, np.inf, -np.inf, 1e300])


class Anything(RuleBasedStateMachine):
    """Any order of commands, frames, silence and time."""

    def __init__(self) -> None:
        super().__init__()
        self.run = Run(**OPTIONS)
        self.stopped = False
        self.measured: tuple[float, float] | None = (-0.3, 0.6)
        self.held = True

    def tick(self, count: int) -> None:
        for _ in range(count):
            machine, now = self.run.guard.machine, self.run.now
            if self.measured is not None:
                machine.measure(now, NAMES, self.measured)
            machine.deadman(now, self.held)
            self.run.tick()

    @rule(count=st.integers(1, 40))
    def time_goes_by(self, count):
        self.tick(count)

    @rule(hip=angles, knee=angles, x=angles, z=angles, yaw=st.floats(-4, 4), jumped=st.booleans())
    def the_motion_is_anything(self, hip, knee, x, z, yaw, jumped):
        self.run.motion, self.run.jumped = frame(hip, knee, x, 0.0, z, yaw), jumped
        self.tick(2)

    @rule()
    def the_motion_is_near(self):
        self.run.motion, self.run.fresh = frame(-0.2, 0.5), True
        self.measured, self.held = (-0.3, 0.6), True
        self.tick(5)

    @rule()
    def it_is_armed_and_led(self):
        self.the_motion_is_near()
        self.arm()
        self.tick(130)

    @rule(fresh=st.booleans())
    def frames_come_or_not(self, fresh):
        self.run.fresh = fresh
        self.tick(1)

    @rule(measured=st.none() | st.tuples(st.floats(-3, 3), st.floats(-3, 3)))
    def it_is_measured(self, measured):
        self.measured = measured

    @rule(held=st.booleans())
    def the_switch_changes(self, held):
        self.held = held
        self.tick(1)

    @rule(engaged=st.booleans())
    def the_clutch_changes(self, engaged):
        self.run.guard.machine.clutch(engaged)

    @rule()
    def arm(self):
        try:
            self.run.guard.machine.arm(self.run.now)
        except CommandError:
            return
        assert not self.stopped

    @rule()
    def disarm(self):
        self.run.guard.machine.disarm()

    @rule()
    def stop(self):
        self.run.guard.machine.stop("")
        self.stopped = True
        self.tick(1)

    @rule()
    def reset(self):
        if self.stopped:
            self.run.guard.machine.reset(self.run.now)
            self.stopped = False

    @rule()
    def the_run_is_resumed(self):
        memory, self.run.guard = self.run.guard.memory(), make_guard(**OPTIONS)
        self.run.guard.recall(memory, self.run.now)
        was, self.run.published = self.run.published[-1:], []
        self.measured, self.held = None, False
        out = self.run.tick()
        if out is not None:  # a stop that was latched brakes on from where it was
            assert self.stopped
            self.run.published = [*was, *self.run.published]
        else:
            assert self.run.state in (State.IDLE, State.ESTOP)

    @rule(secs=st.floats(0.0, 3.0))
    def the_clock_of_playing_stands_still(self, secs):
        self.run.now += secs

    @invariant()
    def what_is_sent_is_within_its_limits(self):
        sent = self.run.published
        if not sent:
            return
        positions = np.array([each.positions for each in sent])
        velocities = np.array([each.velocities for each in sent])
        assert ((positions >= LIMITS.lower) & (positions <= LIMITS.upper)).all()
        assert (np.abs(velocities) <= LIMITS.speed * ROUNDING).all()
        assert (np.abs(np.diff(positions, axis=0)) * RATE_HZ <= LIMITS.speed * ROUNDING).all()
        accelerations = np.diff(velocities, axis=0) * RATE_HZ
        assert (np.abs(accelerations) <= LIMITS.acceleration * ROUNDING + 1e-7).all()
        jerks = np.diff(accelerations, axis=0) * RATE_HZ
        assert (np.abs(jerks) <= 2.0 * LIMITS.jerk * ROUNDING + 1e-3).all()
        self.run.published = sent[-3:]

    @invariant()
    def a_stop_lasts(self):
        if self.stopped and self.run.guard.decision is not None and self.run.now > 0.0:
            self.tick(1)
            assert self.run.state is State.ESTOP

    @invariant()
    def nothing_is_sent_when_idle(self):
        if self.run.guard.decision is not None and self.run.guard.decision.state is State.IDLE:
            assert not self.run.published

    @invariant()
    def nobody_leads_without_the_switch(self):
        if not self.held and self.run.guard.decision is not None:
            self.tick(1)
            assert self.run.state not in (State.LIVE, State.BLEND_IN, State.BLEND_OUT)


Anything.TestCase.settings = settings(max_examples=10, stateful_step_count=20, deadline=None)
TestAnything = Anything.TestCase
