"""Times and distances of the safety layer, with defaults for a humanoid of human size."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from flood_bridge.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyOptions:
    """What the state machine goes by.

    Raises:
        ConfigError: If a time or an angle is not a positive number, or the order of the two
            watchdog times is wrong.
    """

    enabled: bool = True
    """Without, the robot follows from the start on and only the emergency stop is obeyed."""
    needs_measurement: bool = True
    """Whether the robot's measured joints have to be known."""
    needs_deadman: bool = False
    """Whether somebody has to hold the enabling switch."""
    hold_secs: float = 0.12
    """Without a fresh frame for so long the robot is held. It is seen at a tick: at 20 ticks per
    second and more that is 150 ms after the last frame at the latest."""
    leave_secs: float = 0.35
    """Without a fresh frame for so long it is led to its safe pose."""
    leave_blend_secs: float = 0.45
    """How long that takes, so that it is there a second after the last frame."""
    enter_blend_secs: float = 2.0
    """How long the way from where the robot is to the motion takes."""
    resume_blend_secs: float = 1.0
    """The same after a hold."""
    disarm_blend_secs: float = 2.0
    """How long the way to the safe pose takes when nothing is wrong."""
    gate_rad: float = 0.6
    """Farthest that any joint may be from the motion when the robot is to join it."""
    deadman_secs: float = 0.3
    """A switch that is silent for so long is released."""
    measured_secs: float = 0.3
    """A measurement older than this counts as none."""
    strayed_rad: float = 1.0
    """A joint so far from where it was sent does not follow."""
    strayed_secs: float = 0.3
    """For so long, and the robot is held."""
    armed_secs: float = 60.0
    """So long an armed robot waits for a motion that it can join."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, bool) and not (math.isfinite(value) and value > 0.0):
                raise ConfigError(f"safety: {field.name} is {value!r}; it is more than 0")
        if not self.hold_secs < self.leave_secs:
            raise ConfigError(
                f"safety: the robot is held after {self.hold_secs:g} s and led away after"
                f" {self.leave_secs:g} s; the second has to be more"
            )
