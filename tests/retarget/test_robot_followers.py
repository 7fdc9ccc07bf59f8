"""A joint that the file ties to another is kept still and not published, as a URDF's mimics are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from flood_bridge.motion.frames import Pose
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_guess import Understanding, understand

pytest.importorskip("mujoco")

# Name, place, axis, range in degrees.
ARM = (
    ("{0}_shoulder_pitch", "0 {1} 0.4", "0 1 0", "-170 90"),
    ("{0}_shoulder_roll", "0 0 0", "1 0 0", "-110 110"),
    ("{0}_elbow", "0 0 -0.25", "0 1 0", "-120 5"),
    ("{0}_wrist", "0 0 -0.2", "0 1 0", "-60 60"),
    ("{0}_gripper", "0 0 -0.05", "0 1 0", "-60 60"),
)
TIED = (
    '<joint joint1="left_gripper" joint2="left_wrist"/>'
    '<joint joint1="right_gripper" joint2="right_wrist" polycoef="0 1 0 0 0"/>'
)


def mjcf(equality: str, default: str = "") -> str:
    arms = ""
    for side, y in (("left", 0.2), ("right", -0.2)):
        for name, place, axis, span in ARM:
            arms += (
                f'<body pos="{place.format(side, y)}"><joint name="{name.format(side)}"'
                f' axis="{axis}" range="{span}"/><geom type="capsule" size="0.02"'
                ' fromto="0 0 0 0 0 -0.05"/>'
            )
        arms += "</body>" * len(ARM)
    return (
        f'<mujoco model="arms"><compiler autolimits="true"/><default>{default}</default>'
        f'<worldbody><body name="column"><geom size="0.1"/>{arms}</body></worldbody>'
        f"<equality>{equality}</equality></mujoco>"
    )


@pytest.fixture
def understood(tmp_path: Path) -> Callable[..., Understanding]:
    def make(*texts: str) -> Understanding:
        (tmp_path / "arms.xml").write_text(mjcf(*texts))
        return understand(str(tmp_path / "arms.xml"))

    return make


def kept_still(found: Understanding) -> set[str]:
    return {
        name
        for note in found.notes
        if note.startswith("kept still")
        for name in note.split(": ")[1].split(", ")
    }


def test_the_first_joint_of_an_equality_follows_the_second(
    understood: Callable[..., Understanding],
) -> None:
    found = understood(TIED)
    assert kept_still(found) == {"left_gripper", "right_gripper"}
    assert not {"left_gripper", "right_gripper"} & set(found.robot.names)
    assert {"left_wrist", "right_wrist"} <= set(found.robot.names)


def test_an_equality_of_one_joint_holds_it(understood: Callable[..., Understanding]) -> None:
    held = '<joint joint1="left_gripper"/><joint joint1="right_gripper" polycoef="0 1 0 0 0"/>'
    assert kept_still(understood(held)) == {"left_gripper", "right_gripper"}


@pytest.mark.parametrize(
    ("equality", "default"),
    [
        ("", ""),
        (TIED.replace("/>", ' active="false"/>'), ""),
        (TIED, '<equality active="false"/>'),
        ('<weld body1="column"/>', ""),
    ],
)
def test_joints_that_no_active_equality_ties_move(
    understood: Callable[..., Understanding], equality: str, default: str
) -> None:
    found = understood(equality, default)
    assert not kept_still(found)
    assert len(found.robot.names) == 2 * len(ARM)


def test_followers_are_not_published_and_what_they_carry_goes_along(
    understood: Callable[..., Understanding], posed: Callable[..., Pose]
) -> None:
    robot = understood(TIED).robot
    frame = RobotRetargeter(robot, 0.05).retarget(posed({}))
    assert frame.names == robot.names
    assert len(frame.positions) == 8
    free = understood("").robot
    for side in ("left", "right"):
        np.testing.assert_allclose(
            robot.upright_point(f"{side}_elbow"), free.upright_point(f"{side}_elbow")
        )
