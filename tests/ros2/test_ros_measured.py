"""Measured joints go over the wire whole, fresh and thinned, in whatever parts they come."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.commands import MeasuredJoints
from flood_bridge.errors import CommandError
from flood_bridge.protocol.ros_measured import MEASURED_HZ, MeasuredParts
from flood_bridge.safety.options import SafetyOptions

LEGS, ARMS = ("left_knee", "right_knee"), ("left_elbow", "right_elbow")
NAMES = LEGS + ARMS
FRESH_SECS = SafetyOptions().measured_secs
Sent = list[tuple[float, MeasuredJoints]]


def part(names: Sequence[str], value: float, character: int = 0) -> MeasuredJoints:
    return MeasuredJoints(
        character=character, names=tuple(names), positions=tuple(value for _ in names)
    )


def drive(parts: MeasuredParts, told: Sequence[tuple[float, MeasuredJoints]]) -> Sent:
    """Tell everything at its time; return what goes over the wire."""
    sent = [(now_secs, parts.add(now_secs, measured)) for now_secs, measured in told]
    return [(now_secs, whole) for now_secs, whole in sent if whole is not None]


def stream(names: Sequence[str], hz: float, secs: float, phase: float = 0.0) -> Sent:
    times = [phase + n / hz for n in range(int(secs * hz))]
    return [(now_secs, part(names, now_secs)) for now_secs in times]


def together(*streams: Sent) -> Sent:
    return sorted((each for one in streams for each in one), key=lambda each: each[0])


def refusals(parts: MeasuredParts, told: Sequence[tuple[float, MeasuredJoints]]) -> list[str]:
    reasons: list[str] = []
    for now_secs, measured in told:
        try:
            parts.add(now_secs, measured)
        except CommandError as error:
            reasons.append(str(error))
    return reasons


def test_joints_go_in_the_robots_order_and_those_of_others_are_passed_over():
    told = MeasuredJoints(character=3, names=("arm", "tail", "leg"), positions=(2.0, math.nan, 1.0))
    whole = MeasuredParts(("leg", "arm"), FRESH_SECS).add(0.0, told)
    assert whole == MeasuredJoints(character=3, positions=(1.0, 2.0))


@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_parts_of_any_cut_and_order_become_whole(chance: random.Random, cuts: int):
    parts, names, value = MeasuredParts(NAMES, FRESH_SECS), list(NAMES), dict.fromkeys(NAMES, 0.0)
    sent: Sent = []
    for tick in range(200):
        chance.shuffle(names)
        for cut in range(cuts):
            mine, now_secs = names[cut::cuts], 0.01 * tick + 0.001 * cut
            value |= dict.fromkeys(mine, now_secs)
            whole = parts.add(now_secs, part(mine, now_secs))
            if whole is not None:
                assert whole.positions == tuple(value[name] for name in NAMES)  # the latest
                sent.append((now_secs, whole))
    assert len(sent) > 80


@given(st.floats(20.0, 1000.0), st.floats(20.0, 1000.0), st.floats(0.0, 0.04))
def test_parts_at_any_rate_are_sent_often_enough_and_not_too_often(
    legs_hz: float, arms_hz: float, phase: float
):
    told = together(stream(LEGS, legs_hz, 3.0), stream(ARMS, arms_hz, 3.0, phase))
    sent = drive(MeasuredParts(NAMES, FRESH_SECS), told)
    times = [now_secs for now_secs, _ in sent if now_secs < 2.9]
    assert len(times) <= 3.0 * MEASURED_HZ + 2
    assert max(b - a for a, b in pairwise(times)) < FRESH_SECS / 2
    assert all(now_secs - min(whole.positions) < FRESH_SECS / 2 for now_secs, whole in sent)


@pytest.mark.parametrize("hz", [20.0, 50.0, 60.0, 100.0, 200.0, 1000.0])
@pytest.mark.parametrize("named", [True, False])
def test_whole_messages_are_thinned_to_the_newest(hz: float, named: bool):
    told = stream(NAMES, hz, 4.0)
    if not named:
        told = [(t, MeasuredJoints(positions=each.positions)) for t, each in told]
    sent = drive(MeasuredParts(NAMES, FRESH_SECS), told)
    assert len(sent) == pytest.approx(4.0 * min(hz, MEASURED_HZ), abs=6)
    assert all(whole.positions == (now_secs,) * 4 for now_secs, whole in sent)
    assert all(not whole.names for _, whole in sent)


@given(st.floats(20.0, 1000.0), st.floats(20.0, 1000.0))
def test_with_a_part_that_falls_silent_nothing_more_is_sent(legs_hz: float, arms_hz: float):
    told = together(stream(LEGS, legs_hz, 1.0), stream(ARMS, arms_hz, 5.0))
    parts = MeasuredParts(NAMES, FRESH_SECS)
    sent = [(now, measured) for now, measured in told if now < 1.0 + FRESH_SECS]
    last_secs = drive(parts, sent)[-1][0]
    assert last_secs < 1.06  # the daemon's own watch begins here
    reasons = refusals(parts, [each for each in told if each[0] >= 1.0 + FRESH_SECS])
    assert set(reasons) == {
        "the measured joint states lack left_knee, right_knee: each joint of the robot is needed"
        " every 0.3 s"
    }


def test_no_part_is_refused_because_the_others_follow_it():
    parts = MeasuredParts(NAMES, FRESH_SECS)
    for start in (0.0, 100.0, 200.0):  # the driver was off in between
        told = together(stream(LEGS, 20.0, 1.0, start), stream(ARMS, 20.0, 1.0, start + 0.04))
        assert refusals(parts, told) == []


def test_a_part_that_never_comes_is_named():
    parts = MeasuredParts([f"joint_{n}" for n in range(9)], FRESH_SECS)
    reasons = refusals(parts, stream(("joint_0",), 100.0, 1.0))
    assert len(reasons) == pytest.approx(70, abs=2)
    assert "lack joint_1, joint_2, joint_3, joint_4, joint_5 and 3 more" in reasons[-1]
    assert refusals(parts, stream(("hand",), 100.0, 1.0, 2.0))


@pytest.mark.parametrize(
    ("names", "told", "reason"),
    [
        ((), part(NAMES, 0.0), "set the node's parameter robot"),
        (NAMES, MeasuredJoints(positions=(0.0,)), "1 joints .* this robot has 4"),
        (NAMES, part(NAMES, math.nan), "measured angle of left_knee is nan"),
        (
            NAMES,
            part(LEGS, -1e4),
            "measured angle of left_knee is -10000.0; valid are -1000 to 1000",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_with_what_can(
    names: tuple[str, ...], told: MeasuredJoints, reason: str
):
    with pytest.raises(CommandError, match=reason):
        MeasuredParts(names, FRESH_SECS).add(0.0, told)


def test_a_part_with_a_joint_that_has_no_angle_is_passed_over_whole():
    parts = MeasuredParts(NAMES, FRESH_SECS)
    bad = MeasuredJoints(names=LEGS, positions=(9.0, math.inf))
    assert parts.add(0.0, part(LEGS, 1.0)) is None
    with pytest.raises(CommandError, match="right_knee"):
        parts.add(0.01, bad)
    whole = parts.add(0.02, part(ARMS, 2.0))
    assert whole is not None
    assert whole.positions == (1.0, 1.0, 2.0, 2.0)


def test_a_robot_whose_names_are_not_known_may_still_be_measured_without_names():
    told = MeasuredJoints(positions=(1.0, 2.0))
    assert MeasuredParts((), FRESH_SECS).add(0.0, told) == told
