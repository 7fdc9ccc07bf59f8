"""What is measured while people watch: numbers of the daemon, feet, and the robot's limits."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from flood_bridge.events import PromptApplied, Status
from flood_bridge.motion.contacts import ANKLES, FootContacts
from flood_bridge.motion.frames import FrameFlags, Pose
from flood_bridge.viewer.messages import Glance, RobotSketch
from flood_bridge.viewer.recent import RATE_HZ

KEPT = 90
"""Points of each plot: a minute and a half, one a second."""

_STANDS = 0.99
"""A foot in a stance of less than this is on its way."""


@dataclass(frozen=True, slots=True)
class Margin:
    """How far the robot's nearest joint is from its limit."""

    joint: str
    degrees: float


class Measures:
    """Collects one value of everything each second, when the status comes.

    Attributes:
        status: The latest, or None before the first.
        series: By name, the values of the last seconds.
        margin: Of the latest robot frame, or None.
    """

    def __init__(self, robot: RobotSketch | None) -> None:
        self.status: Status | None = None
        self.series: dict[str, deque[float]] = {}
        self.latencies: deque[int] = deque(maxlen=KEPT)
        self.margin: Margin | None = None
        self._robot = robot
        self._feet = FootContacts(1 / RATE_HZ)
        self._slides: list[float] = []
        self._margins: list[float] = []

    def tell(self, status: Status) -> None:
        """Take the status and close the second before it."""
        underruns = 0 if self.status is None else status.underruns - self.status.underruns
        self.status = status
        self._add("generation", status.generation_fps)
        self._add("output", status.output_fps)
        self._add("lead", status.lead_ms)
        self._add("underruns", underruns)
        self._add("slide", float(np.mean(self._slides)) if self._slides else 0.0)
        if self._margins:
            self._add("margin", min(self._margins))
        self._slides.clear()
        self._margins.clear()

    def applied(self, event: PromptApplied) -> None:
        """Take the latency of a prompt that was asked for."""
        if event.latency_ms > 0:
            self.latencies.append(event.latency_ms)

    def watch(self, glance: Glance) -> None:
        """Take one of the frames (20 a second) of the character that is looked at."""
        if glance.flags & FrameFlags.JUMPED:
            self._feet.reset()
        joints, velocities = glance.joints.astype(float), glance.velocities.astype(float)
        footing = self._feet.follow(Pose(joints, velocities, glance.contacts, 0.0))
        speeds = np.hypot(velocities[ANKLES, 0], velocities[ANKLES, 2])
        self._slides += (100 * speeds[footing.stance > _STANDS]).tolist()
        if glance.robot is not None and self._robot is not None:
            self.margin = nearest_limit(self._robot, glance.robot.positions)
            self._margins.append(self.margin.degrees)

    def forget_feet(self) -> None:
        """Another character is looked at."""
        self._feet.reset()

    def _add(self, name: str, value: float) -> None:
        self.series.setdefault(name, deque(maxlen=KEPT)).append(value)


def nearest_limit(robot: RobotSketch, positions: np.ndarray) -> Margin:
    """Return the joint of ``positions`` (n,) radians that is nearest to a limit of its own."""
    room = np.minimum(positions - robot.lower, robot.upper - positions)
    joint = int(np.argmin(room))
    return Margin(robot.joint_names[joint], float(np.rad2deg(room[joint])))
