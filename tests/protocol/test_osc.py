"""The OSC parser undoes the encoder, agrees with python-osc, and survives every datagram."""

import math
import os
import random
import struct
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from flood_bridge.errors import ProtocolError
from flood_bridge.protocol import osc
from flood_bridge.protocol.osc import Message

NAME = st.text("abcdefghijklmnopqrstuvwxyzABC019_-.:", min_size=1, max_size=12)
ADDRESSES = st.lists(NAME, min_size=1, max_size=4).map(lambda names: "/" + "/".join(names))
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
ARGUMENTS = st.one_of(
    st.tuples(st.just("i"), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just("f"), st.floats(width=32, allow_nan=False)),
    st.tuples(st.just("s"), TEXTS),
    st.tuples(st.just("b"), st.binary(min_size=1, max_size=40)),  # python-osc knows no empty blob
)
EMPTY_ARGUMENTS = st.sampled_from(
    [("T", True), ("F", False), ("N", None), ("I", math.inf), ("b", b"")]
)


@st.composite
def messages(draw, arguments=ARGUMENTS | EMPTY_ARGUMENTS):
    drawn = draw(st.lists(arguments, max_size=8))
    return Message(draw(ADDRESSES), "".join(t for t, _ in drawn), tuple(v for _, v in drawn))


def encode(message: Message) -> bytes:
    return osc.message(message.address, message.types, *message.arguments)


@given(messages())
def test_parsing_undoes_encoding(message):
    assert osc.parse(encode(message)) == [message]


@given(st.lists(messages(), max_size=5), st.integers(1, osc.MAX_BUNDLE_DEPTH))
def test_bundles_nested_up_to_the_limit_give_their_messages_in_order(sent, depth):
    datagram = osc.bundle(*map(encode, sent))
    for _ in range(depth - 1):
        datagram = osc.bundle(datagram)
    assert osc.parse(datagram) == sent


@given(messages(ARGUMENTS))
def test_bytes_are_those_of_python_osc(message):
    builder = OscMessageBuilder(message.address)
    for tag, value in zip(message.types, message.arguments, strict=True):
        builder.add_arg(value, tag)
    assert encode(message) == builder.build().dgram


@given(messages(ARGUMENTS))
def test_python_osc_reads_the_same_message(message):
    theirs = OscMessage(encode(message))
    assert theirs.address == message.address
    assert tuple(theirs.params) == message.arguments


@given(st.lists(messages(ARGUMENTS), min_size=1, max_size=4))
def test_bundle_bytes_are_those_of_python_osc(sent):
    builder = OscBundleBuilder(IMMEDIATELY)
    for message in sent:
        builder.add_content(OscMessage(encode(message)))
    assert osc.bundle(*map(encode, sent)) == builder.build().dgram


def test_a_message_without_type_tags_has_no_arguments():
    assert osc.parse(b"/stop\0\0\0") == [Message("/stop", "", ())]


@pytest.mark.parametrize("time_tag", [0, 1, 2**64 - 1, (4_260_000_000 << 32)])
def test_time_tags_are_never_waited_for(time_tag):
    message = osc.message("/a", "i", 1)
    datagram = b"#bundle\0" + struct.pack(">Qi", time_tag, len(message)) + message
    assert osc.parse(datagram) == [Message("/a", "i", (1,))]


def _nested(levels: int) -> bytes:
    datagram = osc.message("/a", "")
    for _ in range(levels):
        datagram = osc.bundle(datagram)
    return datagram


def _tagged(tags: bytes, rest: bytes = b"") -> bytes:
    text = b"," + tags
    return b"/a\0\0" + text.ljust((len(text) + 4) & ~3, b"\0") + rest


KILLERS = {
    "element of negative size": osc.BUNDLE_HEADER + struct.pack(">i", -4),
    "element of size 0": osc.BUNDLE_HEADER + bytes(4),
    "element that is too long": osc.BUNDLE_HEADER + struct.pack(">i", 400) + b"/a\0\0,\0\0\0",
    "element of odd size": osc.BUNDLE_HEADER + struct.pack(">i", 7) + b"/a\0\0,\0\0\0",
    "bundle cut in its time tag": b"#bundle\0" + bytes(4),
    "1200 nested bundles": _nested(1200),
    "as many nested bundles as fit": _nested(400),
    "one nested bundle too many": _nested(osc.MAX_BUNDLE_DEPTH + 1),
    "catastrophic pattern": b"/" + b"*" * 30 + b"\0,\0\0\0",
    "address not UTF-8": b"/\xff\xfe\0,\0\0\0",
    "address not ASCII": "/é".encode().ljust(4, b"\0") + b",\0\0\0",
    "address with a blank": b"/a b\0\0\0\0,\0\0\0",
    "address without a slash": b"abc\0,\0\0\0",
    "empty address": b"\0\0\0\0,\0\0\0",
    "address that never ends": b"/abcdefg",
    "string not UTF-8": _tagged(b"s", b"\xff\xfe\0\0"),
    "string that never ends": _tagged(b"s", b"abcd"),
    "60000 unknown tags": _tagged(b"?" * 60_000),
    "8000 unknown tags": _tagged(b"?" * 8_000),
    "unknown tag": _tagged(b"d", bytes(8)),
    "257 arguments": _tagged(b"i" * 257, bytes(4 * 257)),
    "tags without a comma": b"/a\0\0ifs\0",
    "tags that never end": b"/a\0\0,iii",
    "int missing": _tagged(b"i"),
    "float missing": _tagged(b"if", bytes(4)),
    "blob of negative size": _tagged(b"b", struct.pack(">i", -1)),
    "blob that is too long": _tagged(b"b", struct.pack(">i", 2**31 - 1) + bytes(8)),
    "bytes left over": _tagged(b"i", bytes(8)),
    "nothing": b"",
    "not a multiple of 4": b"/ab\0,\0\0",
    "too large": bytes(osc.MAX_DATAGRAM_BYTES + 4),
}


@pytest.mark.parametrize("killer", KILLERS.values(), ids=KILLERS.keys())
def test_each_killer_is_refused_at_once(killer):
    began = time.process_time()
    with pytest.raises(ProtocolError, match=r"\w+ \w+"):
        osc.parse(killer)
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize("size", [-4, 0, 7, 400])
def test_the_refusal_of_a_bundle_names_the_size_that_is_wrong(size):
    element = osc.message("/a", "")
    datagram = osc.BUNDLE_HEADER + struct.pack(">i", size) + element
    with pytest.raises(ProtocolError, match=f"claims {size} bytes; .* to the {len(element)} "):
        osc.parse(datagram)


def test_the_costliest_datagrams_are_parsed_in_bounded_time():
    smallest = osc.message("/a", "")
    many = osc.bundle(*[smallest] * ((osc.MAX_DATAGRAM_BYTES - 16) // (len(smallest) + 4)))
    began = time.process_time()
    assert len(osc.parse(many)) > 600
    assert time.process_time() - began < 0.2


@pytest.mark.parametrize(
    ("address", "types", "arguments"),
    [
        ("no slash", "", ()),
        ("/a*", "", ()),
        ("/a\ud800", "", ()),
        ("/a", "i", ()),
        ("/a", "", (1,)),
        ("/a", "i", (2**31,)),
        ("/a", "i", (0.5,)),
        ("/a", "f", ("x",)),
        ("/a", "f", (1e300,)),
        ("/a", "s", ("a\0b",)),
        ("/a", "s", ("\ud800",)),
        ("/a", "s", (3,)),
        ("/a", "b", (None,)),
        ("/a", "d", (1.0,)),
    ],
)
def test_what_osc_cannot_carry_is_not_encoded(address, types, arguments):
    with pytest.raises(ProtocolError):
        osc.message(address, types, *arguments)


SEEDS = (
    osc.message("/flood/0/prompt", "sif", "a person walks in a circle", 3, 0.5),
    osc.message("/flood/3/reset", "i", 7),
    osc.message("/a", "bTFNIsi", b"12345", True, False, None, math.inf, "é", -1),
    osc.bundle(osc.message("/a", "s", "x"), osc.bundle(osc.message("/b", "if", 1, 2.0))),
    osc.bundle(*[osc.message("/VMC/Ext/Bone/Pos", "sfffffff", "Hips", *[0.5] * 7)] * 3),
)
INTERESTING = (b"\0\0\0\0", b"\xff\xff\xff\xfc", b"#bundle\0", b",sss", b"\x7f\xff\xff\xff", b"/*")


def mutated(rng: random.Random) -> bytes:
    data = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randint(1, 3)):
        kind = rng.randrange(5)
        at = 4 * rng.randrange(len(data) // 4) if len(data) >= 4 else 0
        if kind == 0 and data:
            data[rng.randrange(len(data))] = rng.randrange(256)
        elif kind == 1:
            del data[at : at + 4 * rng.randint(1, 4)]
        elif kind == 2:
            data[at:at] = rng.choice(INTERESTING)
        elif kind == 3:
            patch = rng.choice(INTERESTING)
            data[at : at + len(patch)] = patch
        else:
            data[at:at] = rng.randbytes(4)
    return bytes(data)


def test_mutated_datagrams_are_read_or_refused():
    """FLOOD_FUZZ_COUNT sets how many (200,000 take a few seconds), FLOOD_FUZZ_SEED which."""
    rng = random.Random(int(os.environ.get("FLOOD_FUZZ_SEED", "0")))
    count = int(os.environ.get("FLOOD_FUZZ_COUNT", "200000"))
    read = 0
    for _ in range(count):
        try:
            read += bool(osc.parse(mutated(rng)))
        except ProtocolError:
            continue
    assert 0.05 * count < read < 0.95 * count


@settings(max_examples=300)
@given(st.binary(max_size=200).map(lambda raw: raw[: len(raw) & ~3]))
@example(b"#bundle\0" + bytes(8))
def test_whatever_is_read_is_written_back_as_the_same_messages(datagram):
    try:
        read = osc.parse(datagram)
    except ProtocolError:
        return
    assert [osc.parse(encode(message)) for message in read] == [[message] for message in read]


def test_an_empty_bundle_has_no_messages():
    assert osc.parse(osc.bundle()) == []
    assert OscBundle(osc.bundle()).num_contents == 0
