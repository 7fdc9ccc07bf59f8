"""A pinhole camera over flat ground, and a calm follow of the body.

The camera's direction never changes within a picture or an animation; it only glides along with
the body. That keeps the eye oriented, and lets everything that depends on the direction alone
(where each pixel's ray meets the ground, how wide a metre is there) be computed once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class View:
    """The camera's direction and lens, without its place."""

    width: int
    height: int
    focal_px: float
    """Focal length, pixels."""
    axes: np.ndarray
    """(3, 3) rows: the picture's right, down and into the scene, in world axes."""
    distance: float
    """From the camera to the point it looks at, metres."""

    @classmethod
    def three_quarter(
        cls,
        width: int,
        height: int,
        *,
        azimuth_rad: float,
        elevation_rad: float = np.deg2rad(15.0),
        distance: float = 7.2,
        shown_height: float = 2.45,
    ) -> View:
        """Look down on a body from ``azimuth_rad`` about +y (0: the camera stands on +z).

        Args:
            width: Pixels across.
            height: Pixels down.
            azimuth_rad: Where the camera stands, seen from above; positive towards +x.
            elevation_rad: How steeply it looks down.
            distance: From the camera to the point it looks at, metres.
            shown_height: Height of the picture at that distance, metres.
        """
        level, drop = np.cos(elevation_rad), np.sin(elevation_rad)
        sine, cosine = np.sin(azimuth_rad), np.cos(azimuth_rad)
        into = np.array([-sine * level, -drop, -cosine * level])
        right = np.array([cosine, 0.0, -sine])
        axes = np.stack([right, np.cross(into, right), into])
        return cls(width, height, height * distance / shown_height, axes, distance)

    def look_at(self, target: np.ndarray) -> Camera:
        """Place the camera so that ``target`` (3,) is in the middle of the picture."""
        return Camera(self, np.asarray(target, dtype=np.float64) - self.axes[2] * self.distance)

    def ground_slopes(self) -> np.ndarray:
        """Return where each pixel's ray goes on the ground per metre of camera height.

        (2, height, width) float32 in x and z, from the point below the camera; rays that hardly
        go down are cut at a slope of 1:10,000.
        """
        across = (np.arange(self.width) + 0.5 - self.width / 2) / self.focal_px
        down = (np.arange(self.height) + 0.5 - self.height / 2) / self.focal_px
        right, down_axis, into = self.axes[:, :, None, None]
        rays = right * across[None, :] + down_axis * down[:, None] + into
        return (rays[[0, 2]] / np.maximum(-rays[1], 1e-4)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Camera:
    """A view from one place."""

    view: View
    position: np.ndarray
    """(3,) metres."""

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return pixels (..., 2) of x and y, and depths (...) in metres, of points (..., 3).

        Points nearer than 0.1 m, or behind the camera, come out as if 0.1 m away.
        """
        local = (points - self.position) @ self.view.axes.T
        depth = np.maximum(local[..., 2], 0.1)
        middle = np.array([self.view.width / 2, self.view.height / 2])
        return local[..., :2] * (self.view.focal_px / depth)[..., None] + middle, depth


def follow(roots: np.ndarray, rate_hz: float, *, calm_secs: float = 0.45) -> np.ndarray:
    """Return the points to look at, (T, 3), for pelvis positions (T, 3).

    A Gaussian of ``calm_secs`` takes the sway of the steps out of the path. The camera looks at a
    fixed height, so that jumps and crouches are seen as such, and rises only with a body that
    stays more than 0.35 m higher (stairs, ladders).
    """
    reach = max(1, round(3 * calm_secs * rate_hz))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (calm_secs * rate_hz)) ** 2)
    weights /= weights.sum()
    padded = np.pad(roots, ((reach, reach), (0, 0)), mode="edge")
    calm = np.stack([np.convolve(padded[:, i], weights, mode="valid") for i in range(3)], axis=1)
    calm[:, 1] = LOOK_HEIGHT + np.maximum(calm[:, 1] - USUAL_PELVIS - 0.35, 0.0)
    return calm


LOOK_HEIGHT = 0.92
"""Height above the ground at which the camera looks, metres."""
USUAL_PELVIS = 0.95
"""Height of a standing body's pelvis, metres."""
