"""Whoever floods the OSC port harms nobody, and costs himself no command that leads to safety."""

import pytest

from flood_bridge.commands import (
    Clutch,
    Deadman,
    Disarm,
    EStop,
    MeasuredJoints,
    ResetStop,
    SetPrompt,
    Stop,
)
from flood_bridge.protocol import osc

GOOD = osc.message("/flood/0/prompt", "si", "a person waves", 41)
GOOD_COMMAND = SetPrompt(text="a person waves", request_id=41)
MEASURED = osc.message("/flood/0/measured", "b", bytes(4 * 29))


def test_a_flood_from_one_sender_is_cut_off_and_others_are_heard(start):
    port = start(messages_per_sec=10)
    noisy, quiet = port.sender(), port.sender()
    for _ in range(300):
        noisy.send(osc.message("/flood/0/stop", ""))
    port.wait_for(lambda: port.input.refused["too many"] > 0)
    port.wait_for(lambda: GOOD_COMMAND in port.commands, resend=lambda: quiet.send(GOOD))
    assert sum(command == Stop() for command in port.commands) < 100
    too_many = [r for r in port.refusals if "too many messages" in r.reason]
    assert 1 <= len(too_many) <= 5


def test_a_sender_is_heard_again_when_the_clock_has_moved_on(start):
    clock = [0.0]
    port = start(messages_per_sec=10, now_secs=lambda: clock[0])
    sender = port.sender()
    for _ in range(50):
        sender.send(GOOD)
    port.wait_for(lambda: port.input.refused["too many"] == 30)
    assert len(port.commands) == 20  # two seconds' worth at once
    assert len(port.refusals) == 1
    clock[0] = 0.5
    for _ in range(10):
        sender.send(GOOD)
    port.wait_for(lambda: port.input.refused["too many"] == 35)
    assert len(port.commands) == 25


def test_messages_in_a_bundle_count_one_by_one(start):
    port = start(messages_per_sec=10)
    crowd = osc.bundle(*[osc.message("/flood/0/stop", "")] * 200)
    port.sender().send(crowd)
    port.wait_for(lambda: port.input.refused["too many"] == 200)
    assert port.commands == []


def test_all_senders_together_are_bounded(start):
    port = start(messages_per_sec=10, total_per_sec=20)
    for _ in range(30):
        sender = port.sender()
        for _ in range(10):
            sender.send(osc.message("/flood/0/stop", ""))
    port.wait_for(lambda: port.input.refused["too many"] > 0)
    assert len(port.commands) < 200


def test_measured_joints_at_any_rate_do_not_spend_the_limit_of_the_rest(start):
    port = start(messages_per_sec=10, now_secs=lambda: 0.0)
    sender = port.sender()
    for _ in range(300):
        sender.send(MEASURED)
    sender.send(GOOD)
    port.wait_for(lambda: GOOD_COMMAND in port.commands)
    assert sum(isinstance(each, MeasuredJoints) for each in port.commands) == 20
    assert port.input.refused == {"thinned": 280}
    assert port.refusals == []


@pytest.mark.parametrize("flood", [MEASURED, osc.message("/flood/0/stop", ""), b"junk"])
def test_no_flood_of_the_same_sender_costs_a_command_that_leads_to_safety(start, flood):
    port = start(messages_per_sec=10, now_secs=lambda: 0.0)
    sender = port.sender()
    for _ in range(300):
        sender.send(flood)
    for datagram in (
        osc.message("/flood/0/deadman", "i", 1),
        osc.message("/flood/0/clutch", "i", 0),
        osc.message("/flood/0/disarm", ""),
        osc.message("/flood/estop", ""),
        osc.message("/flood/estop/reset", ""),
    ):
        sender.send(datagram)
    port.wait_for(lambda: port.commands and port.commands[-1] == ResetStop())
    kept = [Deadman(held=True), Clutch(engaged=False), Disarm(), EStop(), ResetStop()]
    assert port.commands[-5:] == kept
