"""The action ``~/play_prompt``: plays a prompt and tells how far it is; the newest goal wins."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from flood_bridge.commands import SetPrompt
from flood_bridge.errors import CommandError
from flood_bridge.inputs.ros2_services import SILENT, Step
from flood_bridge.protocol import ros
from flood_bridge.protocol.ros_play import Outcome, Play
from flood_bridge.protocol.ros_topics import PLAY_PROMPT
from flood_bridge.ros2_node import Ros2Node

if TYPE_CHECKING:
    from flood_bridge.inputs.ros2 import Desk

FEEDBACK_SECS = 0.1
LOST_SECS = 3.0
"""A goal without any frame or event for so long has lost its daemon, once it plays."""
START_SECS = 10.0
"""And before it plays."""


class PlayAction:
    """The action server, where ``flood_motion_msgs`` is installed."""

    def __init__(self, node: Ros2Node, desk: Desk) -> None:
        self._node, self._desk = node, desk
        self._server: Any = None
        self._newest: Play | None = None
        try:
            self._type = import_module("flood_motion_msgs.action").PlayPrompt
        except ImportError:
            return
        action = import_module("rclpy.action")
        self._accept, self._refuse = action.GoalResponse.ACCEPT, action.GoalResponse.REJECT
        self._server = action.ActionServer(
            node.rclpy_node,
            self._type,
            PLAY_PROMPT,
            execute_callback=self._execute,
            goal_callback=self._on_goal,
            cancel_callback=lambda _: action.CancelResponse.ACCEPT,
        )

    def close(self) -> None:
        """Take the action back; a goal that runs ends with the node."""
        if self._server is not None:
            self._node.withdraw(self._server)

    def _on_goal(self, goal: Any) -> Any:
        """Refuse at once what could not be obeyed."""
        try:
            self._command(goal.prompt, 1)
        except CommandError as error:
            self._desk.refuse(str(error), goal.prompt.request_id)
            return self._refuse
        return self._accept

    def _command(self, prompt: Any, request_id: int) -> SetPrompt:
        if self._node.stopped:
            raise CommandError("the character is stopped; call ~/resume first")
        number = self._desk.character
        command = ros.prompt_command(prompt.text, prompt.mode, 0.0, request_id, number)
        assert isinstance(command, SetPrompt)
        return command

    async def _execute(self, handle: Any) -> Any:
        goal = handle.request
        request_id = self._desk.request_id(goal.prompt.request_id)
        duration_secs = goal.prompt.duration.sec + 1e-9 * goal.prompt.duration.nanosec
        play = Play(self._desk.character, request_id, max(0.0, duration_secs))
        if self._newest is not None:
            self._newest.end(Outcome.SUPERSEDED, "superseded by a newer goal")
        self._newest = play
        watch = _Watch(self._node, play)
        try:
            self._desk.hand_on(self._command(goal.prompt, request_id))
            await self._follow(handle, play, watch)
        except CommandError as error:
            play.end(Outcome.REJECTED, str(error))
        finally:
            watch.close()
        return self._finish(handle, play, goal.settle)

    async def _follow(self, handle: Any, play: Play, watch: _Watch) -> None:
        """Wait for the end, and send feedback meanwhile."""
        feedback = self._type.Feedback()
        due_secs = 0.0
        while play.outcome is None:
            now_secs = self._node.steady_secs()
            if handle.is_cancel_requested:
                play.end(Outcome.CANCELED, "canceled")
            elif now_secs - watch.heard_secs > (LOST_SECS if play.playing else START_SECS):
                play.end(Outcome.LOST, SILENT)
            elif now_secs >= due_secs:
                feedback.state = int(play.playing)
                feedback.sequence, feedback.progress = play.last_sequence, play.progress
                handle.publish_feedback(feedback)
                due_secs = now_secs + FEEDBACK_SECS
            await Step()

    def _finish(self, handle: Any, play: Play, settle: bool) -> Any:
        outcome = play.outcome
        assert outcome is not None
        if outcome == Outcome.CANCELED or (outcome == Outcome.COMPLETED and settle):
            self._settle()
        if outcome == Outcome.COMPLETED:
            handle.succeed()
        elif outcome == Outcome.CANCELED:
            handle.canceled()
        else:
            handle.abort()
        return self._type.Result(
            outcome=int(outcome),
            reason=play.reason,
            request_id=play.request_id,
            first_sequence=play.first_sequence,
            last_sequence=play.last_sequence,
        )

    def _settle(self) -> None:
        """Let the character stand, without the latch of the service ``~/stop``."""
        if self._node.stopped:
            return
        self._desk.hand_on(
            SetPrompt(
                text=ros.STAND,
                character=self._desk.character,
                request_id=self._desk.request_id(),
            )
        )


class _Watch:
    """Tells a goal what the node's output is told."""

    def __init__(self, node: Ros2Node, play: Play) -> None:
        self._node, self._play = node, play
        self.heard_secs = node.steady_secs()
        node.event_listeners.append(self._heard)
        node.frame_listeners.append(self._shown)

    def close(self) -> None:
        """Look no longer."""
        self._node.event_listeners.remove(self._heard)
        self._node.frame_listeners.remove(self._shown)

    def _heard(self, event: Any) -> None:
        self.heard_secs = self._node.steady_secs()
        self._play.heard(event)
        self._node.wake()

    def _shown(self, frame: Any) -> None:
        self.heard_secs = self._node.steady_secs()
        self._play.shown(frame)
        if self._play.outcome is not None:
            self._node.wake()
