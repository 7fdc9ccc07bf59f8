"""How one browser looks at the scene: its world, its floor, its theme."""

from __future__ import annotations

import numpy as np
import viser

from flood_bridge.render.options import THEMES
from flood_bridge.viewer.scene import ROBOT_BESIDE_M, WORLD

BRAND = (120, 88, 196)
PHONE_CAMERA_M, PHONE_LOOK_AT_M = (4.6, -5.5, 1.15), (0.0, 0.0, 0.34)
"""The character stands in the part that the panel leaves when its tabs are folded up."""
PHONE_STEP_BACK = 1.2
"""How many times as far the camera stands where a robot is to be seen beside the human."""
PHONE_ASPECT = 0.7
"""Width by height; the page of a tablet is wider."""

_NEAR_M = 0.004
"""The world is not sent for less."""
_GLIDE_SECS = 0.12
"""By how much the world follows late: calm, and never far behind."""
_SETTLES_SECS = 0.5
"""A page may still be putting its first camera in place; a phone's is sent again after this."""
_LEAP_M = 3.0
"""A character that is farther off has jumped; the world jumps with it."""


def phone_camera(*, beside: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return where a phone's camera stands and what it looks at, (3,) metres each."""
    position, look_at = np.array(PHONE_CAMERA_M), np.array(PHONE_LOOK_AT_M)
    if not beside:
        return position, look_at
    middle = np.array(ROBOT_BESIDE_M) / 2
    return look_at + middle + PHONE_STEP_BACK * (position - look_at), look_at + middle


class View:
    """One browser's side of the scene.

    Args:
        client: The browser.
        beside: Whether a robot stands beside the human.

    Attributes:
        follows: Whether the world moves with the character that is looked at.
        narrow: Whether it is a phone's, where viser lays the panel over the lower part.
    """

    def __init__(self, client: viser.ClientHandle, *, beside: bool) -> None:
        self._client = client
        self._centre = np.zeros(3)
        self._sent = np.zeros(3)
        self._looked_secs = -np.inf
        self.follows = True
        self.narrow = client.camera.image_width < PHONE_ASPECT * client.camera.image_height
        self._beside = beside
        self._settles_secs = -np.inf
        if self.narrow:
            self._place()
        self._world = client.scene.add_frame(WORLD, show_axes=False)
        self.dress(dark=False)

    def dress(self, *, dark: bool) -> None:
        """Use the light or the dark theme."""
        theme = THEMES["dark" if dark else "light"]
        self._client.gui.configure_theme(
            dark_mode=dark,
            show_logo=False,
            show_share_button=False,
            brand_color=BRAND,
            control_width="large" if self.narrow else "medium",
        )
        self._client.scene.set_background_image(
            np.full((2, 2, 3), theme.floor, dtype=np.uint8), format="png"
        )
        self._client.scene.add_grid(
            f"{WORLD}/floor",
            infinite_grid=True,
            cell_size=0.5,
            section_size=1.0,
            cell_color=theme.grid,
            section_color=theme.grid,
            cell_thickness=0.7,
            section_thickness=1.2,
            fade_distance=16.0,
            fade_strength=1.6,
            shadow_opacity=0.4 if dark else 0.22,
        )

    def look(self, root: np.ndarray, now_secs: float) -> None:
        """Move the world so that the character at ``root`` (3,) comes to the middle."""
        since_secs, self._looked_secs = max(0.0, now_secs - self._looked_secs), now_secs
        self._settle(now_secs)
        if not self.follows:
            return
        way = root - self._centre
        leaps = np.linalg.norm(way) > _LEAP_M or since_secs > 1.0
        self._centre += way if leaps else (1 - np.exp(-since_secs / _GLIDE_SECS)) * way
        if np.abs(self._centre - self._sent).max() > _NEAR_M:
            self._sent = self._centre.copy()
            self._world.position = -self._centre

    def _place(self) -> None:
        """Put a phone's camera where all that is shown is in its picture."""
        self._client.camera.position, self._client.camera.look_at = phone_camera(
            beside=self._beside
        )

    def _settle(self, now_secs: float) -> None:
        """Place a phone's camera again, once, when its page has had time to come up."""
        if np.isneginf(self._settles_secs):
            self._settles_secs = now_secs + _SETTLES_SECS
        elif self.narrow and now_secs >= self._settles_secs:
            self._place()
            self._settles_secs = np.inf
