"""Makes the guard of a robot that a configuration asks for."""

from __future__ import annotations

from flood_bridge.config import Config
from flood_bridge.live.robot_guard import RobotGuard
from flood_bridge.retarget.limit_chain import OutputChain
from flood_bridge.retarget.limit_safe import safe_pose
from flood_bridge.retarget.limit_table import limits_of
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.safety.machine import SafetyMachine
from flood_bridge.safety.options import SafetyOptions


def options_of(config: Config) -> SafetyOptions:
    """Return the options of the safety layer, on or off."""
    return SafetyOptions(
        enabled=config.guarded,
        needs_measurement=config.guarded and bool(config.measured_joints),
        needs_deadman=config.deadman,
    )


def make_guard(robot: RobotModel, config: Config) -> RobotGuard:
    """Return what stands between the motion of one character and its robot.

    Raises:
        MissingDependencyError: If a library that robots need is not installed.
    """
    options = options_of(config)
    return RobotGuard(
        SafetyMachine(robot.names, options),
        OutputChain(robot.names, limits_of(robot), 1 / config.rate_hz),
        safe_pose(robot),
        free=not options.enabled,
    )
