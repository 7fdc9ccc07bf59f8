"""A lease sends what was asked for, ends by itself, and harms nobody else."""

import errno
import logging
import socket
from dataclasses import replace

import numpy as np
import pytest

from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.events import Pong
from flood_bridge.motion.frames import RobotFrame
from flood_bridge.outputs import udp
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


def robot_of(joints):
    names = tuple(f"joint_{n}" for n in range(joints))
    return RobotFrame(names, np.ones(joints), np.ones(joints), np.ones(3), np.eye(4)[0])


def robot_that_fits_no_packet():
    return replace(robot_of(1), names=("knee" * 500,))


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_can_be_had(subscribers, ear, drain, frame, form):
    subscribers.grant(Subscribe(host=HOST, port=ear.port, format=form))
    subscribers.send(replace(frame(0), robot=robot_of(1)))
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


@pytest.mark.parametrize("code", [errno.EAFNOSUPPORT, errno.EMFILE])
def test_an_address_that_no_socket_can_be_made_for_is_refused(subscribers, monkeypatch, code):
    def no_socket(*_):
        raise OSError(code, "no socket")

    with monkeypatch.context() as here:
        here.setattr(udp.socket, "socket", no_socket)
        with pytest.raises(CommandError, match=r"cannot be reached: .* no socket"):
            subscribers.grant(Subscribe(host="::1", port=20_000, format="frame"))
    assert len(subscribers) == 0
    subscribers.grant(Subscribe(host=HOST, port=20_000, format="frame"))


def test_whatever_the_system_refuses_while_a_stream_is_opened_is_told(subscribers, monkeypatch):
    def broken(*_, **__):
        raise OSError("out of everything")

    monkeypatch.setattr("flood_bridge.outputs.subscribers.NativeOscOutput", broken)
    with pytest.raises(CommandError, match="out of everything"):
        subscribers.grant(Subscribe(host=HOST, port=20_000, format="frame"))


def test_a_socket_that_cannot_be_connected_is_closed(monkeypatch):
    made = []

    class Kept(socket.socket):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append(self)

    monkeypatch.setattr(udp.socket, "socket", Kept)
    with pytest.raises(ConfigError, match="cannot be reached"):
        udp.connect("127.255.255.255", 20_000)
    assert [each.fileno() for each in made] == [-1]


def test_a_robot_that_fits_no_packet_ends_its_own_stream_only(
    subscribers, ear, drain, frame, caplog
):
    asked = Subscribe(host=HOST, port=20_000, format="robot")
    for tick in range(3):
        subscribers.grant(asked)
        subscribers.grant(Subscribe(host=HOST, port=ear.port, format="frame"))
        subscribers.send(replace(frame(tick), robot=robot_that_fits_no_packet()))
        assert "/flood/0/frame" in addresses(drain())
        assert len(subscribers) == 1
    (warned,) = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert "robot to 127.0.0.1 port 20000 has ended: the name 'kneeknee" in warned.message


def test_a_stream_that_has_worked_since_warns_anew(subscribers, frame, caplog):
    asked = Subscribe(host=HOST, port=20_000, format="robot")
    fits, fits_not = robot_of(1), robot_that_fits_no_packet()
    for tick, robot in ((0, fits_not), (60, fits), (120, fits_not)):
        subscribers.grant(asked)
        subscribers.send(replace(frame(tick), robot=robot))
    assert sum(each.levelno == logging.WARNING for each in caplog.records) == 2


def test_the_reasons_that_are_remembered_are_bounded(subscribers, frame):
    shown = replace(frame(0), robot=robot_that_fits_no_packet())
    for port in range(3 * MAX_SUBSCRIBERS):
        subscribers.grant(Subscribe(host=HOST, port=20_000 + port, format="robot"))
        subscribers.send(shown)
    assert len(subscribers._failed) <= MAX_SUBSCRIBERS


def test_a_stream_whose_last_frames_cannot_be_written_is_closed_all_the_same(
    subscribers, ear, drain, frame, clock
):
    asked = Subscribe(host=HOST, port=20_000, format="q")
    subscribers.grant(asked)
    (crowd,) = subscribers._leases.values()
    sent = frame(0, 1)
    turns = np.full_like(sent.avatar.local_wxyz, np.nan)
    bad = replace(sent, avatar=replace(sent.avatar, local_wxyz=turns))
    subscribers.send(frame(0, 2))
    subscribers.send(bad)  # waits for character 2, the last of the tick before
    clock.now_secs = 2 * LEASE_SECS
    subscribers.grant(Subscribe(host=HOST, port=ear.port, format="frame"))
    subscribers.send(frame(1))
    assert drain()
    assert crowd.output._target._socket.fileno() == -1


def test_wishes_about_all_streams_are_on_the_board(subscribers):
    subscribers.grant(ThinVmc(period=4))
    subscribers.grant(Resend())
    assert (subscribers.board.vmc_period, subscribers.board.resends) == (4, 1)
