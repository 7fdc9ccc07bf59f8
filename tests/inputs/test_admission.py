"""The list of those who may send, and limits per sender that nobody evades by more ports."""

import pytest

from flood_bridge.errors import ConfigError
from flood_bridge.inputs.admission import Doorkeeper, read_networks


def door(*allowed: str, per_sender: float = 2.0, total: float = 1000.0) -> Doorkeeper:
    return Doorkeeper(read_networks(allowed), per_sender, total, lambda: 0.0)


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
    assert one.has_room("10.0.0.1", 1000, 4)
    assert not one.has_room("10.0.0.1", 2000, 1)
    assert one.has_room("10.0.0.2", 1000, 1)


def test_programs_of_this_machine_are_told_apart():
    one = door()
    assert one.has_room("127.0.0.1", 1000, 4)
    assert not one.has_room("127.0.0.1", 1000, 1)
    assert one.has_room("127.0.0.1", 2000, 1)


def test_all_together_have_a_limit_too():
    one = door(per_sender=10.0, total=3.0)
    assert one.has_room("10.0.0.1", 1, 6)
    assert not one.has_room("10.0.0.2", 1, 1)


@pytest.mark.parametrize("text", ["", "example.org", "1.2.3", "10.0.0.0/33"])
def test_what_is_no_network_is_refused_with_what_is(text):
    with pytest.raises(ConfigError, match="valid are addresses such as 192"):
        read_networks([text])
