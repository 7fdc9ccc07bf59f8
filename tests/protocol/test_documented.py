"""Every address that is obeyed or published stands in docs/protocol.md, with its types."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flood_bridge.events import Pong, PromptApplied, Rejected, SafetyReport, Status
from flood_bridge.motion.frames import RobotFrame
from flood_bridge.protocol import control, native, osc, vmc
from flood_bridge.protocol.compact import BLOB, CompactEncoder
from flood_bridge.protocol.receipts import event_message
from flood_bridge.protocol.receivers import KEYS, PRESETS, WORLDS
from flood_bridge.protocol.ros_robot import names_messages, robot_message
from flood_bridge.protocol.trackers import TRACKERS, TrackerEncoder
from flood_bridge.protocol.vmc import POSITIONS
from flood_bridge.protocol.vmc_placing import ROOT_POLICIES
from flood_bridge.protocol.wishes import FORMATS, LEASE_SECS, MAX_PERIOD

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| `/")]
EVENTS = (
    PromptApplied(0, 0, "", 0, 0),
    Rejected(0, ""),
    Pong(0, 0.0),
    SafetyReport(0, "idle", ""),
    Status(0.0, 0, "", "", 0.0, 0.0, 0.0, 0, 0, (1.0,)),
)


def spelled(types: str) -> str:
    """Return types as the page writes them."""
    floats = len(types) - len(types.rstrip("f"))
    if floats > 8:
        return f"`{types[:-floats]}` + {floats} × `f`"
    return f"`{types}`" if types else "(none)"


def assert_documented(address: str, types: str) -> None:
    generic = re.sub(r"^/flood/\d+/", "/flood/{id}/", address)
    generic = re.sub(r"^/tracking/trackers/\w+/", "/tracking/trackers/{n}/", generic)
    rows = [row for row in ROWS if row.startswith(f"| `{generic}` |")]
    assert len(rows) == 1, f"{generic} has {len(rows)} rows"
    assert spelled(types) in rows[0].split("|")[2], f"{generic} does not list {spelled(types)}"


@pytest.mark.parametrize("name", control.CHARACTER_VERBS)
def test_every_command_is_documented(name):
    for types in control.CHARACTER_VERBS[name].types:
        assert_documented(f"/flood/0/{name}", types)


@pytest.mark.parametrize("address", control.GLOBAL_VERBS)
def test_every_command_to_the_daemon_is_documented(address):
    for types in control.GLOBAL_VERBS[address].types:
        assert_documented(address, types)


def test_the_page_lists_no_address_that_is_neither_obeyed_nor_published(make_frame, skeleton):
    obeyed = {f"/flood/{{id}}/{name}" for name in control.CHARACTER_VERBS}
    named = {row.split("`")[1] for row in ROWS}
    published = {message.address for message in everything_published(make_frame, skeleton)}
    generic = {re.sub(r"/\d+/", "/{id}/", address, count=1) for address in published}
    trackers = {f"/tracking/trackers/{{n}}/{what}" for what in ("position", "rotation")}
    assert named <= obeyed | set(control.GLOBAL_VERBS) | generic | trackers


def test_limits_and_formats_are_documented():
    for name in FORMATS:
        assert f"`{name}`" in PAGE
    assert f"holds for {LEASE_SECS:g} seconds" in PAGE
    assert f"1 to {MAX_PERIOD} |" in PAGE
    assert f"in {BLOB.itemsize} bytes" in PAGE


def everything_published(make_frame, skeleton) -> list[osc.Message]:
    frame = make_frame(0)
    robot = RobotFrame(("knee",), np.ones(1), np.ones(1), np.ones(3), np.eye(4)[0])
    datagrams = [
        *names_messages(0, robot.names),
        *names_messages(0, ("knee" * 300,) * 2),
        robot_message(replace(frame, robot=robot)),
        native.FrameEncoder(0).encode(frame),
        native.FrameEncoder(0, ["ue"]).encode(frame),
        native.skeleton_message(0, skeleton),
        *CompactEncoder().encode([frame]),
        *map(event_message, EVENTS),
        *vmc.VmcEncoder(skeleton, form=vmc.VmcForm(root_bone=True)).encode(frame),
        vmc.option_message(""),
        TrackerEncoder(skeleton).encode(frame),
    ]
    return [message for datagram in datagrams for message in osc.parse(datagram)]


def test_every_published_message_is_documented(make_frame, skeleton):
    for message in everything_published(make_frame, skeleton):
        assert_documented(message.address, message.types)


def test_names_of_bones_and_policies_are_documented():
    for name in (*vmc.BONES, *ROOT_POLICIES, *TRACKERS):
        assert re.search(rf"\b{name}\b", PAGE), name


GUIDE = (Path(__file__).parents[2] / "docs" / "osc.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_in_the_guide_with_its_port(name):
    (row,) = [line for line in GUIDE.splitlines() if line.startswith(f"| `{name}` |")]
    assert f"| {PRESETS[name].port} |" in row


def test_every_setting_and_its_values_are_in_the_guide():
    text = "".join(line for line in GUIDE.splitlines() if line.startswith("| `"))
    for word in (*KEYS, *WORLDS, *ROOT_POLICIES, *POSITIONS):
        assert f"`{word}`" in text, word
