"""``flood-bridge render``: a clip without a clock, as a picture, an animation or data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, UseAppendAction, arg

from flood_bridge.commands import clean_text
from flood_bridge.verbs.terminal import progress, show


@dataclass(frozen=True)
class Render:
    """Make one clip and write it: a picture, an animation, or motion data."""

    text: Annotated[Positional[str], arg(metavar="TEXT")]
    """What the character does first."""
    out: Annotated[Path, arg(aliases=["-o"], metavar="FILE")]
    """Where to: .png (contact sheet), .gif, .webp, .mp4, .bvh or .npz."""
    then: Annotated[
        UseAppendAction[tuple[tuple[float, str], ...]], arg(metavar="SECONDS TEXT")
    ] = ()
    """From SECONDS on, do TEXT instead."""
    seconds: float = 8.0
    """Length of the clip."""
    seed: int = 0
    """Seed of the motion's noise."""
    model: str = "bundled"
    """The model: "bundled", or the folder of another one."""
    theme: Literal["light", "dark"] = "light"
    """Colours of pictures and animations."""

    def perform(self) -> int:
        """Make and write the clip; return the exit status."""
        from flood_bridge.motion.skeleton import Skeleton  # noqa: PLC0415
        from flood_bridge.offline import check_script, make_motion  # noqa: PLC0415
        from flood_bridge.render import (  # noqa: PLC0415
            Clip,
            RenderOptions,
            check_target,
            write_clip,
        )
        from flood_bridge.retarget.avatar import AvatarRetargeter  # noqa: PLC0415
        from flood_bridge.wiring import default_threads  # noqa: PLC0415

        check_target(self.out)
        options = RenderOptions(theme=self.theme)
        script = ((0.0, clean_text(self.text)), *((at, clean_text(t)) for at, t in self.then))
        check_script(script, self.seconds)
        from flood_engine import load_engine  # noqa: PLC0415

        engine = load_engine(self.model, threads=default_threads())
        motion = make_motion(engine, script, self.seconds, self.seed, progress("generating"))
        skeleton = Skeleton.from_bone_lengths(engine.bone_lengths)
        avatar = AvatarRetargeter(skeleton, 1 / engine.frame_rate_hz)
        clip = Clip.from_poses(
            motion.poses,
            rate_hz=engine.frame_rate_hz,
            prompts=motion.prompts,
            skeleton=skeleton,
            avatar=[avatar.retarget(pose) for pose in motion.poses],
            features=motion.features,
        )
        show(f"wrote {write_clip(self.out, clip, options, progress('drawing'))}")
        return 0
