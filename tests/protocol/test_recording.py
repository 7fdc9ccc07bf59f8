"""What was recorded comes back; a damaged file is refused where the damage begins."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.errors import ProtocolError
from flood_bridge.protocol.recording import HEADER, Recording, read_recording

STREAMS = st.lists(st.tuples(st.floats(0, 10), st.binary(max_size=40)), max_size=20)


def recorded(stream) -> bytes:
    file = io.BytesIO()
    recording = Recording(file)
    assert all(recording.add(secs, datagram) for secs, datagram in stream)
    return file.getvalue()


@given(STREAMS.map(lambda stream: sorted(stream, key=lambda item: item[0])))
def test_a_stream_comes_back_with_times_from_its_first_datagram(stream):
    began = stream[0][0] if stream else 0
    got = list(read_recording(io.BytesIO(recorded(stream))))
    assert got == [(secs - began, datagram) for secs, datagram in stream]


def test_a_full_file_takes_no_more_and_stays_whole():
    file = io.BytesIO()
    recording = Recording(file, max_bytes=len(HEADER) + 30)
    assert recording.add(0.0, b"x" * 10)
    assert not recording.add(1.0, b"y" * 10)
    assert list(read_recording(io.BytesIO(file.getvalue()))) == [(0.0, b"x" * 10)]


@given(STREAMS, st.data())
def test_a_file_cut_anywhere_gives_whole_datagrams_then_an_error_or_the_end(stream, data):
    whole = recorded(sorted(stream, key=lambda item: item[0]))
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    got = []
    try:
        for record in read_recording(io.BytesIO(cut)):
            got.append(record)
    except ProtocolError:
        pass
    assert got == list(read_recording(io.BytesIO(whole)))[: len(got)]


@pytest.mark.parametrize(
    "tail",
    [
        struct.pack(">dI", 0.0, 1 << 20),
        struct.pack(">dI", float("nan"), 0),
        struct.pack(">dI", 5.0, 0) + struct.pack(">dI", 4.0, 0),
    ],
    ids=["monstrous", "no time", "backwards"],
)
def test_a_damaged_record_is_refused(tail):
    with pytest.raises(ProtocolError, match="damaged"):
        list(read_recording(io.BytesIO(HEADER + tail)))


def test_another_file_is_refused():
    with pytest.raises(ProtocolError, match="not a recording"):
        list(read_recording(io.BytesIO(b"RIFF....")))
