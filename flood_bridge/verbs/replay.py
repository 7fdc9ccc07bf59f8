"""``flood-bridge replay``: a recorded run, made again frame by frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from flood_bridge.verbs.terminal import progress, show


@dataclass(frozen=True)
class Replay:
    """Make the frames of a recorded run again, the same ones, and write them."""

    log: Annotated[Positional[Path], arg(metavar="LOG")]
    """What `run --record-commands` wrote."""
    out: Annotated[Path, arg(aliases=["-o"], metavar="FILE")]
    """Where to: .png (contact sheet), .gif, .webp, .mp4, .bvh or .npz."""
    character: int = 0
    """Which character."""
    model: str = ""
    """The model, if it is not found where the log says."""
    theme: Literal["light", "dark"] = "light"
    """Colours of pictures and animations."""

    def perform(self) -> int:
        """Make and write the frames; return the exit status."""
        from flood_bridge.live.obeyed import read_log  # noqa: PLC0415
        from flood_bridge.render import RenderOptions, check_target, write_clip  # noqa: PLC0415
        from flood_bridge.replay import clip_of, make_again  # noqa: PLC0415
        from flood_bridge.wiring import default_threads  # noqa: PLC0415

        check_target(self.out)
        config, obeyed = read_log(self.log)
        from flood_engine import load_engine  # noqa: PLC0415

        engine = load_engine(
            self.model or config.model,
            threads=default_threads(),
            backend=config.backend,
            precision=config.precision,
        )
        options = RenderOptions(theme=self.theme)
        frames = make_again(engine, config, obeyed, self.character, progress=progress("generating"))
        clip = clip_of(frames, engine, config.rate_hz)
        show(f"wrote {write_clip(self.out, clip, options, progress('drawing'))}")
        return 0
