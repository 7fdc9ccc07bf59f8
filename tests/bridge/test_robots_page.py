"""Every command of docs/robots.md works, and its TOML is one."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from flood_bridge.cli import main
from flood_bridge.retarget.robot_model import load_robot
from flood_bridge.retarget.robot_posture import pose_at_ease
from flood_bridge.retarget.robot_toml import shipped_names
from flood_bridge.retarget.robot_write import toml_text
from flood_bridge.verbs.run import Run

pytest.importorskip("mujoco")

PAGE = (Path(__file__).parents[2] / "docs" / "robots.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [
    line for kind, block in BLOCKS if kind == "sh"
    for line in block.splitlines() if line.startswith("flood-bridge ")
]  # fmt: skip

LEG = (
    ("hip_pitch", "0 {y} -0.1", "0 1 0", -2.2, 1.2), ("hip_roll", "0 0 0", "1 0 0", -0.5, 0.5),
    ("hip_yaw", "0 0 -0.1", "0 0 1", -1.0, 1.0), ("knee", "0 0 -0.2", "0 1 0", 0.0, 2.2),
    ("ankle", "0 0 -0.3", "0 1 0", -0.8, 0.6),
)  # fmt: skip
ARM = (
    ("shoulder_pitch", "0 {y} 0.3", "0 1 0", -3.0, 2.0),
    ("shoulder_roll", "0 0 0", "1 0 0", -2.0, 2.0),
    ("shoulder_yaw", "0 0 -0.1", "0 0 1", -2.0, 2.0), ("elbow", "0 0 -0.12", "0 1 0", -1.0, 1.6),
)  # fmt: skip


def my_robot() -> str:
    joints, links = [], {"pelvis"}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for chain, y in ((LEG, 0.1), (ARM, 0.17)):
            parent = "pelvis"
            for name, place, axis, low, high in chain:
                child = f"{side}_{name}_link"
                links.add(child)
                joints.append(
                    f'<joint name="{side}_{name}_joint" type="revolute"><parent link="{parent}"/>'
                    f'<child link="{child}"/><origin xyz="{place.format(y=sign * y)}"/>'
                    f'<axis xyz="{axis}"/>'
                    f'<limit lower="{low}" upper="{high}" effort="1" velocity="9"/></joint>'
                )
                parent = child
    named = "".join(f'<link name="{name}"/>' for name in sorted(links))
    return f'<robot name="mine">{named}{"".join(joints)}</robot>'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the reader's files, in which the commands run; `run` only loads its robot."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Run, "perform", lambda self: 0 if load_robot(self.robot) else 1)
    (tmp_path / "my_robot.urdf").write_text(my_robot())
    (toml,) = [block for kind, block in BLOCKS if kind == "toml"]
    (tmp_path / "my_robot.toml").write_text(toml)
    (tmp_path / "FOLDER").mkdir()
    np.save(tmp_path / "FOLDER" / "clip.npy", np.repeat(pose_at_ease().joints[None], 40, axis=0))
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_works(command: str, place: Path) -> None:
    assert main(shlex.split(command)[1:]) == 0
    if "whole.toml" in command:
        assert load_robot(str(place / "whole.toml")).names == load_robot("my_robot.urdf").names


def test_the_toml_of_the_page_is_obeyed(place: Path) -> None:
    robot = load_robot(str(place / "my_robot.toml"))
    assert robot.speed_limits.max() == 6.0
    assert robot.thickness == {"forearm": 0.04}
    assert "[points]" in toml_text(robot)


def test_the_page_names_every_shipped_robot() -> None:
    assert all(f"`{name}`" in PAGE for name in shipped_names())
