"""Each preset sends its receiver what it wants; several at once do not disturb one another."""

import socket
from dataclasses import replace

import numpy as np
import pytest

from flood_bridge.errors import ConfigError
from flood_bridge.events import Rejected
from flood_bridge.inputs.listening import Ear
from flood_bridge.motion.frames import FrameFlags
from flood_bridge.outputs.board import Board
from flood_bridge.outputs.streams import MAX_PORTS, OnePortEach, open_stream
from flood_bridge.protocol import osc
from flood_bridge.protocol.compact import read_compact
from flood_bridge.protocol.native_reader import read_skeleton
from flood_bridge.protocol.receivers import PRESETS, read_receiver


def messages(datagrams: list[bytes]) -> list[osc.Message]:
    return [message for datagram in datagrams for message in osc.parse(datagram)]


ADDRESSES = {
    "native": {"/flood/0/frame", "/flood/0/root", "/flood/0/joints", "/flood/0/contact"},
    "compact": {"/flood/0/q"},
    "vmc": {
        "/VMC/Ext/Root/Pos", "/VMC/Ext/Bone/Pos", "/VMC/Ext/Blend/Apply", "/VMC/Ext/OK",
        "/VMC/Ext/T",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_sends_what_its_receiver_wants(ear, name, skeleton, frame, drain):
    output = open_stream(replace(PRESETS[name], port=ear.port), skeleton)
    output.send(frame(0))
    output.close()
    datagrams = drain()
    assert max(map(len, datagrams)) <= 1400
    heard = {message.address for message in messages(datagrams)}
    repeated = {"/flood/0/skeleton", "/VMC/Ext/Opt"}
    match name:
        case "unreal":
            wanted = {"/flood/0/ue"}
        case "raw":
            wanted = ADDRESSES["native"] - {"/flood/0/frame"}
        case "vrchat":
            assert all(address.startswith("/tracking/trackers/") for address in heard)
            return
        case _:
            wanted = ADDRESSES[PRESETS[name].kind]
    assert heard - repeated == wanted


def test_unreal_gets_its_skeleton_in_its_own_axes(ear, skeleton, frame, drain):
    output = open_stream(replace(PRESETS["unreal"], port=ear.port), skeleton)
    output.send(frame(0))
    output.close()
    (message,) = [m for m in messages(drain()) if m.address.endswith("skeleton")]
    got = read_skeleton(message)
    assert got.space == "unreal_mesh"
    np.testing.assert_allclose(got.offsets, 100 * skeleton.offsets[:, [0, 2, 1]], rtol=1e-6)


def test_every_vmc_character_has_a_port_of_its_own(skeleton, frame, drain):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        base = min(probe.getsockname()[1], 65000)
    ears = [Ear("127.0.0.1", base + 100 + n) for n in range(3)]
    output = open_stream(read_receiver(f"vmc,port={base + 100}"), skeleton)
    for number in range(3):
        output.send(frame(number, number))
    output.close()
    for number, each in enumerate(ears):
        datagrams = [each.receive(1.0) for _ in range(3)]
        each.close()
        heard = messages([arrived[0] for arrived in datagrams if arrived is not None])
        (time,) = [m.arguments[0] for m in heard if m.address == "/VMC/Ext/T"]
        assert time == pytest.approx(number / 60)


def test_a_character_beyond_the_last_port_is_left_out_and_the_others_go_on(skeleton, frame, caplog):
    output = open_stream(read_receiver("vmc,port=65530"), skeleton)
    for tick in range(3):
        for number in (0, 5, 6):
            output.send(frame(tick, number))
    output.close()
    assert [r.getMessage() for r in caplog.records] == [
        "character 6 is not sent over vmc: port 65536 of the OSC receiver '127.0.0.1';"
        " valid are 1 to 65535"
    ]


def test_only_so_many_sockets_stay_open_however_many_characters_come_and_go(skeleton, frame):
    class Counted:
        open_now = most = 0
        name = "counted"

        def __init__(self) -> None:
            Counted.open_now += 1
            Counted.most = max(Counted.most, Counted.open_now)

        def send(self, frame) -> None: ...

        def tell(self, event) -> None: ...

        def close(self) -> None:
            Counted.open_now -= 1

    output = OnePortEach("counted", lambda _: Counted())
    for number in range(300):
        output.send(frame(0, number))
        output.send(frame(0, 0))  # still there: its socket is used all the time
    assert Counted.most <= MAX_PORTS
    assert 0 in output._outputs
    output.close()
    assert Counted.open_now == 0


def test_a_wrong_host_shows_before_the_first_frame(skeleton):
    with pytest.raises(ConfigError, match="not a known host"):
        open_stream(read_receiver("vmc,host=no such host".replace(" ", "-")), skeleton)


def test_a_crowd_travels_tick_by_tick_from_the_second_tick_on(ear, skeleton, frame, drain):
    output = open_stream(replace(PRESETS["crowd"], port=ear.port), skeleton)
    ticks = []
    for tick in range(4):
        for character in range(20):
            output.send(frame(tick, character))
        datagrams = [d for d in drain() if b"skeleton" not in d[:40]]
        ticks.append([read_compact(m) for m in messages(datagrams)])
    output.close()
    # The first character of all is sent alone, the rest of its tick with the next one's begin.
    assert [len(tick) for tick in ticks] == [1, 39, 20, 20]
    assert [body.character for body in ticks[3]] == list(range(20))
    assert {body.sequence for body in ticks[3]} == {3}


def test_a_crowd_goes_on_when_its_last_characters_leave_or_new_ones_come(
    ear, skeleton, frame, drain
):
    output = open_stream(replace(PRESETS["crowd"], port=ear.port), skeleton)
    sent = []
    for tick, count in enumerate([5, 5, 3, 3, 8, 8, 8]):
        for character in range(count):
            output.send(frame(tick, character))
            sent.append((tick, character))
    output.close()
    got = [read_compact(m) for m in messages(drain()) if m.address.endswith("/q")]
    assert [(body.sequence, body.character) for body in got] == sent


def test_a_thinned_crowd_keeps_the_mark_of_a_prompt_change(ear, skeleton, frame, drain):
    output = open_stream(replace(PRESETS["crowd"], port=ear.port, rate_hz=20.0), skeleton)
    for tick in range(12):
        for character in range(2):
            changed = FrameFlags.PROMPT_CHANGED if (tick, character) == (4, 1) else FrameFlags.NONE
            output.send(frame(tick, character, changed))
    output.close()
    got = [read_compact(m) for m in messages(drain()) if m.address.endswith("/q")]
    assert {body.sequence for body in got} == {0, 3, 6, 9}
    assert [(b.sequence, b.character) for b in got if b.flags] == [(6, 1)]


def test_skeletons_of_a_crowd_are_spread_over_ticks(ear, skeleton, frame, drain):
    output = open_stream(replace(PRESETS["crowd"], port=ear.port), skeleton)
    counts = []
    for tick in range(60):
        for character in range(30):
            output.send(frame(tick, character))
        counts.append(sum(b"skeleton" in d[:40] for d in drain()))
    output.close()
    assert max(counts) <= 4  # two each of the tick that waited and of this one
    assert sum(counts) == 30


def test_vmc_is_thinned_and_repeated_as_the_receiver_wishes(ear, skeleton, frame, drain):
    board = Board()
    output = open_stream(replace(PRESETS["vmc"], port=ear.port), skeleton, board)
    board.vmc_period = 3
    for tick in range(12):
        if tick == 7:
            board.resends += 1
        output.send(frame(tick))
    output.close()
    heard = messages(drain())
    times = [round(60 * m.arguments[0]) for m in heard if m.address == "/VMC/Ext/T"]
    assert times == [2, 5, 8, 11]
    assert sum(m.address == "/VMC/Ext/Opt" for m in heard) == 2


def test_events_reach_native_receivers_and_pass_vmc_by(ear, skeleton, drain):
    for name, heard in (("unity", 1), ("crowd", 1), ("vmc", 0), ("vrchat", 0)):
        output = open_stream(replace(PRESETS[name], port=ear.port), skeleton)
        output.tell(Rejected(1, "no"))
        output.close()
        assert len(drain()) == heard, name
