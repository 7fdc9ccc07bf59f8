"""Where a phone's camera stands: who is shown stands in its picture, above the folded panel."""

import numpy as np
import pytest

from flood_bridge.viewer.scene import ROBOT_BESIDE_M
from flood_bridge.viewer.view import phone_camera

FOV_RAD, ASPECT = 0.66, 390 / 844
PANEL_SHARE = 0.19
"""Of the picture's height is under the folded panel."""
ARMS_M = 0.45


def seen_at(point, position, look_at):
    """Return where a point is in the picture: -1 is left and below, 1 right and above."""
    ahead = (look_at - position) / np.linalg.norm(look_at - position)
    right = np.cross(ahead, (0.0, 0.0, 1.0))
    right /= np.linalg.norm(right)
    way = point - position
    half = np.tan(FOV_RAD / 2) * (way @ ahead)
    return way @ right / (half * ASPECT), way @ np.cross(right, ahead) / half


@pytest.mark.parametrize("beside", [False, True])
def test_on_a_phone_all_who_stand_there_are_whole_and_above_the_panel(beside):
    position, look_at = phone_camera(beside=beside)
    places = [(0.0, 0.0, 0.0), ROBOT_BESIDE_M] if beside else [(0.0, 0.0, 0.0)]
    right = np.cross(look_at - position, (0.0, 0.0, 1.0))
    right /= np.linalg.norm(right)
    for place in np.array(places):
        for height in (0.0, 1.8):
            for side in (-ARMS_M, ARMS_M):
                where = place + side * right + (0.0, 0.0, height)
                across, up = seen_at(where, position, look_at)
                assert abs(across) < 1 and -1 + 2 * PANEL_SHARE < up < 1


def test_without_a_robot_the_human_fills_the_picture():
    position, look_at = phone_camera(beside=False)
    low, high = (seen_at(np.array((0.0, 0.0, z)), position, look_at)[1] for z in (0.0, 1.8))
    assert high - low > 0.6
