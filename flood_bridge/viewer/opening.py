"""Opens the viewer, or says in one line why there is none."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from importlib.util import find_spec
from typing import Protocol

import numpy as np

from flood_bridge.motion.frames import RobotFrame
from flood_bridge.viewer.admission import is_loopback
from flood_bridge.viewer.link import ViewerLink
from flood_bridge.viewer.messages import RobotSketch, Setup

logger = logging.getLogger(__name__)

TOKEN_BYTES = 16


class Robot(Protocol):
    """What is drawn and measured of a robot."""

    @property
    def title(self) -> str:
        """For people."""
        ...

    @property
    def lower(self) -> np.ndarray:
        """Least angle of each joint, radians."""
        ...

    @property
    def upper(self) -> np.ndarray:
        """Greatest angle of each joint, radians."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Of the joints."""
        ...


class Drawn(Protocol):
    """Where the robot's capsules are."""

    radii: np.ndarray

    def points(self, frame: RobotFrame) -> np.ndarray:
        """Return starts, then ends, (2 c, 3) metres."""
        ...


def open_viewer(
    where: tuple[str, int, str],
    robot: Robot | None,
    drawn: Drawn | None,
    *,
    others: Callable[[], bool],
    seed: int = 0,
) -> ViewerLink | None:
    """Start the page at ``where`` (host, port, token); None if viser is not installed.

    A page that others can reach gets a token of its own if none is given.
    """
    if find_spec("viser") is None:
        logger.warning("no viewer: pip install 'flood-bridge[viewer]'; the stream goes on")
        return None
    host, port, token = where
    if not token and not is_loopback(host):
        token = secrets.token_urlsafe(TOKEN_BYTES)
    sketch = None
    if robot is not None and drawn is not None:
        sketch = RobotSketch(robot.title, drawn.radii, robot.names, robot.lower, robot.upper)
    return ViewerLink(Setup(host, port, token, sketch, seed), drawn, others)
