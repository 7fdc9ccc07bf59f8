"""Draw what the bundled model does: one row per prompt, and the wide picture of the README.

    python examples/02_pictures.py docs/images

Each row starts from standing, as a running daemon does, and shows the six seconds after the change.
"""

import sys
from pathlib import Path

from flood_bridge.offline import make_motion
from flood_bridge.render import Clip, RenderOptions, hero, sheet_of_clips
from flood_engine import FloodEngine, load_engine

PROMPTS = (
    "a person stands still",
    "a person walks forward",
    "a person runs",
    "a person walks and turns left",
    "a person walks and turns right",
    "a person jumps",
    "a person sits down",
    "a person throws punches",
    "a person kicks",
    "a person dances",
    "a person waves with the right hand",
    "a person crouches",
)
STORY = (
    (0.0, "a person stands still"),
    (1.6, "a person walks forward"),
    (5.0, "a person jumps"),
    (8.0, "a person throws punches"),
    (11.0, "a person sits down"),
)


def clip(engine: FloodEngine, script: tuple[tuple[float, str], ...], seconds: float) -> Clip:
    motion = make_motion(engine, script, seconds, seed=1)
    return Clip.from_poses(motion.poses, rate_hz=engine.frame_rate_hz, prompts=motion.prompts)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
    folder.mkdir(parents=True, exist_ok=True)
    engine = load_engine()
    rows = []
    for text in PROMPTS:
        script = ((0.0, PROMPTS[0]), (1.0, text)) if text != PROMPTS[0] else ((0.0, text),)
        rows.append((text, clip(engine, script, 7.0)))
    for name, part in (("prompts_1", rows[:6]), ("prompts_2", rows[6:])):
        sheet_of_clips(part, RenderOptions(moments=8)).save(folder / f"{name}.png", optimize=True)
    hero(clip(engine, STORY, 13.0), RenderOptions()).save(folder / "hero.png", optimize=True)
    print(f"drew {len(rows)} prompts and the hero picture into {folder}")


if __name__ == "__main__":
    main()
