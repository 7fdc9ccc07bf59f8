"""The OSC port obeys good messages, refuses bad ones, survives all, and closes at once."""

import logging
import random
import socket
import time
from typing import Any

import pytest

from flood_bridge.commands import (
    Command,
    Ping,
    SetPrompt,
    Stop,
)
from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.events import Rejected
from flood_bridge.inputs.osc import OscInput
from flood_bridge.protocol import osc
from flood_bridge.protocol.wishes import Subscribe

GOOD = osc.message("/flood/0/prompt", "si", "a person waves", 41)
GOOD_COMMAND = SetPrompt(text="a person waves", request_id=41)
MEASURED = osc.message("/flood/0/measured", "b", bytes(4 * 29))


def test_messages_arrive_as_commands_in_order(start):
    port = start()
    sender = port.sender()
    sender.send(GOOD)
    sender.send(osc.bundle(osc.message("/flood/2/stop", ""), osc.message("/flood/ping", "i", 5)))
    port.wait_for(lambda: len(port.commands) == 3)
    assert port.commands == [GOOD_COMMAND, Stop(character=2), Ping(request_id=5)]
    assert port.refusals == []


def test_wishes_go_to_whoever_grants_them_with_the_senders_address(start):
    wishes = []
    port = start(grant=wishes.append)
    port.sender().send(osc.message("/flood/subscribe", "sis", "", 7000, "q"))
    port.wait_for(lambda: wishes)
    assert wishes == [Subscribe(host="127.0.0.1", port=7000, format="q")]
    assert port.commands == []


def test_a_wish_that_is_not_granted_is_refused_with_the_reason(start):
    port = start()
    port.sender().send(osc.message("/flood/subscribe", "sis", "", 7000, "q"))
    port.wait_for(lambda: port.refusals)
    (refusal,) = port.refusals
    assert "no output that takes Subscribe" in refusal.reason


def test_a_fault_while_a_message_is_obeyed_does_not_end_the_port(start):
    def fail(_: Any) -> None:
        raise OSError("too many open files")

    port = start(grant=fail)
    sender = port.sender()
    sender.send(osc.message("/flood/subscribe", "sis", "", 7000, "q"))
    sender.send(GOOD)
    port.wait_for(lambda: port.commands == [GOOD_COMMAND])
    (refusal,) = port.refusals
    assert refusal.reason == "Subscribe failed: OSError: too many open files"


def test_this_machine_is_always_on_the_list(start):
    port = start(allow=["10.1.2.3"])
    port.sender().send(GOOD)
    port.wait_for(lambda: port.commands == [GOOD_COMMAND])


def test_who_is_not_on_the_list_is_counted_and_not_answered(start):
    port = start(listen="0.0.0.0", allow=["10.1.2.3"])
    own = own_address()
    if own is None:
        pytest.skip("this machine has no address but loopback's")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((own, 0))
        port.wait_for(
            lambda: port.input.refused["not allowed"],
            resend=lambda: sender.sendto(GOOD, (own, port.port)),
        )
    assert port.commands == []
    assert port.refusals == []


def own_address() -> str | None:
    """An address of this machine that is not loopback's; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))
        except OSError:
            return None
        found = probe.getsockname()[0]
    return None if found.startswith("127.") else found


def test_python_osc_clients_are_understood(start):
    from pythonosc.udp_client import SimpleUDPClient

    port = start()
    client = SimpleUDPClient("127.0.0.1", port.port)
    client.send_message("/flood/0/prompt", ["a person waves", 41])
    client.send_message("/flood/2/stop", [])
    client._sock.close()
    port.wait_for(lambda: len(port.commands) == 2)
    assert port.commands == [GOOD_COMMAND, Stop(character=2)]


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (b"/flood/0/prompt\0,s\0\0ab\xff\0", "not UTF-8"),
        (osc.message("/flood/0/prompt", "s", "x" * 10_000), "at most 8192"),
        (osc.message("/flood/0/prompt", "s", "x" * 1_000), "at most 512"),
        (osc.message("/flood/0/prompt", "i", 3), r"not (int)"),
        (osc.message("/flood/0/dance", ""), "unknown address"),
        (b"", "0 bytes"),
    ],
)
def test_bad_messages_are_refused_and_the_next_is_obeyed(start, datagram, reason):
    port = start()
    sender = port.sender()
    sender.send(datagram)
    sender.send(GOOD)
    port.wait_for(lambda: port.commands == [GOOD_COMMAND])
    (refusal,) = port.refusals
    assert reason in refusal.reason
    assert port.input.refused == {"refused": 1}


def test_a_prompt_still_arrives_after_a_storm_of_garbage(start):
    port = start(messages_per_sec=1e9, total_per_sec=1e9)
    sender, rng = port.sender(), random.Random(3)
    for _ in range(5000):
        raw = bytearray(GOOD)
        for _ in range(3):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        sender.send(bytes(raw[: rng.choice((len(raw), rng.randrange(len(raw))))]))
    port.wait_for(lambda: GOOD_COMMAND in port.commands, resend=lambda: sender.send(GOOD))
    assert port.refusals


def test_the_log_has_one_warning_per_kind(start, caplog):
    caplog.set_level(logging.WARNING)
    port = start()
    sender = port.sender()
    for _ in range(20):
        sender.send(b"junk")
    port.wait_for(lambda: port.input.refused["refused"] == 20)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert len(port.refusals) == 20


def test_the_sender_gets_no_answer(start):
    port = start()
    sender = port.sender()
    sender.settimeout(0.2)
    sender.send(b"junk")
    sender.send(osc.message("/flood/ping", "i", 1))
    port.wait_for(lambda: bool(port.commands))
    with pytest.raises(TimeoutError):
        sender.recv(100)


def test_what_the_daemon_cannot_obey_is_a_refusal_with_the_request_id():
    refusals: list[Rejected] = []
    opened = OscInput(port=0, now_secs=time.monotonic)
    port = opened.port

    def submit(command: Command) -> None:
        opened.close()
        raise CommandError("character 0 is not here")

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(GOOD, ("127.0.0.1", port))
        opened.run(submit, refusals.append)
    assert refusals == [Rejected(41, "character 0 is not here")]


def test_close_ends_run_within_200_ms_and_frees_the_port(start):
    port = start()
    began = time.monotonic()
    port.input.close()
    port.thread.join(5)
    assert time.monotonic() - began < 0.2
    OscInput(port=port.port, now_secs=time.monotonic).close()


def test_close_works_before_run_and_twice():
    opened = OscInput(port=0, now_secs=time.monotonic)
    opened.close()
    opened.close()
    opened.run(lambda _: None, lambda _: None)


def test_a_taken_port_is_an_error_that_names_it_and_the_remedy():
    first = OscInput(port=0, now_secs=time.monotonic)
    try:
        with pytest.raises(ConfigError, match=rf"port {first.port} .* give another port"):
            OscInput(port=first.port, now_secs=time.monotonic)
    finally:
        first.close()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"port": 70_000}, "valid are 0 .* to 65535"),
        ({"port": -1}, "valid are 0 .* to 65535"),
        ({"port": 0, "listen": "no.such.host.invalid"}, "address of this machine"),
        ({"port": 0, "listen": "192.0.2.1"}, "cannot listen on 192.0.2.1"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(settings, reason):
    with pytest.raises(ConfigError, match=reason):
        OscInput(**settings, now_secs=time.monotonic)


def test_it_listens_to_this_machine_only_unless_asked():
    opened = OscInput(port=0, now_secs=time.monotonic)
    try:
        assert opened._socket.getsockname()[0] == "127.0.0.1"
    finally:
        opened.close()
