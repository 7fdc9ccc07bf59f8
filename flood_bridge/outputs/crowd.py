"""Crowds out: all characters of a tick as compact bodies in as few packets as possible."""

from __future__ import annotations

import math
from dataclasses import replace

from flood_bridge.events import Event
from flood_bridge.motion.frames import NEWS, Frame, FrameFlags
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.outputs.board import Board, Repeats
from flood_bridge.outputs.udp import DEFAULT_HOST, UdpTarget, checked_rate
from flood_bridge.protocol import receipts
from flood_bridge.protocol.compact import CompactEncoder
from flood_bridge.protocol.native import skeleton_message
from flood_bridge.protocol.rates import Decimator
from flood_bridge.protocol.receivers import NATIVE_PORT

_SKELETON_SECS = 1.0
_SKELETONS_PER_TICK = 2
"""Those of a crowd are spread over the second: a hundred at once would overrun a receiver."""


class CrowdOutput:
    """Publishes every character under ``/flood/{id}/q``, six to a packet.

    The frames of a tick arrive one by one, in the order of the characters. They are sent when the
    one that came last in the tick before is there, so nothing waits for the next tick.

    Args:
        host: Receiver's name or address.
        port: Receiver's UDP port.
        skeleton: The body, published once per second for every character.
        rate_hz: Most frames per second of each character; None sends all.
        board: What receivers have asked for.

    Raises:
        ConfigError: If the receiver's address or a setting cannot be used.
    """

    name = "crowd"

    def __init__(
        self,
        host: str = DEFAULT_HOST,
        port: int = NATIVE_PORT,
        *,
        skeleton: Skeleton,
        rate_hz: float | None = None,
        board: Board | None = None,
    ) -> None:
        self._skeleton = skeleton
        self._gate = Decimator(checked_rate(rate_hz))
        self._encoder = CompactEncoder()
        self._waiting: dict[int, Frame] = {}
        self._last_character = 0
        self._now_secs = -math.inf
        self._is_shown = True
        self._skeleton_due_secs: dict[int, float] = {}
        self._carried: dict[int, FrameFlags] = {}
        self._repeats = Repeats(board)
        self._target = UdpTarget(host, port)

    def send(self, frame: Frame) -> None:
        """Send ``frame`` with the others of its tick."""
        if not self._waiting or frame.play_time_secs != self._now_secs:
            self._begin_tick(frame.play_time_secs)
        elif frame.character in self._waiting:
            self._flush()
        self._waiting[frame.character] = frame
        if frame.character == self._last_character:
            self._flush()

    def tell(self, event: Event) -> None:
        """Send ``event`` as one message."""
        self._target.send(receipts.event_message(event))

    def close(self) -> None:
        """Send what waits, then close the socket."""
        try:
            self._flush()
        finally:
            self._target.close()

    def _begin_tick(self, play_time_secs: float) -> None:
        if self._waiting:  # somebody who came last has gone
            self._last_character = next(reversed(self._waiting))
            self._flush()
        elif play_time_secs == self._now_secs:
            return  # somebody new comes after the last: sent alone this once
        self._now_secs = play_time_secs
        self._is_shown = self._gate.passes(play_time_secs)

    def _flush(self) -> None:
        frames = list(self._waiting.values())
        self._waiting = {}
        if not frames:
            return
        self._send_skeletons(frames)
        if not self._is_shown:
            for frame in frames:
                changed = frame.flags & NEWS
                if changed:
                    self._carried[frame.character] = changed | self._carried.get(
                        frame.character, FrameFlags.NONE
                    )
            return
        for datagram in self._encoder.encode([self._marked(frame) for frame in frames]):
            self._target.send(datagram)

    def _marked(self, frame: Frame) -> Frame:
        """Return ``frame`` with the news of those that were thinned out."""
        carried = self._carried.pop(frame.character, None)
        return frame if carried is None else replace(frame, flags=frame.flags | carried)

    def _due(self, character: int) -> bool:
        return self._skeleton_due_secs.get(character, -math.inf) <= self._now_secs

    def _send_skeletons(self, frames: list[Frame]) -> None:
        if self._repeats.due():
            self._skeleton_due_secs.clear()
        due = [f for f in frames if self._due(f.character)]
        for frame in due[:_SKELETONS_PER_TICK]:
            self._skeleton_due_secs[frame.character] = self._now_secs + _SKELETON_SECS
            self._target.send(skeleton_message(frame.character, self._skeleton))
