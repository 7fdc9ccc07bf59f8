"""``flood-bridge doctor bag``: keeps what a running daemon sends as a ROS bag; needs no ROS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from flood_bridge.errors import ProtocolError
from flood_bridge.inputs.ros2_link import DaemonLink
from flood_bridge.motion.frames import Frame
from flood_bridge.outputs.rosbag import BagOutput

WAIT_SECS = 0.1


def record_bag(
    folder: Path, host: str, control_port: int, seconds: float, clock: Callable[[], float]
) -> Iterator[str]:
    """Write the stream of character 0 for ``seconds``; yield what was done.

    Raises:
        ConfigError: If the folder or the address cannot be used.
        MissingDependencyError: If ``rosbags`` is not installed.
    """
    link = DaemonLink(host, control_port, clock)
    try:
        bag = BagOutput(folder)
        try:
            link.stream(True)
            frames = damaged = 0
            ends_secs = clock() + seconds
            while clock() < ends_secs and not bag.full:
                for told in link.poll(WAIT_SECS):
                    try:
                        bag.send(told) if isinstance(told, Frame) else bag.tell(told)
                    except ProtocolError:
                        damaged += 1
                    frames += isinstance(told, Frame)
        finally:
            bag.close()
    finally:
        link.close()
    yield f"wrote {frames} frames, {bag.messages} messages, to {folder}"
    if bag.full:
        yield "the bag is full; the rest is left out"
    if damaged:
        yield f"{damaged} frames had numbers that are not finite and are left out"
    if not frames:
        yield f"nothing came: is a daemon listening on {host} port {control_port}?"
