"""Motion to pictures and files: contact sheets, animations, BVH, NumPy arrays.

Works on finished motion (a :class:`Clip`), away from the live path. Imports the motion room, NumPy
and Pillow only; video runs ffmpeg as a program of its own.
"""

from flood_bridge.render.animation import FramePainter
from flood_bridge.render.clip import Clip
from flood_bridge.render.hero import hero
from flood_bridge.render.npz import read_npz
from flood_bridge.render.options import RenderOptions
from flood_bridge.render.sheet import sheet, sheet_of_clips
from flood_bridge.render.write import SUFFIXES, check_target, write_clip

__all__ = [
    "SUFFIXES",
    "Clip",
    "FramePainter",
    "RenderOptions",
    "check_target",
    "hero",
    "read_npz",
    "sheet",
    "sheet_of_clips",
    "write_clip",
]
