"""What a daemon connects: ways in, the model, ways out, and what stands before robots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flood_bridge.inputs import Input
from flood_bridge.live.engine_port import Clock, Engine
from flood_bridge.live.mark import RobotSide
from flood_bridge.live.robot_guard import RobotGuard
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.outputs import Output


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the daemon connects. The first three are called once each, in this order."""

    open_inputs: Callable[[Callable[[], None], Clock], Sequence[Input]]
    """Gets a function that stops the daemon and its clock; opens sockets: mistakes show at once."""
    load: Callable[[], Engine]
    """Loads the model; called in the engine thread."""
    open_outputs: Callable[[Skeleton, Clock], Sequence[Output]]
    """Gets the model's body and the daemon's clock."""
    make_robot: Callable[[Skeleton], RobotSide | None]
    """Makes one character's robot retargeter; called once per character."""
    make_guard: Callable[[], RobotGuard | None] = lambda: None
    """Makes what stands between the motion and one character's robot; without, robots are
    published as they are retargeted."""
