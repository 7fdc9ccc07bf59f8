"""The last half minute as a file, made in a process of its own: drawing it takes seconds of work,
which would make everybody's figure stutter if it were done where frames are passed on.

The process runs this module: a pickled clip and a suffix in, the file's bytes out.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from types import MappingProxyType

from flood_bridge.errors import ConfigError, FloodBridgeError
from flood_bridge.render.clip import Clip
from flood_bridge.render.options import RenderOptions
from flood_bridge.render.write import write_clip

KINDS: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {
        "GIF": (".gif", "A moving picture; takes some seconds to make."),
        "MP4": (".mp4", "A video; takes some seconds, and ffmpeg."),
        "BVH": (".bvh", "Motion capture for Blender, Maya, MotionBuilder and game engines."),
        "NumPy": (".npz", "Joints, contacts and rotations as arrays."),
    }
)
"""By what is on the button: the file's suffix, and what it is good for."""

SIZE_PX = 360
MAX_FILE_BYTES = 32 << 20
"""Largest file that is sent; half a minute makes a GIF of a few."""
PATIENCE_SECS = 240.0
"""How long making one may take; seconds do, where the machine is free."""
NICENESS = 5
"""On top of the viewer's own: a file can wait."""
_REFUSED = 3


def make_file(clip: Clip, suffix: str, patience_secs: float = PATIENCE_SECS) -> bytes:
    """Return ``clip`` as the content of a file of that ``suffix``; another process does the work.

    Raises:
        ConfigError: If it cannot be made, takes too long or becomes too large, with the reason.
    """
    command = [sys.executable, "-c", "from flood_bridge.viewer.saving import main; main()"]
    given = pickle.dumps((clip, suffix), protocol=5)
    try:
        made = subprocess.run(
            command, input=given, capture_output=True, timeout=patience_secs, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigError(f"the file was not ready after {patience_secs:g} s") from error
    if made.returncode:
        known = made.returncode == _REFUSED
        reason = made.stderr.decode(errors="replace")[:500] if known else "its making failed"
        raise ConfigError(reason)
    if len(made.stdout) > MAX_FILE_BYTES:
        size, most = len(made.stdout) >> 20, MAX_FILE_BYTES >> 20
        raise ConfigError(f"the file would be {size} MiB large; at most {most} are sent")
    return made.stdout


def main() -> None:
    """Make one file: what to do is on standard input, the file goes to standard output."""
    os.nice(NICENESS)
    clip, suffix = pickle.load(sys.stdin.buffer)
    try:
        content = pack(clip, suffix)
    except FloodBridgeError as error:
        sys.stderr.write(str(error))
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(content)


def pack(clip: Clip, suffix: str) -> bytes:
    """Return ``clip`` as the content of a file of that ``suffix``.

    Raises:
        FloodBridgeError: If it cannot be made, with the reason.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"motion{suffix}"
        write_clip(path, clip, RenderOptions(size=SIZE_PX))
        return path.read_bytes()
