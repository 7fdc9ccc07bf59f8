"""The painted ground: grid, shadow, footprints, path and facing ring."""

from collections.abc import Callable

import numpy as np
import pytest

from flood_bridge.render import Clip
from flood_bridge.render.body import body_limbs
from flood_bridge.render.camera import View
from flood_bridge.render.ground import Ground, on_ground, paint_marks
from flood_bridge.render.marks import Footprints, facing_ring, path_marks
from flood_bridge.render.options import THEMES

THEME = THEMES["light"]
VIEW = View.three_quarter(320, 320, azimuth_rad=0.7)
GROUND = Ground(VIEW, THEME)


def _look(x: float, z: float):
    return VIEW.look_at(np.array([x, 0.92, z]))


def _grey(canvas: np.ndarray) -> np.ndarray:
    return canvas.astype(int).sum(axis=2) / 3


@pytest.mark.parametrize("place", [(0.0, 0.0), (0.31, -0.77), (1234.4, -987.3)])
def test_lines_lie_on_the_half_metres(place: tuple[float, float]) -> None:
    camera = _look(*place)
    grey = _grey(GROUND.paint(camera))
    half_metres = np.round(np.array(place) * 2) / 2
    between = half_metres + 0.25
    on_line, off_line = (
        camera.project(on_ground(spot[None]))[0][0] for spot in (half_metres, between)
    )
    dark, bright = (grey[int(y), int(x)] for x, y in (on_line, off_line))
    assert dark < bright - 8


def test_the_ground_glides_with_the_camera_without_flicker() -> None:
    still = GROUND.paint(_look(0.2, 0.1)).astype(int)
    moved = GROUND.paint(_look(0.2 + 3.0, 0.1 - 7.0)).astype(int)
    assert np.abs(still - moved).max() <= 2


def test_far_away_the_ground_turns_into_the_page() -> None:
    canvas = GROUND.paint(_look(0, 0))
    assert (canvas[0] == THEME.page).all()
    assert (np.abs(canvas[-1].astype(int) - THEME.floor) <= 60).all()


def test_a_shadow_lies_under_the_body_and_pales_when_it_jumps(standing: np.ndarray) -> None:
    camera = _look(0, 0)
    empty = _grey(GROUND.paint(camera))

    def darkest(lift: float) -> float:
        canvas = GROUND.paint(camera)
        GROUND.paint_shadow(canvas, camera, body_limbs(standing + np.array([0.0, lift, 0.0])))
        return float((empty - _grey(canvas)).max())

    assert darkest(0.0) > darkest(0.6) > 5


def test_a_shadow_is_the_same_however_far_the_body_has_walked(standing: np.ndarray) -> None:
    pictures = []
    for way in (0.0, 100_000.0):
        camera = _look(way, -way)
        canvas = GROUND.paint(camera)
        GROUND.paint_shadow(canvas, camera, body_limbs(standing + np.array([way, 0.0, -way])))
        pictures.append(canvas.astype(int))
    assert np.abs(pictures[0] - pictures[1]).max() <= 3


def test_marks_fill_the_place_they_are_given() -> None:
    camera = _look(0, 0)
    canvas = np.zeros((320, 320, 3), dtype=np.uint8)
    square = np.array([[-0.2, -0.2], [0.2, -0.2], [0.2, 0.2], [-0.2, 0.2]])
    paint_marks(canvas, camera, [(square, 1.0)], (255, 255, 255))
    corners = camera.project(on_ground(square))[0]
    x, y = corners.T
    area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
    assert canvas[..., 0].sum() / 255 == pytest.approx(area, rel=0.06)
    middle = corners.mean(axis=0).astype(int)
    assert (canvas[middle[1], middle[0]] == 255).all()


def test_the_ring_points_where_the_body_faces(standing: np.ndarray) -> None:
    arrow, _ = facing_ring(standing)[-1]
    tip = arrow[np.argmax(np.linalg.norm(arrow - standing[0, [0, 2]], axis=1))]
    assert tip[1] - standing[0, 2] > 0.5
    assert abs(tip[0] - standing[0, 0]) < 1e-9


def test_footprints_appear_when_the_foot_stands_and_fade(walk: Callable[..., Clip]) -> None:
    clip = walk(120)
    prints = Footprints(clip)
    # In this walk the left foot is up for the first half second, then down.
    assert prints.at(5, 0) == []
    assert len(prints.at(11, 0)) == 1
    opacities = [opacity for _, opacity in prints.at(119, 0)]
    assert opacities == sorted(opacities)
    assert 2 <= len(opacities) <= 4


def test_a_print_lies_under_its_foot(walk: Callable[..., Clip]) -> None:
    clip = walk(40)
    outline, _ = Footprints(clip).at(15, 0)[-1]
    ankle, toe = clip.joints[15, 7, [0, 2]], clip.joints[15, 10, [0, 2]]
    np.testing.assert_allclose(outline.mean(axis=0), (ankle + toe) / 2, atol=0.03)


def test_without_contacts_there_are_no_prints(standing: np.ndarray) -> None:
    prints = Footprints(Clip(np.repeat(standing[None], 9, axis=0)))
    assert prints.at(8, 0) == prints.at(8, 1) == []


def test_the_path_is_drawn_only_for_a_body_that_goes(
    walk: Callable[..., Clip], standing: np.ndarray
) -> None:
    assert len(path_marks(walk(120), 119)) == 60
    assert path_marks(Clip(np.repeat(standing[None], 90, axis=0)), 80) == []
    assert path_marks(walk(10), 0) == []
