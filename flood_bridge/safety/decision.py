"""What the state machine sees and what it decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np


class State(Enum):
    """What is done with the robot; the values are the words on the wire."""

    IDLE = "idle"
    """Nothing is sent to it."""
    ARMED = "armed"
    """It is kept where it is, until it may join the motion."""
    BLEND_IN = "blend_in"
    """It is on the way to the motion."""
    LIVE = "live"
    """It follows the motion."""
    HOLD = "hold"
    """It is stopped where it is, and goes on when the cause is gone."""
    BLEND_OUT = "blend_out"
    """It is on the way to its safe pose."""
    ESTOP = "estop"
    """It is stopped where it is until somebody resets the stop."""


STOPPED = frozenset({State.ARMED, State.HOLD, State.ESTOP})
"""States in which the robot comes to rest and stays there."""


class Cause(Enum):
    """Why a state holds; a change is worth telling."""

    OFF = "off"
    DISARMED = "disarmed"
    RESET = "reset"
    RESUMED = "resumed"
    STOPPED = "stopped"
    WAITED = "waited"
    NO_MOTION = "no motion"
    NO_MEASUREMENT = "no measurement"
    NO_DEADMAN = "no deadman"
    STRAYED = "strayed"
    CLUTCH = "clutch"
    FAR = "far"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one tick brings."""

    fresh: bool
    """Whether a frame of the motion came that can be followed."""
    wanted: np.ndarray | None = None
    """(n,) joint angles of the motion; None if there is no frame at all."""
    sent: np.ndarray | None = None
    """(n,) angles that were sent last; None if there were none."""
    at_safe_pose: bool = False
    """Whether what was sent last is the safe pose, at rest."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done in one tick."""

    state: State
    cause: Cause
    reason: str
    """For people: why, with numbers."""
    share: float = 0.0
    """Of the time of a blend that is over, 0 to 1."""
    entered: bool = False
    """Whether the state begins with this tick."""
