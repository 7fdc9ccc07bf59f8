"""A missing or a mixed ROS 2 is told clearly, and nothing of ours drags rclpy in unasked."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from flood_bridge.errors import ConfigError, MissingDependencyError
from flood_bridge.ros2_install import (
    WHEELS_HOOK,
    check_domain,
    refuse_mix,
    require_ros2,
    sourced_prefixes,
)
from flood_bridge.ros2_node import Ros2Node


def prefix_with_rclpy(path: Path) -> Path:
    index = path / "share/ament_index/resource_index/packages"
    index.mkdir(parents=True)
    (index / "rclpy").touch()
    return path


def test_importing_flood_bridge_and_its_ros_modules_does_not_import_rclpy():
    code = (
        "import sys, flood_bridge, flood_bridge.inputs.ros2, flood_bridge.outputs.ros2\n"
        "sys.exit(any(name.split('.')[0] in ('rclpy', 'std_msgs') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0


@pytest.mark.parametrize("package", ["rclpy", "sensor_msgs.msg"])
def test_a_missing_package_is_named_with_both_remedies(
    package: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("AMENT_PREFIX_PATH", raising=False)
    for earlier in ("rclpy", "std_msgs.msg", "sensor_msgs.msg"):
        monkeypatch.setitem(sys.modules, earlier, sys)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError) as caught:
        Ros2Node()
    assert caught.value.package == package
    assert "pip install 'flood-bridge[ros2]'" in str(caught.value)
    assert "source /opt/ros/<distro>/setup.bash" in str(caught.value)
    assert "--system-site-packages" in str(caught.value)


def test_only_sourced_prefixes_that_bring_rclpy_count(tmp_path: Path):
    system = prefix_with_rclpy(tmp_path / "opt/ros/jazzy")
    own = prefix_with_rclpy(tmp_path / "venv")
    messages = tmp_path / "ws/install/flood_motion_msgs"
    messages.mkdir(parents=True)
    environ = {"AMENT_PREFIX_PATH": os.pathsep.join(map(str, (messages, system, own)))}
    assert sourced_prefixes(environ, str(own)) == [str(system)]
    assert sourced_prefixes({"ROS_DISTRO": "jazzy"}, str(own)) == []


def test_wheels_beside_a_sourced_ros_are_refused():
    with pytest.raises(ConfigError, match=r"/opt/ros/jazzy.*crash at random.*Use one"):
        refuse_mix(["/opt/ros/jazzy"], hook_installed=True)
    refuse_mix(["/opt/ros/jazzy"], hook_installed=False)
    refuse_mix([], hook_installed=True)


@pytest.mark.ros
@pytest.mark.skipif(find_spec(WHEELS_HOOK) is None, reason="the ROS wheels are not installed")
def test_the_mix_is_refused_before_rclpy_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(prefix_with_rclpy(tmp_path / "jazzy")))
    with pytest.raises(ConfigError, match="ROS wheels"):
        require_ros2()


@pytest.mark.parametrize("domain_id", ["233", "-1", "one", "1.5", "²"])
def test_a_domain_that_would_end_the_process_is_refused(domain_id: str):
    with pytest.raises(ConfigError, match="valid are 0 to 232"):
        check_domain(domain_id)


@pytest.mark.parametrize("domain_id", ["", "0", "42", "232"])
def test_valid_domains_are_accepted(domain_id: str):
    check_domain(domain_id)
