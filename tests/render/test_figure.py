"""The painted body: sides, outlines, and who hides whom."""

from dataclasses import replace

import numpy as np
import pytest

from flood_bridge.motion.skeleton import JOINT_NAMES
from flood_bridge.render.body import LEFT, RIGHT, Limbs, body_limbs
from flood_bridge.render.camera import Camera, View
from flood_bridge.render.figure import blend, paint_figure, pixel_window
from flood_bridge.render.options import THEMES, Theme

THEME = THEMES["light"]


def _camera(azimuth: float = 0.0) -> Camera:
    return View.three_quarter(240, 240, azimuth_rad=azimuth).look_at(np.array([0.0, 0.92, 0.0]))


def _paint(camera: Camera, limbs: Limbs, theme: Theme = THEME) -> np.ndarray:
    canvas = np.full((camera.view.height, camera.view.width, 3), 255, dtype=np.uint8)
    paint_figure(canvas, camera, limbs, theme)
    return canvas.astype(int)


def _warm(canvas: np.ndarray) -> np.ndarray:
    return canvas[..., 0] - canvas[..., 2] > 60


def _cool(canvas: np.ndarray) -> np.ndarray:
    return canvas[..., 2] - canvas[..., 0] > 60


def _limb(start: list[float], end: list[float], radii: tuple[float, float], side: int) -> Limbs:
    return Limbs(np.array([start]), np.array([end]), np.array([radii]), np.array([side]))


def test_the_left_is_warm_and_the_right_is_cool(standing: np.ndarray) -> None:
    canvas = _paint(_camera(), body_limbs(standing))
    assert np.nonzero(_warm(canvas))[1].mean() > 125
    assert np.nonzero(_cool(canvas))[1].mean() < 115


def test_from_behind_the_sides_change_places(standing: np.ndarray) -> None:
    canvas = _paint(_camera(np.pi), body_limbs(standing))
    assert np.nonzero(_warm(canvas))[1].mean() < 115


def test_the_whole_body_is_in_the_picture_and_stands_on_its_joints(standing: np.ndarray) -> None:
    camera = _camera(0.6)
    canvas = _paint(camera, body_limbs(standing))
    rows, columns = np.nonzero((canvas < 250).any(axis=2))
    assert rows.min() > 5
    assert columns.min() > 5
    assert rows.max() < 235
    assert columns.max() < 235
    foot = camera.project(standing[JOINT_NAMES.index("left_foot")])[0]
    assert abs(rows.max() - foot[1]) < 8


@pytest.mark.parametrize("radii", [(0.1, 0.1), (0.12, 0.05), (0.05, 0.12)])
def test_a_limb_covers_the_area_of_its_outline(radii: tuple[float, float]) -> None:
    # From far away the outline is the hull of two circles in a plane; black paint on a white
    # ground shows how much of each pixel is covered.
    view = View.three_quarter(300, 300, azimuth_rad=0.0, elevation_rad=0.2, distance=5000.0)
    limb = _limb([-0.3, 0.92, 0.0], [0.4, 0.92, 0.0], radii, LEFT)
    canvas = _paint(view.look_at(np.array([0, 0.92, 0])), limb, replace(THEME, left=(0, 0, 0)))
    (a, b), gap = np.array([radii[0], radii[1]]) * 300 / 2.45, 0.7 * 300 / 2.45
    lean = np.arcsin((a - b) / gap)
    hull = (a + b) * gap * np.cos(lean) + a * a * (np.pi / 2 + lean) + b * b * (np.pi / 2 - lean)
    assert (1 - canvas[..., 0] / 255).sum() == pytest.approx(hull, rel=0.005)


def test_the_nearer_limb_hides_the_farther() -> None:
    near = _limb([-0.4, 0.9, 0.3], [0.4, 0.9, 0.3], (0.08, 0.08), LEFT)
    far = _limb([-0.4, 0.9, -0.3], [0.4, 0.9, -0.3], (0.08, 0.08), RIGHT)
    camera = View.three_quarter(200, 200, azimuth_rad=0.0, elevation_rad=0.01).look_at(
        np.array([0.0, 0.9, 0.0])
    )
    for first, second in ((near, far), (far, near)):
        both = Limbs(
            np.vstack([first.starts, second.starts]), np.vstack([first.ends, second.ends]),
            np.vstack([first.radii, second.radii]), np.concatenate([first.sides, second.sides]),
        )  # fmt: skip
        canvas = _paint(camera, both)
        assert _warm(canvas)[100, 60:140].all()
        assert not _cool(canvas)[100, 60:140].any()


def test_crossing_limbs_are_cut_where_they_meet() -> None:
    toward = _limb([-0.4, 0.9, 0.3], [0.4, 0.9, -0.3], (0.05, 0.05), LEFT)
    away = _limb([-0.4, 0.9, -0.3], [0.4, 0.9, 0.3], (0.05, 0.05), RIGHT)
    both = Limbs(
        np.vstack([toward.starts, away.starts]), np.vstack([toward.ends, away.ends]),
        np.vstack([toward.radii, away.radii]), np.concatenate([toward.sides, away.sides]),
    )  # fmt: skip
    view = View.three_quarter(200, 200, azimuth_rad=0.0, elevation_rad=0.01)
    canvas = _paint(view.look_at(np.array([0.0, 0.9, 0.0])), both)
    assert _warm(canvas)[100, 75:95].all()
    assert _cool(canvas)[100, 105:125].all()


def test_what_is_out_of_sight_paints_nothing() -> None:
    for place in ([50.0, 0.9, 0.0], [-50.0, 0.9, 0.0], [0.0, 60.0, 0.0], [0.0, -60.0, 0.0]):
        assert (_paint(_camera(), _limb(place, place, (0.05, 0.05), LEFT)) == 255).all()


def test_a_body_shrunk_to_a_point_is_drawn() -> None:
    canvas = _paint(_camera(), body_limbs(np.full((22, 3), 0.9)))
    assert (canvas < 250).any()


def test_blend_is_exact_at_both_ends() -> None:
    under = np.array([[10, 200, 255], [0, 1, 2]], dtype=np.uint8)
    paint = np.array([[77.0, 0.0, 255.0], [255.0, 254.0, 3.0]], dtype=np.float32)
    zeros, ones = np.zeros(2, dtype=np.float32), np.ones(2, dtype=np.float32)
    np.testing.assert_array_equal(blend(under, paint, zeros), under)
    np.testing.assert_array_equal(blend(under, paint, ones), paint.astype(np.uint8))


def test_a_window_is_clipped_to_the_picture() -> None:
    window = pixel_window(np.array([[-5.0, 3.0], [4.0, 900.0]]), 1.0, (100, 80))
    assert window == (slice(2, 100), slice(0, 5))
    assert pixel_window(np.array([[200.0, 3.0]]), 1.0, (100, 80)) is None
