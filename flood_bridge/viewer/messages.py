"""What travels between the daemon and the viewer's process.

Down the pipe go pickled values of this module: both ends are this program, and nobody else can
write there. Up come lines of JSON that are checked like any input, because they stem from browsers.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any

import numpy as np

from flood_bridge import commands
from flood_bridge.commands import Command
from flood_bridge.errors import ProtocolError
from flood_bridge.events import Event

MAX_LINE_BYTES = 8192
"""Longest line that comes up."""

COMMANDS: MappingProxyType[str, type[Command]] = MappingProxyType(
    {
        kind.__name__: kind
        for kind in (
            commands.SetPrompt,
            commands.QueuePrompt,
            commands.ClearQueue,
            commands.Stop,
            commands.Pause,
            commands.Resume,
            commands.Reset,
            commands.SetSeed,
            commands.SetSpeed,
            commands.SetGuidance,
            commands.SetHistory,
            commands.SetSteps,
            commands.SetSmoothing,
            commands.PlaceRoot,
            commands.Spawn,
            commands.Kill,
            commands.Arm,
            commands.Disarm,
            commands.EStop,
            commands.ResetStop,
        )
    }
)
"""What the page may ask of the daemon."""


@dataclass(frozen=True, slots=True)
class RobotSketch:
    """What is known of the robot before it moves."""

    title: str
    radii: np.ndarray
    """(c,) of its capsules, metres."""
    joint_names: tuple[str, ...]
    lower: np.ndarray
    """(n,) radians."""
    upper: np.ndarray
    """(n,) radians."""


@dataclass(frozen=True, slots=True)
class Setup:
    """All that the viewer's process is told at its start."""

    host: str
    port: int
    token: str
    """Asked of every browser; empty asks nothing."""
    robot: RobotSketch | None = None
    seed: int = 0
    """With which the motion began."""


@dataclass(frozen=True, slots=True)
class Body:
    """The model's body, once it is loaded."""

    offsets: np.ndarray
    """(22, 3) metres: :attr:`flood_bridge.motion.skeleton.Skeleton.offsets`."""


@dataclass(frozen=True, slots=True)
class About:
    """The model in use, once it is loaded."""

    guidance: float
    """Its own weight of the text."""
    steps: int
    """Its own denoise steps of each latent."""
    step_counts: tuple[int, ...]
    """How many there may be."""
    histories: range
    """How many latents it may have in sight, those in the making included; the last is its own."""
    latent_secs: float
    """How long a latent lasts."""
    window_secs: float
    """How much motion is denoised together."""
    machinery: str
    """On what it runs, for people."""


@dataclass(frozen=True, slots=True)
class RobotPose:
    """Where a robot is (ROS axes)."""

    points: np.ndarray
    """(2 c, 3) float32: where its capsules start, then where they end, metres."""
    positions: np.ndarray
    """(n,) float32, radians."""


@dataclass(frozen=True, slots=True)
class Glance:
    """One frame of one character, as far as it is shown (axes of :mod:`flood_bridge.motion`)."""

    character: int
    sequence: int
    play_secs: float
    joints: np.ndarray
    """(22, 3) float32, metres."""
    velocities: np.ndarray
    """(22, 3) float32, metres per second."""
    contacts: np.ndarray
    """(4,) bool."""
    avatar: np.ndarray
    """(23, 4) float32: root position and 0, then 22 local rotations wxyz."""
    robot: RobotPose | None
    prompt: str
    flags: int


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the daemon."""

    event: Event


@dataclass(frozen=True, slots=True)
class Heard:
    """What another input asked of the daemon."""

    command: Command
    by: str
    """The input's name."""


Down = Setup | Body | About | Glance | Told | Heard


def write_command(command: Command) -> bytes:
    """Return the line that asks for ``command``."""
    return _line({"command": type(command).__name__, "with": asdict(command)})


def write_notice(**notice: object) -> bytes:
    """Return the line that tells one of opened, failed, ended, trouble, watchers."""
    return _line(notice)


def read_line(line: bytes) -> Command | dict[str, Any]:
    """Return the command or the notice that ``line`` is.

    Raises:
        ProtocolError: If it is neither.
        CommandError: If it is a command with values that are not valid.
    """
    if len(line) > MAX_LINE_BYTES:
        raise ProtocolError(f"a line of {len(line)} bytes; at most {MAX_LINE_BYTES} are valid")
    try:
        content = json.loads(line)
    except ValueError as error:
        raise ProtocolError(f"not a line of JSON: {error}") from error
    if not isinstance(content, dict):
        raise ProtocolError(f"a line holds {type(content).__name__}; an object is valid")
    if "command" not in content:
        return content
    kind, given = COMMANDS.get(content["command"]), content.get("with")
    if kind is None or not isinstance(given, dict):
        raise ProtocolError(f"no command: {content['command']!r}; valid are {', '.join(COMMANDS)}")
    try:
        return kind(**{each.name: given[each.name] for each in fields(kind) if each.name in given})
    except TypeError as error:
        raise ProtocolError(f"{content['command']}: {error}") from error


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"
