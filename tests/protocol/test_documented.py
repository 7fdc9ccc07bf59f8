"""Every address that is obeyed or published stands in docs/protocol.md, with its types."""

import re
from pathlib import Path

import pytest

from flood_bridge.events import Pong, PromptApplied, Rejected, Status
from flood_bridge.protocol import control, native, osc, vmc
from flood_bridge.protocol.receipts import event_message

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| `/")]
EVENTS = (
    PromptApplied(0, 0, "", 0, 0),
    Rejected(0, ""),
    Pong(0, 0.0),
    Status(0.0, 0, "", "", 0.0, 0.0, 0.0, 0, 0),
)


def spelled(types: str) -> str:
    """Return types as the page writes them."""
    floats = len(types) - len(types.rstrip("f"))
    if floats > 8:
        return f"`{types[:-floats]}` + {floats} × `f`"
    return f"`{types}`" if types else "(none)"


def assert_documented(address: str, types: str) -> None:
    generic = re.sub(r"^/flood/\d+/", "/flood/{id}/", address)
    rows = [row for row in ROWS if row.startswith(f"| `{generic}` |")]
    assert len(rows) == 1, f"{generic} has {len(rows)} rows"
    assert spelled(types) in rows[0].split("|")[2], f"{generic} does not list {spelled(types)}"


@pytest.mark.parametrize("name", control.CHARACTER_VERBS)
def test_every_command_is_documented(name):
    for types in control.CHARACTER_VERBS[name].types:
        assert_documented(f"/flood/0/{name}", types)


def test_the_ping_is_documented():
    assert_documented(control.PING_ADDRESS, "i")


def test_every_published_message_is_documented(make_frame, skeleton):
    datagrams = [
        native.FrameEncoder(0).encode(make_frame(0)),
        native.skeleton_message(0, skeleton),
        *map(event_message, EVENTS),
        *vmc.VmcEncoder(skeleton).encode(make_frame(0)),
        vmc.option_message(""),
    ]
    for datagram in datagrams:
        for message in osc.parse(datagram):
            assert_documented(message.address, message.types)


def test_names_of_bones_and_policies_are_documented():
    for name in (*vmc.BONES, *vmc.ROOT_POLICIES):
        assert re.search(rf"\b{name}\b", PAGE), name
