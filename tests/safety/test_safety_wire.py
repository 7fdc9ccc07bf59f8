"""Arming, measuring and stopping over OSC and at the terminal."""

from __future__ import annotations

import struct

import pytest

from flood_bridge.commands import (
    Arm,
    Clutch,
    Deadman,
    Disarm,
    EStop,
    MeasuredJoints,
    ResetStop,
)
from flood_bridge.errors import CommandError
from flood_bridge.events import Rejected, SafetyReport
from flood_bridge.inputs.osc import OscInput
from flood_bridge.protocol import control, osc
from flood_bridge.protocol.lines import read_line
from flood_bridge.protocol.receipts import event_message

OBEYED = [
    (("/flood/2/arm", ""), Arm(character=2)),
    (("/flood/0/disarm", ""), Disarm()),
    (("/flood/0/clutch", "i", 0), Clutch(engaged=False)),
    (("/flood/0/clutch", "i", 1), Clutch(engaged=True)),
    (("/flood/0/deadman", "i", 1), Deadman(held=True)),
    (("/flood/0/measured", "b", struct.pack(">2f", 0.5, -1.5)),
     MeasuredJoints(positions=(0.5, -1.5))),
    (("/flood/estop", ""), EStop()),
    (("/flood/estop", "s", " red\nbutton "), EStop(reason="red button")),
    (("/flood/estop/reset", ""), ResetStop()),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "command"), OBEYED, ids=lambda value: str(value)[:40])
def test_each_message_is_the_command_it_asks_for(sent, command):
    assert control.read_datagram(osc.message(*sent)) == [command]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (("/flood/0/clutch", "i", 2), "is 1 or 0, not 2"),
        (("/flood/0/deadman", "i", -1), "is 1 or 0, not -1"),
        (("/flood/0/measured", "b", b"123"), "4 bytes each; 3 bytes came"),
        (("/flood/0/measured", "b", b""), "4 bytes each; 0 bytes came"),
        (("/flood/0/measured", "b", struct.pack(">f", float("nan"))), "measured angle is nan"),
        (("/flood/0/measured", "b", b"\0" * 4 * 257), "257 joints are measured"),
    ],
)
def test_each_refusal_says_what_is_valid(sent, reason):
    (refusal,) = control.read_datagram(osc.message(*sent))
    assert isinstance(refusal, Rejected)
    assert reason in refusal.reason


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/estop", EStop()),
        ("/estop reset", ResetStop()),
        ("/arm", Arm()),
        ("/disarm", Disarm()),
        ("/hold", Clutch(engaged=False)),
        ("/follow", Clutch(engaged=True)),
    ],
)
def test_the_terminal_has_a_word_for_each(line, command):
    assert read_line(line) == command


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"positions": ()}, "valid are 1 to 256"),
        ({"positions": (0.0,), "names": ("a", "b")}, "1 joints are measured, but 2 are named"),
        ({"positions": (0.0,), "names": ("a" * 200,)}, "longer than 128"),
        ({"positions": (1e6,)}, "measured angle is 1000000.0"),
    ],
)
def test_measurements_that_cannot_be_are_refused(fields, said):
    with pytest.raises(CommandError, match=said):
        MeasuredJoints(**fields)


def test_a_reason_is_one_short_line():
    assert EStop(reason="x" * 1000).reason == "x" * 128


def test_a_report_names_state_and_reason():
    (message,) = osc.parse(event_message(SafetyReport(3, "hold", "the clutch is off")))
    assert (message.address, message.arguments) == (
        "/flood/3/safety",
        ("hold", "the clutch is off"),
    )


def test_a_report_fits_a_packet_whatever_it_says():
    assert len(event_message(SafetyReport(1023, "hold", "ä" * 5000))) <= 1400


class OneSender(OscInput):
    """The input without its socket: what one sender's datagrams become."""

    def take(self, datagram: bytes) -> tuple[list, list]:
        commands, refusals = [], []
        self._socket.sendto(datagram, ("127.0.0.1", self.port))
        self._receive(commands.append, refusals.append)
        return commands, refusals


def test_an_emergency_stop_is_heard_in_any_flood():
    port = OneSender(port=0, now_secs=lambda: 0.0, messages_per_sec=1)
    try:
        for _ in range(5):
            port.take(osc.message("/flood/0/stop", ""))
        stop = osc.bundle(osc.message("/flood/0/stop", ""), osc.message("/flood/estop", ""))
        commands, _ = port.take(stop)
        assert commands == [EStop()]
    finally:
        port.close()
