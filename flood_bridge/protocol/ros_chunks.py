"""Overlapping pieces of a robot's motion, as ``joint_trajectory_controller`` takes them.

The controller wants to know what comes; the stream tells what is due now. So a chunk holds the
frames of the last ``lead``, each to be reached ``lead`` after its own time: the robot moves that
much behind the stream, and a chunk that is lost is covered by the next one.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from flood_bridge.errors import ConfigError
from flood_bridge.motion.frames import RobotFrame

MAX_POINTS = 256


@dataclass(frozen=True, slots=True)
class Point:
    """Where the joints are to be, and when."""

    at_ns: int
    """On the ROS clock."""
    positions: array[float]
    velocities: array[float]


class Chunks:
    """Collects frames and says when the next chunk is due."""

    def __init__(self) -> None:
        self._points: deque[Point] = deque(maxlen=MAX_POINTS)
        self._due_ns = 0

    def add(self, point: Point, lead_secs: float, period_secs: float) -> list[Point]:
        """Take what is shown now; return the chunk to publish, or nothing while none is due.

        Args:
            point: The stream's newest frame, at its own time.
            lead_secs: How far the chunk reaches, and how far the robot follows behind.
            period_secs: Time between two chunks.
        """
        lead_ns, period_ns = round(lead_secs * 1e9), round(period_secs * 1e9)
        step_ns = point.at_ns + lead_ns - self._points[-1].at_ns if self._points else 0
        if not 0 < step_ns <= lead_ns:
            self._points.clear()  # the stream was paused, or has begun anew
            self._due_ns = 0
        self._points.append(Point(point.at_ns + lead_ns, point.positions, point.velocities))
        while self._points[0].at_ns <= point.at_ns:
            self._points.popleft()
        if point.at_ns < self._due_ns or len(self._points) < 2:
            return []
        self._due_ns = point.at_ns + period_ns
        return list(self._points)


class JointOrder:
    """Puts a robot's joints into the order in which a controller is configured.

    Args:
        wanted: Names; empty for the robot's own order.
    """

    def __init__(self, wanted: Sequence[str]) -> None:
        self._wanted = tuple(name for name in wanted if name)
        self._names: tuple[str, ...] = ()
        self._places: list[int] = []

    def names(self, robot: RobotFrame) -> tuple[str, ...]:
        """Return the names of what :meth:`pick` returns.

        Raises:
            ConfigError: If a wanted joint is none of the robot's.
        """
        if robot.names != self._names:
            foreign = [name for name in self._wanted if name not in robot.names]
            if foreign:
                raise ConfigError(
                    f"joint_order names {', '.join(foreign)}; the robot's joints are"
                    f" {', '.join(robot.names)}"
                )
            self._places = [robot.names.index(name) for name in self._wanted or robot.names]
            self._names = robot.names
        return self._wanted or robot.names

    def pick(self, values: Sequence[float]) -> array[float]:
        """Return ``values``, given in the robot's order, in the wanted one."""
        return array("d", [values[place] for place in self._places])
