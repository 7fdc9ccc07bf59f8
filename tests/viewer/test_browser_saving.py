"""In a real Chromium, a click on a button saves a file that opens."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from flood_bridge.render.npz import read_npz
from flood_bridge.viewer.recent import KEPT_SECS
from flood_bridge.viewer.saving import KINDS, MAX_FILE_BYTES
from flood_engine.training.bvh import read_bvh

PLAYED_SECS = 4.0


def frames_in(path: Path) -> int:
    """Return the frames of a saved file, read as its receivers would."""
    match path.suffix:
        case ".npz":
            clip = read_npz(path)
            assert clip.avatar is not None
            assert np.ptp(clip.joints[:, 0, 2]) > 1.0, "it has come along"
            return len(clip)
        case ".bvh":
            bvh = read_bvh(path)
            assert len(bvh.joints) >= 22
            assert bvh.rate_hz == pytest.approx(20)
            return len(bvh.rows)
        case ".gif":
            with Image.open(path) as picture:
                return getattr(picture, "n_frames", 1)
        case _:
            from imageio_ffmpeg import count_frames_and_secs

            return count_frames_and_secs(str(path))[0] or 0


@pytest.fixture(scope="module")
def tab(browser: Any, page: Any) -> Any:
    """Return the page of somebody who has watched for some seconds."""
    page.play(PLAYED_SECS)
    tab = browser.open(f"http://127.0.0.1:{page.port}/")
    page.wait_for(lambda: "Measure" in tab.text, "the page loads", secs=0.05)
    tab.press("Save")
    page.wait_for(lambda: "NumPy" in tab.text, "the buttons appear", secs=0.05)
    return tab


@pytest.mark.slow
@pytest.mark.parametrize("label", KINDS)
def test_a_click_saves_a_file_that_opens(page: Any, browser: Any, tab: Any, label: str) -> None:
    if label == "MP4" and find_spec("imageio_ffmpeg") is None:
        pytest.skip("no ffmpeg is installed")
    suffix = KINDS[label][0]
    tab.press(label)
    page.wait_for(lambda: browser.saved(suffix) is not None, f"{suffix} is saved", secs=0.0)
    path = browser.saved(suffix)
    assert path.stat().st_size < MAX_FILE_BYTES
    assert PLAYED_SECS * 20 <= frames_in(path) <= KEPT_SECS * 20
    assert browser.failures == []
