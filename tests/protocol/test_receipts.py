"""Every event becomes one message with its fields in order, whatever they hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from flood_bridge.events import Pong, PromptApplied, Rejected, Status
from flood_bridge.protocol import osc
from flood_bridge.protocol.receipts import event_message

TABLE = [
    (PromptApplied(4, 9, "a", 120, 350), "/flood/4/prompt/applied", "isii", (9, "a", 120, 350)),
    (Rejected(9, "no such thing"), "/flood/error", "is", (9, "no such thing")),
    (Pong(7, 1.5), "/flood/pong", "if", (7, 1.5)),
    (
        Status(1.5, 2, "walk", "running", 40.5, 60.0, 250.0, 3, 350),
        "/flood/status",
        "fissfffii",
        (1.5, 2, "running", "walk", 40.5, 60.0, 250.0, 3, 350),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("event", "address", "types", "arguments"), TABLE)
def test_each_event_has_its_address_and_fields(event, address, types, arguments):
    datagram = event_message(event)
    assert osc.parse(datagram) == [(address, types, arguments)]
    assert tuple(OscMessage(datagram).params) == arguments


def test_the_rates_of_characters_come_in_one_bundle_with_the_status():
    status = Status(1.5, 2, "walk", "running", 40.5, 60.0, 250.0, 3, 350, (1.0, 0.5))
    state, rates = osc.parse(event_message(status))
    assert state.address == "/flood/status"
    assert rates == ("/flood/rates", "ff", (1.0, 0.5))


def test_any_number_of_rates_fits_one_packet():
    status = Status(1.5, 2, "x" * 2000, "running", 0.0, 0.0, 0.0, 0, 0, (1.0,) * 1024)
    assert len(event_message(status)) <= 1400


any_int = st.integers(-(2**40), 2**40)
any_text = st.text(max_size=3000)


@given(any_int, any_text, any_int, any_int)
def test_no_field_can_break_a_message_or_a_packet(request_id, text, sequence, latency):
    for event in (
        PromptApplied(1, request_id, text, sequence, latency),
        Rejected(request_id, text),
    ):
        datagram = event_message(event)
        assert len(datagram) <= 1400
        assert len(osc.parse(datagram)) == 1


@given(st.integers(-(2**31), 2**31 - 1))
def test_request_ids_go_out_as_they_came_in(request_id):
    assert osc.parse(event_message(Pong(request_id, 0.0)))[0].arguments[0] == request_id
