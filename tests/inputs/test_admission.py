"""The list of those who may send, and limits per sender that nobody evades by more ports.

What leads a robot to safety is not lost in a flood of anything else that the same sender sends.
"""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.commands import (
    Arm,
    Clutch,
    Command,
    Deadman,
    Disarm,
    EStop,
    MeasuredJoints,
    ResetStop,
    Stop,
)
from flood_bridge.errors import ConfigError
from flood_bridge.inputs.admission import Doorkeeper, read_networks

SAFETY = (Disarm(), Clutch(engaged=False), Deadman(held=True), ResetStop(), EStop())
MEASURED = MeasuredJoints(positions=(0.0,))
HOST, PORT = "127.0.0.1", 5555
HOLD_SECS = 0.3


def door(
    *allowed: str,
    per_sender: float = 2.0,
    total: float = 1000.0,
    now_secs: Callable[[], float] = lambda: 0.0,
) -> Doorkeeper:
    return Doorkeeper(read_networks(allowed), per_sender, total, now_secs)


def has_room(at: Doorkeeper, host: str, port: int, messages: int) -> bool:
    asked = [Stop()] * messages
    admitted = at.admit(host, port, asked)
    assert admitted == ((asked, 0, 0) if admitted.items else ([], messages, 0))
    return bool(admitted.items)


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("192.168.1.200", True),
        ("::ffff:192.168.1.200", True),
        ("192.168.2.1", False),
        ("10.0.0.7", True),
        ("10.0.0.8", False),
        ("fe80::1%eth0", True),
        ("2001:db8::1", False),
    ],
)
def test_only_this_machine_and_the_list_may_send(host, known):
    listed = door("192.168.1.0/24", "10.0.0.7", "fe80::/10")
    assert listed.knows(host) == known


def test_without_a_list_everyone_may_send():
    assert door().knows("8.8.8.8")


def test_another_machine_is_one_sender_whatever_its_ports():
    one = door()
    assert has_room(one, "10.0.0.1", 1000, 4)
    assert not has_room(one, "10.0.0.1", 2000, 1)
    assert has_room(one, "10.0.0.2", 1000, 1)


def test_programs_of_this_machine_are_told_apart():
    one = door()
    assert has_room(one, "127.0.0.1", 1000, 4)
    assert not has_room(one, "127.0.0.1", 1000, 1)
    assert has_room(one, "127.0.0.1", 2000, 1)


def test_all_together_have_a_limit_too():
    one = door(per_sender=10.0, total=3.0)
    assert has_room(one, "10.0.0.1", 1, 6)
    assert not has_room(one, "10.0.0.2", 1, 1)


@pytest.mark.parametrize("text", ["", "example.org", "1.2.3", "10.0.0.0/33"])
def test_what_is_no_network_is_refused_with_what_is(text):
    with pytest.raises(ConfigError, match="valid are addresses such as 192"):
        read_networks([text])


def test_a_datagram_that_asks_for_nothing_counts_as_well():
    one = door(per_sender=2.0)
    told = [one.admit(HOST, PORT, []) for _ in range(5)]
    assert [each.lost for each in told] == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("flood", [Stop(), Arm(), MEASURED], ids=lambda c: type(c).__name__)
def test_what_leads_to_safety_passes_whatever_else_its_sender_floods(flood: Command):
    one = door(per_sender=100.0)
    for _ in range(5000):
        one.admit(HOST, PORT, [flood])
    assert one.admit(HOST, PORT, [flood]).items == []
    assert one.admit(HOST, PORT, SAFETY).items == list(SAFETY)
    assert one.admit(HOST, PORT, [flood, *SAFETY, flood]).items == list(SAFETY)


@pytest.mark.parametrize("flood", SAFETY, ids=lambda c: type(c).__name__)
def test_of_what_leads_to_safety_one_does_not_starve_another(flood: Command):
    one = door(per_sender=100.0)
    for _ in range(5000):
        one.admit(HOST, PORT, [flood])
    others = [each for each in SAFETY if each is not flood]
    assert one.admit(HOST, PORT, others).items == others


@pytest.mark.parametrize("flood", SAFETY[:-1], ids=lambda c: type(c).__name__)
def test_it_is_bounded_for_one_and_for_all(flood: Command):
    one = door(per_sender=10.0, total=50.0)
    mine = one.admit(HOST, PORT, [flood] * 5000)
    assert 0 < len(mine.items) < 200
    assert mine.lost == 5000 - len(mine.items)
    theirs = [one.admit(f"10.0.0.{n}", PORT, [flood] * 1000) for n in range(1, 200)]
    assert sum(len(each.items) for each in theirs) < 1000


def test_too_many_measurements_are_thinned_and_not_lost():
    one = door(per_sender=100.0)
    told = one.admit(HOST, PORT, [MEASURED] * 1000)
    assert (len(told.items), told.lost, told.thinned) == (200, 0, 800)


def test_robots_are_measured_apart_and_one_sender_has_a_limit():
    one = door(per_sender=100.0)
    for robot in range(5):
        told = one.admit(HOST, PORT, [MeasuredJoints(character=robot, positions=(0.0,))] * 1000)
        assert len(told.items) == 200
    crowd = [MeasuredJoints(character=robot, positions=(0.0,)) for robot in range(1000)]
    assert one.admit(HOST, PORT, crowd).items == []
    assert one.admit(HOST, PORT + 1, crowd[:4]).items == crowd[:4]


@given(st.floats(20.0, 1000.0), st.floats(5.0, 20.0))
def test_neither_switch_nor_measurement_is_missed_at_any_rate(measured_hz, deadman_hz):
    clock = [0.0]
    one = door(per_sender=100.0, now_secs=lambda: clock[0])
    sent = [(n / measured_hz, MEASURED) for n in range(int(4 * measured_hz))]
    sent += [(n / deadman_hz, SAFETY[2]) for n in range(int(4 * deadman_hz))]
    heard: dict[type, list[float]] = {MeasuredJoints: [], Deadman: []}
    for clock[0], command in sorted(sent, key=lambda each: each[0]):
        for item in one.admit(HOST, PORT, [command]).items:
            heard[type(item)].append(clock[0])
    assert len(heard[Deadman]) == int(4 * deadman_hz)
    assert max(b - a for a, b in pairwise(heard[MeasuredJoints])) < 0.06 < HOLD_SECS
