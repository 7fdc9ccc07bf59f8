"""Moving pictures as MP4 (H.264), through the ffmpeg program.

ffmpeg runs as its own process, fed with raw frames: the daemon links no codec, so its licence is
not touched by the encoder's. The program on the PATH is taken if there is one, otherwise the one
that the package ``imageio-ffmpeg`` (the extra ``video``) brings.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from flood_bridge.errors import ConfigError, MissingDependencyError
from flood_bridge.render.animation import FramePainter, Progress
from flood_bridge.render.clip import Clip
from flood_bridge.render.options import RenderOptions

_PATIENCE_SECS = 120.0
"""How long ffmpeg may take to finish the file after the last frame."""


def find_ffmpeg() -> str:
    """Return the path of the ffmpeg program.

    Raises:
        MissingDependencyError: If there is none.
    """
    found = shutil.which("ffmpeg")
    if found:
        return found
    try:
        import imageio_ffmpeg  # noqa: PLC0415

        return imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        remedy = "pip install 'flood-bridge[video]', or install ffmpeg, or write .gif or .webp"
        raise MissingDependencyError("writing .mp4", "imageio_ffmpeg", remedy) from error


def write_mp4(
    path: Path, clip: Clip, options: RenderOptions, progress: Progress | None = None
) -> None:
    """Write ``clip`` as an MP4 that browsers and phones play.

    Raises:
        MissingDependencyError: If there is no ffmpeg.
        ConfigError: If ffmpeg refuses; its own words are part of the message.
    """
    painter = FramePainter(clip, options)
    command = [
        find_ffmpeg(), "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24",
        "-s", f"{options.size}x{options.size}", "-r", f"{clip.rate_hz:g}", "-i", "pipe:0",
        "-pix_fmt", "yuv420p", "-crf", "20", "-movflags", "+faststart", "-f", "mp4", str(path),
    ]  # fmt: skip
    # A broken pipe means that ffmpeg has ended early: its status and log say why.
    with (
        tempfile.TemporaryFile() as log,
        _running(command, log) as encoder,
        suppress(BrokenPipeError),
    ):
        for picture in painter.pictures(progress):
            encoder.write(picture.tobytes())
        encoder.close()


@contextmanager
def _running(command: list[str], log: IO[bytes]) -> Iterator[IO[bytes]]:
    """Run the encoder and yield its input; never leave it running.

    Raises:
        ConfigError: If it fails or does not come to an end.
    """
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log
    )
    assert process.stdin is not None
    try:
        yield process.stdin
        status = process.wait(_PATIENCE_SECS)
    except subprocess.TimeoutExpired as error:
        raise ConfigError(f"ffmpeg did not end within {_PATIENCE_SECS:.0f} s") from error
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if not process.stdin.closed:
            # Closing flushes, which a dead process cannot take.
            with suppress(BrokenPipeError):
                process.stdin.close()
    if status:
        log.seek(0)
        words = log.read(2000).decode(errors="replace").strip()
        raise ConfigError(f"ffmpeg could not write the video: {words}")
