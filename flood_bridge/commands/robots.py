"""Who leads the robot, and where it is: what the safety layer of a real robot is told."""

from __future__ import annotations

from dataclasses import dataclass

from flood_bridge.commands.command import Command, check_between
from flood_bridge.errors import CommandError

MAX_JOINTS = 256
MAX_JOINT_NAME = 128
MAX_ANGLE_RAD = 1000.0
MAX_REASON = 128
"""Longest reason of a stop, in characters; the rest is cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm(Command):
    """Let the robot follow the motion, once it is near it; see :mod:`flood_bridge.safety`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disarm(Command):
    """Lead the robot to its safe pose and let go of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clutch(Command):
    """Let go of the motion, which goes on by itself, or take it up again."""

    engaged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadman(Command):
    """Somebody holds the enabling switch; to be repeated, for a silent switch is a released one."""

    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EStop(Command):
    """Stop every robot at once, and for good until :class:`ResetStop`; ``character`` is unused."""

    reason: str = ""

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        printable = "".join(c if c.isprintable() else " " for c in self.reason[:MAX_REASON])
        object.__setattr__(self, "reason", printable.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetStop(Command):
    """End an emergency stop: every robot is idle then and has to be armed anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredJoints(Command):
    """Where the joints of the real robot are."""

    positions: tuple[float, ...]
    """Radians; what is no angle is refused if it is of a joint that the robot has."""
    names: tuple[str, ...] = ()
    """Of the joints, as many as positions and in their order; empty is the robot's own order.
    Joints that the robot does not have are passed over."""

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        count = len(self.positions)
        if not 1 <= count <= MAX_JOINTS:
            raise CommandError(f"{count} joints are measured; valid are 1 to {MAX_JOINTS}")
        if self.names and len(self.names) != count:
            raise CommandError(f"{count} joints are measured, but {len(self.names)} are named")
        if any(len(name) > MAX_JOINT_NAME for name in self.names):
            raise CommandError(f"a joint's name is longer than {MAX_JOINT_NAME} characters")
        if not self.names:
            for angle in self.positions:
                check_angle("measured angle", angle)


def check_angle(what: str, angle_rad: float) -> None:
    """Refuse what is no angle of a joint.

    Raises:
        CommandError: Saying what is valid.
    """
    check_between(what, angle_rad, -MAX_ANGLE_RAD, MAX_ANGLE_RAD)
