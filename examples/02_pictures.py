"""Draw what the bundled model does: every canonical prompt in a row, and the README's wide picture.

    python examples/02_pictures.py docs/images

The prompts are those of the evaluation (docs/evaluation.md). Each row begins in the start that
belongs to its prompt, as standing or sitting, and shows the seven seconds around the change.
"""

import sys
from pathlib import Path

from flood_bridge.offline import make_motion
from flood_bridge.render import Clip, RenderOptions, hero, sheet_of_clips
from flood_engine import FloodEngine, load_engine
from flood_engine.training.evaluation.requests import read_requests

ROWS = 7
SECONDS = 7.0
STARTS = {
    "standing": ("a person stands still", 1.0),
    "walking": ("a person walks forward", 2.5),
    "sitting": ("a person sits down", 4.0),
}
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


def row(engine: FloodEngine, text: str, start: str) -> Clip:
    """Return one prompt after its start, from half a second before the change."""
    first, until = STARTS[start]
    whole = clip(engine, ((0.0, first), (until, text)), until + SECONDS - 0.5)
    begin = round((until - 0.5) * whole.rate_hz)
    contacts = None if whole.contacts is None else whole.contacts[begin:]
    return Clip(whole.joints[begin:], whole.rate_hz, ((0, text),), contacts)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
    folder.mkdir(parents=True, exist_ok=True)
    engine = load_engine()
    starts = {request.group: request.start for request in read_requests()}
    rows = [(text, row(engine, text, start)) for text, start in starts.items()]
    for old in folder.glob("prompts_*.png"):
        old.unlink()
    for number, first in enumerate(range(0, len(rows), ROWS), start=1):
        page = sheet_of_clips(rows[first : first + ROWS], RenderOptions(moments=8))
        page.save(folder / f"prompts_{number}.png", optimize=True)
    hero(clip(engine, STORY, 13.0), RenderOptions()).save(folder / "hero.png", optimize=True)
    print(f"drew {len(rows)} prompts and the hero picture into {folder}")


if __name__ == "__main__":
    main()
