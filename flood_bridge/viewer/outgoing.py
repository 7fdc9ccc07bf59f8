"""Viser's outgoing buffers, made fit for a stream: no frame is lost to a browser that keeps up.

Viser sends the latest of everything: a frame that has not left when the next one comes is replaced
by it. Its buffers also wait up to 1/60 s for more, and the word to send at once can be lost when
several browsers wait for it. At 60 Hz that costs frames, so here

* what moves the scene keeps :data:`KEPT` places, one frame in each: a browser that is late by less
  gets them all and in order, and one that does not read at all still costs no more than these;
* the buffer that all browsers share waits for :data:`WAIT_SECS` only;
* an event of asyncio is set from its own thread alone. Viser sets it from any, where it may break
  ("deque mutated during iteration") and end whoever draws; it says so a second time in the right
  way, so the first can be left out.

This is put into viser's place in the viewer's own process only (viser 1.1; other versions that are
built differently stay as they are).
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import viser.infra._infra as infra
from viser.infra import Message
from viser.infra._async_message_buffer import AsyncMessageBuffer

KEPT = 16
"""Frames that wait for a browser that is late; a quarter of a second at 60 Hz.

With many more a slow browser would show the body of a second ago in the world of now.
"""
WAIT_SECS = 0.002
MOST_TOGETHER = 1024
"""Messages that travel together: a panel comes whole."""

_UPDATES = {"update_dict", "update_simple"}
_NEEDED = {"message_event", "window_duration_sec", "max_window_size", "persistent_messages"}


def mend() -> None:
    """Let every server that this process opens send this way."""
    if {each.name for each in dataclasses.fields(AsyncMessageBuffer)} >= _NEEDED:
        infra.AsyncMessageBuffer = Outgoing  # type: ignore[misc]


class Outgoing(AsyncMessageBuffer):
    """A buffer as viser has them: one is shared by all browsers, and each has one of its own."""

    def __init__(self, event_loop: asyncio.AbstractEventLoop, persistent_messages: bool) -> None:
        own: dict[str, Any] = {"window_duration_sec": WAIT_SECS} if persistent_messages else {}
        super().__init__(
            event_loop,
            persistent_messages,
            message_event=_Bell(event_loop),
            max_window_size=MOST_TOGETHER,
            **own,
        )
        self._turns: dict[str, int] = {}

    def push(self, message: Message) -> None:
        """Take a message; of what moves the scene the latest few are kept."""
        moves = message.entity_type == "scene" and message.lifecycle_phase in _UPDATES
        if self.persistent_messages and moves:
            key = message.redundancy_key()  # type: ignore[attr-defined]
            turn = self._turns[key] = (self._turns.get(key, 0) + 1) % KEPT
            object.__setattr__(message, "_cached_redundancy_key", f"{key}:{turn}")
        super().push(message)


class _Bell(asyncio.Event):
    """Rung in its own thread; elsewhere nothing happens, for viser rings it there as well."""

    def __init__(self, home: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._home = home

    def set(self) -> None:
        if asyncio._get_running_loop() is self._home:
            super().set()
