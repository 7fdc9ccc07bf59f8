"""Is there exactly one usable ROS 2 in this Python environment?

rclpy comes by one of two routes that must not meet: a system ROS 2 whose ``setup.bash`` was
sourced, or the PyPI wheels of the ``ros2`` extra (Linux x86-64). The wheels' start-up hook,
``ros_wheels_bootstrapper``, rewrites ``LD_LIBRARY_PATH`` in random order; beside a sourced ROS
about half of all starts die in ``rclpy.init`` with ``std::bad_array_new_length``. So the mix is
refused before anything is imported. This module imports no rclpy itself.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from flood_bridge.errors import ConfigError, MissingDependencyError

WHEELS_HOOK = "ros_wheels_bootstrapper"
"""Import name of the hook that every ROS wheel installs."""

REMEDY = (
    "where no ROS 2 is installed (Linux x86-64): pip install 'flood-bridge[ros2]';"
    " where one is: source /opt/ros/<distro>/setup.bash, and create the virtual environment with"
    " the same Python and --system-site-packages, without that extra"
)

MAX_DOMAIN_ID = 232
"""Above it the UDP ports that DDS computes from the domain do not exist."""

_RCLPY_IN_AMENT_INDEX = Path("share/ament_index/resource_index/packages/rclpy")


def require_ros2() -> None:
    """Return when rclpy and the message packages can be imported, else say what to do.

    Raises:
        MissingDependencyError: If rclpy or a message package is absent.
        ConfigError: If the wheels and a sourced ROS 2 are mixed, rclpy does not load, or
            ``ROS_DOMAIN_ID`` is not valid.
    """
    prefixes = sourced_prefixes(os.environ, sys.prefix)
    refuse_mix(prefixes, hook_installed=find_spec(WHEELS_HOOK) is not None)
    check_domain(os.environ.get("ROS_DOMAIN_ID", ""))
    for package in ("rclpy", "std_msgs.msg", "sensor_msgs.msg", "geometry_msgs.msg"):
        _require(package)


def sourced_prefixes(environ: Mapping[str, str], own_prefix: str) -> list[str]:
    """Return the sourced prefixes that bring their own rclpy, this environment's left out.

    ``ROS_DISTRO`` alone proves nothing (ROS container images set it without sourcing), and a
    workspace of messages that was built with the wheels is welcome: it has no rclpy.
    """
    entries = [entry for entry in environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if entry]
    own = Path(own_prefix).resolve()
    return [
        entry
        for entry in entries
        if Path(entry).resolve() != own and (Path(entry) / _RCLPY_IN_AMENT_INDEX).exists()
    ]


def refuse_mix(prefixes: list[str], *, hook_installed: bool) -> None:
    """Refuse to run the wheels beside a sourced ROS 2.

    Raises:
        ConfigError: If both are there.
    """
    if prefixes and hook_installed:
        raise ConfigError(
            f"a ROS 2 is sourced ({prefixes[0]}) in a Python environment that also holds the ROS"
            " wheels; together they crash at random. Use one: start from a shell that sourced no"
            " ROS 2, or use an environment without the 'ros2' extra (created with"
            " --system-site-packages)"
        )


def check_domain(domain_id: str) -> None:
    """Refuse a ``ROS_DOMAIN_ID`` with which the middleware would end the whole process.

    Raises:
        ConfigError: If it is neither empty nor a number from 0 to :data:`MAX_DOMAIN_ID`.
    """
    valid = domain_id.isascii() and domain_id.isdigit() and int(domain_id) <= MAX_DOMAIN_ID
    if domain_id and not valid:
        raise ConfigError(f"ROS_DOMAIN_ID is {domain_id[:32]!r}; valid are 0 to {MAX_DOMAIN_ID}")


def _require(module: str) -> None:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingDependencyError("ROS 2", error.name or module, REMEDY) from error
    except ImportError as error:
        raise ConfigError(
            f"{module} is installed but does not load ({error}); in a process started from another"
            " environment with ROS wheels, unset _ROS_WHEELS_BOOTSTRAP_COMPLETE and LD_LIBRARY_PATH"
        ) from error
