"""Values go down the pipe whole; one that cannot be read does not hide the next."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.errors import ProtocolError
from flood_bridge.viewer import pipe
from flood_bridge.viewer.troubles import Troubles, describe

_VALUES = st.lists(st.one_of(st.text(), st.binary(), st.floats(allow_nan=False)), max_size=5)


def read_all(stream: io.BytesIO) -> list[bytes]:
    return list(iter(lambda: pipe.read(stream), None))


@settings(deadline=None)
@given(_VALUES)
def test_values_arrive_as_they_left_and_in_order(values: list[object]) -> None:
    stream = io.BytesIO(b"".join(pipe.pack(value) for value in values))
    assert [pipe.unpack(content) for content in read_all(stream)] == values


@settings(deadline=None)
@given(st.integers(0, 20))
def test_a_pipe_that_breaks_ends_without_the_half_value(cut: int) -> None:
    whole, broken = pipe.pack("whole"), pipe.pack("a broken one")
    stream = io.BytesIO(whole + broken[:cut])
    assert [pipe.unpack(content) for content in read_all(stream)] == ["whole"]


def test_a_value_that_cannot_be_read_does_not_hide_the_next() -> None:
    stream = io.BytesIO(struct.pack("<I", 3) + b"\x80\x05X" + pipe.pack("next"))
    odd, following = read_all(stream)
    with pytest.raises(Exception, match=r"truncated|[Rr]an out"):
        pipe.unpack(odd)
    assert pipe.unpack(following) == "next"


def test_a_length_that_no_value_has_is_refused() -> None:
    with pytest.raises(ProtocolError, match="at most 16777216 are valid"):
        pipe.read(io.BytesIO(struct.pack("<I", pipe.MAX_BYTES + 1)))


def test_a_trouble_that_returns_is_told_ever_more_rarely() -> None:
    told: list[str] = []
    troubles = Troubles(told.append)
    for _ in range(1000):
        troubles.note(ValueError("odd"))
    assert told == [f"ValueError: odd{more}" for more in
                    ("", " (10 times)", " (100 times)", " (1000 times)")]  # fmt: skip


def test_endless_kinds_of_trouble_are_told_as_one() -> None:
    told: list[str] = []
    troubles = Troubles(told.append)
    for number in range(1064):
        troubles.note(ValueError(f"number {number}"))
    assert len(told) == 64 + 4


def test_a_trouble_says_where_it_arose_in_one_line() -> None:
    try:
        raise KeyError("one\ntwo")
    except KeyError as error:
        words = describe(error)
    assert words.startswith("KeyError: ")
    assert "test_pipe.py:" in words
    assert "\n" not in words
