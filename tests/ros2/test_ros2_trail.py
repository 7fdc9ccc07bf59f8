"""The trail on ``~/markers`` never leads across a jump, whichever frames are drawn.

With topics of our own instead of a graph; the messages are ROS's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.outputs.ros2 import _CharacterTopics
from flood_bridge.protocol.ros_stamps import StampGrid
from flood_bridge.ros2_node import Ros2Node

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(find_spec("visualization_msgs") is None, reason="ROS is not installed"),
    pytest.mark.filterwarnings("ignore:module 'sre_.*' is deprecated:DeprecationWarning"),
]

RATE_HZ = 120.0
JUMP_M = 5.0
MakeFrame = Callable[..., Frame]


class Switches(dict[str, Any]):
    """Parameters; ``changes`` counts as that of the node's does."""

    changes = 0


class Topic:
    """What a middleware would offer, heard by somebody or nobody."""

    def __init__(self) -> None:
        self.listeners = 0
        self.lengths: list[float] = []

    def get_subscription_count(self) -> int:
        return self.listeners

    def publish(self, message: Any) -> None:
        points = np.array([(p.x, p.y) for p in message.markers[2].points])
        self.lengths.append(float(np.linalg.norm(np.diff(points, axis=0), axis=1).max(initial=0)))


class Stand:
    """The topics of one character; only ``~/markers`` is ever heard."""

    def __init__(self, publish_rate: float = 200.0) -> None:
        self.settings = Switches(
            frame_id="odom", base_frame="pelvis", joint_order=[""], publish_rate=publish_rate
        )
        for name in ("joint_states", "skeleton", "frame", "markers"):
            self.settings[f"publish.{name}"] = name == "markers"
        for name in ("tf", "joint_trajectory", "commands"):
            self.settings[f"publish.{name}"] = False
        self.markers = Topic()
        self.markers.listeners = 1
        node = SimpleNamespace(settings=self.settings, publish=self._publish)
        self._topics = _CharacterTopics(cast(Ros2Node, node), "")
        self._grid = StampGrid(RATE_HZ, 0)

    def _publish(self, _kind: Any, topic: str, _quality: str) -> Topic:
        return self.markers if topic == "~/markers" else Topic()

    def send(self, frame: Frame) -> None:
        self._topics.send(frame, self._grid)


def walk(make_frame: MakeFrame, frames: int, jump_at: int) -> list[Frame]:
    """A body that stands, and from ``jump_at`` on stands elsewhere."""
    made = []
    for number in range(frames):
        frame = replace(make_frame(number), play_time_secs=number / RATE_HZ)
        if number >= jump_at:
            place = np.array([JUMP_M, 0.0, 0.0])
            pose = replace(frame.pose, joints=frame.pose.joints + place)
            flags = FrameFlags.JUMPED if number == jump_at else FrameFlags.NONE
            frame = replace(frame, pose=pose, flags=flags)
        made.append(frame)
    return made


@pytest.mark.parametrize("jump_at", range(40, 48))
@pytest.mark.parametrize("publish_rate", [200.0, 50.0, 10.0])
def test_a_jump_between_drawn_frames_ends_the_trail(
    make_frame: MakeFrame, jump_at: int, publish_rate: float
):
    stand = Stand(publish_rate)
    for frame in walk(make_frame, 120, jump_at):
        stand.send(frame)
    assert len(stand.markers.lengths) > 8
    assert max(stand.markers.lengths) < 0.01


def test_a_jump_while_nobody_looks_ends_the_trail(make_frame: MakeFrame):
    stand = Stand()
    for number, frame in enumerate(walk(make_frame, 240, 120)):
        stand.markers.listeners = int(not 60 <= number < 180)
        stand.send(frame)
    assert max(stand.markers.lengths) < 0.01


def test_without_a_jump_the_trail_goes_on(make_frame: MakeFrame):
    stand = Stand()
    frames = walk(make_frame, 120, 40)
    for frame in frames:
        stand.send(replace(frame, flags=FrameFlags.NONE))
    assert max(stand.markers.lengths) == pytest.approx(JUMP_M)
