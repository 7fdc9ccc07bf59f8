"""A robot team on the graph: everything the node beside the daemon offers, used once.

``ros_user.py FILE DAEMON_PID``: goes through it all, kills the daemon, writes what it saw as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rclpy
from action_msgs.msg import GoalStatus
from builtin_interfaces.msg import Duration
from diagnostic_msgs.msg import DiagnosticArray
from flood_motion_msgs.action import PlayPrompt
from flood_motion_msgs.msg import MotionFrame, Prompt, PromptEvent, SkeletonInfo, Status
from flood_motion_msgs.srv import SetPrompt
from geometry_msgs.msg import PoseArray, PoseStamped
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import DescribeParameters, SetParameters
from rclpy.action.client import ActionClient
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray, String
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage
from trajectory_msgs.msg import JointTrajectory
from visualization_msgs.msg import MarkerArray

OURS = "/flood_bridge"
PATIENCE_SECS = 20.0
LATCHED = QoSProfile(depth=50, durability=DurabilityPolicy.TRANSIENT_LOCAL)
STREAMS = {
    "joint_states": JointState,
    "root_pose": PoseStamped,
    "skeleton": PoseArray,
    "frame": MotionFrame,
    "markers": MarkerArray,
    "joint_trajectory": JointTrajectory,
    "commands": Float64MultiArray,
}


class User:
    def __init__(self, node: Node) -> None:
        self.node = node
        self.last: dict[str, Any] = {}
        self.counts: dict[str, int] = {}
        self.events: list[PromptEvent] = []
        self.notes: dict[str, Any] = {}
        for name, kind in STREAMS.items():
            node.create_subscription(kind, f"{OURS}/{name}", self.keep(name), 10)
        node.create_subscription(TFMessage, "/tf", self.keep("tf"), 10)
        node.create_subscription(DiagnosticArray, "/diagnostics", self.keep("diagnostics"), 10)
        node.create_subscription(Status, f"{OURS}/status", self.keep("status"), LATCHED)
        node.create_subscription(SkeletonInfo, f"{OURS}/skeleton_info", self.keep("info"), LATCHED)
        node.create_subscription(PromptEvent, f"{OURS}/prompt_event", self.events.append, LATCHED)
        self.prompts = node.create_publisher(Prompt, f"{OURS}/prompt", 10)
        self.texts = node.create_publisher(String, f"{OURS}/text_command", 10)
        self.play = ActionClient(node, PlayPrompt, f"{OURS}/play_prompt")

    def keep(self, name: str) -> Callable[[Any], None]:
        def take(message: Any) -> None:
            self.last[name] = message
            self.counts[name] = self.counts.get(name, 0) + 1

        return take

    def until(self, done: Callable[[], Any], secs: float = PATIENCE_SECS) -> bool:
        ends = time.monotonic() + secs
        while not done():
            if time.monotonic() > ends:
                return False
            rclpy.spin_once(self.node, timeout_sec=0.05)
        return True

    def call(self, kind: Any, name: str, request: Any) -> Any:
        client = self.node.create_client(kind, name)
        if not client.wait_for_service(PATIENCE_SECS):
            return None
        future = client.call_async(request)
        self.until(future.done)
        return future.result()

    def trigger(self, name: str) -> list[Any]:
        answer = self.call(Trigger, f"{OURS}/{name}", Trigger.Request())
        return [answer.success, answer.message]

    def set_parameter(self, name: str, **value: Any) -> list[Any]:
        wanted = Parameter(name=name, value=ParameterValue(**value))
        request = SetParameters.Request(parameters=[wanted])
        (result,) = self.call(SetParameters, f"{OURS}/set_parameters", request).results
        return [result.successful, result.reason]

    def goal(self, text: str, secs: float = 0.0) -> Any:
        self.play.wait_for_server(PATIENCE_SECS)
        whole = int(secs)
        duration = Duration(sec=whole, nanosec=int((secs - whole) * 1e9))
        feedback: list[Any] = []
        goal = PlayPrompt.Goal(prompt=Prompt(text=text, mode=Prompt.NOW, duration=duration))
        sent = self.play.send_goal_async(goal, lambda told: feedback.append(told.feedback))
        self.until(sent.done)
        return sent.result(), feedback

    def result(self, handle: Any) -> dict[str, Any]:
        future = handle.get_result_async()
        self.until(future.done)
        told = future.result()
        return {
            "status": told.status,
            "outcome": told.result.outcome,
            "reason": told.result.reason,
            "frames": [told.result.first_sequence, told.result.last_sequence],
        }

    def transition(self, number: int) -> bool:
        request = ChangeState.Request()
        request.transition.id = number
        return self.call(ChangeState, f"{OURS}/change_state", request).success

    def state(self) -> str:
        return self.call(GetState, f"{OURS}/get_state", GetState.Request()).current_state.label


def streams(user: User) -> None:
    notes = user.notes
    notes["running"] = user.until(
        lambda: "status" in user.last and user.last["status"].state == Status.RUNNING
    )
    notes["state"] = user.state()
    for name in ("publish.tf", "publish.joint_trajectory", "publish.commands"):
        user.set_parameter(name, type=ParameterType.PARAMETER_BOOL, bool_value=True)
    human = {"skeleton", "frame", "markers", "diagnostics", "info"}
    robot = {"joint_states", "root_pose", "joint_trajectory", "commands", "tf"}
    user.until(lambda: human <= user.last.keys() and len(user.last["info"].offsets) == 22)
    with_robot = bool(user.last["frame"].joints.name)
    user.until(lambda: robot <= user.last.keys(), PATIENCE_SECS if with_robot else 1.0)
    notes["seen"] = sorted(user.last)
    notes["markers"] = [marker.ns for marker in user.last["markers"].markers]
    notes["frame"] = {
        "prompt": user.last["frame"].prompt,
        "frame_id": user.last["frame"].header.frame_id,
        "joints": list(user.last["frame"].joints.name),
        "head_z": user.last["frame"].skeleton[15].position.z,
    }
    if robot <= user.last.keys():
        notes["joints"] = list(user.last["joint_states"].name)
        chunk = user.last["joint_trajectory"]
        notes["chunk"] = {
            "names": list(chunk.joint_names),
            "times": [
                p.time_from_start.sec + 1e-9 * p.time_from_start.nanosec for p in chunk.points
            ],
            "sizes": [[len(p.positions), len(p.velocities)] for p in chunk.points],
            "ahead": chunk.header.stamp.sec + 1e-9 * chunk.header.stamp.nanosec - time.time(),
        }
        notes["commands"] = len(user.last["commands"].data)
        notes["tf"] = [[t.header.frame_id, t.child_frame_id] for t in user.last["tf"].transforms]


def prompts(user: User) -> None:
    notes = user.notes
    prompt = Prompt(request_id=77, text="a person runs – γειά", mode=Prompt.NOW)
    answer = user.call(SetPrompt, f"{OURS}/set_prompt", SetPrompt.Request(prompt=prompt, wait=True))
    notes["set_prompt"] = [answer.accepted, answer.request_id, answer.sequence, answer.reason]
    bad = Prompt(text="x" * 600)
    answer = user.call(SetPrompt, f"{OURS}/set_prompt", SetPrompt.Request(prompt=bad))
    notes["bad_prompt"] = [answer.accepted, answer.reason]
    user.texts.publish(String(data="a person walks"))
    user.until(lambda: [e for e in user.events if e.text == "a person walks" and e.event == 1])
    for text in ("a person runs far", "a person is never shown"):
        queued = Prompt(text=text, mode=Prompt.QUEUE, duration=Duration(sec=9))
        user.call(SetPrompt, f"{OURS}/set_prompt", SetPrompt.Request(prompt=queued))
    notes["clear_queue"] = user.trigger("clear_queue")
    user.until(lambda: [e for e in user.events if "cleared" in e.reason])
    notes["pause"] = user.trigger("pause")
    notes["resume"] = user.trigger("resume")
    notes["reset"] = user.trigger("reset")
    notes["stop"] = [user.trigger("stop"), user.trigger("stop")]
    user.texts.publish(String(data="a person runs on"))
    user.until(
        lambda: [
            e for e in user.events if e.event == PromptEvent.REJECTED and "stopped" in e.reason
        ]
    )
    user.until(lambda: user.last["status"].stopped)
    notes["stopped"] = user.last["status"].stopped
    notes["go_on"] = user.trigger("resume")


def actions(user: User) -> None:
    notes = user.notes
    first, heard = user.goal("a person runs around")
    user.until(lambda: heard and heard[-1].state == PlayPrompt.Feedback.PLAYING)
    second, progress = user.goal("a person walks on", 0.4)
    notes["superseded"] = user.result(first)
    notes["completed"] = user.result(second)
    notes["progress"] = [told.progress for told in progress]
    third, heard = user.goal("a person runs again")
    user.until(lambda: heard and heard[-1].state == PlayPrompt.Feedback.PLAYING)
    third.cancel_goal_async()
    notes["canceled"] = user.result(third)
    notes["statuses"] = [
        GoalStatus.STATUS_ABORTED,
        GoalStatus.STATUS_SUCCEEDED,
        GoalStatus.STATUS_CANCELED,
    ]


def parameters(user: User) -> None:
    notes, double = user.notes, ParameterType.PARAMETER_DOUBLE
    notes["guidance"] = user.set_parameter("guidance", type=double, double_value=5.0)
    notes["too_much"] = user.set_parameter("guidance", type=double, double_value=50.0)
    notes["read_only"] = user.set_parameter(
        "frame_id", type=ParameterType.PARAMETER_STRING, string_value="map"
    )
    request = DescribeParameters.Request(names=["speed", "publish_rate"])
    told = user.call(DescribeParameters, f"{OURS}/describe_parameters", request).descriptors
    notes["described"] = [
        [d.description, d.floating_point_range[0].from_value, d.floating_point_range[0].to_value]
        for d in told
    ]


def lifecycle(user: User) -> None:
    notes = user.notes
    notes["deactivate"] = user.transition(4)
    user.until(lambda: False, 1.0)
    before = user.counts["skeleton"]
    user.until(lambda: False, 0.5)
    notes["while_inactive"] = user.counts["skeleton"] - before
    notes["activate"] = user.transition(3)
    notes["active_again"] = user.until(lambda: user.counts["skeleton"] > before + 5)


def late(user: User) -> None:
    got: list[PromptEvent] = []
    user.node.create_subscription(PromptEvent, f"{OURS}/prompt_event", got.append, LATCHED)
    user.until(lambda: len(got) >= 5, 5.0)
    user.notes["late"] = len(got)


def kill(user: User, daemon: int) -> None:
    os.kill(daemon, signal.SIGKILL)
    began = time.monotonic()
    user.notes["lost"] = user.until(lambda: user.last["status"].state == Status.UNREACHABLE)
    user.notes["lost_secs"] = time.monotonic() - began
    user.notes["lost_error"] = user.last["status"].last_error


def main() -> None:
    rclpy.init()
    user = User(rclpy.create_node("user"))
    try:
        for part in (streams, prompts, actions, parameters, lifecycle, late):
            part(user)
        kill(user, int(sys.argv[2]))
        user.notes["events"] = [
            [e.event, e.request_id, e.text, e.sequence, e.reason] for e in user.events
        ]
    finally:
        Path(sys.argv[1]).write_text(json.dumps(user.notes))
        user.node.destroy_node()
        rclpy.shutdown()


if __name__ == "__main__":
    main()
