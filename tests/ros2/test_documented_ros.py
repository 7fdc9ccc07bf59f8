"""docs/ros2.md shows the very topics, services and parameters of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flood_bridge.protocol.ros_topics import (
    PARAMETERS,
    PUBLISHED,
    SET_PROMPT,
    SUBSCRIBED,
    TRIGGERS,
    Topic,
)

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ros2.md").read_text(encoding="utf-8")
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
