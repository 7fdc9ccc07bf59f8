"""The launch files are sound: run against the few names of ROS's ``launch`` that they use.

``launch`` cannot be had from PyPI, so these stand-ins record what the files declare.
"""

from __future__ import annotations

import ast
import re
import runpy
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from flood_bridge.config import Config
from flood_bridge.protocol.ros_topics import PARAMETERS, PUBLISHED
from flood_bridge.retarget.robot_model import load_robot, robot_names

ROOT = Path(__file__).parents[2]
LAUNCH_DIR = ROOT / "launch"
PACKAGE = ROOT / "ros2_ws" / "src" / "flood_motion"
FILES = sorted(path.name for path in LAUNCH_DIR.glob("*.launch.py"))
SETUP = (PACKAGE / "setup.py").read_text()
EXECUTABLES = dict(re.findall(r'"(\w+) = flood_motion\.(\w+):main"', SETUP))
TRANSFORMS = {"/tf": "tf", "/tf_static": "tf_static"}
"""Absolute names, and those that a namespace goes before."""
KNOWN_PATHS = {"flood_bridge/joint_states", "~/joint_trajectory", *TRANSFORMS}
"""Everything with a slash that a launch file may say: names of topics."""
OPTIONS = {f"--{each.name}".replace("_", "-") for each in fields(Config)} | {"--control.port"}


@dataclass(frozen=True)
class Configuration:
    name: str


@dataclass(frozen=True)
class Made:
    """Any substitution or condition that is made of others."""

    parts: Any
    value_type: type | None = None


class Expression(Made):
    """A substitution that is evaluated as Python."""


@dataclass(frozen=True)
class Argument:
    name: str
    default_value: str
    description: str
    choices: list[str] | None = None


@dataclass(frozen=True)
class Process:
    cmd: list[Any]
    name: str
    output: str
    condition: Any = None


@dataclass(frozen=True)
class Node:
    package: str
    executable: str
    name: str = ""
    namespace: Any = ""
    output: str = ""
    parameters: list[dict[str, Any]] = field(default_factory=list)
    remappings: list[tuple[str, Any]] = field(default_factory=list)
    arguments: list[Any] = field(default_factory=list)
    condition: Any = None
    prefix: Any = None


STAND_INS: dict[str, dict[str, Any]] = {
    "launch": {"LaunchDescription": list},
    "launch.actions": {"DeclareLaunchArgument": Argument, "ExecuteProcess": Process},
    "launch.conditions": {"IfCondition": Made},
    "launch.substitutions": {
        "LaunchConfiguration": Configuration,
        "Command": Made,
        "PathJoinSubstitution": Made,
        "PythonExpression": Expression,
    },
    "launch_ros": {},
    "launch_ros.actions": {"Node": Node},
    "launch_ros.parameter_descriptions": {"ParameterValue": Made},
    "launch_ros.substitutions": {"FindPackageShare": Made},
}


def configurations(part: Any) -> set[str]:
    """Return the names of all launch configurations in ``part``."""
    match part:
        case Configuration():
            return {part.name}
        case Made():
            return configurations(part.parts)
        case dict():
            return configurations(list(part.values()))
        case list() | tuple():
            return set().union(*map(configurations, part)) if part else set()
        case Process() | Node():
            return configurations([getattr(part, each.name) for each in fields(part)])
    return set()


def value(part: Any, given: dict[str, str]) -> Any:
    """Return what ``part`` becomes when the launch configurations are ``given``."""
    match part:
        case Configuration():
            return given[part.name]
        case Expression():
            return str(eval("".join(value(each, given) for each in part.parts)))
        case Made():
            text = value(part.parts, given)
            return text if part.value_type is None else part.value_type(text)
    return part


@pytest.fixture
def describe(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[Any]]:
    for name, attributes in STAND_INS.items():
        module = ModuleType(name)
        vars(module).update(attributes)
        monkeypatch.setitem(sys.modules, name, module)
    return lambda file: runpy.run_path(str(LAUNCH_DIR / file))["generate_launch_description"]()


@pytest.fixture(params=FILES)
def described(request: pytest.FixtureRequest, describe: Callable[[str], list[Any]]) -> list[Any]:
    return describe(request.param)


def arguments(described: list[Any]) -> dict[str, Argument]:
    return {item.name: item for item in described if isinstance(item, Argument)}


def nodes(described: list[Any]) -> list[Node]:
    return [item for item in described if isinstance(item, Node)]


def test_there_are_launch_files_and_the_package_installs_them():
    assert {"demo.launch.py", "reference.launch.py", "teleop.launch.py"} < set(FILES)
    assert 'glob("../../../launch/*.launch.py")' in SETUP
    assert (PACKAGE / "../../../launch").resolve() == LAUNCH_DIR


def test_every_argument_is_explained_and_its_default_is_a_choice(described: list[Any]):
    for argument in arguments(described).values():
        assert len(argument.description) > 20
        assert argument.choices is None or argument.default_value in argument.choices


def test_every_argument_is_used_and_every_configuration_declared(described: list[Any]):
    used = configurations([item for item in described if not isinstance(item, Argument)])
    assert used == set(arguments(described))


def test_processes_are_the_daemon_with_options_that_it_has(described: list[Any]):
    choices = {name: item.choices or [] for name, item in arguments(described).items()}
    for process in (item for item in described if isinstance(item, Process)):
        assert process.cmd[:2] == [Configuration("executable"), "run"]
        plain = [part for part in process.cmd[2:] if isinstance(part, str)]
        assembled = [part[0].rstrip("=") for part in process.cmd if isinstance(part, list)]
        assert set(plain + assembled) <= OPTIONS
    assert set(choices.get("robot", [])) <= {*robot_names(), "none"}
    for rate_hz in choices.get("rate_hz", []):
        assert Config(rate_hz=int(rate_hz)).rate_hz == int(rate_hz)
    for safety in choices.get("safety", []):
        Config(safety=safety, robot="unitree_g1")  # type: ignore[arg-type]


def test_executables_parameters_and_remappings_are_the_nodes_own(described: list[Any]):
    known = {parameter.name for parameter in PARAMETERS} | _declared("parameters.py")
    for node in (each for each in nodes(described) if each.package == "flood_motion"):
        assert (PACKAGE / "flood_motion" / f"{EXECUTABLES[node.executable]}.py").exists()
        given = {name for each in node.parameters for name in each}
        assert given <= (known if node.executable == "node" else {"target"})
        known_topics = {topic.name for topic in PUBLISHED} | set(TRANSFORMS)
        assert {name for name, _ in node.remappings} <= known_topics


def test_nodes_of_others_are_joined_to_topics_of_ours(described: list[Any]):
    offered = {topic.name.replace("~", "flood_bridge") for topic in PUBLISHED}
    offered |= set(TRANSFORMS.values())
    for node in (each for each in nodes(described) if each.package != "flood_motion"):
        assert {ours for _, ours in node.remappings} <= offered


def test_each_robots_transform_leads_to_the_link_on_which_its_model_begins(
    describe: Callable[[str], list[Any]],
):
    demo = describe("demo.launch.py")
    (node,) = [each for each in nodes(demo) if each.package == "flood_motion"]
    (parameters,) = node.parameters
    assert parameters["publish.tf"] is True
    robots = arguments(demo)["robot"].choices or []
    assert set(robots) == set(robot_names())
    for robot in robots:
        assert value(parameters["base_frame"], {"robot": robot}) == load_robot(robot).root


def test_all_who_tell_or_hear_transforms_do_so_below_the_namespace(described: list[Any]):
    part = [
        node
        for node in nodes(described)
        if node.package in {"robot_state_publisher", "rviz2"}
        or any(each.get("publish.tf") for each in node.parameters)
    ]
    for node in part:
        assert node.namespace == Configuration("namespace")
        assert dict(node.remappings).items() >= TRANSFORMS.items()


def texts(part: Any) -> set[str]:
    """Return the plain texts in ``part``."""
    match part:
        case str():
            return {part}
        case Made():
            return texts(part.parts)
        case dict():
            return texts(list(part.values()))
        case list() | tuple():
            return set().union(*map(texts, part)) if part else set()
        case Process() | Node():
            return texts([getattr(part, each.name) for each in fields(part)])
    return set()


def test_files_and_programs_that_are_named_are_installed(described: list[Any]):
    said = texts([item for item in described if not isinstance(item, Argument)])
    for layout in (text for text in said if text.endswith(".rviz")):
        assert (PACKAGE / "rviz" / layout).is_file()
        assert {"rviz", layout} <= said
        assert '("share/flood_motion/rviz", glob("rviz/*.rviz"))' in SETUP
    for command in (text for text in said if text.startswith("ros2 run ")):
        _, _, package, executable, *_ = command.split()
        assert (package, executable in EXECUTABLES) == ("flood_motion", True)
    assert not {text for text in said if "/" in text} - KNOWN_PATHS


def _declared(file: str) -> set[str]:
    tree = ast.parse((PACKAGE / "flood_motion" / file).read_text())
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.args]
    return {str(c.args[0].value) for c in calls if isinstance(c.args[0], ast.Constant)}


def test_every_package_that_is_started_is_depended_on(described: list[Any]):
    manifest = (PACKAGE / "package.xml").read_text()
    for node in nodes(described):
        assert f">{node.package}<" in manifest


def test_rviz_shows_topics_of_the_node():
    layout = yaml.safe_load((PACKAGE / "rviz" / "flood_motion.rviz").read_text())
    displays = layout["Visualization Manager"]["Displays"]
    topics = {d["Topic"]["Value"] for d in displays if "Topic" in d}
    assert topics == {"flood_bridge/markers", "flood_bridge/skeleton"}
    assert layout["Visualization Manager"]["Global Options"]["Fixed Frame"] == "odom"
    assert topics <= {topic.name.replace("~", "flood_bridge") for topic in PUBLISHED}


def test_every_console_script_has_its_module():
    assert set(EXECUTABLES) == {"node", "teleop_text", "play_bag", "urdf"}
    for module in EXECUTABLES.values():
        tree = ast.parse((PACKAGE / "flood_motion" / f"{module}.py").read_text())
        assert "main" in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}


def test_the_launch_folder_is_no_package():
    assert not list(LAUNCH_DIR.rglob("__init__.py"))
