"""Services: set a prompt and learn which frame obeys; pause, resume, reset, stop; safety.

A Trigger is answered when the daemon has dealt with it: a ping sent after it has come back, and
whatever was refused in between is the reason. So the answer also tells a daemon that is silent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flood_bridge.commands import Command, Ping
from flood_bridge.errors import CommandError
from flood_bridge.events import Event, Pong, PromptApplied, Rejected
from flood_bridge.inputs.ros2_topics import prompt_of
from flood_bridge.protocol import ros
from flood_bridge.protocol.ros_topics import SET_PROMPT, TRIGGERS
from flood_bridge.ros2_node import Ros2Node

if TYPE_CHECKING:
    from flood_bridge.inputs.ros2 import Desk

PONG_SECS = 1.0
APPLIED_SECS = 10.0
"""Longest wait for the first frame of a prompt."""

MAX_HEARD = 64
SILENT = "the daemon does not answer; it is not running, or still loads its model"


class Step:
    """Awaited, lets the executor do other things once."""

    def __await__(self) -> Generator[None]:
        yield


class Hearing:
    """Collects events while a coroutine waits for one of them; a context manager."""

    def __init__(self, node: Ros2Node) -> None:
        self._node = node
        self._events: deque[Event] = deque(maxlen=MAX_HEARD)

    def __enter__(self) -> Hearing:
        self._node.event_listeners.append(self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        self._node.event_listeners.remove(self._hear)

    def take(self) -> list[Event]:
        """Return what was told since the last call."""
        return [self._events.popleft() for _ in range(len(self._events))]

    async def first(self, wanted: Callable[[Event], bool], secs: float) -> Event | None:
        """Return the first event that is ``wanted``; None if there is none in ``secs``."""
        ends_secs = self._node.steady_secs() + secs
        while True:
            for event in self.take():
                if wanted(event):
                    return event
            if self._node.steady_secs() >= ends_secs:
                return None
            await Step()

    def _hear(self, event: Event) -> None:
        self._events.append(event)
        self._node.wake()


class Services:
    """All services of the node; those whose packages are not installed are left out."""

    def __init__(self, node: Ros2Node, desk: Desk) -> None:
        self._node, self._desk = node, desk
        self._services: list[Any] = []
        make = node.rclpy_node.create_service
        try:
            trigger = import_module("std_srvs.srv").Trigger
            for name in TRIGGERS:
                self._services.append(make(trigger, f"~/{name}", partial(self._on_trigger, name)))
        except ImportError:
            pass
        try:
            set_prompt = import_module("flood_motion_msgs.srv").SetPrompt
        except ImportError:
            return
        self._services.append(make(set_prompt, SET_PROMPT, self._on_set_prompt))

    def close(self) -> None:
        """Take all services back."""
        for service in self._services:
            self._node.withdraw(service)

    async def _on_trigger(self, name: str, _request: Any, response: Any) -> Any:
        command = ros.triggered_command(name, self._desk.request_id(), self._desk.character)
        reason = await self.processed(command)
        response.success, response.message = not reason, reason
        return response

    async def processed(self, command: Command) -> str:
        """Hand ``command`` on; return why it was not obeyed, or nothing."""
        ping = Ping(request_id=self._desk.request_id())
        with Hearing(self._node) as hearing:
            self._desk.hand_on(command)
            self._desk.hand_on(ping)
            answer = await hearing.first(
                lambda event: (
                    refuses(event, command.request_id) or event_is_pong(event, ping.request_id)
                ),
                PONG_SECS,
            )
        if isinstance(answer, Rejected):
            return answer.reason
        return "" if answer else SILENT

    async def _on_set_prompt(self, request: Any, response: Any) -> Any:
        request_id = self._desk.request_id(request.prompt.request_id)
        response.request_id = request_id
        try:
            command = prompt_of(request.prompt, request_id, self._desk.character)
            response.reason = await self._set(command, request.wait, response)
        except CommandError as error:
            response.reason = str(error)
        response.accepted = not response.reason
        return response

    async def _set(self, command: Command, wait: bool, response: Any) -> str:
        if not wait:
            return await self.processed(command)
        with Hearing(self._node) as hearing:
            self._desk.hand_on(command)
            answer = await hearing.first(
                lambda event: (
                    isinstance(event, PromptApplied | Rejected)
                    and event.request_id == command.request_id
                ),
                APPLIED_SECS,
            )
        match answer:
            case PromptApplied():
                response.sequence, response.latency_ms = answer.sequence, max(answer.latency_ms, 0)
                return ""
            case Rejected():
                return answer.reason
        return f"no frame has shown it within {APPLIED_SECS:g} s"


def refuses(event: Event, request_id: int) -> bool:
    """Whether ``event`` refuses the newest command, which has that id, or on the wire none.

    What is superseded is an older one: a stop is often said twice.
    """
    if not isinstance(event, Rejected):
        return False
    nameless = event.request_id == 0 and not event.reason.startswith("superseded")
    return nameless or event.request_id == request_id


def event_is_pong(event: Event, request_id: int) -> bool:
    """Whether ``event`` answers the ping with that id."""
    return isinstance(event, Pong) and event.request_id == request_id
