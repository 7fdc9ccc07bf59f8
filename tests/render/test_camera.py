"""The camera's geometry: what is where in the picture, and how it follows a body."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.motion.skeleton import JOINT_NAMES
from flood_bridge.render.camera import LOOK_HEIGHT, View, follow

angles = st.floats(-np.pi, np.pi)
metres = st.floats(-50, 50)


@given(angles, metres, metres)
def test_the_point_looked_at_is_in_the_middle_at_the_given_distance(
    azimuth: float, x: float, z: float
) -> None:
    view = View.three_quarter(320, 240, azimuth_rad=azimuth, distance=6.0)
    target = np.array([x, 0.9, z])
    pixel, depth = view.look_at(target).project(target)
    np.testing.assert_allclose(pixel, [160, 120], atol=1e-6)
    np.testing.assert_allclose(depth, 6.0, atol=1e-9)


def test_from_in_front_the_bodys_left_is_on_the_right_and_up_is_up(standing: np.ndarray) -> None:
    camera = View.three_quarter(320, 240, azimuth_rad=0.0).look_at(np.array([0, 0.9, 0]))
    pixels = dict(zip(JOINT_NAMES, camera.project(standing)[0], strict=True))
    assert pixels["left_wrist"][0] > pixels["pelvis"][0] > pixels["right_wrist"][0]
    assert pixels["head"][1] < pixels["pelvis"][1] < pixels["left_ankle"][1]


def test_from_the_left_the_left_hand_is_nearer(standing: np.ndarray) -> None:
    camera = View.three_quarter(320, 240, azimuth_rad=np.pi / 2).look_at(np.array([0, 0.9, 0]))
    depths = dict(zip(JOINT_NAMES, camera.project(standing)[1], strict=True))
    assert depths["left_wrist"] < depths["right_wrist"]


@given(angles, metres, metres)
def test_where_a_pixels_ray_meets_the_ground_is_seen_at_that_pixel(
    azimuth: float, x: float, z: float
) -> None:
    view = View.three_quarter(64, 48, azimuth_rad=azimuth)
    camera = view.look_at(np.array([x, 0.9, z]))
    ground = view.ground_slopes() * camera.position[1] + camera.position[[0, 2], None, None]
    points = np.stack([ground[0], np.zeros((48, 64)), ground[1]], axis=-1)
    pixels, _ = camera.project(points)
    columns, rows = np.meshgrid(np.arange(64) + 0.5, np.arange(48) + 0.5)
    np.testing.assert_allclose(pixels, np.stack([columns, rows], axis=-1), atol=0.02)


def test_the_camera_goes_with_the_path_and_leaves_out_sway_and_jumps() -> None:
    time = np.arange(200) / 20
    jump = 0.4 * (np.abs(time - 5) < 0.3)
    sway = 0.03 * np.sin(2 * np.pi * time)
    seen = follow(np.stack([sway, 0.95 + jump, time], axis=1), 20.0)
    inside = slice(40, 160)
    np.testing.assert_allclose(seen[inside, 2], time[inside], atol=1e-6)
    assert np.abs(seen[inside, 0]).max() < 0.01
    np.testing.assert_array_equal(seen[:, 1], LOOK_HEIGHT)


def test_the_camera_rises_with_a_body_that_climbs() -> None:
    roots = np.stack([np.zeros(200), np.linspace(0.95, 4.0, 200), np.zeros(200)], axis=1)
    assert follow(roots, 20.0)[-1, 1] > LOOK_HEIGHT + 2.0
