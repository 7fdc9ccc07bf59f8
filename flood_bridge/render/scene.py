"""One picture of one moment: ground, shadow, marks and body, from a camera that follows."""

from __future__ import annotations

import numpy as np
from PIL import Image

from flood_bridge.render.body import body_limbs
from flood_bridge.render.camera import View, follow
from flood_bridge.render.clip import Clip, facing
from flood_bridge.render.figure import paint_figure
from flood_bridge.render.ground import Ground, paint_marks
from flood_bridge.render.marks import Footprints, facing_ring, path_marks
from flood_bridge.render.options import RenderOptions


class Scene:
    """Draws any moment of a clip, without lettering.

    Args:
        clip: The motion.
        options: Colours and where the camera stands.
        width: Pixels across.
        height: Pixels down.
    """

    def __init__(self, clip: Clip, options: RenderOptions, width: int, height: int) -> None:
        self._clip = clip
        self._theme = options.colours
        self._view = View.three_quarter(width, height, azimuth_rad=view_azimuth(clip, options))
        self._ground = Ground(self._view, self._theme)
        self._targets = follow(clip.joints[:, 0], clip.rate_hz)
        self._footprints = Footprints(clip)

    def paint(self, frame: int) -> np.ndarray:
        """Return the picture of ``frame``, (height, width, 3) uint8."""
        joints = self._clip.joints[frame]
        camera = self._view.look_at(self._targets[frame])
        limbs = body_limbs(joints)
        canvas = self._ground.paint(camera)
        theme = self._theme
        accent = [*facing_ring(joints), *path_marks(self._clip, frame)]
        for marks, colour in (
            (accent, theme.accent),
            (self._footprints.at(frame, 0), theme.left),
            (self._footprints.at(frame, 1), theme.right),
        ):
            paint_marks(canvas, camera, marks, colour)
        self._ground.paint_shadow(canvas, camera, limbs)
        paint_figure(canvas, camera, limbs, theme)
        return canvas

    def picture(self, frame: int) -> Image.Image:
        """Return :meth:`paint` as an RGB picture."""
        return Image.fromarray(self.paint(frame))


def view_azimuth(clip: Clip, options: RenderOptions) -> float:
    """Return where the camera stands, radians about +y, from the body's first heading."""
    ahead_x, ahead_z = facing(clip.joints[0])
    return float(np.arctan2(ahead_x, ahead_z) + np.deg2rad(options.view_deg))
