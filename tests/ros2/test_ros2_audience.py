"""Who listens is asked seldom, and what nobody asked for is not even offered. Needs no ROS."""

from __future__ import annotations

from typing import Any, cast

import pytest

from flood_bridge.outputs.ros2_audience import LOOK_SECS, Audience, Seat
from flood_bridge.ros2_settings import Settings

JOINTS, BODY, LATE = "publish.joint_states", "publish.skeleton", "publish.tf"


class Switches(dict[str, bool]):
    """Parameters; ``changes`` counts as that of the node's does."""

    changes = 0


class Topic:
    """What a middleware would offer: counts its listeners, and how often it was asked."""

    def __init__(self) -> None:
        self.listeners, self.asked = 0, 0
        self.sent: list[Any] = []

    def get_subscription_count(self) -> int:
        self.asked += 1
        return self.listeners

    def publish(self, message: Any) -> None:
        self.sent.append(message)


@pytest.fixture
def switches() -> Switches:
    return Switches({JOINTS: True, BODY: True, LATE: False})


@pytest.fixture
def audience(switches: Switches) -> Audience:
    return Audience(cast(Settings, switches))


def seat_of(audience: Audience, topic: Topic, switch: str, **rest: bool) -> Seat:
    return audience.seat(lambda: cast(Any, topic), switch, **rest)


def test_between_two_looks_nobody_is_asked(audience: Audience):
    topic = Topic()
    seat = seat_of(audience, topic, JOINTS)
    assert not audience.listens(10.0)
    topic.listeners = 1
    assert not audience.listens(10.0 + 0.9 * LOOK_SECS)
    assert topic.asked == 1
    assert audience.listens(10.0 + 1.1 * LOOK_SECS)
    assert seat.taken


def test_a_clock_that_was_set_back_does_not_blind(audience: Audience):
    topic = Topic()
    seat_of(audience, topic, JOINTS)
    audience.listens(1000.0)
    topic.listeners = 1
    assert audience.listens(1.0)


def test_a_switch_holds_at_once_whoever_listens(audience: Audience, switches: Switches):
    topic = Topic()
    topic.listeners = 1
    seat = seat_of(audience, topic, JOINTS)
    assert audience.listens(10.0)
    switches[JOINTS], switches.changes = False, 1
    assert not audience.listens(10.0)
    assert not seat.taken


@pytest.mark.parametrize(("switch", "robot", "body"), [(JOINTS, True, False), (BODY, False, True)])
def test_it_is_known_of_what_somebody_wants_to_hear(
    audience: Audience, switch: str, robot: bool, body: bool
):
    topics = {JOINTS: Topic(), BODY: Topic()}
    for each, topic in topics.items():
        seat_of(audience, topic, each)
    topics[switch].listeners = 1
    assert audience.listens(10.0)
    assert (audience.of_robot, audience.of_body) == (robot, body)


def test_a_late_topic_is_offered_when_it_is_first_switched_on(
    audience: Audience, switches: Switches
):
    topic = Topic()
    topic.listeners = 1
    seat = seat_of(audience, topic, LATE, late=True)
    assert not audience.listens(10.0)
    assert audience.publishers == []
    switches[LATE], switches.changes = True, 1
    assert audience.listens(10.0)
    seat.publish("a transform")
    assert topic.sent == ["a transform"]
    assert audience.publishers == [topic]


def test_a_topic_whose_package_is_missing_is_never_taken(audience: Audience, switches: Switches):
    seat = audience.seat(None, LATE, late=True)
    switches[LATE], switches.changes = True, 1
    assert not audience.listens(10.0)
    assert not seat.taken
    assert audience.publishers == []
