"""docs/ros2.md shows the very topics, services and parameters of the code."""

from __future__ import annotations

import re
import runpy
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest

from flood_bridge.protocol.ros_topics import (
    PARAMETERS,
    PUBLISHED,
    SET_PROMPT,
    SUBSCRIBED,
    TRIGGERS,
    Quality,
    Topic,
)

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ros2.md").read_text(encoding="utf-8")
NODE_PARAMETERS = runpy.run_path(
    str(ROOT / "ros2_ws" / "src" / "flood_motion" / "flood_motion" / "parameters.py")
)["PARAMETERS"]
TOLD_BY_WORD = {"all", "the model's", "1", "the daemon's", "none", "~/measured_joint_states"}
INTERFACES = ROOT / "ros2_ws" / "src" / "flood_motion_msgs"


@pytest.mark.parametrize("topic", PUBLISHED, ids=lambda topic: topic.name)
def test_every_published_topic_has_its_row(topic: Topic):
    frame = f"`{topic.frame}` " if topic.frame else ""
    row = f"| `{topic.name}` | `{topic.type}` | {topic.quality} | {topic.rate} | {frame}|"
    assert row in PAGE


@pytest.mark.parametrize("topic", SUBSCRIBED, ids=lambda topic: topic.name)
def test_every_subscribed_topic_has_its_row(topic: Topic):
    rate = f"{topic.rate} " if topic.rate else ""
    assert f"| `{topic.name}` (in) | `{topic.type}` | {topic.quality} | {rate}| |" in PAGE


def test_every_service_is_named():
    for name in (*(f"~/{name}" for name in TRIGGERS), SET_PROMPT):
        assert f"`{name}`" in PAGE


def test_every_parameter_is_named_with_its_range():
    for parameter in PARAMETERS:
        (row,) = [line for line in PAGE.splitlines() if f"`{parameter.name}`" in line[:120]
                  and line.startswith("| ")]  # fmt: skip
        if parameter.highest and parameter.name in {"publish_rate", "guidance", "speed"}:
            assert f"({parameter.lowest:g} to {parameter.highest:g})" in row


def test_every_parameter_is_shown_with_its_default():
    shown = {}
    for names, default in re.findall(r"^\| (`[^|]+`) \| ([^|]+) \|", PAGE, re.MULTILINE):
        defaults = default.split(", ") if default.count(",") else [default] * 9
        shown |= dict(zip(re.findall(r"`([\w.]+)`", names), defaults, strict=False))
    for parameter in (*PARAMETERS, *NODE_PARAMETERS):
        told = shown[parameter.name].strip("`")
        match parameter.default:
            case None | "" | [""]:
                assert told in TOLD_BY_WORD, parameter.name
            case bool(switch):
                assert told == str(switch).lower(), parameter.name
            case str(text):
                assert told == text
            case number:
                assert float(told) == number, parameter.name


@pytest.mark.ros
@pytest.mark.skipif(find_spec("rclpy") is None, reason="rclpy is not installed")
@pytest.mark.filterwarnings("ignore:module 'sre_.*' is deprecated:DeprecationWarning")
@pytest.mark.parametrize("quality", get_args(Quality))
def test_every_quality_is_shown_as_it_is(quality: Quality):
    from flood_bridge.ros2_node import LEASE_SECS, profile_of

    profile = profile_of(quality)
    columns = (profile.reliability.name, profile.durability.name, profile.depth)
    assert f"| {quality} | {' | '.join(map(str, columns))} |\n" in PAGE
    lease_secs = profile.liveliness_lease_duration.nanoseconds / 1e9
    assert (lease_secs == LEASE_SECS) == (quality == "motion")
    assert f"a lease of {LEASE_SECS:g} s" in PAGE


def test_the_page_names_no_topic_that_there_is_not():
    rows = re.findall(r"^\| `([~/]\S+)`(?: \(in\))? \| `(\S+)` \|", PAGE, re.MULTILINE)
    known = {(topic.name, topic.type) for topic in (*PUBLISHED, *SUBSCRIBED)}
    services = {"std_srvs/Trigger", "flood_motion_msgs/SetPrompt"}
    assert {row for row in rows if row[1] not in services} == known


def test_every_interface_file_is_built():
    cmake = (INTERFACES / "CMakeLists.txt").read_text()
    built = set(re.findall(r'"((?:msg|srv|action)/\w+\.\w+)"', cmake))
    there = {
        f"{path.parent.name}/{path.name}"
        for kind in ("msg", "srv", "action")
        for path in (INTERFACES / kind).iterdir()
    }
    assert built == there
