"""A robot that nobody has seen before goes from its file to a motion within its limits.

Two are written here, as unlike as files are: a URDF with the usual names, and an MJCF whose names
say the side and nothing else, which faces sideways, in degrees. A third can be named by whoever
runs the tests:

    FLOOD_ROBOT_FILE=path/to/robot.urdf pytest tests/retarget/test_own_robots.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from flood_bridge.cli import main
from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import Pose, RobotFrame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_model import RobotModel, load_robot

pytest.importorskip("mujoco")

PERIOD_SECS = 0.05
THEIRS = os.environ.get("FLOOD_ROBOT_FILE", "")

# Name, place on the one before, axis, range; y is to the left.
URDF_LEG = (
    ("hip_pitch", "0 {y} -0.1", "0 1 0", -2.2, 1.2), ("hip_roll", "0 0 0", "1 0 0", -0.5, 0.5),
    ("hip_yaw", "0 0 -0.1", "0 0 1", -1.0, 1.0), ("knee", "0 0 -0.2", "0 1 0", 0.0, 2.2),
    ("ankle", "0 0 -0.3", "0 1 0", -0.8, 0.6),
)  # fmt: skip
URDF_ARM = (
    ("shoulder_pitch", "0 {y} 0.3", "0 1 0", -3.0, 2.0),
    ("shoulder_roll", "0 0 0", "1 0 0", -2.0, 2.0),
    ("shoulder_yaw", "0 0 -0.1", "0 0 1", -2.0, 2.0), ("elbow", "0 0 -0.12", "0 1 0", -1.6, 0.5),
)  # fmt: skip

# Place, axis, range in degrees; this one faces y, and x is to its right.
MJCF_LEG = (
    ("{x} 0 -0.08", "0 0 1", "-50 50"), ("0 0 -0.05", "0 1 0", "-40 40"),
    ("0 0 -0.04", "1 0 0", "-60 120"), ("0 0 -0.36", "1 0 0", "-130 0"),
    ("0 0 -0.38", "1 0 0", "-40 40"),
)  # fmt: skip
MJCF_ARM = (
    ("{x} 0 0.42", "1 0 0", "-90 170"), ("0 0 0", "0 1 0", "-110 110"),
    ("0 0 -0.13", "0 0 1", "-90 90"), ("0 0 -0.13", "1 0 0", "-5 125"),
)  # fmt: skip


def urdf() -> str:
    joints, links = [], ["pelvis"]
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for chain, y in ((URDF_LEG, 0.1), (URDF_ARM, 0.17)):
            parent = "pelvis"
            for name, place, axis, low, high in chain:
                links.append(f"{side}_{name}_link")
                joints.append(
                    f'<joint name="{side}_{name}" type="revolute"><parent link="{parent}"/>'
                    f'<child link="{links[-1]}"/><origin xyz="{place.format(y=sign * y)}"/>'
                    f'<axis xyz="{axis}"/>'
                    f'<limit lower="{low}" upper="{high}" effort="1" velocity="7"/></joint>'
                )
                parent = links[-1]
    named = "".join(f'<link name="{name}"/>' for name in links)
    return f'<robot name="first">{named}{"".join(joints)}</robot>'


def mjcf() -> str:
    numbers = iter(range(100))

    def limb(chain: tuple[tuple[str, str, str], ...], x: float, end: str) -> str:
        opened, side = "", "l" if x < 0.0 else "r"
        for place, axis, span in chain:
            number = next(numbers)
            opened += (
                f'<body name="b{number}" pos="{place.format(x=x)}"><joint name="{side}_{number}"'
                f' axis="{axis}" range="{span}"/><geom type="sphere" size="0.02"/>'
            )
        return opened + end + "</body>" * len(chain)

    foot = '<geom type="box" size="0.04 0.11 0.015" pos="0 0.05 -0.05"/>'
    hand = '<geom type="capsule" size="0.03" fromto="0 0 0 0 0 -0.24"/>'
    limbs = [limb(MJCF_LEG, x, foot) for x in (-0.11, 0.11)]
    limbs += [limb(MJCF_ARM, x, hand) for x in (-0.19, 0.19)]
    return (
        '<mujoco model="second"><compiler angle="degree" autolimits="true"/><worldbody>'
        '<body name="trunk" pos="0 0 1"><freejoint/><geom type="box" size="0.1 0.08 0.2"/>'
        f"{''.join(limbs)}</body></worldbody></mujoco>"
    )


@pytest.fixture(params=["first.urdf", "second.xml", "theirs"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "theirs":
        if not THEIRS:
            pytest.skip("FLOOD_ROBOT_FILE names no robot")
        return THEIRS
    path = tmp_path / request.param
    path.write_text(urdf() if path.suffix == ".urdf" else mjcf())
    return str(path)


def assert_lawful(robot: RobotModel, frames: list[RobotFrame]) -> None:
    positions = np.array([frame.positions for frame in frames])
    assert (robot.natural_lower <= positions).all()
    assert (positions <= robot.natural_upper).all()
    assert (robot.lower <= positions).all()
    assert (positions <= robot.upper).all()
    steps = np.abs(np.diff(positions, axis=0))
    assert (steps <= robot.speed_limits * PERIOD_SECS).all()
    assert (robot.speed_limits <= robot.velocity_limits).all()
    assert np.ptp(positions, axis=0).max() > 0.2, "it moves"


def test_its_file_is_understood_and_its_motion_is_within_its_limits(
    file: str, walk: Callable[..., list[Pose]], skeleton: Skeleton, tmp_path: Path, capsys
) -> None:
    whole = tmp_path / "whole.toml"
    assert main(["check-robot", file, "--toml", str(whole)]) == 0
    said = capsys.readouterr().out
    robot = load_robot(file)
    assert all(name in said for name in robot.names)
    assert load_robot(str(whole)).names == robot.names
    retargeter = RobotRetargeter(robot, PERIOD_SECS, skeleton)
    frames = [retargeter.retarget(pose) for pose in walk(50, speed=0.9)]
    assert_lawful(robot, frames)
    if robot.base == "floating":
        travel = frames[-1].root_position - frames[0].root_position
        assert travel[0] > 0.3, "it walks forward, which is x"
        assert abs(travel[1]) < 0.2 * travel[0]


@pytest.mark.parametrize(("text", "name"), [(urdf, "first.urdf"), (mjcf, "second.xml")])
def test_the_arm_that_the_human_raises_is_its_left_one(
    text: Callable[[], str], name: str, posed: Callable[..., Pose], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text())
    robot = load_robot(str(tmp_path / name))
    assert robot.has_legs
    assert robot.has_arms
    hangs = rot.from_axis_angle(np.array([0.0, 0.0, 1.0]), np.radians(80.0))
    raised = rot.from_axis_angle(np.array([0.0, 0.0, 1.0]), np.radians(50.0))
    frame = RobotRetargeter(robot, PERIOD_SECS).retarget(posed({16: raised, 17: hangs}))
    places = robot.frames(frame.positions)
    heights = {}
    for side in ("left", "right"):
        for joint in ("shoulder", "wrist"):
            point = robot.points[f"{side}_{joint}"]
            position, turn = places[point.link]
            heights[side, joint] = float((position + rot.rotate(turn, point.offset))[2])
    assert heights["left", "wrist"] > heights["left", "shoulder"] + 0.05
    assert heights["right", "wrist"] < heights["right", "shoulder"] - 0.1


def test_four_legs_are_refused_though_no_name_calls_them_legs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = mjcf()
    for arm, foreleg in (
        ('pos="-0.19 0 0.42"', 'pos="-0.11 0.5 -0.08"'),
        ('pos="0.19 0 0.42"', 'pos="0.11 0.5 -0.08"'),
        ('fromto="0 0 0 0 0 -0.24"', 'fromto="0 0 0 0 0 -0.62"'),
    ):
        assert arm in text
        text = text.replace(arm, foreleg)
    (tmp_path / "four.xml").write_text(text)
    assert main(["check-robot", str(tmp_path / "four.xml")]) == 2
    assert "more than two legs" in capsys.readouterr().err
