"""docs/adapters.md: its senders put on the wire what TWIST2 and SONIC read."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from flood_bridge.motion.frames import AvatarFrame, Frame, Pose, RobotFrame
from flood_bridge.motion.rotations import IDENTITY, from_axis_angle
from flood_bridge.protocol import sonic, twist2
from flood_bridge.protocol.robot_motion import Tree

PAGE = (Path(__file__).parents[2] / "docs" / "adapters.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
COUNT = 29
NAMES = tuple(f"joint_{n}" for n in range(COUNT))
LINKS = tuple(f"link_{n}" for n in range(COUNT))
# Two chains, of 15 and 14 joints: breadth first takes from both in turn.
TREE = Tree("root", NAMES, ("root", *LINKS[:14], "root", *LINKS[15:28]), LINKS)
ISAACLAB = [n for pair in zip(range(14), range(15, 29), strict=True) for n in pair] + [14]


class Wire:
    """Stands for the two libraries, which are not ours to depend on; keeps what is sent."""

    PUB = "pub"

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.messages: list[bytes] = []
        self.bound = ""
        self.closed = False

    def mset(self, values: dict[str, str]) -> None:
        self.keys = values

    def bind(self, place: str) -> None:
        self.bound = place

    def send(self, message: bytes) -> None:
        self.messages.append(message)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    redis, zmq = ModuleType("redis"), ModuleType("zmq")
    redis.Redis = lambda: wire  # type: ignore[attr-defined]
    context = type("Context", (), {"socket": lambda self, kind: wire})
    context.instance = classmethod(lambda cls: cls())  # type: ignore[attr-defined]
    zmq.Context, zmq.PUB = context, "pub"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "redis", redis)
    monkeypatch.setitem(sys.modules, "zmq", zmq)
    return wire


def sender_of(library: str) -> Any:
    (block,) = [each for each in BLOCKS if f"import {library}" in each]
    names: dict[str, Any] = {}
    exec(compile(block, "docs/adapters.md", "exec"), names)
    return names["Sender"](TREE)


def frame(sequence: int) -> Frame:
    pose = Pose(np.zeros((22, 3)), np.zeros((22, 3)), np.zeros(4, dtype=bool), 0.0)
    robot = RobotFrame(
        NAMES,
        np.arange(COUNT) / 100 + sequence,
        np.arange(COUNT) / 10,
        np.array([0.02 * sequence, 0.0, 0.75]),
        from_axis_angle(np.array([0.0, 0.0, 1.0]), 0.0),
    )
    avatar = AvatarFrame(np.zeros(3), np.tile(IDENTITY, (22, 1)))
    return Frame(0, sequence, sequence / 50, pose, avatar, robot, "walk")


def test_twist2_finds_every_key_that_it_reads(wire: Wire) -> None:
    sender = sender_of("redis")
    for sequence in range(3):
        sender.send(frame(sequence))
    body = json.loads(wire.keys.pop("action_body_unitree_g1_with_hands"))
    assert len(body) == twist2.NUMBERS
    np.testing.assert_allclose(body[:6], (1.0, 0.0, 0.75, 0.0, 0.0, 0.0), atol=1e-9)
    np.testing.assert_allclose(body[6:], np.arange(COUNT) / 100 + 2)
    assert {key: json.loads(value) for key, value in wire.keys.items()} == {
        "action_hand_left_unitree_g1_with_hands": [0.0] * 7,
        "action_hand_right_unitree_g1_with_hands": [0.0] * 7,
        "action_neck_unitree_g1_with_hands": [0.0] * 2,
    }
    sender.close()
    assert wire.closed


def read(message: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read a message as its documentation says, without our own module."""
    assert message.startswith(b"pose{")
    head = json.loads(message[4 : 4 + 1280].rstrip(b"\0"))
    at, fields = 4 + 1280, {}
    for each in head["fields"]:
        kind = np.dtype({"f32": "<f4", "i64": "<i8"}[each["dtype"]])
        size = int(np.prod(each["shape"])) * kind.itemsize
        fields[each["name"]] = np.frombuffer(message[at : at + size], kind).reshape(each["shape"])
        at += size
    assert at == len(message)
    return head, fields


def test_sonic_reads_what_it_is_sent(wire: Wire) -> None:
    sender = sender_of("zmq")
    assert wire.bound == "tcp://*:5556"
    for sequence in range(7, 9):
        sender.send(frame(sequence))
    head, fields = read(wire.messages[-1])
    assert (head["v"], head["endian"], head["count"]) == (1, "le", 1)
    assert {name: value.shape for name, value in fields.items()} == {
        "joint_pos": (1, 29), "joint_vel": (1, 29), "body_quat": (1, 4), "frame_index": (1,),
    }  # fmt: skip
    assert fields["frame_index"].tolist() == [8]
    np.testing.assert_allclose(fields["joint_vel"][0], np.array(ISAACLAB) / 10, atol=1e-6)
    np.testing.assert_allclose(fields["body_quat"][0], IDENTITY)


@pytest.mark.parametrize("library", ["redis", "zmq"])
def test_nothing_is_sent_while_the_safety_layer_lets_nothing_out(wire: Wire, library: str) -> None:
    sender = sender_of(library)
    bare = frame(0)
    sender.send(Frame(0, 0, 0.0, bare.pose, bare.avatar, None, "walk"))
    assert not wire.keys
    assert not wire.messages


def test_the_page_says_where_and_how_often() -> None:
    assert f"topic `{sonic.TOPIC}`, port {sonic.PORT}, {sonic.RATE_HZ} a second" in PAGE
    assert f"4 keys, {twist2.RATE_HZ} a second" in PAGE
    assert len(BLOCKS) == 3
    compile(BLOCKS[2], "docs/adapters.md", "exec")
