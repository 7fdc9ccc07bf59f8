"""Every setting of ``flood-bridge run``: frozen dataclasses, the help text under each field.

The command line is made from these by tyro; the defaults run on any machine. A value that
cannot be used is refused here, before anything is opened, with a :class:`ConfigError` that
names the option, what was given and what is valid.
"""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

from tyro.conf import UseAppendAction, arg

from flood_bridge.commands import clean_text
from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.inputs.admission import read_networks

if TYPE_CHECKING:
    from flood_bridge.protocol.receivers import Receiver

MODEL_RATE_HZ = 20
"""Frame rate of the model; the stream can only be faster."""

MAX_RATE_HZ = 200
MAX_LEAD_SECS = 2.0
MAX_MIN_LEAD_SECS = 0.2
MAX_REST_SECS = 3600.0
MAX_CHARACTERS = 64
MAX_THREADS = 64
MAX_RECEIVERS = 16
MAX_SEED = 2**63 - 1
MAX_PATH = 4096
MAX_TOKEN = 128
Backend = Literal["auto", "eager", "compiled", "openvino", "cuda-graph", "plain"]
Precision = Literal["auto", "float32", "bfloat16"]
STAND = "a person stands still"
"""The prompt of a fresh character, and of one told to stop."""


@dataclass(frozen=True, kw_only=True)
class NativeConfig:
    """The native OSC stream: /flood/ID/frame, receipts and status."""

    enabled: bool = True
    """Send it."""
    host: str = "127.0.0.1"
    """Where to: a host name or address."""
    port: int = 9501
    """UDP port to send to."""

    def __post_init__(self) -> None:
        _check_endpoint("osc", self.host, self.port)


@dataclass(frozen=True, kw_only=True)
class VmcConfig:
    """The VMC stream for Unity, Unreal, Godot and VRM tools."""

    enabled: bool = True
    """Send it."""
    host: str = "127.0.0.1"
    """Where to: a host name or address."""
    port: int = 39539
    """UDP port to send to; character n goes to this port + n."""
    root: Literal["root", "hips", "inplace"] = "root"
    """Where the way through the world goes: to Root, to Hips, or nowhere."""

    def __post_init__(self) -> None:
        _check_endpoint("vmc", self.host, self.port)


@dataclass(frozen=True, kw_only=True)
class ControlConfig:
    """The OSC control port: /flood/ID/prompt and the other commands."""

    enabled: bool = True
    """Listen for commands."""
    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 lets other machines send commands."""
    port: int = 9500
    """UDP port to listen on."""
    performer_port: int = 0
    """A second port for what VMC tools send to a performer, usually 39540; 0 opens none."""

    def __post_init__(self) -> None:
        _check_endpoint("control", self.host, self.port)
        _check_range("control.performer-port", self.performer_port, 0, 65535)


@dataclass(frozen=True, kw_only=True)
class ViewerConfig:
    """The live 3-D page: see the motion and steer it in a browser."""

    enabled: bool = False
    """Serve it."""
    host: str = "127.0.0.1"
    """Address to serve it on; with any other than this machine's own it asks for a token."""
    port: int = 8080
    """TCP port; if it is taken, one of the 15 after it."""
    token: str = ""
    """What the address must carry; empty makes one up where one is needed."""

    def __post_init__(self) -> None:
        _check_endpoint("viewer", self.host, self.port)
        if len(self.token) > MAX_TOKEN or not all(
            c.isascii() and (c.isalnum() or c in "-_") for c in self.token
        ):
            raise ConfigError(
                f"--viewer.token is {self.token!r}; valid are up to {MAX_TOKEN} letters, digits,"
                " - and _"
            )


@dataclass(frozen=True, kw_only=True)
class Config:
    """Text in, endless human motion out."""

    prompt: str = STAND
    """What the character does first."""
    model: str = "bundled"
    """The model: "bundled", a folder, a .ckpt of FloodDiffusion, or a Hub id."""
    seed: int = 0
    """Seed of the motion's noise; character n uses seed + n."""
    characters: int = 1
    """How many characters move, numbered from 0."""
    rate_hz: int = 60
    """Frames sent per second: 20 is the model's own rate, anything up to 200 is interpolated."""
    lead_secs: float = 0.2
    """How far generation runs ahead: more bridges longer stalls, but prompts show later."""
    min_lead_secs: float = 0.03
    """Least that a prompt with the urgency "now" leaves to be played before it shows."""
    rest_secs: float = 3.0
    """A character without movement for so long costs nothing until the next command; 0 is never."""
    robot: str = "none"
    """The robot: unitree_g1, unitree_h1, booster_t1, or a .urdf, .xml (MJCF) or .toml file."""
    avatar: str = ""
    """The avatar that is sent to: a .vrm or .glb file, or "a-pose"; empty is the model's body."""
    safety: Literal["auto", "off", "on"] = "auto"
    """The safety layer of real robots: nothing moves before it is armed; auto is on with measured
    joints."""
    measured_joints: str = ""
    """Where the real robot's joints are told: a ROS 2 topic, or "osc"; empty expects none."""
    deadman: bool = False
    """The robot moves only while somebody holds an enabling switch."""
    ros: bool = False
    """Publish to ROS 2 and take text commands from it."""
    ros_args: str = ""
    """What "ros2 run" takes after --ros-args: --ros-args="-r __ns:=/robot1 -p publish.tf:=true"."""
    stdin: bool = False
    """Read prompts from standard input, one a line."""
    backend: Backend = "auto"
    """On what machinery the model runs; one that cannot run here is replaced, which is said."""
    precision: Precision = "auto"
    """Of the model's arithmetic; auto is float32."""
    threads: int = 0
    """Threads for the model's arithmetic; 0 takes one fewer than there are cores, at most 4."""
    state_dir: str = ""
    """Folder in which the run's state is saved, on exit and at intervals; empty saves none."""
    state_secs: float = 10.0
    """Time between two savings."""
    resume: bool = False
    """Go on from the state in --state-dir, frame by frame as if nothing had happened."""
    record_commands: str = ""
    """File to which all that is obeyed is written, for "flood-bridge replay"; empty is none."""
    verbose: bool = False
    """Log more: every refused command, for example."""
    to: Annotated[UseAppendAction[tuple[str, ...]], arg(metavar="PRESET[,KEY=VALUE]")] = ()
    """A receiver, for example vrm4u or unreal,port=8000,rate=30; may be given several times."""
    listen: Annotated[UseAppendAction[tuple[str, ...]], arg(metavar="ADDRESS")] = ()
    """Open the control port to these addresses or networks too, for example 192.168.1.0/24."""
    osc: NativeConfig = field(default_factory=NativeConfig)
    vmc: VmcConfig = field(default_factory=VmcConfig)
    control: ControlConfig = field(default_factory=ControlConfig)
    viewer: ViewerConfig = field(default_factory=ViewerConfig)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "prompt", clean_text(self.prompt))
        except CommandError as error:
            raise ConfigError(f"--prompt: {error}") from error
        if not self.model:
            raise ConfigError('--model is empty; valid are "bundled" or the folder of a model')
        _check_robot(self.robot)
        _check_range("seed", self.seed, 0, MAX_SEED)
        _check_range("characters", self.characters, 1, MAX_CHARACTERS)
        _check_range("rate-hz", self.rate_hz, MODEL_RATE_HZ, MAX_RATE_HZ)
        if not math.isfinite(self.lead_secs):
            raise ConfigError(f"--lead-secs is {self.lead_secs}; a finite number is needed")
        _check_range("lead-secs", self.lead_secs, 0.05, MAX_LEAD_SECS)
        _check_range("min-lead-secs", self.min_lead_secs, 0, MAX_MIN_LEAD_SECS)
        _check_range("rest-secs", self.rest_secs, 0, MAX_REST_SECS)
        _check_range("state-secs", self.state_secs, 0.5, MAX_REST_SECS)
        if self.resume and not self.state_dir:
            raise ConfigError("--resume needs the --state-dir to resume from")
        if self.resume and self.record_commands:
            raise ConfigError(
                "--record-commands writes what a replay from the seed needs;"
                " a run that resumes does not begin there, so choose one of the two"
            )
        if self.safety == "on" and self.robot == "none":
            raise ConfigError("--safety on is for robots; name one with --robot")
        if self.deadman and not self.guarded:
            raise ConfigError("--deadman is a part of the safety layer; say --safety on")
        if self.guarded and self.measured_joints not in {"", "osc"} and not self.ros:
            raise ConfigError(
                f"--measured-joints {self.measured_joints} is a topic of ROS 2; say --ros as well,"
                ' or "osc" if the joints are told on the control port'
            )
        _check_ros_args(self.ros, self.ros_args)
        _check_range("threads", self.threads, 0, MAX_THREADS)
        _check_range("vmc.port", self.vmc.port + self.characters - 1, 1, 65535)
        read_networks(self.listen)
        _check_range("to (how often)", len(self.to), 0, MAX_RECEIVERS)
        for text, receiver in zip(self.to, self.receivers, strict=True):
            if receiver.kind in {"vmc", "vrchat"}:
                _check_range(f"to {text} port", receiver.port + self.characters - 1, 1, 65535)

    @property
    def guarded(self) -> bool:
        """Whether the safety layer is on."""
        expects = bool(self.measured_joints) and self.robot != "none"
        return self.safety == "on" or (self.safety == "auto" and expects)

    @property
    def receivers(self) -> tuple[Receiver, ...]:
        """Who is named by ``to``."""
        if not self.to:
            return ()
        from flood_bridge.protocol.receivers import read_receiver  # noqa: PLC0415 - it is slow

        return tuple(map(read_receiver, self.to))


def _check_robot(robot: str) -> None:
    """Refuse what is neither a known robot nor named like a file of one."""
    if robot == "none":
        return
    from flood_bridge.retarget.robot_toml import FILES, shipped_names  # noqa: PLC0415 - it is slow

    named = robot in shipped_names() or robot.lower().endswith(FILES)
    if not named or len(robot) > MAX_PATH or "\0" in robot:
        raise ConfigError(
            f"--robot is {robot[:80]!r}; valid are none, {', '.join(shipped_names())}, or the path"
            f" of a file that ends in {', '.join(FILES)}"
        )


def _check_ros_args(ros: bool, text: str) -> None:
    """Refuse what cannot be taken apart; whether ROS takes the parts, it says itself."""
    if text and not ros:
        raise ConfigError("--ros-args is for the ROS 2 node; say --ros")
    if len(text) > MAX_PATH or "\0" in text:
        raise ConfigError(f"--ros-args has {len(text)} characters; at most {MAX_PATH} are valid")
    try:
        shlex.split(text)
    except ValueError as error:
        raise ConfigError(f"--ros-args is {text[:80]!r}: {error}") from error


def _check_range(option: str, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        raise ConfigError(f"--{option} is {value}; valid are {lowest} to {highest}")


def _check_endpoint(group: str, host: str, port: int) -> None:
    if not host.strip() or any(c.isspace() for c in host):
        raise ConfigError(f"--{group}.host is {host!r}; a host name or address is needed")
    _check_range(f"{group}.port", port, 1, 65535)
