"""Loss curves as a picture, so that a training can be judged at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

_SIZE = (960, 540)
_MARGIN = 56
_COLOURS = ("#c0392b", "#2471a3", "#1e8449", "#b7950b", "#6c3483", "#34495e", "#ca6f1e", "#117864")


def draw_curves(history: Sequence[dict[str, float]], path: Path) -> None:
    """Draw every column but ``step`` and ``minutes`` over the step, on a logarithmic axis."""
    picture = Image.new("RGB", _SIZE, "white")
    draw = ImageDraw.Draw(picture)
    names = [name for name in history[0] if name not in {"step", "minutes"}]
    steps = np.array([row["step"] for row in history])
    logs = {n: np.log10(np.maximum([row[n] for row in history], 1e-9)) for n in names}
    low = np.floor(min(v.min() for v in logs.values()) * 2) / 2
    high = np.ceil(max(v.max() for v in logs.values()) * 2) / 2 + 1e-6
    span = max(1.0, float(steps[-1] - steps[0]))
    right, bottom = _SIZE[0] - _MARGIN, _SIZE[1] - _MARGIN

    def place(step: float, value: float) -> tuple[float, float]:
        across = _MARGIN + (step - steps[0]) / span * (right - _MARGIN)
        return across, bottom - (value - low) / (high - low) * (bottom - _MARGIN)

    for level in np.arange(low, high, 0.5):
        y = place(steps[0], level)[1]
        draw.line((_MARGIN, y, right, y), fill="#e5e7e9")
        draw.text((8, y - 6), f"{10**level:.3g}", fill="#566573")
    for number, name in enumerate(names):
        colour = _COLOURS[number % len(_COLOURS)]
        points = [place(s, v) for s, v in zip(steps, logs[name], strict=True)]
        draw.line(points, fill=colour, width=2)
        draw.text((_MARGIN + 110 * (number % 8), 10 + 16 * (number // 8)), name, fill=colour)
    draw.text((right - 80, bottom + 10), f"step {int(steps[-1])}", fill="#566573")
    picture.save(path)
