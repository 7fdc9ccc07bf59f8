"""Writes a clip to a file of the kind that its suffix names."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from flood_bridge.errors import ConfigError
from flood_bridge.render.animation import Progress, write_gif, write_webp
from flood_bridge.render.bvh import write_bvh
from flood_bridge.render.clip import Clip
from flood_bridge.render.npz import write_npz
from flood_bridge.render.options import RenderOptions
from flood_bridge.render.sheet import sheet
from flood_bridge.render.video import find_ffmpeg, write_mp4

Writer = Callable[[Path, Clip, RenderOptions, Progress | None], None]


def _write_png(path: Path, clip: Clip, options: RenderOptions, _: Progress | None) -> None:
    sheet(clip, options).save(path, format="PNG", optimize=True)


_WRITERS: MappingProxyType[str, tuple[str, Writer]] = MappingProxyType(
    {
        ".png": ("contact sheet", _write_png),
        ".gif": ("animation", write_gif),
        ".webp": ("animation, smaller", write_webp),
        ".mp4": ("video, needs ffmpeg", write_mp4),
        ".bvh": ("motion capture text", lambda path, clip, _options, _: write_bvh(path, clip)),
        ".npz": ("NumPy arrays", lambda path, clip, _options, _: write_npz(path, clip)),
    }
)
SUFFIXES = tuple(_WRITERS)
"""The kinds of file that can be written."""


def check_target(path: Path | str) -> Path:
    """Return ``path``; refuse what :func:`write_clip` could not write, before any work is done.

    Raises:
        ConfigError: If the suffix is unknown or the folder does not exist.
        MissingDependencyError: If the kind of file needs a program that is absent.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _WRITERS:
        valid = ", ".join(f"{known} ({what})" for known, (what, _) in _WRITERS.items())
        raise ConfigError(f"cannot write {path.name!r}; valid suffixes are {valid}")
    if not path.parent.is_dir():
        raise ConfigError(f"cannot write {path}: there is no folder {path.parent}")
    if path.is_dir():
        raise ConfigError(f"cannot write {path}: it is a folder")
    if suffix == ".mp4":
        find_ffmpeg()
    return path


def write_clip(
    path: Path | str,
    clip: Clip,
    options: RenderOptions | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write ``clip`` to ``path`` as its suffix says; an existing file is replaced when all is done.

    Args:
        path: Where; the suffix is one of :data:`SUFFIXES`.
        clip: The motion; ``.bvh`` needs its avatar frames and skeleton.
        options: How it looks, for the pictures.
        progress: Called with the frames done and in all, for the animations.

    Raises:
        ConfigError: If the suffix, the folder or the clip does not do.
        MissingDependencyError: If the kind of file needs a program that is absent.
        OSError: If the file cannot be written.
    """
    path = check_target(path)
    writer = _WRITERS[path.suffix.lower()][1]
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        writer(unfinished, clip, options or RenderOptions(), progress)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
