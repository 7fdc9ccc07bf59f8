"""A filled template has exactly the bytes of messages built with those numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from flood_bridge.protocol.template import Template

FLOATS = st.floats(-1e6, 1e6, width=32)
INTS = st.integers(-(2**31), 2**31 - 1)
SHAPES = (("/flood/0/root", "ifff"), ("/VMC/Ext/Bone/Pos", "sff"), ("/x/apply", ""), ("/m", "fbi"))
BLANK = {"i": 0, "f": 0.0, "s": "LeftUpperLeg", "b": b"12345"}


def blank(address: str, types: str) -> tuple:
    return (address, types, *(BLANK[tag] for tag in types))


def python_osc(address: str, types: str, values: list) -> OscMessageBuilder:
    builder = OscMessageBuilder(address)
    for tag, value in zip(types, values, strict=True):
        builder.add_arg(value, tag)
    return builder


@st.composite
def filled(draw):
    numbers = {"i": INTS, "f": FLOATS}
    return [
        [draw(numbers[tag]) if tag in numbers else BLANK[tag] for tag in types]
        for _, types in SHAPES
    ]


def fill(template: Template, row: int, types: str, values: list) -> None:
    for tag, words, view in (
        ("f", template.float_words, template.floats),
        ("i", template.int_words, template.ints),
    ):
        view[words[row]] = [v for t, v in zip(types, values, strict=True) if t == tag]


@given(filled())
def test_a_filled_bundle_has_the_bytes_of_python_osc(values):
    template = Template(*(blank(*shape) for shape in SHAPES))
    builder = OscBundleBuilder(IMMEDIATELY)
    for row, (address, types) in enumerate(SHAPES):
        fill(template, row, types, values[row])
        builder.add_content(python_osc(address, types, values[row]).build())
    assert bytes(template.datagram) == builder.build().dgram


@given(filled())
def test_a_single_filled_message_is_not_wrapped(values):
    address, types = SHAPES[0]
    template = Template(blank(address, types))
    fill(template, 0, types, values[0])
    assert bytes(template.datagram) == python_osc(address, types, values[0]).build().dgram


def test_the_views_reach_the_bytes_that_are_sent():
    template = Template(("/a", "f", 0.0))
    before = bytes(template.datagram)
    template.floats[template.float_words[0]] = np.pi
    assert bytes(template.datagram) != before
