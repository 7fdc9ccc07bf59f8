"""Looks at this machine's ROS 2 without starting it: what would crash is told, not tried."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from flood_bridge.errors import ConfigError
from flood_bridge.ros2_install import (
    REMEDY,
    WHEELS_HOOK,
    check_domain,
    refuse_mix,
    sourced_prefixes,
)

RANGES = ("", "SUBNET", "LOCALHOST", "OFF", "SYSTEM_DEFAULT")
OPTIONAL = {
    "flood_motion_msgs": "typed status, receipts and frames, set_prompt, play_prompt",
    "std_srvs": "pause, resume, reset, stop and the services of the safety layer",
    "tf2_msgs": "publish.tf",
    "trajectory_msgs": "publish.joint_trajectory",
    "visualization_msgs": "markers",
    "diagnostic_msgs": "/diagnostics",
}
_SEGMENTS = ("fastdds_", "fastrtps_")
"""What Fast DDS 3 calls its shared memory, and what it was called before."""
_RMW_INDEX = Path("share/ament_index/resource_index/rmw_typesupport")


def environment(environ: Mapping[str, str], own_prefix: str) -> Iterator[str]:
    """Yield what is found, line by line.

    Raises:
        ConfigError: At what would crash or could not work, saying what to do.
    """
    prefixes = sourced_prefixes(environ, own_prefix)
    hook = find_spec(WHEELS_HOOK) is not None
    yield f"Python environment: {own_prefix}"
    yield f"  ROS wheels: {'installed' if hook else 'none'}"
    yield f"  sourced ROS 2: {', '.join(prefixes) or 'none'}"
    if environ.get("ROS_DISTRO"):
        yield f"  ROS_DISTRO: {environ['ROS_DISTRO']}"
    refuse_mix(prefixes, hook_installed=hook)
    spec = find_spec("rclpy")
    if spec is None:
        raise ConfigError(f"there is no rclpy here: {REMEDY}")
    yield f"  rclpy: {spec.origin}"
    for package, purpose in OPTIONAL.items():
        found = "installed" if find_spec(package) else "missing, so without:"
        yield f"  {package:20s} {found} {'' if find_spec(package) else purpose}".rstrip()
    yield from _middleware(environ, [*prefixes, own_prefix])
    yield from _discovery(environ)


def _middleware(environ: Mapping[str, str], prefixes: list[str]) -> Iterator[str]:
    there = sorted({each for prefix in prefixes for each in middlewares(Path(prefix))})
    wanted = environ.get("RMW_IMPLEMENTATION", "")
    yield f"Middleware: {', '.join(there) or 'none'}; RMW_IMPLEMENTATION={wanted or '(unset)'}"
    if wanted and there and wanted not in there:
        raise ConfigError(
            f"RMW_IMPLEMENTATION is {wanted!r}, which is not installed here; valid are"
            f" {', '.join(there)}: unset it, or install ros-<distro>-{wanted.replace('_', '-')}"
        )


def middlewares(prefix: Path) -> list[str]:
    """Return the names of the middlewares that are installed below ``prefix``."""
    folder = prefix / _RMW_INDEX
    return [entry.name for entry in folder.iterdir()] if folder.is_dir() else []


def _discovery(environ: Mapping[str, str]) -> Iterator[str]:
    domain = environ.get("ROS_DOMAIN_ID", "")
    reach = environ.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "")
    check_domain(domain)
    yield f"Discovery: domain {domain or '0'}, range {reach or 'SUBNET'}"
    if reach not in RANGES:
        raise ConfigError(
            f"ROS_AUTOMATIC_DISCOVERY_RANGE is {reach[:32]!r}; valid are {', '.join(RANGES[1:])}"
        )
    if reach == "OFF":
        raise ConfigError(
            "ROS_AUTOMATIC_DISCOVERY_RANGE is OFF: nobody is found, static peers neither; unset it"
        )
    if environ.get("ROS_LOCALHOST_ONLY", "0") not in {"", "0"}:
        yield "  ROS_LOCALHOST_ONLY is set: only this machine is seen (use the range instead)"
    yield from shared_memory(Path("/dev/shm"), environ, os.getuid())


def shared_memory(folder: Path, environ: Mapping[str, str], user: int) -> Iterator[str]:
    """Yield whether FastDDS can use shared memory: the usual reason of silence in containers."""
    if environ.get("FASTDDS_BUILTIN_TRANSPORTS", "").upper().startswith("UDP"):
        yield "  FastDDS uses UDP only: shared memory plays no part"
        return
    if not os.access(folder, os.W_OK):
        yield f"  {folder} cannot be written: set FASTDDS_BUILTIN_TRANSPORTS=UDPv4 on both sides"
        return
    segments = [entry for entry in folder.iterdir() if entry.name.startswith(_SEGMENTS)]
    foreign = [entry.name for entry in segments if entry.stat().st_uid != user]
    yield f"  shared memory: {len(segments)} segments of FastDDS in {folder}"
    if foreign:
        yield (
            f"  {len(foreign)} of them belong to another user (a container?): topics will be"
            " listed and no data come. Run both as one user, or set"
            " FASTDDS_BUILTIN_TRANSPORTS=UDPv4 on both sides"
        )
