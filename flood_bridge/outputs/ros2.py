"""Publishes frames and events as ROS 2 messages, each character below a prefix of its own.

Topics and qualities of service: :mod:`flood_bridge.protocol.ros_topics` and ``docs/ros2.md``.
Publishing happens in the caller's thread, which paces the stream; a ROS timer would cost more than
twice the time. Message objects are made once and filled again for every frame.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from flood_bridge.errors import CommandError
from flood_bridge.events import Event
from flood_bridge.motion.frames import NEWS, Frame, FrameFlags
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.outputs.ros2_audience import Audience, Letter
from flood_bridge.outputs.ros2_body import BodyTopics
from flood_bridge.outputs.ros2_frame import FrameTopic
from flood_bridge.outputs.ros2_news import NewsTopics
from flood_bridge.outputs.ros2_robot import RobotTopics, refuse_missing
from flood_bridge.protocol import ros
from flood_bridge.protocol.rates import Decimator
from flood_bridge.protocol.ros_stamps import StampGrid, split_ns
from flood_bridge.protocol.ros_topics import MAX_RATE_HZ
from flood_bridge.ros2_node import Ros2Node

if TYPE_CHECKING:
    from rclpy.publisher import Publisher

logger = logging.getLogger(__name__)

MAX_CHARACTERS = 64
"""Characters with topics of their own; the frames of more are passed over."""


class Ros2Output:
    """Frames out on ``~/joint_states``, ``~/skeleton`` and others; events on latched topics.

    ``send`` and ``tell`` may come from different threads.
    """

    name = "ros2"

    def __init__(
        self,
        node: Ros2Node,
        *,
        rate_hz: float,
        now_secs: Callable[[], float],
        character: int = 0,
        skeleton: Skeleton | None = None,
    ) -> None:
        """Offer the topics and tie the daemon's clock to the ROS clock.

        Args:
            node: The shared node; its maker closes it.
            rate_hz: Frames per second, the step of the stamps.
            now_secs: The daemon's clock, the one of :attr:`Frame.play_time_secs`.
            character: Whose topics are ``~/...``; others have ``~/character_<number>/...``.
            skeleton: The body, for ``~/skeleton_info``.
        """
        self._grid = StampGrid(rate_hz, node.now_ns() - round(now_secs() * 1e9))
        self._node, self._now_secs = node, now_secs
        self._character = character
        self._lock = threading.RLock()
        self._closed = self._silent = False
        self._bodies: dict[int, _CharacterTopics] = {}
        self._add(character)
        self._news = NewsTopics(node, now_secs, character, skeleton)
        node.settings.listeners.append(refuse_missing)
        for name, value in node.settings.given().items():
            try:
                refuse_missing(name, value)
            except CommandError as error:
                logger.error("%s", error)
        node.command_listeners.append(self._accepted)

    def send(self, frame: Frame) -> None:
        """Publish one frame, or nothing of it when a number of what is heard is not finite.

        Raises:
            ProtocolError: If a number is not finite or an array has the wrong size.
        """
        with self._lock:
            if self._closed:
                return
            self._news.seen(frame)
            topics = self._bodies.get(frame.character) or self._add(frame.character)
            if topics is not None and not self._silent:
                topics.send(frame, self._grid)
        for listener in self._node.frame_listeners:
            listener(frame)

    def tell(self, event: Event) -> None:
        """Publish a status or a receipt, and let the node's services know."""
        with self._lock:
            if self._closed:
                return
            self._news.tell(event)
        for listener in self._node.event_listeners:
            listener(event)

    def blame(self, error: str) -> None:
        """Keep ``error`` as what the status calls the last one."""
        self._news.last_error = error

    def show(self, skeleton: Skeleton | None) -> None:
        """Publish the body in ``~/skeleton_info``, once it is known."""
        with self._lock:
            if not self._closed:
                self._news.show(skeleton)

    def silence(self, silent: bool) -> None:
        """Publish no frames for a while, or go on."""
        self._silent = silent

    def set_rhythm(self, rate_hz: float, offset_secs: float) -> None:
        """Follow a stream from elsewhere: its rate, and what ``now_secs`` is ahead of its times."""
        started_ns = self._node.now_ns() - round((self._now_secs() - offset_secs) * 1e9)
        self._grid = StampGrid(rate_hz, started_ns)

    def close(self) -> None:
        """Withdraw the topics; later frames and events are passed over."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._node.settings.listeners.remove(refuse_missing)
            self._node.command_listeners.remove(self._accepted)
            each = [self._news, *self._bodies.values()]
            for publisher in [publisher for topics in each for publisher in topics.publishers]:
                self._node.withdraw(publisher)

    def _accepted(self, command: Any) -> None:
        with self._lock:
            if not self._closed:
                self._news.accepted(command)

    def _add(self, number: int) -> _CharacterTopics | None:
        if len(self._bodies) >= MAX_CHARACTERS:
            return None
        prefix = "" if number == self._character else f"character_{number}/"
        self._bodies[number] = _CharacterTopics(self._node, prefix)
        return self._bodies[number]


class _CharacterTopics:
    """All topics of one character's motion."""

    def __init__(self, node: Ros2Node, prefix: str) -> None:
        frame_id = node.settings["frame_id"]
        self._settings, self._changes = node.settings, -1
        self._gate: Decimator | None = None
        self._rate_hz = MAX_RATE_HZ
        self._carried = FrameFlags.NONE
        self._audience = Audience(node.settings)
        self._robot = RobotTopics(node, self._audience, prefix, frame_id)
        self._body = BodyTopics(node, self._audience, prefix, frame_id)
        self._frame = FrameTopic(node, self._audience, prefix, frame_id)

    @property
    def publishers(self) -> list[Publisher[Any]]:
        """All that is offered."""
        return self._audience.publishers

    def send(self, frame: Frame, grid: StampGrid) -> None:
        """Publish ``frame`` to those who listen, unless the rate leaves it out."""
        self._body.notice(frame.flags)
        if not self._audience.listens(frame.play_time_secs):
            return
        if self._settings.changes != self._changes:
            self._obey_rate()
        if self._gate is not None and not self._gate.passes(frame.play_time_secs):
            self._carried |= frame.flags & NEWS
            return
        # What cannot be published is refused before any of the frame is out.
        for publish, message in [*self._letters(frame, grid.stamp_ns(frame.play_time_secs))]:
            publish(message)

    def _letters(self, frame: Frame, stamp_ns: int) -> Iterator[Letter]:
        stamp = split_ns(stamp_ns)
        carried, self._carried = self._carried, FrameFlags.NONE
        if frame.robot is not None and self._audience.of_robot:
            yield from self._robot.letters(frame.robot, stamp_ns, stamp)
        if self._audience.of_body:
            rows = ros.skeleton_rows(frame.pose, frame.avatar)
            yield from self._body.letters(frame, rows, stamp)
            yield from self._frame.letters(frame, frame.flags | carried, rows, stamp)

    def _obey_rate(self) -> None:
        """Thin the stream if ``publish_rate`` says so."""
        self._changes, rate_hz = self._settings.changes, self._settings["publish_rate"]
        if rate_hz != self._rate_hz:
            self._rate_hz = rate_hz
            self._gate = None if rate_hz >= MAX_RATE_HZ else Decimator(rate_hz)
