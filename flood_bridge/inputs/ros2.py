"""Takes commands from ROS 2: prompts, services, an action, parameters, measured joints.

Everything runs in the one thread that spins the node. Services and the action that wait for the
daemon do so as coroutines, which the executor steps; nothing blocks a prompt.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

from flood_bridge.commands import (
    Command,
    QueuePrompt,
    Resume,
    SetGuidance,
    SetHistory,
    SetPrompt,
    SetSeed,
    SetSmoothing,
    SetSpeed,
    SetSteps,
    Stop,
)
from flood_bridge.errors import CommandError
from flood_bridge.events import Event, PromptApplied, Rejected
from flood_bridge.inputs import Reject, Submit
from flood_bridge.inputs.ros2_play import PlayAction
from flood_bridge.inputs.ros2_services import Services
from flood_bridge.inputs.ros2_topics import Subscriptions
from flood_bridge.protocol import ros
from flood_bridge.ros2_node import Ros2Node

_WAIT_SECS = 0.1
"""Longest sleep of the executor, and so how long ``run`` may outlive ``close``."""

_FIRST_ID = 1_000_000_000
"""Request ids that the node chooses; senders usually count from 1."""

_LIVE: dict[str, Callable[..., Command]] = {
    "guidance": lambda value, **rest: SetGuidance(scale=float(value), **rest),
    "speed": lambda value, **rest: SetSpeed(factor=float(value), **rest),
    "history": lambda value, **rest: SetHistory(latents=int(value), **rest),
    "steps": lambda value, **rest: SetSteps(steps=int(value), **rest),
    "smoothing": lambda value, **rest: SetSmoothing(secs=float(value), **rest),
    "seed": lambda value, **rest: SetSeed(seed=int(value), **rest),
}
"""Parameters that are commands to the daemon."""


class Ros2Input:
    """Commands for one character. One input per node: it is the one that spins the node.

    Args:
        node: The shared node; its maker closes it, after :meth:`run` has returned.
        character: Whom the commands are for.
        measured_joints: Topic of the real robot's joint states; empty (or "osc") is
            ``~/measured_joint_states``.
    """

    name = "ros2"

    def __init__(self, node: Ros2Node, *, character: int = 0, measured_joints: str = "") -> None:
        self._node = node
        self._character = character
        self._measured_joints = "" if measured_joints == "osc" else measured_joints
        self._closed = threading.Event()

    def run(self, submit: Submit, reject: Reject) -> None:
        """Listen until :meth:`close`; ``submit`` and ``reject`` are called from this thread."""
        desk = Desk(self._node, self._character, submit, reject)
        with self._node.open() as is_open:
            if not is_open:
                return
            parts = [
                Subscriptions(self._node, desk, self._measured_joints),
                Services(self._node, desk),
                PlayAction(self._node, desk),
            ]
        self._node.settings.listeners.append(desk.change)
        self._node.event_listeners.append(desk.heard)
        for name, value in self._node.settings.given().items():
            desk.change(name, value)
        while not self._closed.is_set() and self._node.spin_once(_WAIT_SECS):
            pass
        self._node.event_listeners.remove(desk.heard)
        self._node.settings.listeners.remove(desk.change)
        for part in parts:
            part.close()

    def close(self) -> None:
        """Make :meth:`run` return within 0.1 s. Callable from any thread."""
        self._closed.set()


class Desk:
    """Where all that comes in over ROS becomes commands, and where the latched stop is kept."""

    def __init__(self, node: Ros2Node, character: int, submit: Submit, reject: Reject) -> None:
        self._node, self._submit, self._reject = node, submit, reject
        self.character = character
        self._ids = itertools.count(_FIRST_ID)

    def request_id(self, wanted: int = 0) -> int:
        """Return ``wanted``, or a new number if the sender has none."""
        return wanted or next(self._ids)

    def hand_on(self, command: Command) -> None:
        """Give ``command`` to the daemon.

        Raises:
            CommandError: If it is a prompt and the character is stopped.
        """
        match command:
            case SetPrompt() | QueuePrompt() if self._node.stopped:
                raise CommandError("the character is stopped; call ~/resume first")
            case Stop():
                self._node.stopped = True
            case Resume():
                self._node.stopped = False
        for listener in self._node.command_listeners:
            listener(command)
        self._submit(command)

    def refuse(self, reason: str, request_id: int = 0) -> None:
        """Tell the world that something was not obeyed."""
        self._reject(Rejected(request_id=request_id, reason=reason))

    def change(self, name: str, value: Any) -> None:
        """Obey a parameter that is a command.

        Raises:
            CommandError: If the value is not valid.
        """
        make = _LIVE.get(name)
        if make is None or value is None:
            return
        try:
            command = make(value, character=self.character, request_id=self.request_id())
        except (TypeError, ValueError) as error:
            raise CommandError(f"{name} is {value!r}; a number is needed") from error
        self.hand_on(command)

    def heard(self, event: Event) -> None:
        """Keep a stopped character standing, whoever else gives it prompts."""
        if not isinstance(event, PromptApplied) or not self._node.stopped:
            return
        if event.character == self.character and event.text != ros.STAND:
            self._submit(Stop(character=self.character, request_id=self.request_id()))
