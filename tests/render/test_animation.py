"""GIF, WebP and MP4 show the frames that were drawn, in time, and leave nothing behind."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from flood_bridge.errors import ConfigError, MissingDependencyError
from flood_bridge.render import Clip, FramePainter, RenderOptions, write_clip
from flood_bridge.render.animation import delays_ms
from flood_bridge.render.video import find_ffmpeg, write_mp4

SMALL = RenderOptions(size=160)


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_an_animation_shows_every_frame_in_time(
    walk: Callable[..., Clip], tmp_path: Path, suffix: str
) -> None:
    clip = walk(16, ((0, "a person walks"), (10, "a person walks on")))
    path = write_clip(tmp_path / f"walk{suffix}", clip, SMALL)
    painter = FramePainter(clip, SMALL)
    with Image.open(path) as file:
        assert file.info["loop"] == 0
        frames, delays = [], []
        for frame in ImageSequence.Iterator(file):
            frames.append(np.asarray(frame.convert("RGB")).astype(int))
            delays.append(frame.info["duration"])
    assert delays == [50] * 16
    for index in (0, 11, 15):
        assert np.abs(frames[index] - painter.frame(index)).mean() < 3


def test_a_frame_is_the_same_whatever_was_drawn_before(walk: Callable[..., Clip]) -> None:
    clip = walk(24)
    painter = FramePainter(clip, SMALL)
    first = painter.frame(7)
    painter.frame(20)
    np.testing.assert_array_equal(painter.frame(7), first)
    np.testing.assert_array_equal(FramePainter(clip, SMALL).frame(7), first)
    assert first.shape == (160, 160, 3)
    assert first.dtype == np.uint8


def test_without_captions_the_scene_fills_the_frame(walk: Callable[..., Clip]) -> None:
    bare = RenderOptions(size=160, captions=False)
    last_row = FramePainter(walk(4), bare).frame(0)[-1]
    assert not (last_row == bare.colours.page).all()


def test_progress_counts_to_the_end(walk: Callable[..., Clip], tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_clip(tmp_path / "a.gif", walk(5), SMALL, lambda done, of: told.append((done, of)))
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_a_gif_that_would_fill_the_memory_is_refused(
    walk: Callable[..., Clip], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"\.webp or \.mp4"):
        write_clip(tmp_path / "a.gif", walk(400), RenderOptions(size=1080))
    assert list(tmp_path.iterdir()) == []


@given(st.integers(1, 500), st.floats(1.0, 60.0), st.sampled_from([1, 10]))
def test_delays_keep_time_over_the_whole(count: int, rate_hz: float, step_ms: int) -> None:
    delays = np.array(delays_ms(count, rate_hz, step_ms))
    ends = np.arange(1, count + 1) * 1000.0 / rate_hz
    assert np.abs(np.cumsum(delays) - ends).max() <= step_ms / 2 + 1e-6
    assert (delays > 0).all()


def _has_ffmpeg() -> bool:
    try:
        find_ffmpeg()
    except MissingDependencyError:
        return False
    return True


needs_ffmpeg = pytest.mark.skipif(not _has_ffmpeg(), reason="needs ffmpeg (the video extra)")


@needs_ffmpeg
def test_a_video_decodes_to_the_frames_that_were_drawn(
    walk: Callable[..., Clip], tmp_path: Path
) -> None:
    clip = walk(16)
    path = write_clip(tmp_path / "walk.mp4", clip, SMALL)
    command = [
        find_ffmpeg(), "-loglevel", "error", "-i", str(path), "-f", "rawvideo",
        "-pix_fmt", "rgb24", "-",
    ]  # fmt: skip
    raw = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    frames = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 160, 160, 3).astype(int)
    assert len(frames) == 16
    painter = FramePainter(clip, SMALL)
    for index in (0, 9, 15):
        assert np.abs(frames[index] - painter.frame(index)).mean() < 5


@needs_ffmpeg
def test_what_ffmpeg_says_when_it_fails_reaches_the_caller(
    walk: Callable[..., Clip], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="No such file or directory"):
        write_mp4(tmp_path / "nowhere" / "walk.mp4", walk(30), SMALL)


@needs_ffmpeg
def test_an_error_while_drawing_ends_ffmpeg_and_leaves_no_file(
    walk: Callable[..., Clip], tmp_path: Path
) -> None:
    def stop(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_clip(tmp_path / "walk.mp4", walk(30), SMALL, stop)
    assert list(tmp_path.iterdir()) == []


def test_without_ffmpeg_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch, walk: Callable[..., Clip], tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(MissingDependencyError, match=r"flood-bridge\[video\]"):
        write_clip(tmp_path / "walk.mp4", walk(3), SMALL)
