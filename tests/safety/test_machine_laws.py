"""Laws of the state machine that hold in whatever order things are told and time goes by."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from flood_bridge.errors import CommandError
from flood_bridge.safety.decision import Cause, Decision, Sight, State
from flood_bridge.safety.machine import SafetyMachine
from flood_bridge.safety.memory import MachineMemory
from flood_bridge.safety.options import SafetyOptions

NAMES = ("hip", "knee")
TICK_SECS = 1 / 50
OPTIONS = SafetyOptions(
    needs_measurement=True,
    needs_deadman=True,
    armed_secs=3.0,
    enter_blend_secs=0.4,
    resume_blend_secs=0.2,
)
NEAR, FAR = np.array([0.1, -0.1]), np.array([0.0, 1.4])

IDLE, ARMED, BLEND_IN, LIVE = State.IDLE, State.ARMED, State.BLEND_IN, State.LIVE
HOLD, BLEND_OUT, ESTOP = State.HOLD, State.BLEND_OUT, State.ESTOP
BY_ITSELF = {
    IDLE: {IDLE},
    ARMED: {ARMED, BLEND_IN, IDLE},
    BLEND_IN: {BLEND_IN, LIVE, HOLD, BLEND_OUT},
    LIVE: {LIVE, HOLD, BLEND_OUT},
    HOLD: {HOLD, BLEND_IN, BLEND_OUT},
    BLEND_OUT: {BLEND_OUT, HOLD, IDLE},
    ESTOP: {ESTOP},
}
"""Where each state leads from one tick to the next; any leads to a stop if somebody asks for it."""
BY_ARMING = {IDLE: {ARMED}, BLEND_OUT: {ARMED, BLEND_IN}}
GOING_WELL = {BLEND_IN, LIVE}


class Laws(RuleBasedStateMachine):
    """A machine with everything that it needs, of which anything may fail at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = SafetyMachine(NAMES, OPTIONS)
        self.now = 5.0
        self.wanted, self.measured = NEAR, np.zeros(2)
        self.comes, self.measures, self.holds = True, True, True
        self.clutch, self.safe = True, False
        self.armed = self.stopped = False
        self.fresh_secs = self.held_secs = self.measured_secs = -np.inf
        self.before: Decision | None = None
        self.now_is: Decision | None = None

    def tick(self) -> None:
        self.now += TICK_SECS
        if self.measures:
            self.machine.measure(self.now, NAMES, self.measured.tolist())
            self.measured_secs = self.now
        if self.holds:
            self.machine.deadman(self.now, True)
            self.held_secs = self.now
        sent = None if self.now_is is None or self.now_is.state is IDLE else np.zeros(2)
        sight = Sight(self.comes, self.wanted, sent, self.safe)
        self.before, self.now_is = self.now_is, self.machine.tick(self.now, sight)
        if self.comes:
            self.fresh_secs = self.now
        self.check()
        self.armed = False

    def check(self) -> None:
        now = self.now_is
        assert now is not None
        assert now.reason, "there is always a reason"
        assert (now.cause is Cause.NONE) == (now.state in GOING_WELL)
        assert 0.0 <= now.share <= 1.0
        was = IDLE if self.before is None else self.before.state
        assert now.entered == (self.before is None or now.state is not was)
        self.check_step(was, now)
        if now.state is LIVE:
            self.check_live()

    def check_step(self, was: State, now: Decision) -> None:
        if self.stopped:
            assert now.state is ESTOP
        elif was is ESTOP:
            assert now.state is IDLE or (self.armed and now.state in (ARMED, BLEND_IN))
        elif now.state not in BY_ITSELF[was]:
            assert self.armed
            assert now.state in BY_ARMING[was]
        if was is BLEND_IN and now.state is LIVE:
            assert self.before is not None
            secs = OPTIONS.resume_blend_secs
            assert self.before.share > 1.0 - 1.01 * TICK_SECS / secs, "not before the way is over"

    def check_live(self) -> None:
        assert self.clutch
        assert self.now - self.fresh_secs < OPTIONS.hold_secs + 1e-9
        assert self.now - self.held_secs < OPTIONS.deadman_secs + 1e-9
        assert self.now - self.measured_secs <= OPTIONS.measured_secs + 1e-9

    @rule(count=st.integers(1, 30))
    def time_goes_by(self, count: int) -> None:
        for _ in range(count):
            self.tick()

    @rule()
    def all_is_well_for_a_while(self) -> None:
        self.wanted, self.measured = NEAR, np.zeros(2)
        self.comes = self.measures = self.holds = True
        self.engage(True)
        self.tick()
        self.arm()
        for _ in range(60):
            self.tick()

    @rule(comes=st.booleans(), wanted=st.sampled_from([NEAR, FAR]))
    def the_motion(self, comes: bool, wanted: np.ndarray) -> None:
        self.comes, self.wanted = comes, wanted
        self.tick()

    @rule(measures=st.booleans(), measured=st.sampled_from([np.zeros(2), FAR]))
    def the_measurement(self, measures: bool, measured: np.ndarray) -> None:
        self.measures, self.measured = measures, measured

    @rule()
    def the_switch_is_let_go(self) -> None:
        self.holds, self.held_secs = False, -np.inf
        self.machine.deadman(self.now, False)
        self.tick()
        assert self.now_is is not None
        assert self.now_is.state not in (LIVE, BLEND_IN, BLEND_OUT), "at once"

    @rule()
    def the_switch_is_held(self) -> None:
        self.holds = True

    @rule(engaged=st.booleans())
    def engage(self, engaged: bool) -> None:
        self.clutch = engaged
        self.machine.clutch(engaged)

    @rule(safe=st.booleans())
    def it_arrives(self, safe: bool) -> None:
        self.safe = safe

    @rule()
    def arm(self) -> None:
        try:
            self.machine.arm(self.now)
        except CommandError:
            return
        assert not self.stopped
        assert self.now - self.measured_secs <= OPTIONS.measured_secs
        self.armed = True

    @rule()
    def disarm(self) -> None:
        self.machine.disarm()
        self.armed = self.armed and self.machine.state is ARMED

    @rule()
    def stop(self) -> None:
        self.machine.stop("")
        self.stopped = True
        self.tick()

    @precondition(lambda self: self.stopped)
    @rule()
    def reset(self) -> None:
        self.machine.reset(self.now)
        self.stopped = False

    @rule()
    def the_run_is_resumed(self) -> None:
        plain = self.machine.memory(self.now).plain()
        self.machine = SafetyMachine(NAMES, OPTIONS)
        self.now += 100.0
        self.machine.recall(MachineMemory.from_plain(plain), self.now)
        self.fresh_secs = self.held_secs = self.measured_secs = -np.inf
        self.comes = self.measures = self.holds = True
        self.armed = False
        self.before = self.now_is = None
        with pytest.raises(CommandError):
            self.machine.arm(self.now)  # what was measured before says nothing about now
        decision = self.machine.tick(self.now, Sight(True, self.wanted, None, False))
        assert decision.state is (ESTOP if self.stopped else IDLE)
        self.now_is = decision


Laws.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestLaws = Laws.TestCase


def led(**options: float | bool) -> tuple[SafetyMachine, float]:
    """Return a machine that leads a robot, and the time."""
    machine = SafetyMachine(NAMES, SafetyOptions(**{"needs_measurement": False, **options}))  # type: ignore[arg-type]
    machine.arm(0.0)
    now = 0.0
    while machine.state is not LIVE:
        now += TICK_SECS
        machine.tick(now, Sight(True, NEAR, NEAR))
    return machine, now


@pytest.mark.parametrize("state", [IDLE, ARMED, BLEND_IN, LIVE, HOLD, BLEND_OUT])
def test_a_stop_is_obeyed_at_the_next_tick_in_every_state(state: State) -> None:
    machine, now = led()
    machine.clutch(state is not HOLD)
    if state in (IDLE, ARMED, BLEND_IN):
        machine = SafetyMachine(NAMES, SafetyOptions(needs_measurement=False))
    if state in (ARMED, BLEND_IN):
        machine.arm(now)
    if state is BLEND_OUT:
        machine.disarm()
    wanted = FAR if state is ARMED else NEAR
    assert machine.tick(now + 0.02, Sight(True, wanted, NEAR)).state is state
    machine.stop("the red button")
    decision = machine.tick(now + 0.04, Sight(True, wanted, NEAR))
    assert (decision.state, decision.reason) == (ESTOP, "the red button")


def test_the_watchdog_holds_on_the_way_in_too() -> None:
    machine = SafetyMachine(NAMES, SafetyOptions(needs_measurement=False))
    machine.arm(0.0)
    states = [machine.tick(0.02 * n, Sight(n < 10, NEAR, NEAR)).state for n in range(60)]
    assert states[9] is BLEND_IN
    assert states.index(HOLD) * 0.02 - 9 * 0.02 <= 0.15
    assert BLEND_OUT in states


def test_a_robot_that_the_clutch_holds_waits_for_the_motion_without_end() -> None:
    machine, now = led()
    machine.clutch(False)
    seen = {machine.tick(now + 0.02 * n, Sight(False, NEAR, NEAR)).state for n in range(1, 500)}
    assert seen == {HOLD}


def test_an_armed_robot_waits_for_the_switch_and_says_so() -> None:
    machine = SafetyMachine(NAMES, SafetyOptions(needs_measurement=False, needs_deadman=True))
    machine.arm(0.0)
    decision = machine.tick(0.02, Sight(True, NEAR, NEAR))
    assert (decision.state, decision.cause) == (ARMED, Cause.NO_DEADMAN)
    machine.deadman(0.03, True)
    assert machine.tick(0.04, Sight(True, NEAR, NEAR)).state is BLEND_IN


def test_a_machine_without_the_layer_goes_on_exactly_where_it_was() -> None:
    options = SafetyOptions(enabled=False)
    one = SafetyMachine(NAMES, options)
    one.tick(1.0, Sight(True, NEAR, NEAR))
    one.stop("")
    one.tick(1.1, Sight(True, NEAR, NEAR))
    one.reset(1.15)
    one.tick(1.2, Sight(True, NEAR, NEAR))
    two = SafetyMachine(NAMES, options)
    two.recall(one.memory(1.3), 50.3)
    for secs in np.arange(0.3, 2.0, 0.1):
        left, right = (
            each.tick(start + secs, Sight(True, NEAR, NEAR))
            for each, start in ((one, 1), (two, 50))
        )
        assert (left.state, left.cause, left.entered) == (right.state, right.cause, right.entered)
        assert left.share == pytest.approx(right.share)
    assert one.state is two.state is LIVE
