"""What a training will lack because the data do not show it: said before hours are spent on it."""

from __future__ import annotations

from collections.abc import Sequence

from flood_engine.features import FRAME_RATE_HZ
from flood_engine.training.standing_motions import LONGEST_FRAMES
from flood_engine.training.windows import Window


def gaps(windows: Sequence[Window]) -> list[str]:
    """Return a sentence for each lack of the recorded windows that has consequences."""
    longest = max((w.frames for w in windows if w.kind == "stand"), default=0)
    made = "turns on the spot, crouches, squats, waves, raised arms and picking up"
    if not longest:
        return [
            "nobody is known to stand still: no stream begins from standing, and no motion is made "
            f'from standing bodies ({made}). Captions that say no more than "a person stands '
            'still" would change that; see "Standing" in docs/training.md'
        ]
    if longest < LONGEST_FRAMES:
        return [
            f"nobody stands still for longer than {longest / FRAME_RATE_HZ:.1f} s; of the motion "
            f"that is made from standing bodies ({made}) what needs more, up to "
            f"{LONGEST_FRAMES / FRAME_RATE_HZ:.1f} s, is missing"
        ]
    return []
