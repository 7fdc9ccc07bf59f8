"""What a caller may choose about pictures: colours, sizes, the view."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from flood_bridge.errors import ConfigError

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Theme:
    """A set of colours, 0 to 255; the body's left is warm, its right cool."""

    page: Rgb
    """Around the pictures."""
    floor: Rgb
    """The ground near the camera, and the air far away."""
    grid: Rgb
    shadow: Rgb
    ink: Rgb
    faint_ink: Rgb
    rule: Rgb
    """Thin lines, empty bars."""
    torso: Rgb
    left: Rgb
    right: Rgb
    accent: Rgb
    """The facing arrow and the root's path."""
    prompts: tuple[Rgb, ...]
    """Fill of the prompt bar's segments, in turn."""


THEMES = MappingProxyType(
    {
        "light": Theme(
            page=(255, 255, 255),
            floor=(243, 245, 248),
            grid=(206, 212, 222),
            shadow=(112, 122, 142),
            ink=(28, 34, 46),
            faint_ink=(112, 120, 136),
            rule=(222, 226, 233),
            torso=(122, 132, 152),
            left=(232, 106, 56),
            right=(34, 128, 196),
            accent=(120, 88, 196),
            prompts=((228, 222, 246), (214, 234, 244), (250, 230, 214), (222, 240, 222)),
        ),
        "dark": Theme(
            page=(16, 18, 24),
            floor=(28, 31, 40),
            grid=(58, 64, 80),
            shadow=(4, 5, 8),
            ink=(236, 239, 245),
            faint_ink=(148, 156, 174),
            rule=(52, 57, 70),
            torso=(176, 184, 202),
            left=(255, 138, 84),
            right=(74, 168, 240),
            accent=(172, 142, 248),
            prompts=((58, 48, 92), (32, 62, 82), (84, 54, 38), (38, 70, 48)),
        ),
    }
)
"""The colour sets by name."""


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How to draw a clip."""

    theme: str = "light"
    """``light`` or ``dark``."""
    size: int = 480
    """Side of an animation's square frame, pixels; 160 to 1080, even."""
    moments: int = 12
    """Pictures on a contact sheet, or in each row of one that shows several clips; 1 to 60."""
    columns: int = 6
    """Pictures side by side on a contact sheet; 3 to 12."""
    view_deg: float = 38.0
    """Where the camera stands, seen from above: degrees from in front of the body as it is in the
    first frame towards the body's left. The direction of view then stays."""
    title: str | None = None
    """Heading of a sheet; None takes the prompts."""
    captions: bool = True
    """Write prompt and time on the frames of an animation."""

    def __post_init__(self) -> None:
        """Refuse values that cannot be drawn.

        Raises:
            ConfigError: If a value is outside what its description says.
        """
        if self.theme not in THEMES:
            raise ConfigError(f"theme is {self.theme!r}; valid are {', '.join(THEMES)}")
        _check_range("size", self.size, 160, 1080)
        if self.size % 2:
            raise ConfigError(f"size is {self.size}; video needs an even number")
        _check_range("moments", self.moments, 1, 60)
        _check_range("columns", self.columns, 3, 12)
        _check_range("view_deg", self.view_deg, -360, 360)

    @property
    def colours(self) -> Theme:
        """The colours of the chosen theme."""
        return THEMES[self.theme]


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{name} is {value}; valid is {low} to {high}")
