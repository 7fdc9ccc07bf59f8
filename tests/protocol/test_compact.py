"""A crowd in few packets: compact bodies come back as they were, six to a packet."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle

from flood_bridge.errors import ProtocolError
from flood_bridge.motion.frames import AvatarFrame, FrameFlags
from flood_bridge.protocol import osc
from flood_bridge.protocol.axes import UNITY
from flood_bridge.protocol.compact import BLOB, CompactEncoder, read_compact
from flood_bridge.protocol.native import MAX_PACKET_BYTES
from flood_bridge.protocol.osc import Message

WORST_DEGREES = 0.0068  # twice the largest error of one rotation that was measured


def read_all(datagrams):
    return [read_compact(message) for datagram in datagrams for message in osc.parse(datagram)]


@given(seed=st.integers(0, 10**6), count=st.integers(1, 30), flags=st.integers(0, 7))
def test_bodies_come_back_in_order_within_the_precision_of_int16(make_frame, seed, count, flags):
    sent = [make_frame(seed + n, character=3 * n, flags=FrameFlags(flags)) for n in range(count)]
    got = read_all(CompactEncoder().encode(sent))
    assert [body.character for body in got] == [frame.character for frame in sent]
    for body, frame in zip(got, sent, strict=True):
        assert (body.sequence, body.flags) == (frame.sequence, flags)
        assert body.play_time_ms == round(1000 * frame.play_time_secs)
        wanted = UNITY.quaternion_xyzw(frame.avatar.local_wxyz)
        cosines = np.abs((body.local_xyzw * wanted).sum(axis=1)).clip(max=1)
        assert np.degrees(2 * np.arccos(cosines)).max() < WORST_DEGREES
        np.testing.assert_allclose(
            body.root_position, UNITY.position(frame.avatar.root_position), rtol=1e-6
        )


def test_six_bodies_with_the_longest_numbers_fit_one_packet(make_frame):
    frames = [make_frame(n, character=1000 + n) for n in range(24)]
    datagrams = CompactEncoder().encode(frames)
    assert [len(osc.parse(datagram)) for datagram in datagrams] == [6, 6, 6, 6]
    assert max(map(len, datagrams)) <= MAX_PACKET_BYTES


def test_the_blob_has_the_layout_of_the_documentation(make_frame):
    frame = make_frame(5, sequence=7, play_time_secs=1.25, flags=FrameFlags.IDLE)
    (message,) = OscBundle(CompactEncoder().encode([frame])[0])
    (blob,) = message.params
    assert (message.address, len(blob), BLOB.itemsize) == ("/flood/0/q", 198, 198)
    assert blob[:10] == bytes([0, 0, 0, 7, 0, 0, 4, 226, 0, 4])
    x, y, z = np.frombuffer(blob[10:22], ">f4")
    np.testing.assert_allclose([-x, y, z], frame.avatar.root_position, rtol=1e-6)
    w = np.frombuffer(blob[22:], ">i2").reshape(22, 4)[:, 3]
    np.testing.assert_array_equal(w, np.rint(32767 * frame.avatar.local_wxyz[:, 0]))


def test_nothing_of_a_tick_with_a_broken_body_is_written(make_frame):
    good, bad = make_frame(1), make_frame(2, character=9)
    turns = bad.avatar.local_wxyz.copy()
    turns[3] = np.nan
    bad = replace(bad, avatar=AvatarFrame(bad.avatar.root_position, turns))
    with pytest.raises(ProtocolError, match="frame 2 of character 9"):
        CompactEncoder().encode([good, bad])


def test_no_bodies_make_no_packet():
    assert CompactEncoder().encode([]) == []


@pytest.mark.parametrize(
    "message",
    [
        Message("/flood/0/q", "b", (bytes(197),)),
        Message("/flood/0/q", "b", (bytes(198),)),  # rotations of zeros
        Message("/flood/0/q", "s", ("x" * 198,)),
        Message("/flood/0/frame", "b", (bytes(198),)),
    ],
)
def test_what_is_no_compact_body_is_refused(message):
    with pytest.raises(ProtocolError):
        read_compact(message)
