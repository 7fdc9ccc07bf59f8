"""``check-robot`` tells, draws and writes what it understood; wrong names are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from flood_bridge.cli import main
from flood_bridge.config import Config
from flood_bridge.errors import ConfigError
from flood_bridge.retarget.robot_toml import shipped_names

pytest.importorskip("mujoco")
Captured = pytest.CaptureFixture[str]


def test_a_shipped_robot_is_told_drawn_and_written(tmp_path: Path, capsys: Captured) -> None:
    picture, description = tmp_path / "t1.png", tmp_path / "t1.toml"
    asked = ["check-robot", "booster_t1", "--out", str(picture), "--toml", str(description)]
    assert main(asked) == 0
    shown = capsys.readouterr().out
    assert "Booster T1 (23 joints): 23 joints, two legs and two arms, floating base" in shown
    assert "Left_Elbow_Yaw" in shown
    with Image.open(picture) as drawn:
        colours = drawn.convert("RGB").getcolors(1 << 20)
    assert colours is not None
    assert len(colours) > 500  # a figure, not an empty page
    assert main(["check-robot", str(description)]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], "there is no robot 'nobody'; known are booster_t1, unitree_g1, unitree_h1"),
        (["missing.urdf"], "cannot be read"),
        (["unitree_g1", "--out", "robot.gif"], "--out is 'robot.gif'"),
        (["unitree_g1", "--toml", "robot.txt"], "--toml is 'robot.txt'"),
    ],
)
def test_mistakes_are_one_clear_line_and_status_2(
    arguments: list[str], message: str, capsys: Captured
) -> None:
    assert main(["check-robot", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("robot", ["none", *shipped_names(), "my/robot.urdf", "A.XML", "b.toml"])
def test_run_takes_known_robots_and_files(robot: str) -> None:
    assert Config(robot=robot).robot == robot


@pytest.mark.parametrize("robot", ["", "g1", "robot.stl", "x" * 5000 + ".urdf", "a\0.urdf"])
def test_run_refuses_other_robots(robot: str) -> None:
    with pytest.raises(ConfigError, match=r"--robot is .*; valid are none, booster_t1, unitree_g1"):
        Config(robot=robot)
