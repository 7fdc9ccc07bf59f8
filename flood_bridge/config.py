"""Every setting of ``flood-bridge run``: frozen dataclasses, the help text under each field.

The command line is made from these by tyro; the defaults run on any machine. A value that
cannot be used is refused here, before anything is opened, with a :class:`ConfigError` that
names the option, what was given and what is valid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from flood_bridge.commands import clean_text
from flood_bridge.errors import CommandError, ConfigError

MODEL_RATE_HZ = 20
"""Frame rate of the model; the stream can only be faster."""

MAX_RATE_HZ = 120
MAX_LEAD_SECS = 2.0
MAX_CHARACTERS = 16
MAX_THREADS = 64
MAX_SEED = 2**63 - 1
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

    def __post_init__(self) -> None:
        _check_endpoint("control", self.host, self.port)


@dataclass(frozen=True, kw_only=True)
class Config:
    """Text in, endless human motion out."""

    prompt: str = STAND
    """What the character does first."""
    model: str = "bundled"
    """The model: "bundled", or the folder of another one."""
    seed: int = 0
    """Seed of the motion's noise; character n uses seed + n."""
    characters: int = 1
    """How many characters move, numbered from 0."""
    rate_hz: int = 60
    """Frames sent per second: 20 is the model's own rate, anything up to 120 is interpolated."""
    lead_secs: float = 0.2
    """How far generation runs ahead: more bridges longer stalls, but prompts show later."""
    robot: Literal["none", "unitree_g1"] = "none"
    """The robot to retarget to."""
    ros: bool = False
    """Publish to ROS 2 and take text commands from it."""
    stdin: bool = False
    """Read prompts from standard input, one a line."""
    threads: int = 0
    """Threads for the model's arithmetic; 0 takes one fewer than there are cores, at most 4."""
    verbose: bool = False
    """Log more: every refused command, for example."""
    osc: NativeConfig = field(default_factory=NativeConfig)
    vmc: VmcConfig = field(default_factory=VmcConfig)
    control: ControlConfig = field(default_factory=ControlConfig)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "prompt", clean_text(self.prompt))
        except CommandError as error:
            raise ConfigError(f"--prompt: {error}") from error
        if not self.model:
            raise ConfigError('--model is empty; valid are "bundled" or the folder of a model')
        _check_range("seed", self.seed, 0, MAX_SEED)
        _check_range("characters", self.characters, 1, MAX_CHARACTERS)
        _check_range("rate-hz", self.rate_hz, MODEL_RATE_HZ, MAX_RATE_HZ)
        if not math.isfinite(self.lead_secs):
            raise ConfigError(f"--lead-secs is {self.lead_secs}; a finite number is needed")
        _check_range("lead-secs", self.lead_secs, 0.05, MAX_LEAD_SECS)
        _check_range("threads", self.threads, 0, MAX_THREADS)
        _check_range("vmc.port", self.vmc.port + self.characters - 1, 1, 65535)


def _check_range(option: str, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        raise ConfigError(f"--{option} is {value}; valid are {lowest} to {highest}")


def _check_endpoint(group: str, host: str, port: int) -> None:
    if not host.strip() or any(c.isspace() for c in host):
        raise ConfigError(f"--{group}.host is {host!r}; a host name or address is needed")
    _check_range(f"{group}.port", port, 1, 65535)
