"""Takes prompts from ROS 2: every text on ``~/text_command`` becomes a :class:`SetPrompt`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from flood_bridge.errors import CommandError
from flood_bridge.events import Rejected
from flood_bridge.inputs import Reject, Submit
from flood_bridge.protocol import ros
from flood_bridge.ros2_node import Ros2Node

if TYPE_CHECKING:
    from std_msgs.msg import String

_WAIT_SECS = 0.1
"""Longest sleep of the executor, and so how long ``run`` may outlive ``close``."""


class Ros2Input:
    """Text in for one character. One input per node: it is the one that spins the node."""

    name = "ros2"

    def __init__(self, node: Ros2Node, *, character: int = 0) -> None:
        """Remember the shared node; its maker closes it, after :meth:`run` has returned."""
        self._node = node
        self._character = character
        self._closed = threading.Event()

    def run(self, submit: Submit, reject: Reject) -> None:
        """Listen until :meth:`close`; ``submit`` and ``reject`` are called from this thread."""
        from std_msgs.msg import String  # noqa: PLC0415

        def on_text(message: String) -> None:
            try:
                command = ros.prompt_from_text(message.data, self._character)
            except CommandError as error:
                reject(Rejected(request_id=0, reason=str(error)))
            else:
                submit(command)

        subscription = self._node.subscribe_commands(String, ros.TEXT_COMMAND, on_text)
        while not self._closed.is_set() and self._node.spin_once(_WAIT_SECS):
            pass
        self._node.withdraw(subscription)

    def close(self) -> None:
        """Make :meth:`run` return within 0.1 s. Callable from any thread."""
        self._closed.set()
