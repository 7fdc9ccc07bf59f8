"""What the daemon tells the world beside frames: receipts, status, refusals."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PromptApplied:
    """A prompt owns frames from ``sequence`` on."""

    character: int
    request_id: int
    text: str
    sequence: int
    """First published frame whose latent was bound to the prompt."""
    latency_ms: int
    """From the command's arrival to that frame's playing."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something that came in was not obeyed."""

    request_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Pong:
    """Answer to a ping."""

    request_id: int
    uptime_secs: float


@dataclass(frozen=True, slots=True)
class SafetyReport:
    """What the safety layer does with a character's robot, told when it changes."""

    character: int
    state: str
    """One of "idle", "armed", "blend_in", "live", "hold", "blend_out", "estop"."""
    reason: str
    """Why, and what is waited for."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the daemon is, once per second."""

    uptime_secs: float
    characters: int
    prompt: str
    state: str
    """One of "loading", "running", "paused", "stopping"."""
    generation_fps: float
    """Frames (20 per second of motion) that the engine could make per second of its own time."""
    output_fps: float
    lead_ms: float
    """How far the queue runs ahead of playing."""
    underruns: int
    last_latency_ms: int
    """Of the latest prompt change, 0 before the first."""
    rates: tuple[float, ...] = ()
    """How fast the motion of each character plays, in the order of their numbers: 1 is as it
    should be, less means that the machine is too slow for all of them."""
    safety: tuple[SafetyReport, ...] = ()
    """Of each character with a robot, if the safety layer is on."""


Event = PromptApplied | Rejected | Pong | SafetyReport | Status
