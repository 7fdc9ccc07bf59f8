"""While a film is made everybody's figure moves on, and it is made for one alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

PLAYED_SECS = 4.0


def test_the_figure_moves_on_while_a_film_is_made(page: Any, browse: Callable[[], Any]) -> None:
    page.play(2 * PLAYED_SECS)
    saver, other = browse(), browse()
    then = other.positions()
    saver.put("GIF", True)
    page.wait_for(lambda: np.abs(other.positions() - then).max() > 1.0, "it moves", secs=0.1)
    assert saver.files == 0, "the film was made before anything could move"
    page.wait_for(lambda: saver.files == 1, "the file comes", secs=0.0)
    assert other.files == 0, "it is for one alone"


def test_one_file_is_made_at_a_time(page: Any, browse: Callable[[], Any]) -> None:
    page.play(PLAYED_SECS)
    saver, other = browse(), browse()
    saver.put("GIF", True)
    page.wait_for(lambda: any("being made" in note for note in saver.notifications), "it begins")
    other.put("NumPy", True)
    page.wait_for(lambda: any("already" in note for note in other.notifications), "it is told")
    page.wait_for(lambda: saver.files == 1, "the first one's comes", secs=0.0)
    assert other.files == 0
