"""The node beside the daemon: what it sends of a driver's measured joints, and what it tells.

With a link and an output of our own, so it needs no ROS.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from flood_bridge.commands import Command, Deadman, MeasuredJoints, SetPrompt
from flood_bridge.events import Rejected
from flood_bridge.inputs.admission import Doorkeeper, Item

PACKAGE = Path(__file__).parents[2] / "ros2_ws" / "src" / "flood_motion"
LEGS, ARMS = ("hip", "knee"), ("shoulder", "elbow")


class Bench:
    """A node's stream on a clock of ours, and a daemon's door at the other end of its link."""

    def __init__(self, module: ModuleType, joints: tuple[str, ...]) -> None:
        self.now_secs = 0.0
        self.told: list[Any] = []
        self.arrived: list[Item] = []
        self.sent = 0
        self._door = Doorkeeper((), 100.0, 1000.0, lambda: self.now_secs)
        node = SimpleNamespace(steady_secs=lambda: self.now_secs)
        output = SimpleNamespace(tell=self.told.append, blame=lambda _: None)
        self.stream = module.Stream(node, output, 0, joints)
        self.stream._link = SimpleNamespace(submit=self._send)

    def _send(self, command: Command) -> None:
        self.sent += 1
        self.arrived += self._door.admit("127.0.0.1", 5555, [command]).items

    def run(self, secs: float, streams: list[tuple[float, Command]]) -> None:
        """Submit each command at its rate in Hz."""
        start = self.now_secs
        due = [(start + n / hz, command) for hz, command in streams for n in range(int(secs * hz))]
        for self.now_secs, command in sorted(due, key=lambda each: each[0]):
            self.stream.submit(command)
        self.now_secs = start + secs

    def count(self, kind: type) -> int:
        return sum(isinstance(command, kind) for command in self.arrived)

    @property
    def refusals(self) -> list[str]:
        return [each.reason for each in self.told if isinstance(each, Rejected)]


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(PACKAGE))
    yield import_module("flood_motion.stream")


def measured(names: tuple[str, ...]) -> MeasuredJoints:
    return MeasuredJoints(names=names, positions=(0.5,) * len(names))


@pytest.mark.parametrize("hz", [50.0, 100.0, 200.0, 500.0])
def test_a_deadman_arrives_whole_beside_measured_joints_of_any_rate(module: ModuleType, hz: float):
    bench = Bench(module, LEGS + ARMS)
    bench.run(20.0, [(hz, measured(LEGS + ARMS)), (5.0, Deadman(held=True))])
    assert bench.count(Deadman) == 100
    assert bench.count(MeasuredJoints) == pytest.approx(1000, abs=2)
    assert bench.sent == len(bench.arrived)
    assert bench.told == []


def test_legs_and_arms_in_messages_of_their_own_arrive_together(module: ModuleType):
    bench = Bench(module, LEGS + ARMS)
    bench.run(4.0, [(200.0, measured(LEGS)), (100.0, measured(ARMS))])
    assert bench.count(MeasuredJoints) == pytest.approx(200, abs=4)
    assert set(bench.arrived) == {MeasuredJoints(positions=(0.5,) * 4)}
    assert bench.told == []


@pytest.mark.parametrize(
    ("joints", "told", "reason"),
    [
        (LEGS + ARMS, measured(LEGS), "lack shoulder, elbow"),
        ((), measured(LEGS), "parameter robot"),
        (LEGS, MeasuredJoints(positions=(0.0,)), "this robot has 2"),
    ],
)
def test_what_a_driver_repeats_in_vain_is_refused_once(
    module: ModuleType, joints: tuple[str, ...], told: MeasuredJoints, reason: str
):
    bench = Bench(module, joints)
    bench.run(30.0, [(200.0, told)])
    (refusal,) = bench.refusals
    assert reason in refusal
    assert bench.arrived == []


def test_a_fault_that_comes_and_goes_is_told_once_a_second_at_most(module: ModuleType):
    bench = Bench(module, LEGS)
    bad = MeasuredJoints(positions=(0.0,))
    bench.run(10.0, [(100.0, measured(LEGS)), (100.0, bad)])
    assert 5 <= len(bench.refusals) <= 10


def test_a_node_without_a_daemon_says_so_once_to_drivers_and_always_to_people(module: ModuleType):
    bench = Bench(module, LEGS)
    bench.stream._link = None
    bench.run(2.0, [(200.0, measured(LEGS))])
    assert len(bench.refusals) == 1
    for request_id in (7, 8):
        bench.stream.submit(SetPrompt(text="walk", request_id=request_id))
    assert [each.request_id for each in bench.told] == [0, 7, 8]
