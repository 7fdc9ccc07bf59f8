"""A root body has whatever axes its file gives it; the robot that stands on them is the same.

The files are written from the G1's description with the axes of its pelvis turned: ``quat`` of the
root is the turn, and what hangs on it is turned back, so that the robot itself stands as before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.errors import ConfigError
from flood_bridge.motion import rotations as rot
from flood_bridge.motion.frames import Pose
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_guess import understand
from flood_bridge.retarget.robot_model import RobotModel, load_robot, parse_robot
from flood_bridge.retarget.robot_upright import tilt_of, upright_of
from flood_bridge.retarget.robot_write import toml_text

mujoco = pytest.importorskip("mujoco")

X, Y, Z = np.eye(3)
INERTIAL = '<inertial pos="0 0 0" mass="1" diaginertia="0.1 0.1 0.1"/>'
ANGLES = st.floats(-np.pi, np.pi)
TILTS = st.floats(0.01, np.pi)

Maker = Callable[..., RobotModel]


def numbers(values: np.ndarray) -> str:
    return " ".join(repr(float(value)) for value in values)


def mjcf(g1: RobotModel, axes: np.ndarray, quat: np.ndarray, free: bool = True) -> str:
    """A G1 whose pelvis, as ``axes`` (4,) when it stands, is turned by ``quat`` in its file."""
    children: dict[str, list[int]] = {}
    for index, joint in enumerate(g1.joints):
        children.setdefault(joint.parent, []).append(index)

    def bodies(link: str) -> Iterator[str]:
        for index in children.get(link, ()):
            joint = g1.joints[index]
            place, turn = joint.offset, joint.rotation_wxyz
            if link == g1.root:
                place = rot.rotate(rot.conjugate(axes), place)
                turn = rot.multiply(rot.conjugate(axes), turn)
            yield (
                f'<body name="{joint.child}" pos="{numbers(place)}" quat="{numbers(turn)}">'
                f'{INERTIAL}<joint name="{joint.name}" axis="{numbers(joint.axis)}"'
                f' range="{g1.lower[index]} {g1.upper[index]}"/>'
            )
            yield from bodies(joint.child)
            yield "</body>"

    return (
        '<mujoco model="g1"><compiler angle="radian"/><worldbody><body name="pelvis"'
        f' pos="0 0 0.8" quat="{numbers(quat)}">{"<freejoint/>" if free else ""}{INERTIAL}'
        f"{''.join(bodies(g1.root))}</body></worldbody></mujoco>"
    )


@pytest.fixture(scope="module")
def g1() -> RobotModel:
    return load_robot("unitree_g1")


@pytest.fixture(scope="module")
def made(g1: RobotModel, tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Return ``made(axes, quat)``: the robot that is understood of such a file."""
    path = tmp_path_factory.mktemp("robots") / "tilted.xml"

    def make(axes: np.ndarray = rot.IDENTITY, quat: np.ndarray | None = None) -> RobotModel:
        path.write_text(mjcf(g1, axes, axes if quat is None else quat))
        return understand(str(path)).robot

    return make


@pytest.fixture(scope="module")
def plain(made: Maker) -> RobotModel:
    return made()


def assert_same_robot(robot: RobotModel, plain: RobotModel, axes: np.ndarray) -> None:
    assert robot.root == "pelvis"
    assert robot.points.keys() == plain.points.keys()
    for name in plain.points:
        np.testing.assert_allclose(
            robot.upright_point(name), plain.upright_point(name), atol=2e-4, err_msg=name
        )
    assert robot.root_height == pytest.approx(plain.root_height, abs=2e-4)
    assert abs(np.vecdot(robot.root_rotation_wxyz, axes)) == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize(
    ("axis", "degrees"), [(Y, 90), (X, 180), (Y, 180), (Y, 29), (X, 90), (X, 20), (X, -90), (Z, 90)]
)
def test_roots_with_other_axes_stand_upright(
    made: Maker, plain: RobotModel, axis: np.ndarray, degrees: float
) -> None:
    axes = rot.from_axis_angle(axis, np.radians(degrees))
    assert_same_robot(made(axes), plain, axes)


@given(axis=ANGLES, tilt=TILTS, spin=ANGLES)
@settings(deadline=None, max_examples=12)
def test_whatever_the_axes_of_the_root_the_robot_is_the_same(
    made: Maker, plain: RobotModel, axis: float, tilt: float, spin: float
) -> None:
    level = np.array([np.cos(axis), np.sin(axis), 0.0])
    axes = rot.multiply(rot.from_axis_angle(level, tilt), rot.from_axis_angle(Z, spin))
    assert_same_robot(made(axes), plain, axes)


@given(axis=ANGLES, tilt=st.floats(0.0, 3.0), yaw=ANGLES)
@settings(deadline=None, max_examples=12)
def test_the_way_a_robot_faces_in_its_file_is_not_its_own(
    made: Maker, plain: RobotModel, axis: float, tilt: float, yaw: float
) -> None:
    axes = rot.from_axis_angle(np.array([np.cos(axis), np.sin(axis), 0.0]), tilt)
    if tilt_of(axes) < 1e-3:
        axes = rot.IDENTITY
    there = rot.multiply(rot.from_axis_angle(Z, yaw), axes)
    assert_same_robot(made(axes, there), plain, axes)


@given(yaw=ANGLES, noise=st.floats(-1e-6, 1e-6))
def test_a_root_upside_down_keeps_its_x_ahead(yaw: float, noise: float) -> None:
    over = rot.multiply(rot.from_axis_angle(Z, yaw), np.array([noise, 1.0, 0.0, noise]))
    found = upright_of(rot.normalise(over))
    np.testing.assert_allclose(rot.rotate(found.rotation_wxyz, X), X, atol=1e-5)
    np.testing.assert_allclose(rot.rotate(found.rotation_wxyz, Z), -Z, atol=1e-5)


def test_the_published_root_is_the_files_own_body(
    made: Maker,
    g1: RobotModel,
    plain: RobotModel,
    walk: Callable[..., list[Pose]],
    skeleton: Skeleton,
) -> None:
    axes = rot.normalise(np.array([0.6, 0.3, -0.7, 0.2]))
    robot = made(axes)
    ours, theirs = (RobotRetargeter(each, 0.05, skeleton) for each in (robot, plain))
    model = mujoco.MjModel.from_xml_string(mjcf(g1, axes, axes))
    data = mujoco.MjData(model)
    for pose in walk(12, yaw_rate=60.0):
        frame, upright = ours.retarget(pose), theirs.retarget(pose)
        np.testing.assert_allclose(frame.positions, upright.positions, atol=1e-3)
        turn = rot.multiply(upright.root_rotation_wxyz, axes)
        assert abs(np.vecdot(frame.root_rotation_wxyz, turn)) == pytest.approx(1.0, abs=1e-6)
        # Who puts the frame on the file, as its qpos, sees the feet of the robot of upright axes.
        data.qpos[:3], data.qpos[3:7] = frame.root_position, frame.root_rotation_wxyz
        for name, angle in zip(frame.names, frame.positions, strict=True):
            data.joint(name).qpos = angle
        mujoco.mj_kinematics(model, data)
        foot, links = "left_ankle_roll_link", plain.frames(upright.positions)
        seen = upright.root_position + rot.rotate(upright.root_rotation_wxyz, links[foot][0])
        np.testing.assert_allclose(data.body(foot).xpos, seen, atol=2e-3)


def test_a_tilted_root_is_said_in_a_note(g1: RobotModel, tmp_path: Path) -> None:
    axes = rot.from_axis_angle(Y, np.pi / 2)
    (tmp_path / "tilted.xml").write_text(mjcf(g1, axes, axes))
    found = understand(str(tmp_path / "tilted.xml"))
    assert any("root body pelvis is tilted by 90 degrees" in note for note in found.notes)
    assert "it does not face +x in its file, and is turned to" not in found.notes


def test_a_tilted_static_root_keeps_its_turn(g1: RobotModel, tmp_path: Path) -> None:
    axes = rot.from_axis_angle(X, -np.pi / 2)
    (tmp_path / "static.xml").write_text(mjcf(g1, axes, axes, free=False))
    robot = understand(str(tmp_path / "static.xml")).robot
    assert abs(np.vecdot(robot.root_rotation_wxyz, axes)) == pytest.approx(1.0)


def test_a_whole_toml_of_a_tilted_root_is_the_same_robot(made: Maker, plain: RobotModel) -> None:
    axes = rot.from_axis_angle(X, np.pi / 2)
    assert_same_robot(parse_robot(toml_text(made(axes)), "whole.toml"), plain, axes)


@pytest.mark.parametrize(("axis", "degrees"), [(Y, 90), (X, 90), (Y, 180), (X, -60)])
def test_a_robot_that_lies_in_its_file_is_refused_with_its_tilt_and_the_remedy(
    made: Maker, axis: np.ndarray, degrees: float
) -> None:
    said = rf"root body pelvis is tilted by {abs(degrees)} degrees .* root_rotation = \["
    with pytest.raises(ConfigError, match=said):
        made(rot.IDENTITY, rot.from_axis_angle(axis, np.radians(degrees)))


def test_a_toml_says_how_a_robot_stands_that_lies_in_its_file(
    g1: RobotModel, plain: RobotModel, tmp_path: Path
) -> None:
    axes = rot.from_axis_angle(Y, np.pi / 2)
    (tmp_path / "lies.xml").write_text(mjcf(g1, axes, rot.IDENTITY))
    toml = tmp_path / "lies.toml"
    toml.write_text('file = "lies.xml"\nroot_rotation = [2, 0, 2, 0]\n')
    assert_same_robot(load_robot(str(toml)), plain, axes)
    for wrong in ("[0, 0, 0, 0]", "[1, 0, 0]", '["a", 0, 0, 0]'):
        toml.write_text(f'file = "lies.xml"\nroot_rotation = {wrong}\n')
        with pytest.raises(ConfigError, match="does not describe a robot"):
            load_robot(str(toml))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("root_rotation = [0, 1, 0, 0]", r"left leg does not point down: .* it goes \+0\.6"),
        ("root_rotation = [0.7071, 0, 0.7071, 0]", "left leg does not point down"),
        ("root_rotation = [0, 0, 0, 0]", "root_rotation is .* not all 0"),
        ("root_height = -0.2", "left hip is .* over the floor; valid is above 0"),
    ],
)
def test_a_description_that_does_not_stand_is_refused(
    plain: RobotModel, line: str, said: str
) -> None:
    key = line.partition(" = ")[0]
    kept = [each for each in toml_text(plain).splitlines() if not each.startswith(f"{key} =")]
    with pytest.raises(ConfigError, match=said):
        parse_robot("\n".join((line, *kept)), origin="lies.toml")


LEG = (("hip", "0 {y} 0.7", -1.5), ("knee", "0 0 -0.3", 0.0), ("ankle", "0 0 -0.3", -0.5))


def urdf(root: str, rpy: str) -> str:
    """Two legs that hang on a root link by a fixed joint."""
    links, joints = [root, "pelvis"], []
    for side, y in (("left", 0.1), ("right", -0.1)):
        parent = "pelvis"
        for name, place, low in LEG:
            links.append(f"{side}_{name}_link")
            joints.append(
                f'<joint name="{side}_{name}" type="revolute"><parent link="{parent}"/><child'
                f' link="{links[-1]}"/><origin xyz="{place.format(y=y)}"/><axis xyz="0 1 0"/>'
                f'<limit lower="{low}" upper="2" effort="1" velocity="7"/></joint>'
            )
            parent = links[-1]
    named = "".join(f'<link name="{name}"/>' for name in links)
    return (
        f'<robot name="legs">{named}<joint name="fixed" type="fixed"><parent link="{root}"/>'
        f'<child link="pelvis"/><origin rpy="{rpy}"/></joint>{"".join(joints)}</robot>'
    )


@pytest.mark.parametrize("rpy", ["0 0 0", "0 0 1.2"])
def test_a_urdf_may_have_its_root_on_the_floor_or_on_world(tmp_path: Path, rpy: str) -> None:
    path = tmp_path / "legs.urdf"
    path.write_text(urdf("base_footprint", "0 0 0"))
    robot = load_robot(str(path))
    assert robot.root == "base_footprint"
    assert robot.root_height < 0.05
    path.write_text(urdf("world", rpy))
    robot = load_robot(str(path))
    assert robot.root == "pelvis"
    np.testing.assert_allclose(robot.root_rotation_wxyz, rot.IDENTITY, atol=1e-12)


def test_a_urdf_held_on_its_side_by_world_is_refused(tmp_path: Path) -> None:
    (tmp_path / "legs.urdf").write_text(urdf("world", "0 1.5707963 0"))
    with pytest.raises(ConfigError, match="root body pelvis is tilted by 90 degrees"):
        load_robot(str(tmp_path / "legs.urdf"))
