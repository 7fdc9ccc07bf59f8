"""The launch file is sound: run against the few names of ROS's ``launch`` that it uses.

``launch`` cannot be had from PyPI, so these stand-ins record what the file declares.
"""

from __future__ import annotations

import runpy
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from types import ModuleType
from typing import get_args, get_type_hints

import pytest

from flood_bridge.config import Config

LAUNCH_DIR = Path(__file__).parents[2] / "launch"


@dataclass(frozen=True)
class Configuration:
    name: str


@dataclass(frozen=True)
class Argument:
    name: str
    default_value: str
    description: str
    choices: list[str] | None = None


@dataclass(frozen=True)
class Process:
    cmd: list[str | Configuration]
    name: str
    output: str


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> list[Argument | Process]:
    launch, actions, substitutions = map(
        ModuleType, ("launch", "launch.actions", "launch.substitutions")
    )
    vars(launch)["LaunchDescription"] = list
    vars(actions).update(DeclareLaunchArgument=Argument, ExecuteProcess=Process)
    vars(substitutions)["LaunchConfiguration"] = Configuration
    for module in (launch, actions, substitutions):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    file = runpy.run_path(str(LAUNCH_DIR / "flood_bridge.launch.py"))
    return file["generate_launch_description"]()


def test_every_argument_is_explained_and_its_default_is_a_choice(
    described: list[Argument | Process],
):
    arguments = [item for item in described if isinstance(item, Argument)]
    assert len(arguments) >= 4
    for argument in arguments:
        assert len(argument.description) > 20
        assert argument.choices is None or argument.default_value in argument.choices


def test_the_process_is_the_daemon_and_uses_every_argument(described: list[Argument | Process]):
    (process,) = (item for item in described if isinstance(item, Process))
    declared = {item.name for item in described if isinstance(item, Argument)}
    assert process.cmd[:3] == [Configuration("executable"), "run", "--ros"]
    assert {item.name for item in process.cmd if isinstance(item, Configuration)} == declared


def test_every_option_and_every_choice_is_one_of_the_daemons(
    described: list[Argument | Process],
):
    (process,) = (item for item in described if isinstance(item, Process))
    choices = {item.name: item.choices for item in described if isinstance(item, Argument)}
    options = process.cmd[3::2]
    assert [
        f"--{c.name}".replace("_", "-") for c in process.cmd[4::2] if isinstance(c, Configuration)
    ] == options
    assert {f"--{f.name}".replace("_", "-") for f in fields(Config)} >= set(options)
    assert set(choices["robot"] or ()) == set(get_args(get_type_hints(Config)["robot"]))
    for rate_hz in choices["rate_hz"] or ():
        assert Config(rate_hz=int(rate_hz)).rate_hz == int(rate_hz)


def test_the_launch_folder_is_no_package():
    assert not list(LAUNCH_DIR.rglob("__init__.py"))
