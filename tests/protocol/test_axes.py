"""Every change of axes is one: turning and then mapping is mapping and then turning."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from flood_bridge.protocol import axes
from flood_bridge.protocol.axes import WORLDS

seeds = st.integers(0, 2**32 - 1)
worlds = pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)


@worlds
@given(seed=seeds)
def test_mapping_commutes_with_rotating(world, seed):
    rng = np.random.default_rng(seed)
    rotation = Rotation.random(7, rng=rng)
    points = rng.normal(size=(7, 3))
    mapped = Rotation.from_quat(world.quaternion_xyzw(rotation.as_quat(scalar_first=True)))
    np.testing.assert_allclose(
        world.position(rotation.apply(points)), mapped.apply(world.position(points)), atol=1e-9
    )


@worlds
@given(seed=seeds)
def test_mapping_keeps_the_order_of_rotations(world, seed):
    rng = np.random.default_rng(seed)
    a, b = Rotation.random(rng=rng), Rotation.random(rng=rng)

    def mapped(rotation: Rotation) -> Rotation:
        return Rotation.from_quat(world.quaternion_xyzw(rotation.as_quat(scalar_first=True)))

    assert (mapped(a * b).inv() * (mapped(a) * mapped(b))).magnitude() < 1e-9


# Where the body's left, up and forward lie, by each world's own documentation.
DIRECTIONS = {
    "unity": ((-1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "unreal_mesh": ((100, 0, 0), (0, 0, 100), (0, 100, 0)),
    "unreal_actor": ((0, -100, 0), (0, 0, 100), (100, 0, 0)),
    "ros": ((0, 1, 0), (0, 0, 1), (1, 0, 0)),
    "gltf": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "blender": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
}


@worlds
def test_left_up_and_forward_are_where_the_world_has_them(world):
    np.testing.assert_array_equal(world.position(np.eye(3)), DIRECTIONS[world.name])


LEFT_HANDED = {"unity", "unreal_mesh", "unreal_actor"}


@worlds
def test_left_handed_worlds_are_mirrored(world):
    assert world.handedness == (-1 if world.name in LEFT_HANDED else 1)


def test_unity_and_ros_quaternions_are_those_of_the_tables():
    wxyz = np.array([0.1, 0.2, 0.3, 0.4])
    np.testing.assert_array_equal(axes.UNITY.quaternion_xyzw(wxyz), [0.2, -0.3, -0.4, 0.1])
    np.testing.assert_array_equal(axes.ROS.quaternion_xyzw(wxyz), [0.4, 0.2, 0.3, 0.1])
    np.testing.assert_array_equal(axes.UNREAL_MESH.quaternion_xyzw(wxyz), [-0.2, -0.4, -0.3, 0.1])
    np.testing.assert_array_equal(axes.UNREAL_ACTOR.quaternion_xyzw(wxyz), [-0.4, 0.2, -0.3, 0.1])
    np.testing.assert_array_equal(axes.BLENDER.quaternion_xyzw(wxyz), [0.2, -0.4, 0.3, 0.1])
