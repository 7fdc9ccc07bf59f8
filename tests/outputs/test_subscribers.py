"""A lease sends what was asked for, ends by itself, and harms nobody else."""

from dataclasses import replace

import numpy as np
import pytest

from flood_bridge.errors import CommandError
from flood_bridge.events import Pong
from flood_bridge.motion.frames import RobotFrame
from flood_bridge.outputs.subscribers import MAX_SUBSCRIBERS, Subscribers
from flood_bridge.protocol import osc
from flood_bridge.protocol.wishes import (
    FORMATS,
    LEASE_SECS,
    Resend,
    Subscribe,
    ThinVmc,
    Unsubscribe,
)

HOST = "127.0.0.1"


class Clock:
    now_secs = 0.0

    def __call__(self) -> float:
        return self.now_secs


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def subscribers(clock, skeleton):
    opened = Subscribers(clock)
    opened.begin(skeleton)
    yield opened
    opened.close()


def addresses(datagrams):
    return {message.address for datagram in datagrams for message in osc.parse(datagram)}


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_can_be_had(subscribers, ear, drain, frame, form):
    subscribers.grant(Subscribe(host=HOST, port=ear.port, format=form))
    robot = RobotFrame(("knee",), np.ones(1), np.ones(1), np.ones(3), np.eye(4)[0])
    subscribers.send(replace(frame(0), robot=robot))
    heard = addresses(drain()) - {"/flood/0/skeleton", "/VMC/Ext/Opt", "/flood/0/robot/names"}
    match form:
        case "vmc":
            assert "/VMC/Ext/Bone/Pos" in heard
        case "vrchat":
            assert "/tracking/trackers/head/position" in heard
        case "all":
            assert len(heard) == 4
        case _:
            assert heard == {f"/flood/0/{form}"}


def test_a_lease_ends_unless_it_is_renewed(subscribers, ear, drain, frame, clock):
    wish = Subscribe(host=HOST, port=ear.port, format="frame")
    subscribers.grant(wish)
    clock.now_secs = LEASE_SECS - 1
    subscribers.grant(wish)
    clock.now_secs = 2 * LEASE_SECS - 2
    subscribers.send(frame(0))
    assert drain()
    clock.now_secs = 2 * LEASE_SECS
    subscribers.send(frame(1))
    assert not drain()
    assert len(subscribers) == 0


def test_asking_again_with_another_rate_replaces_the_lease(subscribers, ear, drain, frame):
    subscribers.grant(Subscribe(host=HOST, port=ear.port, format="frame"))
    subscribers.grant(Subscribe(host=HOST, port=ear.port, format="frame", rate_hz=20.0))
    for tick in range(6):
        subscribers.send(frame(tick))
    assert len(subscribers) == 1
    assert sum(b"frame" in datagram[:20] for datagram in drain()) == 2


def test_vmc_carries_the_character_that_was_asked_for(subscribers, ear, drain, frame):
    subscribers.grant(Subscribe(host=HOST, port=ear.port, format="vmc", character=2))
    subscribers.send(frame(0, 0))
    assert not drain()
    subscribers.send(frame(0, 2))
    assert drain()


def test_one_address_can_end_all_it_has_asked_for(subscribers, ear, drain, frame):
    for form in ("frame", "vmc"):
        subscribers.grant(Subscribe(host=HOST, port=ear.port, format=form))
    subscribers.grant(Unsubscribe(host=HOST, port=ear.port))
    subscribers.send(frame(0))
    assert not drain()
    with pytest.raises(CommandError, match="no subscription of 127"):
        subscribers.grant(Unsubscribe(host=HOST, port=ear.port))


def test_events_are_told_to_subscribers(subscribers, ear, drain):
    subscribers.grant(Subscribe(host=HOST, port=ear.port, format="joints"))
    subscribers.tell(Pong(7, 1.5))
    assert [osc.parse(datagram) for datagram in drain()] == [[("/flood/pong", "if", (7, 1.5))]]


def test_there_are_never_more_than_the_most(subscribers):
    for port in range(MAX_SUBSCRIBERS):
        subscribers.grant(Subscribe(host=HOST, port=20_000 + port, format="frame"))
    with pytest.raises(CommandError, match="32 subscriptions run already"):
        subscribers.grant(Subscribe(host=HOST, port=30_000, format="frame"))
    subscribers.grant(Subscribe(host=HOST, port=20_000, format="frame"))  # a renewal has room


def test_before_the_model_is_loaded_and_after_the_end_nobody_can_subscribe(clock, skeleton):
    subscribers = Subscribers(clock)
    wish = Subscribe(host=HOST, port=20_000, format="frame")
    with pytest.raises(CommandError, match="still loading"):
        subscribers.grant(wish)
    subscribers.begin(skeleton)
    subscribers.grant(wish)
    subscribers.close()
    with pytest.raises(CommandError):
        subscribers.grant(wish)


def test_a_subscriber_that_cannot_be_sent_to_loses_its_lease_and_the_others_go_on(
    subscribers, ear, drain, frame
):
    subscribers.grant(Subscribe(host=HOST, port=20_000, format="frame"))
    (broken,) = subscribers._leases.values()
    subscribers.grant(Subscribe(host=HOST, port=ear.port, format="frame"))
    broken.output.close()
    subscribers.send(frame(0))
    assert drain()
    assert len(subscribers) == 1


def test_an_address_without_a_way_there_is_refused(subscribers):
    with pytest.raises(CommandError, match="cannot be reached"):
        subscribers.grant(Subscribe(host="127.255.255.255", port=20_000, format="frame"))


def test_wishes_about_all_streams_are_on_the_board(subscribers):
    subscribers.grant(ThinVmc(period=4))
    subscribers.grant(Resend())
    assert (subscribers.board.vmc_period, subscribers.board.resends) == (4, 1)
