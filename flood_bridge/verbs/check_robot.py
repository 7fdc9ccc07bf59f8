"""``flood-bridge check-robot``: what would be made of a robot's file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from flood_bridge.errors import ConfigError
from flood_bridge.verbs.terminal import show


@dataclass(frozen=True)
class CheckRobot:
    """Show what is understood of a robot's URDF, MJCF or TOML file, before it is used."""

    file: Annotated[Positional[str], arg(metavar="FILE")]
    """The file, or the name of a robot that ships with flood-bridge."""
    out: Annotated[Path | None, arg(aliases=["-o"], metavar="PNG")] = None
    """Also draw it, at ease, from the side and from the front."""
    toml: Annotated[Path | None, arg(metavar="TOML")] = None
    """Also write all that was understood, to be changed by hand and used instead of the file."""

    def __post_init__(self) -> None:
        if self.out is not None and self.out.suffix.lower() != ".png":
            raise ConfigError(f"--out is {str(self.out)!r}; a name that ends in .png is needed")
        if self.toml is not None and self.toml.suffix.lower() != ".toml":
            raise ConfigError(f"--toml is {str(self.toml)!r}; a name that ends in .toml is needed")

    def perform(self) -> int:
        """Show the findings; return the exit status."""
        from flood_bridge.retarget.robot_guess import understand  # noqa: PLC0415
        from flood_bridge.retarget.robot_report import report  # noqa: PLC0415

        found = understand(self.file)
        for line in report(found):
            show(line)
        if self.toml is not None:
            from flood_bridge.retarget.robot_write import toml_text  # noqa: PLC0415

            self.toml.write_text(toml_text(found.robot), encoding="utf-8")
            show(f"wrote {self.toml}")
        if self.out is not None:
            from flood_bridge.render.panels import panels  # noqa: PLC0415
            from flood_bridge.verbs.robot_picture import (  # noqa: PLC0415
                height_of,
                standing,
                two_views,
            )

            views = two_views(found.robot, standing(found.robot))
            panels(views, 2, width=400, height=480, body_height=height_of(views)).save(self.out)
            show(f"wrote {self.out}")
        return 0
