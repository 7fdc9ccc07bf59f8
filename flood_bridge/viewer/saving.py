"""The last half minute as a file, made away from the stream."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import MappingProxyType

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


def pack(clip: Clip, suffix: str) -> bytes:
    """Return ``clip`` as the content of a file of that ``suffix``.

    Raises:
        FloodBridgeError: If it cannot be made, with the reason.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"motion{suffix}"
        write_clip(path, clip, RenderOptions(size=SIZE_PX))
        return path.read_bytes()
