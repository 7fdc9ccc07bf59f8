"""A daemon's OSC stream turned back into frames and events, for a ROS node that runs beside it.

The node lives in ROS's own Python, the daemon in an environment of its own; between them is the
native OSC stream (:mod:`.native`, ``docs/protocol.md``) and nothing else. What the wire leaves out
is filled in: velocities are differences, the prompt comes with the receipts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from flood_bridge.commands import (
    Arm,
    ClearQueue,
    Clutch,
    Command,
    Deadman,
    Disarm,
    EStop,
    MeasuredJoints,
    Pause,
    Ping,
    QueuePrompt,
    Reset,
    ResetStop,
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
from flood_bridge.errors import CommandError, ProtocolError
from flood_bridge.events import Event, Pong, PromptApplied, Rejected, SafetyReport, Status
from flood_bridge.motion.frames import AvatarFrame, Frame, FrameFlags, Pose, RobotFrame
from flood_bridge.motion.skeleton import NUM_JOINTS, Skeleton
from flood_bridge.protocol import native, osc
from flood_bridge.protocol.axes import UNITY
from flood_bridge.protocol.native_reader import NativeFrame, read_frame, read_skeleton
from flood_bridge.protocol.ros_robot import RobotReader
from flood_bridge.protocol.verbs import PING_ADDRESS

_ADDRESS = re.compile(r"/flood/(\d{1,4})/([\w/]+)")
_URGENT = {"soft": "", "now": "/now", "queue": "/queue"}
MAX_CHARACTERS = 64


class LinkReader:
    """Reads the stream of one daemon.

    Attributes:
        skeleton: The body, once it was told.
    """

    def __init__(self) -> None:
        self.skeleton: Skeleton | None = None
        self._prompts: dict[int, str] = {}
        self._last: dict[int, Frame] = {}
        self._robots: dict[int, RobotReader] = {}

    def read(self, datagram: bytes) -> list[Frame | Event]:
        """Return what ``datagram`` tells; nothing if it is not of this stream.

        Raises:
            ProtocolError: If it is not OSC, or a message of the stream is damaged.
        """
        messages = osc.parse(datagram)
        told: list[Frame | Event] = []
        bodies: dict[int, dict[str, osc.Message]] = {}
        for message in messages:
            found = _ADDRESS.fullmatch(message.address)
            if found is None:
                told += self._global(message)
                continue
            number, topic = int(found[1]), found[2]
            if topic in native.TOPICS:
                bodies.setdefault(number, {})[topic] = message
            else:
                told += self._about(number, topic, message)
        return told + [
            self._frame(number, body) for number, body in bodies.items() if "frame" in body
        ]

    def _about(self, number: int, topic: str, message: osc.Message) -> list[Frame | Event]:
        """Read what is told of one character beside its motion."""
        match topic, message.types:
            case "prompt/applied", "isii":
                request_id, text, sequence, latency_ms = message.arguments
                self._prompts[number] = text
                return [PromptApplied(number, request_id, text, sequence, latency_ms)]
            case "safety", "ss":
                return [SafetyReport(number, *message.arguments)]
            case "skeleton", "iisb":
                self.skeleton = self.skeleton or Skeleton(
                    UNITY.position(read_skeleton(message).offsets)
                )
            case (("robot" | "robot/names"), _):
                self._robots.setdefault(number, RobotReader()).take(message)
        return []

    def _global(self, message: osc.Message) -> list[Frame | Event]:
        match message.address, message.types:
            case "/flood/error", "is":
                return [Rejected(*message.arguments)]
            case "/flood/pong", "if":
                return [Pong(*message.arguments)]
            case "/flood/status", "fissfffii":
                uptime, characters, state, prompt, *rest = message.arguments
                self._prompts.setdefault(0, prompt)
                return [Status(uptime, characters, prompt, state, *rest)]
        return []

    def _frame(self, number: int, body: dict[str, osc.Message]) -> Frame:
        told = read_frame(body["frame"])
        before = self._last.get(number)
        play_secs = told.play_time_ms / 1000.0
        frame = Frame(
            character=number,
            sequence=told.sequence,
            play_time_secs=play_secs,
            pose=_pose(told, body, before, play_secs),
            avatar=_avatar(told),
            robot=self._robot(number, told.sequence),
            prompt=self._prompts.get(number, ""),
            flags=told.flags,
        )
        self._last[number] = frame
        while len(self._last) > MAX_CHARACTERS:
            self._last.pop(next(iter(self._last)))
        return frame

    def _robot(self, number: int, sequence: int) -> RobotFrame | None:
        reader = self._robots.get(number)
        return None if reader is None else reader.frame(sequence)


def _pose(
    told: NativeFrame, body: dict[str, osc.Message], before: Frame | None, play_secs: float
) -> Pose:
    joints = UNITY.position(
        _numbers(body, "joints", native.JOINTS_TYPES)[2:].reshape(NUM_JOINTS, 3)
    )
    root = _numbers(body, "root", native.ROOT_TYPES)
    contacts = _numbers(body, "contact", native.CONTACT_TYPES)[1:] != 0
    velocities = np.zeros_like(joints)
    if before is not None and _follows(told, before):
        elapsed = play_secs - before.play_time_secs
        if 0 < elapsed < 1:
            velocities = (joints - before.pose.joints) / elapsed
    velocities[0, [0, 2]] = -root[5], root[6]
    return Pose(joints, velocities, contacts, UNITY.handedness * float(root[4]))


def _follows(told: NativeFrame, before: Frame) -> bool:
    """Return whether the body went from ``before`` to ``told``, and was not put there."""
    return told.sequence >= before.sequence and FrameFlags.JUMPED not in told.flags


def _avatar(told: NativeFrame) -> AvatarFrame:
    wire = told.local_xyzw
    wxyz = np.stack([wire[:, 3], wire[:, 0], -wire[:, 1], -wire[:, 2]], axis=1)
    return AvatarFrame(UNITY.position(told.root_position), wxyz)


def _numbers(body: dict[str, osc.Message], topic: str, types: str) -> np.ndarray:
    message = body.get(topic)
    if message is None or message.types != types:
        raise ProtocolError(f"a frame came without its {topic} of the types {types[:8]}...")
    return np.array(message.arguments, dtype=np.float64)


_SPELLED: dict[type[Command], Callable[[Any], tuple[str, str, tuple[Any, ...]]]] = {
    SetPrompt: lambda c: (f"prompt{_URGENT[c.urgency]}", "si", (c.text, c.request_id)),
    QueuePrompt: lambda c: ("queue", "sf", (c.text, c.duration_secs)),
    ClearQueue: lambda _: ("queue/clear", "", ()),
    Reset: lambda c: ("reset", "", ()) if c.seed is None else ("reset", "i", (c.seed,)),
    SetGuidance: lambda c: ("guidance", "f", (c.scale,)),
    SetHistory: lambda c: ("history", "i", (c.latents,)),
    SetSteps: lambda c: ("steps", "i", (c.steps,)),
    SetSmoothing: lambda c: ("smoothing", "f", (c.secs,)),
    SetSpeed: lambda c: ("speed", "f", (c.factor,)),
    SetSeed: lambda c: ("seed", "i", (c.seed,)),
    Pause: lambda _: ("pause", "", ()),
    Resume: lambda _: ("resume", "", ()),
    Stop: lambda _: ("stop", "", ()),
    Arm: lambda _: ("arm", "", ()),
    Disarm: lambda _: ("disarm", "", ()),
    Clutch: lambda c: ("clutch", "i", (int(c.engaged),)),
    Deadman: lambda c: ("deadman", "i", (int(c.held),)),
    MeasuredJoints: lambda c: ("measured", "b", (np.array(c.positions, ">f4").tobytes(),)),
}
"""What follows ``/flood/{id}/``, with types and arguments."""


def command_datagram(command: Command) -> bytes:
    """Return the OSC message that asks for ``command``.

    Raises:
        CommandError: If the wire has no address for it.
    """
    match command:
        case Ping():
            return osc.message(PING_ADDRESS, "i", command.request_id)
        case EStop():
            return osc.message("/flood/estop", "s", command.reason)
        case ResetStop():
            return osc.message("/flood/estop/reset", "")
    spell = _SPELLED.get(type(command))
    if spell is None:
        raise CommandError(f"the link to the daemon cannot carry {type(command).__name__}")
    verb, types, arguments = spell(command)
    return osc.message(f"/flood/{command.character}/{verb}", types, *arguments)
