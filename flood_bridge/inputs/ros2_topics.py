"""Commands that come as messages on topics."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from flood_bridge.commands import Clutch, Command, Deadman, EStop, MeasuredJoints
from flood_bridge.errors import CommandError
from flood_bridge.protocol import ros
from flood_bridge.protocol import ros_topics as topics
from flood_bridge.protocol.rates import Complaints
from flood_bridge.ros2_node import Ros2Node

if TYPE_CHECKING:
    from rclpy.subscription import Subscription

    from flood_bridge.inputs.ros2 import Desk


class Subscriptions:
    """Prompts, measured joints, and the switches of the safety layer.

    Args:
        node: The shared node.
        desk: Where commands are handed on.
        measured_joints: Topic of the real robot's joint states; empty is the default one.
    """

    def __init__(self, node: Ros2Node, desk: Desk, measured_joints: str) -> None:
        from sensor_msgs.msg import JointState  # noqa: PLC0415
        from std_msgs.msg import Bool, String  # noqa: PLC0415

        self._node, self._desk = node, desk
        self._complaints = Complaints()
        wanted: list[tuple[type[Any], str, topics.Quality, Any]] = [
            (String, topics.TEXT_COMMAND.name, "commands", self._on_text),
            (
                JointState,
                measured_joints or topics.MEASURED.name,
                topics.MEASURED.quality,
                self._on_measured,
            ),
            (Bool, topics.ESTOP.name, "commands", self._on_estop),
            (Bool, topics.DEADMAN.name, "commands", self._on_deadman),
            (Bool, topics.CLUTCH.name, "commands", self._on_clutch),
        ]
        try:
            prompt = import_module("flood_motion_msgs.msg").Prompt
            wanted.append((prompt, topics.PROMPT.name, "commands", self._on_prompt))
        except ImportError:
            pass
        self._subscriptions: list[Subscription[Any]] = [node.subscribe(*each) for each in wanted]

    def close(self) -> None:
        """Take all subscriptions back."""
        for subscription in self._subscriptions:
            self._node.withdraw(subscription)

    def _on_text(self, message: Any) -> None:
        request_id = self._desk.request_id()
        try:
            self._desk.hand_on(ros.prompt_from_text(message.data, self._desk.character, request_id))
        except CommandError as error:
            self._desk.refuse(str(error), request_id)

    def _on_prompt(self, message: Any) -> None:
        request_id = self._desk.request_id(message.request_id)
        try:
            self._desk.hand_on(prompt_of(message, request_id, self._desk.character))
        except CommandError as error:
            self._desk.refuse(str(error), request_id)

    def _on_measured(self, message: Any) -> None:
        try:
            measured = MeasuredJoints(
                character=self._desk.character,
                names=tuple(message.name),
                positions=tuple(message.position),
            )
            self._desk.hand_on(measured)
        except CommandError as error:
            # A driver repeats what cannot be used hundreds of times a second.
            if self._complaints.passes(self._node.steady_secs(), str(error)):
                self._desk.refuse(str(error))
        else:
            self._complaints.settle()

    def _on_estop(self, message: Any) -> None:
        if message.data:
            self._desk.hand_on(EStop(reason=f"topic {topics.ESTOP.name}"))

    def _on_deadman(self, message: Any) -> None:
        self._desk.hand_on(Deadman(character=self._desk.character, held=bool(message.data)))

    def _on_clutch(self, message: Any) -> None:
        self._desk.hand_on(Clutch(character=self._desk.character, engaged=bool(message.data)))


def prompt_of(message: Any, request_id: int, character: int) -> Command:
    """Return the command that a ``flood_motion_msgs/Prompt`` asks for.

    Raises:
        CommandError: If one of its fields is not valid.
    """
    duration_secs = message.duration.sec + 1e-9 * message.duration.nanosec
    return ros.prompt_command(message.text, message.mode, duration_secs, request_id, character)
